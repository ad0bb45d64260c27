//! A gate between hyper and a socket. It lets the head of an answer through and holds back what
//! comes behind that, so that the socket can be taken from under hyper before hyper has read any of
//! the body.
//!
//! hyper gives a socket back only when it has read a whole answer, and a stream has no end.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    mem,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{failure::LONGEST_HEAD, socket::meter::Meter};

/// The beginning of the only answer that is held.
const BEGINNING: &[u8] = b"HTTP/1.1 200";

/// The end of a head (RFC 9112, section 2.1).
const END: &[u8] = b"\r\n\r\n";

/// The state of a gate.
#[derive(Debug)]
enum Passage {
    /// The head of the answer passes; this much of it has come.
    Head(Vec<u8>),
    /// The head has passed, and more has to wait.
    Held,
    /// Everything passes.
    Open,
}

/// The socket behind a gate.
#[derive(Debug)]
struct Behind {
    /// Absent once it was taken.
    meter: Option<Meter>,
    passage: Passage,
    /// The bytes behind the head that were read together with it.
    rest: Vec<u8>,
    /// The task that waits for what is held.
    waiting: Option<Waker>,
}

/// A gate. hyper reads and writes through it.
#[derive(Debug)]
pub(super) struct Gate(Rc<RefCell<Behind>>);

/// The keeper of a gate, who may take the socket. The gate opens with the end of its keeper.
#[derive(Debug)]
pub(super) struct Keeper(Rc<RefCell<Behind>>);

impl Gate {
    /// Puts a gate before a socket on which no answer has come yet.
    pub(super) fn before(meter: Meter) -> (Self, Keeper) {
        let behind = Rc::new(RefCell::new(Behind {
            meter: Some(meter),
            passage: Passage::Head(Vec::new()),
            rest: Vec::new(),
            waiting: None,
        }));
        (Self(Rc::clone(&behind)), Keeper(behind))
    }

    /// Does something with the socket, if it was not taken.
    fn on_socket<T>(
        &self,
        act: impl FnOnce(Pin<&mut Meter>) -> Poll<io::Result<T>>,
    ) -> Option<Poll<io::Result<T>>> {
        let mut behind = self.0.borrow_mut();
        behind.meter.as_mut().map(|meter| act(Pin::new(meter)))
    }
}

impl Keeper {
    /// Takes the socket with what came behind the head of the answer; hyper meets its end. `None`
    /// if hyper may have read some of the body already.
    pub(super) fn take(&self) -> Option<(Meter, Vec<u8>)> {
        let mut behind = self.0.borrow_mut();
        if !matches!(behind.passage, Passage::Held) {
            return None;
        }
        let meter = behind.meter.take()?;
        Some((meter, mem::take(&mut behind.rest)))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut behind = self.0.borrow_mut();
        behind.passage = Passage::Open;
        if let Some(waiting) = behind.waiting.take() {
            waiting.wake();
        }
    }
}

impl Behind {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(meter) = &mut self.meter else {
            return Poll::Ready(Ok(()));
        };
        match &mut self.passage {
            Passage::Open if self.rest.is_empty() => Pin::new(meter).poll_read(context, buffer),
            Passage::Open => {
                let count = self.rest.len().min(buffer.remaining());
                buffer.put_slice(&self.rest[..count]);
                self.rest.drain(..count);
                Poll::Ready(Ok(()))
            }
            Passage::Held => {
                self.waiting = Some(context.waker().clone());
                Poll::Pending
            }
            Passage::Head(head) => {
                let before = buffer.filled().len();
                let polled = Pin::new(meter).poll_read(context, buffer);
                head.extend_from_slice(&buffer.filled()[before..]);
                match memmem::find(head, END).map(|at| at + END.len()) {
                    Some(end) if head.starts_with(BEGINNING) => {
                        self.rest = head.split_off(end);
                        buffer.set_filled(buffer.filled().len() - self.rest.len());
                        self.passage = Passage::Held;
                    }
                    None if head.len() <= LONGEST_HEAD => {}
                    _ => self.passage = Passage::Open,
                }
                polled
            }
        }
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Gate {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.on_socket(|meter| meter.poll_write(context, piece));
        written.unwrap_or(Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.on_socket(|meter| meter.poll_write_vectored(context, pieces));
        written.unwrap_or(Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())))
    }

    fn is_write_vectored(&self) -> bool {
        let behind = self.0.borrow();
        let meter = behind.meter.as_ref();
        meter.is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.on_socket(|meter| meter.poll_flush(context));
        flushed.unwrap_or(Poll::Ready(Ok(())))
    }

    /// Shuts the socket down, unless it was taken: then it is not hyper's to end.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = self.on_socket(|meter| meter.poll_shutdown(context));
        ended.unwrap_or(Poll::Ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n";

    /// Returns a gate before a socket, at whose other end `answer` was written.
    async fn gate(answer: &[u8]) -> (Gate, Keeper, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let near = TcpStream::connect(address).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        far.write_all(answer).await.unwrap();
        let (gate, keeper) = Gate::before(Meter::new(near, Rc::default(), None));
        (gate, keeper, far)
    }

    /// Reads so many bytes as hyper does, with room for more.
    async fn read(gate: &mut Gate, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1024);
        while bytes.len() < count {
            assert!(gate.read_buf(&mut bytes).await.unwrap() > 0);
        }
        bytes
    }

    #[tokio::test]
    async fn a_head_passes_and_the_rest_is_for_whoever_takes_the_socket() {
        let (mut gate, keeper, mut far) = gate(&[HEAD, b"rest"].concat()).await;
        assert!(keeper.take().is_none(), "no head has come");
        assert_eq!(read(&mut gate, HEAD.len()).await, HEAD);
        let mut more = [0; 8];
        let mut waits = Box::pin(gate.read(&mut more));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        let (mut meter, rest) = keeper.take().expect("a socket");
        assert_eq!(rest, b"rest");
        assert!(keeper.take().is_none());
        drop(keeper);
        assert_eq!(waits.await.unwrap(), 0, "the end of what hyper reads");
        gate.shutdown().await.unwrap();
        drop(gate);
        far.write_all(b"more").await.unwrap();
        let mut read = [0; 4];
        meter.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"more");
    }

    #[tokio::test]
    async fn a_gate_without_its_keeper_gives_what_it_held() {
        let (mut gate, keeper, mut far) = gate(&[HEAD, b"rest"].concat()).await;
        assert_eq!(read(&mut gate, HEAD.len()).await, HEAD);
        drop(keeper);
        far.write_all(b"more").await.unwrap();
        assert_eq!(read(&mut gate, 8).await, b"restmore");
    }

    #[tokio::test]
    async fn other_answers_pass_whole() {
        let interim = [&b"HTTP/1.1 103 Early Hints\r\n\r\n"[..], HEAD].concat();
        for answer in [
            &b"HTTP/1.1 404 No\r\n\r\nrest"[..],
            b"HTTP/1.0 200 OK\r\n\r\nrest",
            &interim,
        ] {
            let (mut gate, keeper, _far) = gate(answer).await;
            assert_eq!(read(&mut gate, answer.len()).await, answer);
            assert!(keeper.take().is_none());
        }
    }
}
