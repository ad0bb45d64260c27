//! The drafts of simulated speakers: a text of exactly the planned length, and a tag with
//! the times at which the draft was due and sent.
//!
//! Names, tags and rooms have a fixed width, so that bytes on the wire can be
//! predicted exactly.

mod corpus;

use std::borrow::Cow;

use bytes::Bytes;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use wire::{Draft, codec};

use crate::{
    clock::Nanos,
    plan::{Plan, Text},
};

/// The most drafts of a run: the index in a tag has six hexadecimal digits.
pub(crate) const MOST_DRAFTS: usize = 1 << 24;
/// Letters that JSON carries as they are.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";
/// The number of different positions in the shared filler at which drafts begin.
const BEGINNINGS: usize = 1_009;

/// The content of a draft's `tag`, which the server does not read: `index-due-sent` in
/// hexadecimal, 6, 11 and 11 digits; `index_due-sent` if it overlaps. None of these characters is
/// escaped in a URL (RFC 3986, section 2.3), in a form or in JSON, by whomever: a plus is in the first two,
/// and in the third as well where .NET writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Index in the schedule.
    pub(crate) index: usize,
    /// The time at which the draft was due.
    pub(crate) due: Nanos,
    /// The time at which the draft was sent.
    pub(crate) sent: Nanos,
    /// True if a draft of the same speaker was on its way at that time. Only servers that
    /// are not ours receive this: ours gives drafts their order by `seq`.
    pub(crate) overlaps: bool,
}

impl Tag {
    /// The length of a tag's text, in bytes.
    pub(crate) const LEN: usize = 30;
    /// The position of the first separator in the tag.
    const MARK: usize = 6;

    /// Returns the text of the tag, which is always 30 bytes. Eleven digits of nanoseconds last for
    /// 4.8 hours.
    pub(crate) fn text(&self) -> String {
        let mark = if self.overlaps { '_' } else { '-' };
        let Self {
            index, due, sent, ..
        } = self;
        format!("{index:06x}{mark}{due:011x}-{sent:011x}")
    }

    /// Returns all tags of ours in `text`, whatever stands around them, and where each begins.
    pub(crate) fn all_in(text: &[u8]) -> impl Iterator<Item = (usize, Self)> {
        memchr::memchr2_iter(b'-', b'_', text).filter_map(|mark| {
            let start = mark.checked_sub(Self::MARK)?;
            let tag = text.get(start..start + Self::LEN)?;
            Some((start, Self::read(str::from_utf8(tag).ok()?)?))
        })
    }

    /// Reads a tag back; `None` if it is not one of ours.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != Self::LEN || !text.is_ascii() {
            return None;
        }
        let overlaps = match (bytes[6], bytes[18]) {
            (b'-', b'-') => false,
            (b'_', b'-') => true,
            _ => return None,
        };
        let (index, due, sent) = (&text[..6], &text[7..18], &text[19..]);
        Some(Self {
            index: usize::from_str_radix(index, 16).ok()?,
            due: Nanos::from_str_radix(due, 16).ok()?,
            sent: Nanos::from_str_radix(sent, 16).ok()?,
            overlaps,
        })
    }
}

/// Returns the name of a person: 7 bytes up to a million people.
pub(crate) fn person_name(person: usize) -> String {
    format!("p{person:06}")
}

/// Returns the name of a room: 6 bytes up to a hundred thousand rooms.
#[must_use]
pub fn room_name(room: usize) -> String {
    format!("r{room:05}")
}

/// The text that all drafts are cut from.
#[derive(Debug)]
pub(crate) enum Filler {
    /// Random letters, in which a compressor finds almost nothing to save.
    Random {
        /// The letters.
        letters: String,
    },
    /// A chat that goes on: a draft begins about where the one before ended, so that a compressor
    /// with a context meets a sentence again only after all others.
    Corpus {
        /// The sentences, with a space between them.
        sentences: String,
        /// The number of bytes from the beginning of a draft to that of the next.
        step: usize,
    },
}

impl Filler {
    /// Makes the text for the drafts of `plan`.
    pub(crate) fn of(plan: &Plan) -> Self {
        let longest = plan.traffic.payload.max;
        match plan.traffic.text {
            Text::Random => Self::new(longest, plan.seed),
            Text::Corpus => Self::sentences(corpus::sentences(), longest),
            Text::Emoji => Self::sentences(corpus::with_emoji(), longest),
        }
    }

    /// Has texts of up to `longest` bytes cut out of these sentences.
    fn sentences(sentences: String, longest: usize) -> Self {
        Self::Corpus {
            sentences,
            step: longest.max(1),
        }
    }

    /// Makes enough letters for texts of up to `longest` bytes.
    pub(crate) fn new(longest: usize, seed: u64) -> Self {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let letters = (0..longest + BEGINNINGS)
            .map(|_| char::from(LETTERS[chance.random_range(0..LETTERS.len())]))
            .collect();
        Self::Random { letters }
    }

    /// Returns the `length` bytes of text of the draft with this index.
    pub(crate) fn text(&self, index: usize, length: usize) -> Cow<'_, str> {
        match self {
            Self::Random { letters } => {
                let start = index.wrapping_mul(31) % BEGINNINGS;
                Cow::Borrowed(&letters[start..start + length])
            }
            Self::Corpus { sentences, step } => {
                let start = index.wrapping_mul(*step) % sentences.len();
                Cow::Owned(corpus::cut(sentences, start, length))
            }
        }
    }

    /// Returns the JSON of a draft with `length` bytes of text.
    pub(crate) fn draft(&self, person: usize, length: usize, tag: Tag) -> Bytes {
        codec::encode(&Draft {
            from: person_name(person),
            text: self.text(tag.index, length).into_owned(),
            tag: Some(tag.text()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::LONGEST_RUN;

    const TAG: Tag = Tag {
        index: 0x2a,
        due: 1_000_000_000,
        sent: 1_000_050_000,
        overlaps: false,
    };

    #[test]
    fn a_tag_is_thirty_bytes_and_comes_back() {
        assert_eq!(TAG.text(), "00002a-0003b9aca00-0003b9b8d50");
        assert_eq!(Tag::read(&TAG.text()), Some(TAG));
        let last = Tag {
            index: MOST_DRAFTS - 1,
            due: (1 << 44) - 1,
            sent: (1 << 44) - 1,
            overlaps: true,
        };
        assert_eq!(last.text().len(), 30);
        assert!(Duration::from_nanos(last.due) > LONGEST_RUN + Duration::from_mins(30));
        assert_eq!(Tag::read(&last.text()), Some(last));
    }

    #[test]
    fn a_tag_has_nothing_that_anybody_escapes() {
        for overlaps in [false, true] {
            let text = Tag { overlaps, ..TAG }.text();
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(text.bytes().all(is_plain), "{text}");
        }
    }

    #[test]
    fn tags_are_found_in_anything() {
        let other = Tag {
            index: 7,
            overlaps: true,
            ..TAG
        };
        let text = format!(
            "{}[-{{\\\"tag\\\":\\\"{}\\\"}}_,{}",
            TAG.text(),
            other.text(),
            TAG.text()
        );
        let found: Vec<Tag> = Tag::all_in(text.as_bytes()).map(|(_, tag)| tag).collect();
        assert_eq!(found, [TAG, other, TAG]);
        for none in ["", "-", "abcdef-", "2026-11-21T03:00:00+00:00-000000000"] {
            assert_eq!(Tag::all_in(none.as_bytes()).count(), 0, "{none}");
        }
    }

    #[test]
    fn what_is_no_tag_of_ours_is_none() {
        for text in [
            "",
            "hello",
            "00002a-0003b9aca00",
            "2a-1-1",
            "00002g-0003b9aca00-0003b9b8d50",
        ] {
            assert_eq!(Tag::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_draft_has_the_length_that_was_asked_for_and_needs_no_escapes() {
        let corpus = [corpus::sentences(), corpus::with_emoji()];
        let corpus = corpus.map(|sentences| Filler::sentences(sentences, 500));
        for filler in [Filler::new(500, 3)].into_iter().chain(corpus) {
            for index in [0, 1, 2, 3, 77, 2_000_000] {
                for length in [1, 2, 40, 499, 500, 60_000] {
                    if length > 500 && matches!(filler, Filler::Random { .. }) {
                        continue;
                    }
                    let json = filler.draft(17, length, Tag { index, ..TAG });
                    let draft: Draft = codec::decode(&json).unwrap();
                    assert_eq!(draft.text.len(), length);
                    assert_eq!(draft.from, "p000017");
                    assert_eq!(json.len(), length + 67);
                }
            }
            assert_ne!(
                filler.draft(1, 40, TAG),
                filler.draft(1, 40, Tag { index: 0x2b, ..TAG })
            );
        }
    }

    #[test]
    fn random_letters_are_those_of_old_runs() {
        let text = Filler::new(100, 3).text(0x2a, 24).into_owned();
        assert_eq!(text, "Uqql0J0as5JcninRDlDtRLdj");
    }
}
