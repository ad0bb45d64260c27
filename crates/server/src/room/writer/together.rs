//! The writing to many readers at once: the next piece of each reader of a slice goes to the
//! kernel in one submission.
//!
//! The pieces, their order and the fate of a reader whose socket is full are as in the plain way,
//! because both ask the same functions. The state of each reader is locked from the
//! choice of its piece until the kernel has said how much of it the socket took, so that nobody
//! else writes in between. No thread waits for another lock while it holds these: a reader whose
//! state is in use is served afterwards, by itself.
//!
//! Only a piece that the socket took, whole or in part, is settled by the ring. Whatever else the
//! kernel said of a send, the piece is offered to the socket in the plain way, which knows what to do
//! about a socket that is full or broken.

use std::{
    io,
    sync::{Arc, MutexGuard},
};

use bytes::Bytes;
use wire::Seq;

use super::{
    Writer,
    state::{Flow, State},
};
use crate::{
    net::handle::Handle,
    net::io::{Outgoing, Sent, send_together},
    net::notice::{Topic, tell},
    room::sweep_cache::SweepCache,
};

/// The number of pieces below which a submission saves nothing: it is a system call as well.
const FEWEST: usize = 2;

/// The length, in bytes, from which on a piece is written by itself. A submission saves the way
/// into the kernel, and to copy such a piece takes several times as long; besides, no reader of the
/// slice is free before the last piece is copied. The rows `size` of `scripts/floor/run` measure
/// where the limit belongs.
const LONG: usize = 8 * 1024;

/// A reader who is to be written to, with its state locked.
struct Held<'a> {
    writer: &'a Writer,
    socket: Handle<'a>,
    state: MutexGuard<'a, State>,
}

/// The bytes that are to be written next to a reader.
struct Piece {
    /// The place of the reader among those that are held.
    holder: usize,
    bytes: Bytes,
    /// The reader's place in the log once they are written.
    next: Seq,
    /// The length of what they are, before any coder.
    length: usize,
    /// True if they are kept even if the socket takes nothing.
    all: bool,
}

/// Advances these readers, of whom no two are the same, to the newest event, as
/// [`Writer::advance`] does with one.
pub(crate) fn advance_together<'a>(
    writers: impl Iterator<Item = &'a Arc<Writer>> + Clone,
    cache: &mut SweepCache<'_>,
) {
    // All at once: there is no write yet behind which the fetch of the next could hide.
    let fetched = writers.clone().inspect(|writer| writer.prefetch());
    let mut held = Vec::with_capacity(fetched.count());
    let mut alone = Vec::new();
    for writer in writers {
        let locked = writer.stream.bare().zip(writer.state.try_lock().ok());
        let Some((socket, mut state)) = locked else {
            alone.push(writer);
            continue;
        };
        if state.waits && state.flow == Flow::Free {
            state.written = cache.now;
            held.push(Held {
                writer,
                socket,
                state,
            });
        } else {
            state.count_if_behind(cache);
        }
    }
    let mut pieces = Vec::with_capacity(held.len());
    while round(&mut held, &mut pieces, cache) {}
    for mut reader in held {
        if !reader.state.conclude() {
            reader.state.count_if_behind(cache);
        }
    }
    for writer in alone {
        writer.advance(cache);
    }
}

/// Writes the next piece to each reader that there is one for. Returns false if there was none.
fn round(held: &mut [Held<'_>], pieces: &mut Vec<Piece>, cache: &mut SweepCache<'_>) -> bool {
    let mut has_written = false;
    for (holder, reader) in held.iter_mut().enumerate() {
        let Some(piece) = reader.next(holder, cache) else {
            continue;
        };
        if piece.bytes.len() < LONG {
            pieces.push(piece);
        } else {
            has_written = true;
            reader.write(&piece);
        }
    }
    if pieces.is_empty() {
        return has_written;
    }
    if pieces.len() < FEWEST {
        for piece in pieces.drain(..) {
            held[piece.holder].write(&piece);
        }
        return true;
    }
    let sent = submit(held, pieces);
    for (piece, sent) in pieces.drain(..).zip(sent) {
        held[piece.holder].settle(&piece, sent);
    }
    true
}

/// Submits the pieces at once, and returns what became of each.
fn submit(held: &[Held<'_>], pieces: &[Piece]) -> Vec<Sent> {
    let batch: Vec<_> = pieces
        .iter()
        .map(|piece| Outgoing {
            socket: held[piece.holder].socket,
            bytes: &piece.bytes,
        })
        .collect();
    let (sent, failure) = send_together(&batch);
    if let Some(why) = failure {
        tell(Topic::Io, || {
            format!("{why}; each reader is written to by itself for a while")
        });
    }
    sent
}

impl Held<'_> {
    /// Returns the piece that comes next; `None` at the newest event, or where nothing can be
    /// written.
    fn next(&mut self, holder: usize, cache: &mut SweepCache<'_>) -> Option<Piece> {
        let Self { writer, state, .. } = self;
        if !state.waits || state.flow != Flow::Free {
            return None;
        }
        let portion = writer.portion(state, cache)?;
        let (next, length) = (portion.next, portion.bytes.len());
        let packed = state.coder.as_mut().map(|coder| coder.pack(&portion.bytes));
        Some(Piece {
            holder,
            all: writer.encoding.is_none() || packed.is_some(),
            bytes: packed.unwrap_or_else(|| portion.bytes.clone()),
            next,
            length,
        })
    }

    /// Writes a piece in the plain way.
    fn write(&mut self, piece: &Piece) {
        let given = self.writer.stream.try_give(&piece.bytes);
        self.took(piece, given);
    }

    /// Records what the ring made of a piece.
    fn settle(&mut self, piece: &Piece, sent: Sent) {
        match sent {
            Sent::Taken(count) => self.took(piece, Ok(count)),
            Sent::Nothing => self.write(piece),
            // Nobody knows which bytes the client has, so nothing can follow them.
            Sent::Unknown => self.took(piece, Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn took(&mut self, piece: &Piece, given: io::Result<usize>) {
        let Self { writer, state, .. } = self;
        if writer.took(state, &piece.bytes, piece.all, given) {
            writer.has_written(state, piece.next, piece.length);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::mpsc::channel, task::Poll, thread, time::Duration};

    use socket2::SockRef;
    use tokio::{
        io::AsyncReadExt,
        net::{TcpListener, TcpStream},
        time::timeout,
    };
    use wire::{Draft, Framing};

    use super::*;
    use crate::{
        net::io::{Io, tests},
        net::stream::Stream,
        room::{Room, entry::Encoding, tests::room_of},
        settings::Settings,
    };

    /// Returns the settings of a server that submits batches; none where there is no `io_uring`.
    fn settings() -> Option<Settings> {
        tests::has_uring().then(|| Settings {
            io: Io::Uring,
            ..Settings::default()
        })
    }

    /// Opens readers of NDJSON over sockets, and returns them with the clients' ends.
    async fn readers(count: usize) -> Vec<(Arc<Writer>, TcpStream)> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut readers = Vec::new();
        for _ in 0..count {
            let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
            let stream = Stream::Plain(accepted.expect("accepted").0);
            let encoding = Encoding::Line(Framing::Ndjson);
            let writer = Writer::subscriber(stream, encoding, None, 0);
            readers.push((Arc::new(writer), client.expect("connected")));
        }
        readers
    }

    fn say(room: &Room, text: &str) {
        let draft = Draft {
            from: "ann".into(),
            text: text.into(),
            tag: None,
        };
        room.say(draft).expect("an open room");
    }

    fn advance<'a>(room: &Room, writers: impl Iterator<Item = &'a Arc<Writer>> + Clone) {
        assert!(room.submits);
        advance_together(writers, &mut room.sweep_cache());
    }

    /// Reads until this many lines have come.
    async fn lines(client: &mut TcpStream, count: usize) -> String {
        let mut heard: Vec<u8> = Vec::new();
        // The first part ends at the first line end, and so on: one more than there are line ends.
        while heard.split(|byte| *byte == b'\n').count() <= count {
            let more = timeout(Duration::from_secs(20), client.read_buf(&mut heard)).await;
            assert!(more.expect("it came").expect("a socket") > 0);
        }
        String::from_utf8(heard).expect("text")
    }

    #[tokio::test]
    async fn pieces_short_and_long_keep_their_order_with_a_ring_and_without() {
        let Some(settings) = settings() else { return };
        let settings = Settings {
            coalesce: false,
            ..settings
        };
        for has_failed in [false, true] {
            let room = room_of(&settings);
            let mut readers = readers(5).await;
            let texts = ["a".to_owned(), "b".repeat(2 * LONG), "c".to_owned()];
            for text in &texts {
                say(&room, text);
            }
            if has_failed {
                tests::fail();
            }
            advance(&room, readers.iter().map(|(writer, _)| writer));
            for (writer, client) in &mut readers {
                let heard = lines(client, texts.len()).await;
                for (line, text) in heard.lines().zip(&texts) {
                    assert!(line.contains(&format!("\"{text}\"")), "{line}");
                }
                assert!(writer.has_sent(3));
            }
        }
    }

    #[tokio::test]
    async fn a_reader_in_use_is_served_afterwards_and_nobody_waits_for_it_with_a_lock() {
        let Some(settings) = settings() else { return };
        let room = room_of(&settings);
        let mut readers = readers(3).await;
        say(&room, "hi");
        let busy = Arc::clone(&readers[0].0);
        let other = Arc::clone(&readers[1].0);
        let (locked, is_locked) = channel();
        let task = thread::spawn(move || {
            let state = busy.state.lock().expect("no holder panics");
            locked.send(()).expect("somebody waits");
            // Whoever is served by others meanwhile is let go before the sweep waits for this one.
            while !other.has_sent(1) {
                thread::yield_now();
            }
            drop(state);
        });
        is_locked.recv().expect("it is locked");
        advance(&room, readers.iter().map(|(writer, _)| writer));
        task.join().expect("it ended");
        for (writer, client) in &mut readers {
            assert!(lines(client, 1).await.contains("\"hi\""));
            assert!(writer.has_sent(1));
        }
    }

    #[tokio::test]
    async fn a_full_reader_goes_on_where_it_was_and_a_broken_one_is_let_go() {
        let Some(settings) = settings() else { return };
        let room = room_of(&Settings {
            log_events: 1000,
            ..settings
        });
        let mut readers = readers(3).await;
        for (writer, _) in &readers {
            let socket = writer.stream.bare().expect("a plain socket");
            let socket = SockRef::from(&socket);
            socket.set_send_buffer_size(8 * 1024).expect("a socket");
        }
        let (broken, client) = readers.pop().expect("three readers");
        drop(client);
        let mut said = 0;
        while readers[0].0.flow() == Flow::Free {
            said += 1;
            assert!(said < 1000, "no socket is that large");
            say(&room, &"x".repeat(3000 + said));
            let writers = readers.iter().map(|(writer, _)| writer);
            advance(&room, writers.chain([&broken]));
            lines(&mut readers[1].1, 1).await;
        }
        assert_eq!(broken.flow(), Flow::Broken);
        say(&room, "while it is full");
        advance(&room, readers.iter().map(|(writer, _)| writer));
        let (slow, client) = &mut readers[0];
        let going_on = poll_fn(|context| {
            let flow = slow.poll_flow(context, Some(&mut room.sweep_cache()));
            if flow == Flow::Free && slow.has_sent(room.newest()) {
                return Poll::Ready(());
            }
            Poll::Pending
        });
        let (heard, ()) = tokio::join!(lines(client, said + 1), going_on);
        for (seq, line) in (1..).zip(heard.lines()) {
            assert!(line.starts_with(&format!("{{\"seq\":{seq},")), "{line}");
        }
    }
}
