//! Both ends of a connection, in memory.

use crate::{
    AcceptSettings, Acceptor, Connector, Failure, Identity, LONGEST_CONTENT, Opened, Session,
    Trust, Version, Versions,
};

/// Makes a server for `names`, and what a client that is to trust it alone has to be told.
fn server(names: &[&str], settings: AcceptSettings) -> (Acceptor, Trust) {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let acceptor = Acceptor::new(Identity::made_for(names).unwrap(), settings).unwrap();
    let trust = Trust::Exactly(acceptor.fingerprint());
    (acceptor, trust)
}

/// The content that one side has heard, and the lengths of the records that it came in.
type Heard = Vec<Option<Vec<u8>>>;

/// Carries what `from` has to send to `to`, in pieces of `cut` bytes; gives back what `to` opened
/// (nothing for a message of TLS itself) and how many bytes crossed.
fn carry(from: &mut Session, to: &mut Session, cut: usize) -> Result<(Heard, usize), Failure> {
    let mut wire = Vec::new();
    from.send(&mut wire).unwrap();
    let mut heard = Vec::new();
    for piece in wire.chunks(cut) {
        to.receive(piece, &mut |opened| {
            heard.push(match opened {
                Opened::Data(data) => Some(data.to_vec()),
                Opened::Control | Opened::Close => None,
            });
        })?;
    }
    Ok((heard, wire.len()))
}

/// Shakes hands; the error is the one that came first.
fn shake(client: &mut Session, server: &mut Session) -> Result<usize, Failure> {
    let mut crossed = 0;
    while client.has_to_send() || server.has_to_send() {
        crossed += carry(client, server, 3)?.1;
        crossed += carry(server, client, 1_000)?.1;
    }
    Ok(crossed)
}

fn pair(acceptor: &Acceptor, connector: &Connector) -> Result<(Session, Session), Failure> {
    let (mut client, mut server) = (connector.session()?, acceptor.session(true)?);
    shake(&mut client, &mut server)?;
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok((client, server))
}

#[test]
fn a_record_costs_what_its_version_says() {
    for (version, around) in [(Version::V1_3, 22), (Version::V1_2, 29)] {
        let (acceptor, trust) = server(&["localhost"], AcceptSettings::default());
        let only = Versions::Only(version);
        let connector = Connector::new("localhost", &trust, only, true).unwrap();
        let (mut client, mut server) = pair(&acceptor, &connector).unwrap();
        let suite = client.suite().unwrap();
        assert_eq!((suite.version, suite.is_chacha), (version, false));
        for length in [1, 200, LONGEST_CONTENT] {
            let content = vec![7; length];
            assert_eq!(client.seal(&content).unwrap(), length);
            let (heard, crossed) = carry(&mut client, &mut server, 4_000).unwrap();
            assert_eq!(crossed, length + around, "{version}");
            assert_eq!(heard, [Some(content.clone())]);
            assert_eq!(server.content(), content);
            server.take(length);
            // What is longer than a record is begun.
            assert_eq!(
                server.seal(&vec![7; length + LONGEST_CONTENT]).unwrap(),
                LONGEST_CONTENT
            );
            carry(&mut server, &mut client, 100_000).unwrap();
            client.take(LONGEST_CONTENT);
            assert!(client.content().is_empty());
        }
        assert!(client.end() && !client.end());
        carry(&mut client, &mut server, 1).unwrap();
        assert!(server.has_ended() && !client.has_ended());
    }
}

#[test]
fn only_who_remembers_resumes() {
    let (acceptor, trust) = server(&["localhost"], AcceptSettings::default());
    let silent = AcceptSettings {
        resumption: false,
        ..AcceptSettings::default()
    };
    let (without, trust_without) = server(&["localhost"], silent);
    for version in [Version::V1_2, Version::V1_3] {
        let connect = |trust, resumption| {
            let only = Versions::Only(version);
            let connector = Connector::new("localhost", trust, only, resumption).unwrap();
            connector.of_one_person()
        };
        let second = |acceptor: &Acceptor, person: &Connector| {
            pair(acceptor, person).unwrap();
            pair(acceptor, person).unwrap().0.is_resumed()
        };
        let connector = connect(&trust, true);
        assert!(second(&acceptor, &connector), "{version}");
        let another = connector.of_one_person();
        assert!(
            !pair(&acceptor, &another).unwrap().0.is_resumed(),
            "{version}"
        );
        assert!(!second(&acceptor, &connect(&trust, false)), "{version}");
        assert!(
            !second(&without, &connect(&trust_without, true)),
            "{version}"
        );
    }
}

#[test]
fn each_refusal_has_its_reason() {
    let refused = |host, trust: &Trust, (client, server_): (Versions, Versions)| {
        let settings = AcceptSettings {
            versions: server_,
            ..AcceptSettings::default()
        };
        let (acceptor, own) = server(&["localhost"], settings);
        let trust = if *trust == Trust::Anybody {
            &own
        } else {
            trust
        };
        let connector = Connector::new(host, trust, client, true).unwrap();
        pair(&acceptor, &connector).err()
    };
    let both = (Versions::Both, Versions::Both);
    let (_, another) = server(&["localhost"], AcceptSettings::default());
    let untrusted = refused("localhost", &another, both);
    assert!(
        matches!(untrusted, Some(Failure::Untrusted(_))),
        "{untrusted:?}"
    );
    // The one certificate that is known may be for any name.
    assert_eq!(refused("elsewhere.test", &Trust::Anybody, both), None);
    for (asked, offered) in [
        (Version::V1_2, Version::V1_3),
        (Version::V1_3, Version::V1_2),
    ] {
        let versions = (Versions::Only(asked), Versions::Only(offered));
        assert!(refused("localhost", &Trust::Anybody, versions).is_some());
    }
    assert!(Connector::new("no name", &Trust::Anybody, Versions::Both, true).is_err());
}

#[test]
fn what_is_no_tls_is_known_by_its_first_bytes() {
    let (acceptor, trust) = server(&["localhost"], AcceptSettings::default());
    let connector = Connector::new("127.0.0.1", &trust, Versions::Both, true).unwrap();
    let mut hear = |_: Opened<'_>| {};
    for (wire, failure) in [
        (&b"GET / HTTP/1.1\r\n"[..], Failure::PlainHttp),
        (b"\0\0", Failure::NotTls),
        (b"\x16\x02", Failure::NotTls),
        (b"\x16\x03\x01\xff\xff", Failure::NotTls),
    ] {
        let mut session = acceptor.session(true).unwrap();
        assert_eq!(session.receive(wire, &mut hear), Err(failure));
    }
    let mut session = connector.session().unwrap();
    let answer = session.receive(b"HTTP/1.1 400 Bad Request\r\n", &mut hear);
    assert_eq!(answer, Err(Failure::NotTls));
}
