//! A capture of loopback, and what Wireshark's own dissectors find in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    net::UdpSocket,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::fixture::{PATIENCE, text};

/// The way of bytes: to the server or from it.
pub(crate) const WAYS: [&str; 2] = ["up", "down"];

/// A capture of one port of loopback that goes on until it is ended or dropped.
pub(crate) struct Capture {
    tshark: Child,
    port: u16,
    file: PathBuf,
    /// The source ports of datagrams that were captured.
    knocks: mpsc::Receiver<u16>,
}

impl Drop for Capture {
    fn drop(&mut self) {
        // The group: tshark has dumpcap do the capturing, which would go on.
        let _ = killpg(self.group(), Signal::SIGKILL);
        let _ = self.tshark.wait();
    }
}

impl Capture {
    /// Captures what passes a port of loopback into a file. Returns nothing, and says so, where tshark
    /// is missing or may not capture; fails there if the checks require it.
    #[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
    pub(crate) fn start(port: u16, file: &Path) -> Option<Self> {
        let started = Self::try_to_start(port, file);
        if started.is_none() {
            assert!(
                std::env::var_os("WIREBENCH_REQUIRE").is_none(),
                "tshark cannot capture on loopback; scripts/test installs it"
            );
            eprintln!(
                "SKIPPED: tshark cannot capture on loopback, so the ledger of a run was not held \
                 against it"
            );
        }
        started
    }

    fn try_to_start(port: u16, file: &Path) -> Option<Self> {
        let mut tshark = Command::new("tshark")
            // A buffer of 64 MiB, big enough to lose none. Each packet is written, and a line of it.
            .args(["-i", "lo", "-n", "-l", "-B", "64", "-f"])
            .arg(format!("port {port}"))
            .args(["-P", "-T", "fields", "-e", "udp.srcport", "-w"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .ok()?;
        let lines = BufReader::new(tshark.stdout.take()?).lines();
        let (sender, knocks) = mpsc::channel();
        thread::spawn(move || {
            for port in lines.map_while(Result::ok) {
                if let Ok(port) = port.trim().parse() {
                    let _ = sender.send(port);
                }
            }
        });
        let mut capture = Self {
            tshark,
            port,
            file: file.to_owned(),
            knocks,
        };
        capture.hears_a_knock().then_some(capture)
    }

    /// Sends datagrams to the port, which are in nobody's way, until one is captured. Returns false if
    /// tshark ended.
    fn hears_a_knock(&mut self) -> bool {
        let knocker = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let own = knocker.local_addr().expect("an address").port();
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            // Fails for the answer to the one before, that nobody listens.
            let _ = knocker.send_to(b"knock", ("127.0.0.1", self.port));
            let heard = self.knocks.recv_timeout(Duration::from_millis(200));
            if heard.is_ok_and(|port| port == own) {
                return true;
            }
            if self.tshark.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
        }
        false
    }

    /// Ends the capture behind all packets that were sent so far; returns its file.
    pub(crate) fn end(mut self) -> PathBuf {
        assert!(self.hears_a_knock(), "the capture ended by itself");
        killpg(self.group(), Signal::SIGINT).expect("tshark is there");
        let status = self.tshark.wait().expect("a status");
        assert!(status.success(), "{status}");
        self.file.clone()
    }

    fn group(&self) -> Pid {
        Pid::from_raw(self.tshark.id().cast_signed())
    }
}

/// A file of packets, as tshark takes it apart.
pub(crate) struct Dump<'a> {
    pub(crate) file: &'a Path,
    pub(crate) port: u16,
    /// The protocol on TCP: `tls`, or `http2` by prior knowledge.
    pub(crate) protocol: &'a str,
    /// The log of secrets, if there is one.
    pub(crate) keys: Option<&'a Path>,
}

/// Elements of one kind: how many there were, and the sum of their lengths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: i64,
    pub(crate) bytes: i64,
}

/// The elements of each kind, by the number that the protocol gives it, up and down.
pub(crate) type Kinds = [BTreeMap<u8, Sum>; 2];

impl Dump<'_> {
    fn tshark(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("tshark");
        command.arg("-n").arg("-r").arg(self.file);
        command.args(["-d", &format!("tcp.port=={},{}", self.port, self.protocol)]);
        command.args(["-o", "tcp.reassemble_out_of_order:TRUE"]);
        if let Some(keys) = self.keys {
            command.args(["-o", &format!("tls.keylog_file:{}", keys.display())]);
        }
        let output = command.args(arguments).output().expect("tshark is there");
        let said = text(&output.stderr);
        assert!(output.status.success(), "{said}");
        text(&output.stdout)
    }

    /// Returns the direction of each packet that the filter selects, and all values of these fields in
    /// it.
    fn fields(&self, filter: &str, names: &[&str]) -> Vec<(usize, Vec<Vec<String>>)> {
        let mut arguments = vec!["-Y", filter, "-T", "fields", "-e", "tcp.dstport"];
        for name in names {
            arguments.extend(["-e", name]);
        }
        let to_server = self.port.to_string();
        let listed = self.tshark(&arguments);
        let packets = listed.lines().map(|line| {
            let mut columns = line.split('\t');
            let way = usize::from(columns.next() != Some(to_server.as_str()));
            let values = |column: &str| -> Vec<String> {
                let values = column.split(',').filter(|value| !value.is_empty());
                values.map(str::to_owned).collect()
            };
            (way, columns.map(values).collect())
        });
        packets.collect()
    }

    /// Returns the bytes that TCP carried up and down. What a busy machine sent twice is carried once.
    pub(crate) fn carried(&self) -> [i64; 2] {
        let mut ends = BTreeMap::new();
        for (way, values) in self.fields("tcp.len > 0", &["tcp.stream", "tcp.seq", "tcp.len"]) {
            let [stream, start, length] = [0, 1, 2].map(|column| number(&values[column][0]));
            // Counted from the SYN, which takes a number of its own.
            let end = start + length - 1;
            let last: &mut i64 = ends.entry((way, stream)).or_default();
            *last = end.max(*last);
        }
        let mut carried = [0; 2];
        for ((way, _), end) in ends {
            carried[way] += end;
        }
        carried
    }

    /// Returns the elements of each kind. Each packet has a kind and a length for each element that ends
    /// in it.
    fn kinds(&self, protocol: &str, kind: &str, length: &str) -> Kinds {
        let mut kinds = Kinds::default();
        for (way, values) in self.fields(protocol, &[kind, length]) {
            assert_eq!(values[0].len(), values[1].len(), "{kind} {values:?}");
            for (kind, length) in values[0].iter().zip(&values[1]) {
                let kind = u8::try_from(number(kind)).expect("a kind");
                let sum = kinds[way].entry(kind).or_default();
                sum.count += 1;
                sum.bytes += number(length);
            }
        }
        kinds
    }

    /// Returns the records of TLS by the type of their content, without their heads of 5 bytes.
    pub(crate) fn records(&self) -> Kinds {
        self.kinds("tls", "tls.record.content_type", "tls.record.length")
    }

    /// Returns the frames of HTTP/2 by their type, without their heads of 9 bytes.
    pub(crate) fn frames(&self) -> Kinds {
        self.kinds("http2", "http2.type", "http2.length")
    }

    /// Returns the number of prefaces of HTTP/2 up and down.
    pub(crate) fn prefaces(&self) -> [i64; 2] {
        let mut prefaces = [0; 2];
        for (way, _) in self.fields("http2.magic", &[]) {
            prefaces[way] += 1;
        }
        prefaces
    }

    /// Returns the bytes of the heads of WebSocket frames over HTTP/1.1, and of their masks, up and down.
    pub(crate) fn websocket_heads(&self) -> [(i64, i64); 2] {
        let mut sums = [(0, 0); 2];
        let names = ["websocket.payload_length", "websocket.mask"];
        for (way, values) in self.fields("websocket", &names) {
            assert_eq!(values[0].len(), values[1].len(), "{values:?}");
            for (length, mask) in values[0].iter().zip(&values[1]) {
                let (heads, masks) = &mut sums[way];
                *heads += head_of(number(length));
                // Older versions write a bit as 1, newer ones as True.
                *masks += if ["1", "True"].contains(&mask.as_str()) {
                    4
                } else {
                    0
                };
            }
        }
        sums
    }

    /// Returns the bytes of the bodies of HTTP/1.1 that have a length, up and down.
    pub(crate) fn bodies(&self) -> [i64; 2] {
        let mut sums = [0; 2];
        for (way, values) in self.fields("http.content_length", &["http.content_length"]) {
            sums[way] += values[0].iter().map(|length| number(length)).sum::<i64>();
        }
        sums
    }

    /// Returns the number of connections that either side reset.
    pub(crate) fn resets(&self) -> i64 {
        let listed = self.fields("tcp.flags.reset == 1", &["tcp.stream"]);
        let streams = listed.iter().map(|(_, values)| &values[0][0]);
        signed(streams.collect::<BTreeSet<_>>().len())
    }

    /// Returns the bytes that the secrets open, up and down; none where nothing is sealed.
    pub(crate) fn opened(&self) -> [i64; 2] {
        if self.keys.is_none() {
            return [0; 2];
        }
        let carrying = self.fields("tcp.len > 0", &["tcp.stream"]);
        let streams = carrying.iter().map(|(_, values)| &values[0][0]);
        let streams: BTreeSet<_> = streams.collect();
        let follows = streams.iter().map(|one| format!("follow,tls,raw,{one}"));
        let follows: Vec<_> = follows.collect();
        let mut arguments = vec!["-q"];
        for follow in &follows {
            arguments.extend(["-z", follow]);
        }
        let mut opened = [0; 2];
        // What the second node said is behind a tab; either side may be the first node.
        let to_server = format!(":{}", self.port);
        let mut is_server_first = false;
        for line in self.tshark(&arguments).lines() {
            let digits = line.trim();
            if let Some(first) = line.strip_prefix("Node 0: ") {
                is_server_first = first.trim().ends_with(&to_server);
            } else if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let is_of_first = !line.starts_with('\t');
                let is_of_server = is_of_first == is_server_first;
                opened[usize::from(is_of_server)] += signed(digits.len() / 2);
            }
        }
        opened
    }
}

/// Returns the bytes of a WebSocket frame's head without its mask, by the length in its first two bytes
/// (RFC 6455, section 5.2).
fn head_of(length: i64) -> i64 {
    match length {
        126 => 4,
        127 => 10,
        _ => 2,
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("a count")
}

fn number(text: &str) -> i64 {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is no number"))
}
