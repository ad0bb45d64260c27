//! Fractions with a fixed number of digits. The default text of an `f64` is as long as it needs to
//! be, which makes columns hard to read and to compare.

use serde::Serializer;

// serde calls these with a reference, whatever the type.
/// Writes a number with three digits after the point.
///
/// # Errors
/// Fails if the serializer fails.
pub fn three<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:.3}"))
}

/// Writes a number with three digits after the point, or nothing.
///
/// # Errors
/// Fails if the serializer fails.
pub fn three_or_empty<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => three(value, serializer),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn six<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:.6}"))
}

#[expect(clippy::ref_option, reason = "serde's signature")]
pub(crate) fn six_or_empty<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => six(value, serializer),
        None => serializer.serialize_none(),
    }
}
