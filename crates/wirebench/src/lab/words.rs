//! The lab's own words in both languages.

use lessons::Lang;

use super::verdict::Verdict;

/// The lab's own words in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) lab: &'static str,
    pub(super) student: &'static str,
    pub(super) seed: &'static str,
    pub(super) date: &'static str,
    pub(super) machine: &'static str,
    pub(super) predicted: &'static str,
    pub(super) measured: &'static str,
    pub(super) formula: &'static str,
    pub(super) verdict: &'static str,
    pub(super) hand_in: &'static str,
    pub(super) measuring: &'static str,
    pub(super) repeat: &'static str,
    pub(super) caveat: &'static str,
    pub(super) not_valid: &'static str,
    verdicts: [&'static str; 5],
}

impl Words {
    /// Returns the word for a verdict.
    pub(super) const fn verdict(&self, verdict: Verdict) -> &'static str {
        self.verdicts[verdict as usize]
    }
}

/// Returns the words of a language.
pub(super) const fn of(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &ENGLISH,
        Lang::Zh => &CHINESE,
    }
}

/// Translates a unit of `lesson.toml`, which is English; symbols stay.
pub(super) fn unit(unit: &str, lang: Lang) -> &str {
    match (lang, unit) {
        (Lang::Zh, "bytes") => "字节",
        (Lang::Zh, "polls") => "次轮询",
        (Lang::Zh, "polls per message") => "次轮询/条消息",
        (Lang::Zh, "readers") => "位读者",
        (Lang::Zh, "times") => "倍",
        (Lang::Zh, "connections") => "个连接",
        _ => unit,
    }
}

static ENGLISH: Words = Words {
    lab: "Lab",
    student: "student",
    seed: "seed",
    date: "date",
    machine: "machine",
    predicted: "predicted",
    measured: "measured",
    formula: "by formula",
    verdict: "verdict",
    hand_in: "to hand in",
    measuring: "measuring",
    repeat: "To repeat it",
    caveat: "Times and processor figures are of this machine, where clients and server share the \
        processors, over loopback. Bytes are the same on every machine.",
    not_valid: "Some runs are marked not valid",
    verdicts: ["right", "close", "off", "no prediction", "not measured"],
};

static CHINESE: Words = Words {
    lab: "实验",
    student: "学生",
    seed: "种子",
    date: "日期",
    machine: "机器",
    predicted: "预测",
    measured: "实测",
    formula: "公式",
    verdict: "判定",
    hand_in: "提交",
    measuring: "测量中",
    repeat: "如何重做",
    caveat: "时间和处理器数字只属于这台机器：客户端与服务器共用处理器，走本机回环。字节数在任何机器上都一样。",
    not_valid: "有运行被标记为无效",
    verdicts: ["正确", "接近", "偏离", "没有预测", "没有测到"],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_unit_stays_english() {
        for lesson in lessons::lessons().unwrap() {
            for check in &lesson.experiment.check {
                let unit = unit(&check.unit, Lang::Zh);
                let is_symbol = ["ms", "s", "%", "kB", "KiB"].contains(&unit);
                assert!(is_symbol || !unit.is_ascii(), "{}: {unit}", lesson.name);
            }
        }
    }
}
