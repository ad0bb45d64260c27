//! The reasons for which a connection's bytes can no longer be assigned.

use crate::Direction;

/// The first break of the protocol on a connection. From `at` on, and from the
/// end of the last whole element in the other direction, all bytes are
/// [`Layer::Unparsed`](crate::Layer::Unparsed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} {}: {reason}", direction.name())]
pub struct Fault {
    /// The direction that broke the protocol; `Up` is the client.
    pub direction: Direction,
    /// The offset of the element that broke the protocol, in bytes from the first byte of this
    /// direction.
    pub at: u64,
    /// The reason.
    pub reason: Reason,
}

/// The reasons for which an element breaks the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// RFC 9112 sections 3 and 5.
    #[error("not the head of an HTTP/1.1 request")]
    RequestHead,
    /// RFC 9112 sections 4 and 5.
    #[error("not the head of an HTTP/1.1 response")]
    ResponseHead,
    /// No blank line within the limit.
    #[error("a head of more than {} bytes", crate::http::LONGEST_HEAD)]
    LongHead,
    /// RFC 9112 section 6.3: no number, several numbers, or a length beside a
    /// transfer coding.
    #[error("a Content-Length that cannot be relied on")]
    BodyLength,
    /// RFC 9112 section 6.3: neither Content-Length nor chunks.
    #[error("a response without a length, whose end nobody can tell")]
    NoLength,
    /// RFC 9112 section 6.1.
    #[error("a transfer coding other than chunked")]
    TransferCoding,
    /// RFC 9112 section 7.1: no hexadecimal digits, more than 64 bits, or an
    /// endless extension.
    #[error("not the size of a chunk")]
    ChunkSize,
    /// RFC 9112 section 7.1: the content is longer than the chunk's size says.
    #[error("a chunk that does not end where its size says")]
    ChunkEnd,
    /// RFC 9112 section 7.1.2.
    #[error("trailer fields without end")]
    Trailers,
    /// RFC 9110 section 15.2: more interim responses than are followed.
    #[error("interim responses without end")]
    Interim,
    /// A response where no request is waiting for one.
    #[error("a response without a request")]
    Unasked,
    /// More pipelined requests than are followed.
    #[error("too many requests without a response")]
    Unanswered,
    /// RFC 6455 section 4.1: the client waits for the answer to its upgrade.
    #[error("bytes after a request to upgrade, before its response")]
    TooEarly,
    /// A 101 that nobody asked for, or to something else than WebSocket; or the
    /// tunnel of a CONNECT, unless it is a WebSocket (RFC 8441).
    #[error("a change to a protocol that is not WebSocket")]
    Upgrade,
    /// RFC 6455 section 5.2; RFC 7692 section 6.
    #[error("a frame with reserved bits that no extension gave a meaning")]
    ReservedBits,
    /// RFC 6455 section 5.2.
    #[error("a frame of a reserved kind")]
    Opcode,
    /// RFC 6455 section 5.1.
    #[error("a frame from the client without a mask")]
    Unmasked,
    /// RFC 6455 section 5.1.
    #[error("a frame from the server with a mask")]
    Masked,
    /// RFC 6455 section 5.5.
    #[error("a control frame in pieces or of more than 125 bytes")]
    ControlFrame,
    /// RFC 6455 section 5.2: longer than 63 bits, or not the shortest form.
    #[error("a frame length that is not written as it has to be")]
    FrameLength,
    /// RFC 6455 section 5.4.
    #[error("a fragment that continues nothing, or a message within a message")]
    Fragment,
    /// RFC 6455 section 5.5.1.
    #[error("a message after a close frame")]
    AfterClose,
    /// RFC 9113 sections 4 to 6.
    #[error("a frame of HTTP/2 where it may not be, or of a wrong length")]
    Frame,
    /// RFC 7541; RFC 9113 section 4.3.
    #[error("a header block of HTTP/2 that cannot be decoded")]
    HeaderBlock,
    /// The connection ended within a head, a chunk's size or a frame's head.
    #[error("the connection ended within an element")]
    Truncated,
    /// The caller pushed more after it had said that the connection was over.
    #[error("bytes after the end of the connection")]
    AfterEnd,
}
