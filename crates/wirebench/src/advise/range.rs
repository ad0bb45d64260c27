//! Checks of single numbers and words of a workload, whose refusals name the flag and what fits.

use anyhow::bail;

/// The numbers that a flag takes, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    key: &'static str,
    least: f64,
    most: f64,
}

impl Range {
    pub(super) const fn new(key: &'static str, least: f64, most: f64) -> Self {
        Self { key, least, most }
    }
}

/// Returns a number that is within a range.
pub(super) fn fits(range: Range, wanted: f64) -> anyhow::Result<f64> {
    let Range { key, least, most } = range;
    if !wanted.is_finite() {
        bail!("--{key} {wanted} is no number; give {least} to {most}");
    }
    if wanted < least || wanted > most {
        bail!("--{key} {wanted} is out of range; give {least} to {most}");
    }
    Ok(wanted)
}

/// Returns a whole number from 1 to `most`.
pub(super) fn count(key: &'static str, wanted: f64, most: usize) -> anyhow::Result<usize> {
    let number = fits(Range::new(key, 1.0, most as f64), wanted)?;
    if number.fract() != 0.0 {
        bail!(
            "--{key} {wanted} is no whole number; give {}",
            number.round()
        );
    }
    Ok(number as usize)
}

/// Returns the place of a word among those that fit; the first of them if none was given.
pub(super) fn word(
    key: &'static str,
    wanted: Option<&str>,
    words: &[&str],
) -> anyhow::Result<usize> {
    let Some(wanted) = wanted else {
        return Ok(0);
    };
    let Some(place) = words.iter().position(|word| *word == wanted) else {
        let (last, others) = words
            .split_last()
            .map_or(("", &[][..]), |(last, others)| (*last, others));
        bail!(
            "--{key} {wanted} is not known; give {} or {last}",
            others.join(", ")
        );
    };
    Ok(place)
}
