//! The reasons for which a file is no capture at all.

/// The reason for which nothing can be told of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The operating system refused to read the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are those of no format that is read here.
    #[error("neither pcap, pcapng nor HAR")]
    Unknown,
    /// The file is packed, as some programs write captures.
    #[error("packed with {name}, which is not read: unpack it first ({unpack})")]
    Packed {
        /// The name of the format.
        name: &'static str,
        /// The command that unpacks it.
        unpack: &'static str,
    },
    /// The file is a JSON text, but no HAR.
    #[error("a JSON text, but no HAR: {0}")]
    Har(#[from] serde_json::Error),
    /// The HAR is longer than any that is read.
    #[error("a HAR of more than {} MiB", .0 >> 20)]
    LongHar(u64),
}
