//! Files of packets: pcap, and pcapng (draft-ietf-opsawg-pcapng).

use std::{collections::BTreeMap, fs::File, time::Duration};

use pcap_parser::{
    Block, InterfaceDescriptionBlock, PcapBlockOwned, PcapError, create_reader,
    traits::PcapReaderIterator,
};

use crate::{
    CaptureError, Captured, Keys, Remark, Totals,
    connections::Connections,
    remark::CountedRemark,
    segment::{self, Found},
};

/// The bytes that are read from the file at a time; a longer block makes it grow.
const BUFFER: usize = 1 << 16;
/// The latest time that is believed, in seconds since 1970.
const LATEST: u64 = 1 << 36;
/// The longest block that is read.
const LONGEST_BLOCK: usize = 64 << 20;

/// A packet of a file.
struct Packet<'a> {
    at: Duration,
    link: i32,
    bytes: &'a [u8],
    /// The length that the packet had on the wire.
    length: u32,
}

/// An interface of a pcapng, or the only one of a pcap.
#[derive(Clone, Copy)]
struct Interface {
    link: i32,
    /// The units of time in a second.
    units: u64,
    /// The seconds that are added to all times.
    offset: i64,
    /// The longest packet that was captured whole; 0 without a limit.
    snaplen: u32,
}

/// Reads a file of packets.
pub(crate) fn captured(file: File, keys: &Keys) -> Result<Captured, CaptureError> {
    let mut reader = match create_reader(BUFFER, file) {
        Ok(reader) => reader,
        Err(PcapError::Eof) => return Err(CaptureError::Empty),
        Err(_) => return Err(CaptureError::Unknown),
    };
    let mut taken = FileContent {
        keys: keys.clone(),
        ..FileContent::default()
    };
    let end = walk(reader.as_mut(), &mut taken);
    if !taken.has_header {
        return Err(CaptureError::Unknown);
    }
    taken.remarks.extend(end);
    Ok(taken.finish())
}

/// The content that was taken from a file so far.
#[derive(Default)]
struct FileContent {
    has_header: bool,
    keys: Keys,
    interfaces: Vec<Interface>,
    last: Duration,
    packets: u64,
    segments: u64,
    cut: u64,
    not_tcp: u64,
    quic: (u64, u64),
    fragments: u64,
    broken: u64,
    unknown: BTreeMap<i32, u64>,
    connections: Connections,
    remarks: Vec<Remark>,
}

/// Goes through all blocks of a file; returns a remark if reading had to stop before the end of the
/// file.
fn walk(reader: &mut dyn PcapReaderIterator, taken: &mut FileContent) -> Option<Remark> {
    let mut capacity = BUFFER;
    loop {
        let at = reader.consumed() as u64;
        match reader.next() {
            Ok((used, block)) => {
                taken.block(&block);
                reader.consume(used);
                if used == 0 {
                    return Some(Remark::FileDamaged(at));
                }
            }
            Err(PcapError::Eof) => return None,
            Err(PcapError::UnexpectedEof) => return Some(Remark::FileCut(at)),
            Err(PcapError::Incomplete(_) | PcapError::BufferTooSmall) => {
                let before = reader.data().len();
                if reader.reader_exhausted() {
                    return Some(Remark::FileCut(at));
                }
                if before >= capacity {
                    capacity *= 2;
                    if capacity > LONGEST_BLOCK || !reader.grow(capacity) {
                        return Some(Remark::FileDamaged(at));
                    }
                }
                if reader.refill().is_err() {
                    return Some(Remark::FileCut(at));
                }
            }
            Err(_) => return Some(Remark::FileDamaged(at)),
        }
    }
}

impl FileContent {
    fn block(&mut self, block: &PcapBlockOwned<'_>) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                self.has_header = true;
                let is_nano = header.is_nanosecond_precision();
                self.interfaces = vec![Interface {
                    link: header.network.0,
                    units: if is_nano { 1_000_000_000 } else { 1_000_000 },
                    offset: 0,
                    snaplen: header.snaplen,
                }];
            }
            PcapBlockOwned::Legacy(packet) => {
                let Some(&interface) = self.interfaces.first() else {
                    return;
                };
                let seconds = u64::from(packet.ts_sec);
                let ticks = seconds.saturating_mul(interface.units);
                let at = interface.time(ticks.saturating_add(u64::from(packet.ts_usec)));
                self.packet(
                    interface.link,
                    at,
                    packet.data,
                    packet.caplen,
                    packet.origlen,
                );
            }
            PcapBlockOwned::NG(block) => self.newer(block),
        }
    }

    fn newer(&mut self, block: &Block<'_>) {
        match block {
            Block::SectionHeader(_) => {
                self.has_header = true;
                self.interfaces.clear();
            }
            Block::InterfaceDescription(block) => self.interfaces.push(Interface::of(block)),
            Block::EnhancedPacket(packet) => {
                let Some(&interface) = self.interfaces.get(packet.if_id as usize) else {
                    self.broken += 1;
                    return;
                };
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let at = interface.time(ticks);
                self.packet(
                    interface.link,
                    at,
                    packet.data,
                    packet.caplen,
                    packet.origlen,
                );
            }
            Block::SimplePacket(packet) => {
                let Some(&interface) = self.interfaces.first() else {
                    self.broken += 1;
                    return;
                };
                // A simple packet has no time of its own. Its data is as long as the packet was, up
                // to the limit.
                let limit = match interface.snaplen {
                    0 => u32::MAX,
                    limit => limit,
                };
                let captured = packet.origlen.min(limit);
                self.packet(
                    interface.link,
                    self.last,
                    packet.data,
                    captured,
                    packet.origlen,
                );
            }
            Block::DecryptionSecrets(secrets) => self.keys.add(secrets.data),
            _ => {}
        }
    }

    fn packet(&mut self, link: i32, at: Duration, data: &[u8], captured: u32, length: u32) {
        let bytes = &data[..data.len().min(captured as usize)];
        self.packets += 1;
        self.last = at;
        self.cut += u64::from((bytes.len() as u64) < u64::from(length));
        self.take(&Packet {
            at,
            link,
            bytes,
            length,
        });
    }

    fn take(&mut self, packet: &Packet<'_>) {
        match segment::read(packet.link, packet.bytes, packet.length) {
            Found::Segment(segment) => {
                self.segments += 1;
                self.connections.add(packet.at, &segment);
            }
            Found::Datagram { is_quic, length } => {
                if is_quic {
                    self.quic.0 += 1;
                    self.quic.1 += length;
                } else {
                    self.not_tcp += 1;
                }
            }
            Found::Other => self.not_tcp += 1,
            Found::Fragment => self.fragments += 1,
            Found::Broken => self.broken += 1,
            Found::UnknownLink => {
                *self.unknown.entry(packet.link).or_default() += 1;
            }
        }
    }

    fn finish(mut self) -> Captured {
        let mut remarks = std::mem::take(&mut self.remarks);
        if self.packets == 0 {
            remarks.push(Remark::NothingCaptured);
        }
        let counted: [(u64, CountedRemark); 5] = [
            (self.cut, Remark::CutPackets),
            (self.not_tcp, Remark::NotTcp),
            (self.fragments, Remark::Fragments),
            (self.broken, Remark::BrokenPackets),
            (self.connections.refused, Remark::ManyConnections),
        ];
        remarks.extend(
            counted
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, remark)| remark(count)),
        );
        if let (packets @ 1.., bytes) = self.quic {
            remarks.push(Remark::Quic { packets, bytes });
        }
        let unknown = self.unknown.iter();
        remarks.extend(unknown.map(|(&link, &count)| Remark::UnknownLink { count, link }));
        let totals = Totals {
            packets: self.packets,
            segments: self.segments,
            connections: self.connections.count(),
        };
        Captured {
            totals: Some(totals),
            ..self.connections.captured(remarks, &self.keys)
        }
    }
}

impl Interface {
    fn of(block: &InterfaceDescriptionBlock<'_>) -> Self {
        // The highest bit chooses powers of two (section 4.2, if_tsresol).
        let power = u32::from(block.if_tsresol & 0x7f);
        let base: u64 = if block.if_tsresol & 0x80 > 0 { 2 } else { 10 };
        Self {
            link: block.linktype.0,
            units: base.checked_pow(power).unwrap_or(1_000_000),
            offset: block.if_tsoffset,
            snaplen: block.snaplen,
        }
    }

    /// Returns the time of a packet since 1970.
    fn time(&self, ticks: u64) -> Duration {
        let seconds = (ticks / self.units).saturating_add_signed(self.offset);
        let rest = u128::from(ticks % self.units) * 1_000_000_000 / u128::from(self.units);
        Duration::new(seconds.min(LATEST), rest as u32)
    }
}
