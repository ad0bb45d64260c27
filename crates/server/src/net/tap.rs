//! Observers of the bytes that cross the server's sockets.
//!
//! A [`Tap`] gives each connection a [`Watch`], which sees every byte with the
//! time at which it passed: the classroom shows them, [`crate::Bookkeeper`]
//! accounts for them.

use std::{fmt, net::SocketAddr, sync::Arc, time::Instant};

use dissect::{Content, Direction};

/// An observer of the bytes of one connection. It is dropped when the
/// connection is over.
pub trait Watch: Send {
    /// Receives the next bytes of one direction, in order: a client's when the
    /// server has read them, the server's when the kernel has taken them.
    fn passed(&mut self, direction: Direction, at: Instant, bytes: &[u8]);

    /// Receives the next bytes of one direction of a connection under TLS, as they crossed the
    /// socket. For such a connection only [`content`](Self::content) calls `passed`.
    fn crossed(&mut self, _direction: Direction, _at: Instant, _wire: &[u8]) {}

    /// Receives the content of the next record of a connection under TLS: of a client's record
    /// after its bytes have crossed, of the server's before. By default data is given to `passed`,
    /// as if there were no TLS, and all other content is ignored.
    fn content(&mut self, direction: Direction, at: Instant, content: Content<'_>) {
        if let Content::Data(data) = content {
            self.passed(direction, at, data);
        }
    }
}

/// A function that gives each connection of a server its [`Watch`], or `None`
/// to leave it alone.
#[derive(Clone)]
pub struct Tap {
    open: Arc<Open>,
    reads_http2: Arc<Reads>,
}

type Open = dyn Fn(SocketAddr) -> Option<Box<dyn Watch>> + Send + Sync;
type Reads = dyn Fn() -> bool + Send + Sync;

impl Tap {
    /// Makes a tap that calls `open` with the client's address for each
    /// connection.
    pub fn new(
        open: impl Fn(SocketAddr) -> Option<Box<dyn Watch>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Arc::new(open),
            reads_http2: Arc::new(|| false),
        }
    }

    /// Returns the same tap, for observers that also understand HTTP/2. Without it, the connections
    /// that it watches speak HTTP/1.1 only.
    #[must_use]
    pub fn reading_http2(self) -> Self {
        self.reading_http2_while(|| true)
    }

    /// Returns the same tap, for observers that understand HTTP/2 and a server that speaks it only
    /// at times: `reads` is asked for each connection when it is accepted.
    #[must_use]
    pub fn reading_http2_while(self, reads: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            reads_http2: Arc::new(reads),
            ..self
        }
    }

    /// Returns whether a connection that is accepted now may speak HTTP/2.
    pub(crate) fn reads_http2(&self) -> bool {
        (self.reads_http2)()
    }

    /// Returns the observer of the connection of `peer`, if it has one.
    pub(crate) fn watch(&self, peer: SocketAddr) -> Option<Box<dyn Watch>> {
        (self.open)(peer)
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tap")
    }
}

/// Two taps are equal if they are the same one.
impl PartialEq for Tap {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.open, &other.open)
    }
}

impl Eq for Tap {}
