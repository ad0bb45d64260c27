use super::*;

/// Returns all forms that the program can write.
fn forms() -> Vec<Path> {
    let own = |changes_texts| Contract::OfItsOwn { changes_texts };
    let mut targets = vec![None];
    for contract in [Contract::BuiltIn, own(false), own(true)] {
        let host = "127.0.0.1:1".to_owned();
        targets.push(Some(Target { host, contract }));
    }
    let mut links = vec![None];
    for millis in [0, 1, 50, 90_500] {
        for whose in Whose::ALL {
            for (jitter, does_more) in [(0, false), (20, false), (0, true), (1_020, true)] {
                links.push(Some(Link {
                    delay: Duration::from_millis(millis),
                    whose,
                    jitter: Duration::from_micros(jitter),
                    does_more,
                }));
            }
        }
    }
    let mut forms = Vec::new();
    for target in &targets {
        for proxy in [None, Some("nginx right sticky"), Some("command sh")] {
            for link in &links {
                forms.push(Path {
                    target: target.clone(),
                    proxy: proxy.map(str::to_owned),
                    link: *link,
                    others: Vec::new(),
                });
            }
        }
    }
    forms
}

#[test]
fn every_form_is_read_as_it_was_written() {
    let forms = forms();
    let mut sentences: Vec<String> = forms.iter().map(ToString::to_string).collect();
    for (form, sentence) in forms.iter().zip(&sentences) {
        assert_eq!(&Path::read(sentence), form, "{sentence}");
    }
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), forms.len(), "two forms have one sentence");
}

/// Checks sentences of earlier versions, and the words themselves, which files hold.
#[test]
fn the_words_are_those_of_the_files() {
    assert!(Path::read("").is_loopback());
    assert!(Path::read("loopback").is_loopback());
    let old = Path::read("link 25 ms each way").link.expect("a link");
    assert_eq!(old.delay, Duration::from_millis(25));
    let sentence = "target chat:1 (a contract of its own, texts may come back changed), proxy nginx \
                    right, link 1m 30s each way, readers only, jitter 20ms, more than a delay";
    let path = Path::read(sentence);
    assert!(path.has_own_contract() && !path.is_loopback());
    assert_eq!(path.target.as_ref().expect("a target").host, "chat:1");
    assert_eq!(path.proxy.as_deref(), Some("nginx right"));
    let link = path.link.expect("a link");
    let millis = [link.delay, link.jitter].map(|time| time.as_millis());
    assert_eq!(millis, [90_000, 20]);
    assert!(link.does_more && link.whose == Whose::Readers);
    assert_eq!(path.to_string(), sentence);
}

#[test]
fn what_another_version_says_is_kept_and_is_no_loopback() {
    for sentence in [
        "a satellite",
        "link soon each way",
        "link 5ms each way, rain",
        "proxy nginx right, link 5ms both ways",
    ] {
        let path = Path::read(sentence);
        assert!(!path.is_loopback(), "{sentence}");
        assert_eq!(path.to_string(), sentence);
    }
}
