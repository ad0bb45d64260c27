//! The Chinese of a traced life's picture, which `trace` draws in English. HTTP's own words and
//! names stay.

/// The English phrases of the picture and their Chinese translations. Phrases that contain others
/// come first.
const PHRASES: [(&str, &str); 60] = [
    (
        "Time runs downwards, not to scale: each rung tells its own, at the client&apos;s socket.",
        "时间向下，不按比例：每一级标有自己的时刻，取自客户端的套接字。",
    ),
    (
        "Time runs downwards, not to scale: each rung tells its own, at the client's socket.",
        "时间向下，不按比例：每一级标有自己的时刻，取自客户端的套接字。",
    ),
    (
        "ann speaks: a request of its own, and her next poll brings it back",
        "ann 发言：单独发一个请求，下一次轮询把它带回来",
    ),
    (
        "ann speaks: one masked frame on the same socket",
        "ann 发言：在同一个套接字上发一个带掩码的帧",
    ),
    (
        "ann speaks: over a second connection, for the first one is waiting",
        "ann 发言：走第二条连接，因为第一条正在等待",
    ),
    (
        "ann speaks: over a second connection; her stream brings it back",
        "ann 发言：走第二条连接，她的流把它带回来",
    ),
    (
        "another speaks: one more chunk of the same answer",
        "别人发言：同一个响应里再来一块",
    ),
    ("another speaks: one frame", "别人发言：一个帧"),
    (
        "another speaks: the held question is answered at once",
        "别人发言：挂起的请求立刻得到响应",
    ),
    (
        "another speaks: the message waits for the next poll",
        "别人发言：消息等待下一次轮询",
    ),
    (
        "close: a close frame each way, then the server ends the connection",
        "关闭：双方各发一个关闭帧，然后服务器结束连接",
    ),
    (
        "close: nobody notices a poller&apos;s absence, so she says that she leaves",
        "关闭：轮询者离开没人察觉，所以她自己说明",
    ),
    (
        "close: nobody notices a poller's absence, so she says that she leaves",
        "关闭：轮询者离开没人察觉，所以她自己说明",
    ),
    (
        "close: she closes her sockets, and the server notices",
        "关闭：她关闭套接字，服务器随即察觉",
    ),
    ("close: she says that she leaves", "关闭：她说明自己离开"),
    (
        "idle: a heartbeat after silence, so that each side knows of the other",
        "空闲：沉默之后一次心跳，让双方知道对方还在",
    ),
    (
        "idle: a ping after silence, and the pong that answers it",
        "空闲：沉默之后一个 ping，以及回答它的 pong",
    ),
    (
        "idle: an interval passes, a poll brings nothing",
        "空闲：过了一个间隔，轮询什么也没带回来",
    ),
    (
        "idle: the server holds the question until the hold is over",
        "空闲：服务器挂起请求，直到挂起到期",
    ),
    (
        "set-up: connect, ask once; the head of an answer that does not end",
        "建立：连接，请求一次；得到一个没有结尾的响应的头部",
    ),
    (
        "set-up: connect, take a place in the room, come in",
        "建立：连接，取得在房间里的位置，进入",
    ),
    (
        "set-up: one HTTP exchange, and from its end on no more HTTP",
        "建立：一次 HTTP 交换，此后不再是 HTTP",
    ),
    ("One life over short_poll", "短轮询的一次完整过程"),
    ("One life over long_poll", "长轮询的一次完整过程"),
    ("One life over http_stream", "HTTP 流的一次完整过程"),
    ("One life over sse", "服务器发送事件的一次完整过程"),
    ("One life over websocket", "WebSocket 的一次完整过程"),
    ("over bare loopback; ", "直接经过本机回环；"),
    ("through a link of ", "经过链路，单程 "),
    (" ms each way; ", " ms；"),
    (" bytes up, ", " 字节上行，"),
    (" bytes down. ", " 字节下行。"),
    (" bytes, ", " 字节，其中载荷 "),
    (" of them payload", " 字节"),
    (" bytes", " 字节"),
    (" byte", " 字节"),
    ("second connection: ", "第二条连接："),
    ("third connection: ", "第三条连接："),
    ("chunk without an event", "不含事件的块"),
    ("text frame", "文本帧"),
    ("binary frame", "二进制帧"),
    ("close frame", "关闭帧"),
    ("ping frame", "ping 帧"),
    ("pong frame", "pong 帧"),
    ("chunk ", "块 "),
    ("answers a draft", "响应一次发言"),
    ("brings a message", "带来一条消息"),
    ("brings nothing", "什么也没带来"),
    ("says a message", "发出一条消息"),
    ("says it", "发言"),
    ("goodbye", "道别"),
    ("heartbeat", "心跳"),
    ("who is here", "谁在房间里"),
    ("set-up", "建立"),
    ("her own coming", "她自己的到来"),
    ("her own message", "她自己的消息"),
    ("without a byte", "没有一个字节"),
    ("without a 字节", "没有一个字节"),
    ("server", "服务器"),
    (": ", "："),
];

/// Returns the picture with its texts in Chinese.
pub(super) fn picture(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    // What stands between tags is text; tags and their attributes stay.
    while let Some((tag, after)) = rest.split_once('>') {
        out.push_str(tag);
        out.push('>');
        let end = after.find('<').unwrap_or(after.len());
        out.push_str(&text(&after[..end]));
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

fn text(english: &str) -> String {
    let found = |text: String, (english, chinese): &(&str, &str)| text.replace(english, chinese);
    PHRASES.iter().fold(english.to_owned(), found)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The words of the protocols, of addresses and names, and of the picture's own tags, which are
    /// not translated.
    const KEPT: [&str; 6] = ["HTTP", "WebSocket", "ann", "bo", "ping", "pong"];

    /// Returns the English words that are left in a picture's texts.
    fn left(svg: &str) -> Vec<String> {
        let texts = svg.split('>').filter_map(|piece| piece.split('<').next());
        let is_own = |text: &&str| {
            // A request line and a status line are the protocol's.
            !["GET ", "POST ", "HTTP/1.1"]
                .iter()
                .any(|cue| text.contains(cue))
                && !text
                    .chars()
                    .next()
                    .is_some_and(|first| first.is_ascii_digit())
                && !text.contains("201 ")
                && !text.contains("204 ")
        };
        let words = texts.filter(is_own).flat_map(|text| {
            text.split(|letter: char| !letter.is_ascii_alphabetic())
                .filter(|word| word.len() > 2 && !KEPT.contains(word))
        });
        words.map(str::to_owned).collect()
    }

    #[test]
    fn no_english_is_left_in_a_traced_life() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for way in wire::Way::ALL {
            let mut settings = trace::Settings::new(way);
            settings.link = Some(link::Settings {
                delay: Duration::from_millis(1),
                ..link::Settings::default()
            });
            let record = runtime.block_on(trace::record(&settings)).unwrap();
            let english = trace::sequence::svg(&record);
            assert!(!left(&english).is_empty());
            let chinese = picture(&english);
            assert_eq!(left(&chinese), Vec::<String>::new(), "{way}");
            assert_eq!(chinese.matches('<').count(), english.matches('<').count());
        }
    }
}
