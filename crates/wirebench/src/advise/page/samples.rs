//! The answers of the formulas at some values of what figures are in proportion to, and the
//! coefficients that follow.

use super::pieces::Terms;

/// The readers at which formulas are asked.
pub(super) const READERS: f64 = 1_000.0;
/// The rooms, header bytes, reconnects a day and bytes of a record at which formulas are asked: many
/// readers in one room and one in each, without headers and with a thousand bytes.
pub(super) const ROOMS: [f64; 2] = [1.0, READERS];
const HEADERS: u64 = 1_000;
const RECONNECTS: f64 = 100.0;
const RECORD: u64 = 22;
/// The share of a figure below which a coefficient is what rounding left.
const NOTHING: f64 = 1e-12;

/// The numbers with which formulas are asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) rooms: f64,
    pub(super) headers: u64,
    pub(super) reconnects: f64,
    /// True for the header lines that requests have under TLS.
    pub(super) is_sealed: bool,
    /// The bytes that TLS adds to a record.
    pub(super) record: u64,
}

/// The answers to all samples of one way at one place.
pub(super) struct Samples<T> {
    /// With few rooms and with many, without headers and with them.
    base: [[T; 2]; 2],
    /// With reconnects, without headers and with them; `None` where a way opens nothing.
    opened: Option<[T; 2]>,
    /// Under TLS.
    sealed: Option<Sealed<T>>,
}

/// The answers under TLS.
struct Sealed<T> {
    /// With the header lines alone, in few rooms and in many.
    lines: [T; 2],
    /// With reconnects.
    opened: Option<T>,
    /// With what TLS adds to records.
    records: [T; 2],
}

impl<T> Samples<T> {
    /// Asks for a way that opens something, and for one under TLS, if it is so.
    pub(super) fn of(opens: bool, seals: bool, ask: impl Fn(Sample) -> T) -> Self {
        let at = |rooms| Sample {
            rooms,
            ..Sample::default()
        };
        let few = at(ROOMS[0]);
        let again = |sample| Sample {
            reconnects: RECONNECTS,
            ..sample
        };
        let with_lines = |sample| Sample {
            is_sealed: true,
            ..sample
        };
        let long = |sample| Sample {
            headers: HEADERS,
            ..sample
        };
        let records = |sample| Sample {
            record: RECORD,
            ..with_lines(sample)
        };
        Self {
            base: ROOMS.map(|rooms| [ask(at(rooms)), ask(long(at(rooms)))]),
            opened: opens.then(|| [ask(again(few)), ask(again(long(few)))]),
            sealed: seals.then(|| Sealed {
                lines: ROOMS.map(|rooms| ask(with_lines(at(rooms)))),
                opened: opens.then(|| ask(with_lines(again(few)))),
                records: ROOMS.map(|rooms| ask(records(at(rooms)))),
            }),
        }
    }

    /// Returns the first answer.
    pub(super) const fn first(&self) -> &T {
        &self.base[0][0]
    }

    /// Returns the coefficients of a figure; `None` if it is not known in all answers.
    pub(super) fn terms(&self, of: impl Fn(&T) -> Option<f64>) -> Option<Terms> {
        let [[few, few_long], [many, many_long]] = &self.base;
        let [few, few_long, many, many_long] = [of(few)?, of(few_long)?, of(many)?, of(many_long)?];
        let share = ROOMS.map(|rooms| rooms / READERS);
        let (wide, long) = (share[1] - share[0], HEADERS as f64);
        // The part of a difference that goes with rooms, and the part that does not.
        let parts = |few: f64, many: f64| {
            let by_rooms = (many - few) / wide;
            (few - by_rooms * share[0], by_rooms)
        };
        let (base, by_rooms) = parts(few, many);
        let (by_headers, by_both) = parts((few_long - few) / long, (many_long - many) / long);
        let mut opened = [0.0; 2];
        if let Some([short, long_too]) = &self.opened {
            let again = (of(short)? - few) / RECONNECTS;
            let again_long = (of(long_too)? - few_long) / RECONNECTS;
            opened = [again, (again_long - again) / long];
        }
        let (mut lines, mut lines_opened, mut records) = ((0.0, 0.0), 0.0, (0.0, 0.0));
        if let Some(sealed) = &self.sealed {
            let [few_sealed, many_sealed] = [of(&sealed.lines[0])?, of(&sealed.lines[1])?];
            lines = parts(few_sealed - few, many_sealed - many);
            if let Some(again) = &sealed.opened {
                lines_opened = (of(again)? - few_sealed) / RECONNECTS - opened[0];
            }
            let of_record = |index: usize, without: f64| -> Option<f64> {
                Some((of(&sealed.records[index])? - without) / RECORD as f64)
            };
            records = parts(of_record(0, few_sealed)?, of_record(1, many_sealed)?);
        }
        let size = [few, few_long, many, many_long]
            .into_iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        let (again, tight) = (RECONNECTS, RECORD as f64);
        let all = [
            (base, 1.0),
            (by_headers, long),
            (by_rooms, 1.0),
            (by_both, long),
            (opened[0], again),
            (opened[1], again * long),
            (lines.0, 1.0),
            (lines.1, 1.0),
            (lines_opened, again),
            (records.0, tight),
            (records.1, tight),
        ];
        Some(all.map(|(coefficient, most)| cleaned(coefficient, most, size)))
    }
}

/// Returns a coefficient with twelve digits, which are enough and make the page shorter; zero if it is
/// what rounding left of a figure of this size.
fn cleaned(coefficient: f64, most: f64, size: f64) -> f64 {
    if (coefficient * most).abs() <= NOTHING * size {
        return 0.0;
    }
    format!("{coefficient:.11e}").parse().unwrap_or(coefficient)
}
