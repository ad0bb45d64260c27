//! The driver of the fuzz tests: inputs made by changing a committed corpus, on a stable compiler.
//!
//! It is not guided by coverage: it changes bits and bytes, cuts, doubles and joins what is in
//! `fuzz/corpus/TARGET`. `WIREBENCH_FUZZ=1000000` sets the number of inputs, or
//! `WIREBENCH_FUZZ_SECONDS=60` the time for which they are tried, and `WIREBENCH_FUZZ_SEED` what they
//! are drawn from; with either of the first two, the number a second is told. An input that makes a
//! check panic is left in `target/fuzz`; what it showed becomes a test, and the input part of the
//! corpus.

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The most bytes of an input.
const LONGEST: usize = 1 << 14;
/// The inputs between two looks at the clock.
const LOOK: u64 = 32;

/// Bytes that formats are made of, and the edges of numbers.
const BYTES: &[u8] = b"\0\n\r\t \"'#%&,-./0129:;<=>?@AZ[\\]_az{|}~\x7f\x80\xc0\xe2\xff";
/// Words at which readers of numbers and lengths break.
const WORDS: [&str; 12] = [
    "0",
    "-1",
    "1e999",
    "NaN",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999",
    "\r\n",
    "\\u0000",
    "\u{feff}",
    "%00",
];

/// Gives `check` inputs: those of the corpus, those `beside` it, and as many changed ones as are
/// `usual`, or were asked for.
pub(crate) fn fuzz(target: &str, usual: u64, beside: &[Vec<u8>], mut check: impl FnMut(&[u8])) {
    let (asked, seconds) = (number("WIREBENCH_FUZZ"), number("WIREBENCH_FUZZ_SECONDS"));
    let most = seconds.map_or(asked.unwrap_or(usual), |_| u64::MAX);
    let longest = seconds.map_or(Duration::MAX, Duration::from_secs);
    let seed = number("WIREBENCH_FUZZ_SEED").unwrap_or(1);
    let mut chance = Chance(seed ^ 0x5bd1_e995_9e37_79b9);
    let mut corpus = corpus(target);
    corpus.extend_from_slice(beside);
    assert!(!corpus.is_empty(), "there is no corpus of {target}");
    for input in corpus.clone() {
        tried(target, &input, &mut check);
    }
    let began = Instant::now();
    let mut count: u64 = 0;
    while count < most && (!count.is_multiple_of(LOOK) || began.elapsed() < longest) {
        let input = chance.changed(&corpus);
        tried(target, &input, &mut check);
        count += 1;
    }
    if asked.is_some() || seconds.is_some() {
        tell(target, count, began.elapsed());
    }
}

/// Returns the number that an environment variable says, if it is set.
fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect(name))
}

/// Says how many inputs were tried, and how fast.
#[expect(
    clippy::print_stderr,
    reason = "whoever asks for more than usual wants to know"
)]
fn tell(target: &str, count: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    let rate = count as f64 / seconds.max(1e-9);
    eprintln!("fuzz {target}: {count} inputs in {seconds:.1} s, {rate:.0} a second");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the committed inputs, in the order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("a file of the corpus");
    paths.iter().map(read).collect()
}

/// Tries an input, and keeps it if it breaks something.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs it needs to know the input"
)]
fn tried(target: &str, input: &[u8], check: &mut impl FnMut(&[u8])) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(input))) else {
        return;
    };
    let path = keep(target, input);
    let text = String::from_utf8_lossy(input);
    let shown: String = text.chars().take(400).collect();
    eprintln!("the input is in {}: {shown:?}", path.display());
    resume_unwind(panic);
}

/// Leaves an input in a file, and returns its path.
pub(crate) fn keep(target: &str, input: &[u8]) -> PathBuf {
    let folder = root().join("target/fuzz");
    let path = folder.join(format!("{target}-{:016x}", hash(input)));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
    kept.expect("a place for the input");
    path
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A generator of random numbers: `SplitMix64` (Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }

    /// Returns an input of the corpus, changed in a few places.
    fn changed(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input, corpus);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(40)).min(input.len());
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = BYTES[self.below(BYTES.len())],
            2 => input.insert(at, BYTES[self.below(BYTES.len())]),
            3 => drop(input.drain(at..end)),
            4 => {
                let copy = input[at..end].to_vec();
                input.splice(at..at, copy);
            }
            5 => {
                let word = WORDS[self.below(WORDS.len())].bytes();
                input.splice(at..end, word);
            }
            6 => input.truncate(at),
            7 => {
                // The end of another.
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                // A piece of another.
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                let to = (from + self.below(60)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
}
