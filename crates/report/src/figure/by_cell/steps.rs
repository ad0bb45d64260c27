//! The horizontal axis of a sweep: its scale, and the steps that are labelled.

use analysis::unit;
use chart::{
    axis::Scale,
    canvas::Canvas,
    panel::{Panel, TICK},
};

/// Returns a logarithmic scale if the steps are logarithmic; its ticks are the values that were
/// run.
pub(in crate::figure) fn swept_scale(values: impl Iterator<Item = f64>) -> (Scale, Vec<f64>) {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let (low, high) = (values[0], values[values.len() - 1]);
    let scale = if low > 0.0 && high / low >= 8.0 {
        let margin = (high / low).powf(0.03);
        Scale::Log {
            low: low / margin,
            high: high * margin,
        }
    } else {
        let margin = ((high - low) * 0.03).max(0.001);
        Scale::Linear {
            low: low - margin,
            high: high + margin,
        }
    };
    (scale, values)
}

/// Returns as many labels as there is room for, the last among them.
pub(in crate::figure) fn fitting(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    ticks: &[f64],
) -> Vec<(f64, String)> {
    let mut kept: Vec<(f64, String)> = Vec::new();
    let mut free_to = f64::MAX;
    for &value in ticks.iter().rev() {
        let label = unit::count(value);
        let half = canvas.width(&label, TICK) / 2.0 + 10.0;
        let x = panel.across(value);
        if x + half <= free_to {
            free_to = x - half;
            kept.push((value, label));
        }
    }
    kept.reverse();
    kept
}
