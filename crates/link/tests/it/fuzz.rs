//! Settings on one line, of any bytes: they are refused with a sentence, or fit together; and what
//! is printed of them is read again as the same.

use std::{fmt, str::FromStr};

use link::{Buffering, Rate, Stall};

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// The rate up to which a number with a unit is exact.
const EXACT: u64 = 1 << 50;

fn is_read_again<T: FromStr + fmt::Display + fmt::Debug + PartialEq>(value: &T) {
    let text = value.to_string();
    assert_eq!(text.parse::<T>().ok().as_ref(), Some(value), "{text}");
}

#[test]
fn fuzz_link_settings() {
    driver::fuzz("link-settings", 20_000, &[], |input| {
        let text = String::from_utf8_lossy(input);
        match link::settings_from(&text) {
            Ok(settings) => settings.check().expect("what was taken fits together"),
            Err(why) => assert!(!why.to_string().is_empty()),
        }
        for piece in text.split(['=', ';']) {
            if let Ok(rate) = piece.parse::<Rate>()
                && rate.bytes_per_second() < EXACT
            {
                is_read_again(&rate);
            }
            if let Ok(buffering) = piece.parse::<Buffering>() {
                is_read_again(&buffering);
            }
            if let Ok(stall) = piece.parse::<Stall>() {
                is_read_again(&stall);
                let at = std::time::Duration::from_secs(7);
                assert!(stall.release(at) >= at);
            }
        }
    });
}
