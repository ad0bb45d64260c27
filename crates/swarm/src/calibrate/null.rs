//! A server that does next to nothing: it takes WebSockets and sends what is
//! said in a room to everybody in it, by hand (RFC 6455), with no log behind it.

use std::{cell::RefCell, collections::HashMap, io, net::SocketAddr, rc::Rc, sync::mpsc};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    runtime::{Builder, LocalOptions},
    sync::{Mutex, oneshot},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::{Draft, Event, Kind, codec};

/// The address on which the server listens, and the channel that ends it.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) address: SocketAddr,
    pub(super) end: oneshot::Sender<()>,
}

/// The people in a room, and how much was said in it. It is locked while an event goes round, so
/// that all hear the events in the same order.
#[derive(Debug, Default)]
struct Room {
    said: u64,
    /// The readers by a number that is never assigned twice, so that those who leave can be
    /// removed.
    readers: HashMap<u64, OwnedWriteHalf>,
    came: u64,
}

type Rooms = Rc<RefCell<HashMap<String, Rc<Mutex<Room>>>>>;

/// Serves until it is ended. What goes wrong shows as a calibration without a
/// result.
pub(super) fn serve(sender: &mpsc::Sender<Address>) {
    let mut builder = Builder::new_current_thread();
    if let Ok(runtime) = builder.enable_all().build_local(LocalOptions::default()) {
        let _ = runtime.block_on(accept(sender));
    }
}

async fn accept(sender: &mpsc::Sender<Address>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (end, mut ended) = oneshot::channel();
    let _ = sender.send(Address { address, end });
    let rooms = Rooms::default();
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            _ = &mut ended => return Ok(()),
        };
        stream.set_nodelay(true)?;
        let rooms = Rc::clone(&rooms);
        tokio::task::spawn_local(async move {
            let _ = talk(stream, &rooms).await;
        });
    }
}

async fn talk(stream: TcpStream, rooms: &Rooms) -> io::Result<()> {
    let (mut from, to) = stream.into_split();
    let mut read = BytesMut::new();
    let head = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break read.split_to(end + 4);
        }
        more(&mut from, &mut read).await?;
    };
    let head = String::from_utf8_lossy(&head);
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
    let key = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map(|(_, value)| derive_accept_key(value.trim().as_bytes()))
        .unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {key}\r\n\r\n"
    );
    write(&to, answer.as_bytes()).await?;
    let room = Rc::clone(rooms.borrow_mut().entry(path).or_default());
    let number = {
        let mut room = room.lock().await;
        room.came += 1;
        let number = room.came;
        room.readers.insert(number, to);
        number
    };
    loop {
        match frame(&mut read) {
            None => more(&mut from, &mut read).await?,
            Some((TEXT, payload)) => {
                let mut room = room.lock().await;
                let Some(event) = event(&mut room, &payload) else {
                    continue;
                };
                for reader in room.readers.values() {
                    // A reader that has left is no failure.
                    let _ = write(reader, &event).await;
                }
            }
            // A close frame is not answered: the connection just ends.
            Some((CLOSE, _)) => {
                room.lock().await.readers.remove(&number);
                return Ok(());
            }
            Some(_) => {}
        }
    }
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;

async fn more(from: &mut OwnedReadHalf, read: &mut BytesMut) -> io::Result<()> {
    match from.read_buf(read).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

async fn write(to: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.try_write(bytes) {
            Ok(count) => bytes.advance(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => to.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads the next whole frame of a client and unmasks it (RFC 6455, section 5.2). Returns its
/// opcode and its payload.
fn frame(read: &mut BytesMut) -> Option<(u8, Bytes)> {
    let (&first, &second) = (read.first()?, read.get(1)?);
    let (long, short) = (read.get(2..10), read.get(2..4));
    let (start, length) = match second & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(short?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(long?.try_into().ok()?)),
        length => (2, u64::from(length)),
    };
    let end = start + 4 + usize::try_from(length).ok()?;
    if read.len() < end {
        return None;
    }
    let mut frame = read.split_to(end);
    let mut payload = frame.split_off(start + 4);
    for (byte, mask) in payload.iter_mut().zip(frame[start..].iter().cycle()) {
        *byte ^= mask;
    }
    Some((first & 0x0f, payload.freeze()))
}

/// Returns a draft as the event that it becomes, in a frame.
fn event(room: &mut Room, json: &[u8]) -> Option<Bytes> {
    let draft: Draft = codec::decode(json).ok()?;
    room.said += 1;
    let event = codec::encode(&Event {
        seq: room.said,
        kind: Kind::Message,
        from: draft.from,
        text: Some(draft.text),
        tag: draft.tag,
        online: None,
        at: 0,
    });
    let mut frame = vec![0x80 | TEXT];
    match event.len() {
        length @ 0..126 => frame.push(length as u8),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(&event[..]);
    Some(frame.into())
}
