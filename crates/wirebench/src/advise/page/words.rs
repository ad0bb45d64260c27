//! The words of the page, in English and in Chinese.

use serde::Serialize;

/// The number of sliders.
pub(super) const COUNT: usize = 6;

/// A slider: its key in the script, its name, and the unit of its number.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Slider {
    pub(super) key: &'static str,
    pub(super) name: [&'static str; 2],
    unit: [&'static str; 2],
}

/// All sliders, in the order of presentation.
pub(super) const SLIDERS: [Slider; COUNT] = [
    Slider {
        key: "readers",
        name: ["People who read at once", "同时阅读的人数"],
        unit: ["", ""],
    },
    Slider {
        key: "rooms",
        name: ["Rooms they are spread over", "他们分布的房间数"],
        unit: ["", ""],
    },
    Slider {
        key: "rate",
        name: ["Messages a second in each room", "每个房间每秒的消息数"],
        unit: ["", ""],
    },
    Slider {
        key: "payload",
        name: ["Bytes of text in a message", "每条消息的文本字节数"],
        unit: ["B", "字节"],
    },
    Slider {
        key: "headers",
        name: [
            "Header and cookie bytes on each request",
            "每个请求的头部与 Cookie 字节数",
        ],
        unit: ["B", "字节"],
    },
    Slider {
        key: "trip",
        name: ["Round trip", "往返时间"],
        unit: ["ms", "毫秒"],
    },
];

/// The other words of the page.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Labels {
    pub(super) title: [&'static str; 2],
    pub(super) about: [&'static str; 2],
    pub(super) limits: [&'static str; 2],
    figure: [&'static str; 2],
    unknown: [&'static str; 2],
    unpriced: [&'static str; 2],
    month: [&'static str; 2],
    lang: [&'static str; 2],
}

pub(super) const LABELS: Labels = Labels {
    title: ["What would it cost?", "代价是多少？"],
    about: [
        "Move a slider: every figure follows, by the formulas that runs of wirebench are held \
         against. The smallest of a line is marked.",
        "拖动滑块，所有数字随之变化；所用公式与 wirebench 用来核对每次运行的公式相同。每行最小的值有标记。",
    ],
    limits: [
        "Latencies are lower bounds: network and way alone, without the time that software takes. \
         Bytes are those of this program's own messages, without TCP, IP and handshakes of TLS. The \
         sliders of messages, payload and round trip have fixed stops, at which figures are exact; \
         between them nothing is said.",
        "延迟是下界：只含网络与读取方式，不含软件耗时。字节数按本程序自己的消息计算，不含 TCP、IP \
         与 TLS 握手。消息数、文本长度与往返时间的滑块只有固定的档位，在这些档位上数字是精确的，\
         档位之间不作任何断言。",
    ],
    figure: ["figure", "指标"],
    unknown: ["no formula", "没有公式"],
    unpriced: ["not priced", "没有价格"],
    month: ["a month, prices of", "每月，价格日期"],
    lang: ["中文", "English"],
};

/// The names of figures as tables have them, and in Chinese.
const FIGURES: [(&str, &str); 14] = [
    ("latency, median", "延迟，中位数"),
    ("latency, 99 of 100", "延迟，p99"),
    ("staleness, mean", "陈旧度，平均"),
    ("a message down to a reader", "一条消息，下行到读者"),
    ("a message, up from a reader", "一条消息，读者的上行"),
    ("a draft up", "一条发言，上行"),
    ("a draft's answer", "一条发言的响应"),
    ("a reader's month, down", "读者的一个月，下行"),
    ("a reader's month, up", "读者的一个月，上行"),
    ("requests", "请求数"),
    ("questions that bring nothing", "空手而回的请求"),
    ("connections open", "打开的连接"),
    ("a phone's radio woken", "手机射频被唤醒"),
    ("a phone's radio awake", "手机射频醒着"),
];

/// Returns the name of a figure in Chinese; one that is not known stays as it is.
pub(super) fn chinese(figure: &str) -> String {
    let known = FIGURES.iter().find(|(english, _)| *english == figure);
    known.map_or(figure, |(_, chinese)| chinese).to_owned()
}
