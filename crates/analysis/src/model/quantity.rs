//! The quantities that can be predicted and measured.

/// A quantity of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// JSON of one delivered event.
    EventJson,
    /// Head of one poll's request.
    PollHead,
    /// Head of one poll's answer.
    PollAnswerHead,
    /// JSON around the events of one poll's answer, without their commas.
    BatchAround,
    /// Body of a poll's answer that brought nothing.
    EmptyBatch,
    /// The bytes that the protocol of a library puts around one event.
    Envelope,
    /// Line end or SSE fields around one event.
    TextFrame,
    /// Size and ends of one chunk.
    Chunk,
    /// Head of one WebSocket frame that brings an event.
    FrameHead,
    /// Head of one frame of HTTP/2 that carries a head or content, in either direction.
    H2Frame,
    /// The bytes that TLS adds to one record, in either direction.
    TlsRecord,
    /// JSON of one draft.
    DraftJson,
    /// The bytes that the protocol of a library puts around one draft.
    DraftEnvelope,
    /// HTTP or frame head of one draft.
    DraftHead,
    /// Mask of one draft's frame.
    DraftMask,
    /// Head of one draft's answer.
    AckHead,
    /// JSON of one draft's answer.
    AckJson,
    /// Bytes up until one reader is ready to hear.
    OpeningUp,
    /// Bytes down until one reader is ready to hear.
    OpeningDown,
    /// Requests of a reader for each delivered message.
    ExchangesPerDelivery,
    /// The share of requests that brought nothing.
    EmptyShare,
    /// All bytes up for each delivered message.
    BytesUp,
    /// All bytes down for each delivered message.
    BytesDown,
    /// Bytes up for each connection in an hour in which nobody speaks.
    SilenceUp,
    /// Bytes down for each connection in an hour in which nobody speaks.
    SilenceDown,
    /// The mean latency from the due time.
    Mean,
    /// The standard deviation of latency from the due time.
    Deviation,
    /// The median latency from the due time.
    P50,
    /// The 95th percentile of latency from the due time.
    P95,
    /// The longest latency from the due time.
    Max,
    /// Connections that the server takes in the second that has most of them.
    ReconnectPeak,
    /// Readers who hear anything at once through a path with so many workers.
    ReadersAtOnce,
    /// Cuts of one reader's connection in an hour.
    CutsPerHour,
    /// Events that are given to one reader in an hour because they were sent while it was away.
    ReplaysPerHour,
}

impl Quantity {
    /// All quantities, in the order of presentation.
    pub const ALL: [Self; 34] = [
        Self::EventJson,
        Self::PollHead,
        Self::PollAnswerHead,
        Self::BatchAround,
        Self::EmptyBatch,
        Self::Envelope,
        Self::TextFrame,
        Self::Chunk,
        Self::FrameHead,
        Self::H2Frame,
        Self::TlsRecord,
        Self::DraftJson,
        Self::DraftEnvelope,
        Self::DraftHead,
        Self::DraftMask,
        Self::AckHead,
        Self::AckJson,
        Self::OpeningUp,
        Self::OpeningDown,
        Self::ExchangesPerDelivery,
        Self::EmptyShare,
        Self::BytesUp,
        Self::BytesDown,
        Self::SilenceUp,
        Self::SilenceDown,
        Self::Mean,
        Self::Deviation,
        Self::P50,
        Self::P95,
        Self::Max,
        Self::ReconnectPeak,
        Self::ReadersAtOnce,
        Self::CutsPerHour,
        Self::ReplaysPerHour,
    ];

    /// Returns the name of the quantity in CSV files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// Returns the unit of the quantity: `B`, `1` (a number or a share), `us`, `B/h`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ExchangesPerDelivery
            | Self::EmptyShare
            | Self::ReconnectPeak
            | Self::ReadersAtOnce
            | Self::CutsPerHour
            | Self::ReplaysPerHour => "1",
            Self::SilenceUp | Self::SilenceDown => "B/h",
            Self::Mean | Self::Deviation | Self::P50 | Self::P95 | Self::Max => "us",
            _ => "B",
        }
    }

    /// Returns the name of the quantity for readers.
    #[must_use]
    pub const fn spoken(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::EventJson => ("event_json", "event, JSON"),
            Self::PollHead => ("poll_head", "poll, request head"),
            Self::PollAnswerHead => ("poll_answer_head", "poll, answer head"),
            Self::BatchAround => ("batch_around", "poll, JSON around events"),
            Self::EmptyBatch => ("empty_batch", "poll, empty answer"),
            Self::Envelope => ("envelope", "event, envelope"),
            Self::TextFrame => ("text_frame", "event, line end or fields"),
            Self::Chunk => ("chunk", "chunk, size and ends"),
            Self::FrameHead => ("frame_head", "event, frame head"),
            Self::H2Frame => ("h2_frame", "HTTP/2, head of a frame"),
            Self::TlsRecord => ("tls_record", "TLS, around one record"),
            Self::DraftJson => ("draft_json", "draft, JSON"),
            Self::DraftEnvelope => ("draft_envelope", "draft, envelope"),
            Self::DraftHead => ("draft_head", "draft, head"),
            Self::DraftMask => ("draft_mask", "draft, mask"),
            Self::AckHead => ("ack_head", "draft's answer, head"),
            Self::AckJson => ("ack_json", "draft's answer, JSON"),
            Self::OpeningUp => ("opening_up", "opening, up"),
            Self::OpeningDown => ("opening_down", "opening, down"),
            Self::ExchangesPerDelivery => ("exchanges_per_delivery", "questions per message"),
            Self::EmptyShare => ("empty_share", "share of empty answers"),
            Self::BytesUp => ("bytes_up_per_delivery", "all bytes up per message"),
            Self::BytesDown => ("bytes_down_per_delivery", "all bytes down per message"),
            Self::SilenceUp => ("silence_up", "an hour of silence, up"),
            Self::SilenceDown => ("silence_down", "an hour of silence, down"),
            Self::Mean => ("latency_mean", "latency, mean"),
            Self::Deviation => ("latency_deviation", "latency, deviation"),
            Self::P50 => ("latency_p50", "latency, median"),
            Self::P95 => ("latency_p95", "latency, 95 of 100"),
            Self::Max => ("latency_max", "latency, longest"),
            Self::ReconnectPeak => ("reconnect_peak", "coming back, connections in a second"),
            Self::ReadersAtOnce => ("readers_at_once", "readers that fit at once"),
            Self::CutsPerHour => ("cuts_per_hour", "cuts of a reader in an hour"),
            Self::ReplaysPerHour => ("replays_per_hour", "events replayed to a reader in an hour"),
        }
    }
}
