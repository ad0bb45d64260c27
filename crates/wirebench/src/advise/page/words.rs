//! The words of the page, in English and in Chinese.

use serde::Serialize;

/// The number of sliders, and of choices.
pub(super) const COUNT: usize = 10;
pub(super) const SELECTIONS: usize = 3;
/// The settings of a proxy that are no more than what passes requests on.
pub(super) const LEAST: [&str; 2] = ["least settings", "最少的设置"];

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
    Slider {
        key: "reconnects",
        name: [
            "Times a day that a reader connects",
            "每个读者每天的连接次数",
        ],
        unit: ["", ""],
    },
    Slider {
        key: "tabs",
        name: ["Tabs that one person has open", "每人打开的标签页数"],
        unit: ["", ""],
    },
    Slider {
        key: "files",
        name: [
            "Files that the server may have open",
            "服务器可打开的文件数",
        ],
        unit: ["", ""],
    },
    Slider {
        key: "workers",
        name: [
            "Workers of a pool that carries exchanges (0: no pool)",
            "承载交换的工作进程池的大小（0：没有池）",
        ],
        unit: ["", ""],
    },
];

/// A choice among some versions or programs: its key in the script, and its name.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Selection {
    pub(super) key: &'static str,
    pub(super) name: [&'static str; 2],
}

/// All choices, in the order of presentation.
pub(super) const CHOSEN: [Selection; SELECTIONS] = [
    Selection {
        key: "tls",
        name: ["TLS between reader and server", "读者与服务器之间的 TLS"],
    },
    Selection {
        key: "http",
        name: ["Version of HTTP", "HTTP 版本"],
    },
    Selection {
        key: "proxy",
        name: ["Proxy before the server", "服务器前的代理"],
    },
];

/// The other words of the page.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Labels {
    pub(super) title: [&'static str; 2],
    pub(super) about: [&'static str; 2],
    pub(super) limits: [&'static str; 2],
    figure: [&'static str; 2],
    unpriced: [&'static str; 2],
    month: [&'static str; 2],
    lang: [&'static str; 2],
    off: [&'static str; 2],
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
         Bytes are those of this program's own messages, without TCP, IP and handshakes of TLS. Over \
         HTTP/2 a head is as long as those before it make it (HPACK), so that polls, drafts and \
         openings have no figure; a WebSocket goes over HTTP/1.1. A proxy changes what breaks first \
         and nothing else. Processor time and memory come from a calibration of the machine that made \
         this page (wirebench advise --calibrate); where it says nothing, the reason stands there. The \
         sliders of messages, payload and round trip have fixed stops, at which figures are exact; \
         between them nothing is said. Hours a day, tabs in the background, intervals, the hold and the \
         radio are those with which the page was made.",
        "延迟是下界：只含网络与读取方式，不含软件耗时。字节数按本程序自己的消息计算，不含 TCP、IP \
         与 TLS 握手。HTTP/2 的头部长度取决于此前的头部（HPACK），所以轮询、发言和打开没有数字；WebSocket \
         走 HTTP/1.1。代理只改变最先到极限的是什么。处理器时间和内存来自生成本页的机器的校准\
         （wirebench advise --calibrate）；没有可说的，就写明原因。消息数、文本长度与往返时间的滑块只有\
         固定的档位，在这些档位上数字是精确的，档位之间不作任何断言。每天的小时数、后台标签页、间隔、\
         挂起时间和射频取生成本页时的值。",
    ],
    figure: ["figure", "指标"],
    unpriced: ["not priced", "没有价格"],
    month: ["a month, prices of", "每月，价格日期"],
    lang: ["中文", "English"],
    off: ["off", "没有"],
};
