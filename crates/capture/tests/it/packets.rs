//! Packets made by hand: one connection, segment by segment, and files of them.

use std::{fs, time::Duration};

use capture::Captured;

pub(crate) const SYN: u8 = 2;
pub(crate) const FIN: u8 = 1;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// The shortest frame of Ethernet, in bytes, without its checksum.
const SHORTEST_FRAME: usize = 60;

/// The types of links that files are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Null,
    Loop,
    Ethernet,
    Vlan,
    Cooked,
    Cooked2,
    Raw,
}

impl Link {
    pub(crate) const ALL: [Self; 7] = [
        Self::Null,
        Self::Loop,
        Self::Ethernet,
        Self::Vlan,
        Self::Cooked,
        Self::Cooked2,
        Self::Raw,
    ];

    fn number(self) -> u32 {
        match self {
            Self::Null => 0,
            Self::Ethernet | Self::Vlan => 1,
            Self::Raw => 101,
            Self::Loop => 108,
            Self::Cooked => 113,
            Self::Cooked2 => 276,
        }
    }

    fn head(self, is_6: bool) -> Vec<u8> {
        let kind: [u8; 2] = if is_6 { [0x86, 0xdd] } else { [8, 0] };
        match self {
            // The number of the family on the machine that captured: little-endian Linux, or any.
            Self::Null => vec![if is_6 { 10 } else { 2 }, 0, 0, 0],
            Self::Loop => vec![0, 0, 0, if is_6 { 24 } else { 2 }],
            Self::Ethernet => [&[2; 12][..], &kind].concat(),
            Self::Vlan => [&[2; 12][..], &[0x81, 0, 0, 7], &kind].concat(),
            Self::Cooked => [&[0; 14][..], &kind].concat(),
            Self::Cooked2 => [&kind[..], &[0; 18]].concat(),
            Self::Raw => Vec::new(),
        }
    }
}

/// A segment of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) at: Duration,
    pub(crate) is_up: bool,
    pub(crate) sequence: u32,
    pub(crate) flags: u8,
    /// The bytes of options in its head, a multiple of four.
    pub(crate) options: u8,
    pub(crate) data: Vec<u8>,
    pub(crate) ports: [u16; 2],
    pub(crate) is_6: bool,
}

/// A connection that is being made, with a clock.
pub(crate) struct Talk {
    pub(crate) segments: Vec<Segment>,
    pub(crate) now: Duration,
    next: [u32; 2],
    ports: [u16; 2],
    is_6: bool,
}

impl Talk {
    /// Opens a connection from this port. Sequence numbers begin near the wrap.
    pub(crate) fn open(port: u16) -> Self {
        let mut talk = Self::running(port);
        talk.segment(true, SYN, &[]);
        talk.segment(false, SYN | ACK, &[]);
        talk.segment(true, ACK, &[]);
        talk
    }

    /// Makes a connection whose beginning is not captured.
    pub(crate) fn running(port: u16) -> Self {
        Self {
            segments: Vec::new(),
            now: Duration::from_secs(1_700_000_000),
            next: [u32::MAX - 40, 7_000],
            ports: [port, 8080],
            is_6: false,
        }
    }

    pub(crate) fn over_6(mut self) -> Self {
        self.is_6 = true;
        for segment in &mut self.segments {
            segment.is_6 = true;
        }
        self
    }

    pub(crate) fn segment(&mut self, is_up: bool, flags: u8, data: &[u8]) {
        let side = usize::from(!is_up);
        self.segments.push(Segment {
            at: self.now,
            is_up,
            sequence: self.next[side],
            flags,
            options: 0,
            data: data.to_vec(),
            ports: self.ports,
            is_6: self.is_6,
        });
        let counted = u32::from(flags & (SYN | FIN) > 0);
        self.next[side] = self.next[side].wrapping_add(data.len() as u32 + counted);
    }

    pub(crate) fn up(&mut self, data: impl AsRef<[u8]>) {
        for part in data.as_ref().chunks(100) {
            self.segment(true, ACK, part);
        }
    }

    pub(crate) fn down(&mut self, data: impl AsRef<[u8]>) {
        for part in data.as_ref().chunks(100) {
            self.segment(false, ACK, part);
        }
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    pub(crate) fn get(&mut self, target: &str) {
        self.up(format!(
            "GET {target} HTTP/1.1\r\nHost: chat\r\nCookie: a=b\r\n\r\n"
        ));
    }

    /// Answers with a body of a length that is stated.
    pub(crate) fn answer(&mut self, media: &str, body: &str) {
        let len = body.len();
        self.down(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len}\r\n\r\n{body}"
        ));
    }

    /// Begins an answer in chunks.
    pub(crate) fn begin(&mut self, media: &str) {
        self.down(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
    }

    pub(crate) fn chunk(&mut self, text: &str) {
        self.down(format!("{:x}\r\n{text}\r\n", text.len()));
    }

    /// Upgrades to a WebSocket.
    pub(crate) fn upgrade(&mut self, target: &str) {
        self.up(format!(
            "GET {target} HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ));
        self.down(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        );
    }

    /// Sends a short text over the WebSocket.
    pub(crate) fn frame(&mut self, is_up: bool, text: &str) {
        let len = text.len() as u8;
        if is_up {
            let masked = text.bytes().map(|byte| byte ^ 5);
            let frame: Vec<u8> = [0x81, 0x80 | len, 5, 5, 5, 5]
                .into_iter()
                .chain(masked)
                .collect();
            self.up(frame);
        } else {
            self.down([&[0x81, len], text.as_bytes()].concat());
        }
    }

    pub(crate) fn close(mut self) -> Vec<Segment> {
        self.segment(true, FIN | ACK, &[]);
        self.segment(false, FIN | ACK, &[]);
        self.segment(true, ACK, &[]);
        self.segments
    }
}

/// Returns the bytes of both directions, without what was sent twice.
pub(crate) fn sent(segments: &[Segment]) -> [u64; 2] {
    [true, false].map(|is_up| {
        let of = segments.iter().filter(|one| one.is_up == is_up);
        of.map(|one| one.data.len() as u64).sum()
    })
}

impl Segment {
    /// Writes the segment as a packet of IP. Checksums are left out.
    fn packet(&self) -> Vec<u8> {
        let ports = if self.is_up {
            self.ports
        } else {
            [self.ports[1], self.ports[0]]
        };
        let mut tcp = Vec::new();
        tcp.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        tcp.extend(self.sequence.to_be_bytes());
        tcp.extend([0; 4]);
        let words = 5 + self.options / 4;
        tcp.extend([words << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        // NOP, which stands for nothing (RFC 9293, section 3.1).
        tcp.extend(vec![1; self.options.into()]);
        tcp.extend(&self.data);
        let ends: [u8; 2] = if self.is_up { [1, 2] } else { [2, 1] };
        let mut packet = Vec::new();
        if self.is_6 {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend((tcp.len() as u16).to_be_bytes());
            packet.extend([6, 64]);
            for end in ends {
                packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end]);
            }
        } else {
            packet.extend([0x45, 0]);
            packet.extend((20 + tcp.len() as u16).to_be_bytes());
            packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
            for end in ends {
                packet.extend([10, 0, 0, end]);
            }
        }
        packet.extend(tcp);
        packet
    }
}

/// Writes a pcap with packets of at most `snaplen` bytes.
pub(crate) fn pcap(link: Link, segments: &[Segment], snaplen: u32) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(snaplen.to_le_bytes());
    file.extend(link.number().to_le_bytes());
    for segment in segments {
        let mut packet = [link.head(segment.is_6), segment.packet()].concat();
        // Ethernet fills short frames up, which IP's length does not count.
        if link == Link::Ethernet {
            packet.resize(packet.len().max(SHORTEST_FRAME), 0);
        }
        let captured = packet.len().min(snaplen as usize);
        file.extend((segment.at.as_secs() as u32).to_le_bytes());
        file.extend(segment.at.subsec_micros().to_le_bytes());
        file.extend((captured as u32).to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes());
        file.extend(&packet[..captured]);
    }
    file
}

/// Reads bytes as a file.
pub(crate) fn read(bytes: &[u8]) -> Result<Captured, capture::CaptureError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, bytes).expect("a file");
    capture::read(&file, &capture::Keys::default())
}

/// Reads segments as an Ethernet capture.
pub(crate) fn captured(segments: &[Segment]) -> Captured {
    read(&pcap(Link::Ethernet, segments, 65_535)).expect("a capture")
}
