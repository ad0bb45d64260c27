//! The languages of pages, charts and tables.
//!
//! They are made in English, and their texts are translated when they are whole: on the chart's
//! canvas, between the tags of the page, and in the cells of a table. `zh.toml` holds one row for each
//! English text, with `{}` where a value or another text stands; `zh_claims.toml` holds those of the
//! claims that come with the program. So no figure or section depends on a
//! language, and the English page is the same whether there are others or not.

mod catalogue;
mod markup;
mod pattern;

use std::sync::LazyLock;

use data_encoding::BASE64;
use sheet::Sheet;

use self::catalogue::Catalogue;

const CHINESE: &str = concat!(
    include_str!("words/zh.toml"),
    include_str!("words/zh_claims.toml")
);

/// The language of pages, charts and tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// Returns the tag for HTML's `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// Draws with every text of every chart in this language.
    pub fn drawing<T>(self, draw: impl FnOnce() -> T) -> T {
        let say: Option<chart::words::Say> = match self {
            Self::En => None,
            Self::Zh => Some(|text| chinese().say(text)),
        };
        chart::words::within(say, draw)
    }

    /// Returns an English text in this language; a text that is not known stays English.
    #[must_use]
    pub fn say(self, text: &str) -> String {
        match self {
            Self::En => text.to_owned(),
            Self::Zh => chinese().say(text),
        }
    }

    /// Returns an English table in this language: the names of its columns, and what stands in them.
    #[must_use]
    pub fn sheet(self, sheet: Sheet) -> Sheet {
        match self {
            Self::En => sheet,
            Self::Zh => sheet.said(|text| chinese().say(text)),
        }
    }

    /// Returns an English page in this language. Commands, and the values of lists of definitions,
    /// stay as they are.
    #[must_use]
    pub fn page(self, page: String) -> String {
        match self {
            Self::En => page,
            Self::Zh => {
                let page = markup::translated(&page, self.tag(), |text| chinese().say(text));
                page.replacen("</style>", &format!("{}</style>", faces()), 1)
            }
        }
    }
}

/// Returns the style with the Chinese faces, so that the page needs no font of a machine's own.
fn faces() -> String {
    let [regular, bold] = chart::words::FACES.map(|bytes| BASE64.encode(bytes));
    let face = |weight: u32, data: &str| {
        format!(
            "@font-face{{font-family:'Noto Sans SC';font-weight:{weight};\
             src:url(data:font/ttf;base64,{data})}}"
        )
    };
    format!(
        "{}{}body{{font-family:Inter,'Noto Sans SC',system-ui,sans-serif}}",
        face(400, &regular),
        face(700, &bold)
    )
}

/// Returns the Chinese texts. The file is part of the program, and a test reads it; without it,
/// everything would stay in English.
fn chinese() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::read(CHINESE).unwrap_or_default());
    &CATALOGUE
}

#[cfg(test)]
pub(crate) mod tests;
