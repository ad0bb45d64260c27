//! The conversion of one field of a row to a number, without converting the other fields.

use std::fmt;

use serde::{
    Serialize,
    ser::{self, Impossible, SerializeStruct, Serializer},
};

/// Returns the number in `column`: 1 and 0 for true and false, `None` if the column is empty, a
/// word, or missing.
#[must_use]
pub fn number(row: &impl Serialize, column: &str) -> Option<f64> {
    let mut found = [None];
    find(row, &[column], &mut found);
    found[0]
}

/// Returns the numbers in `columns`, which are in the order of the fields, in one pass over the row.
/// A fraction has the digits with which it is written.
pub(crate) fn numbers(row: &impl Serialize, columns: &[&str]) -> Vec<Option<f64>> {
    let mut found = vec![None; columns.len()];
    find(row, columns, &mut found);
    found
}

fn find(row: &impl Serialize, columns: &[&str], found: &mut [Option<f64>]) {
    // A value that is not a row has no numbers.
    let _ = row.serialize(Row {
        columns,
        found,
        next: 0,
    });
}

/// A serializer that looks for some fields, in their order.
struct Row<'a> {
    columns: &'a [&'a str],
    found: &'a mut [Option<f64>],
    /// The place of the first column that was not yet found.
    next: usize,
}

/// A serializer that turns a value into a number.
struct Value;

/// The error for a value that is not a number.
#[derive(Debug)]
struct NoNumber;

impl fmt::Display for NoNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no number")
    }
}

impl std::error::Error for NoNumber {}

impl ser::Error for NoNumber {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl SerializeStruct for Row<'_> {
    type Ok = Option<f64>;
    type Error = NoNumber;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NoNumber> {
        if self.columns.get(self.next) == Some(&name) {
            self.found[self.next] = value.serialize(Value)?;
            self.next += 1;
        }
        Ok(())
    }

    fn end(self) -> Result<Option<f64>, NoNumber> {
        Ok(None)
    }
}

/// Defines the methods of a serializer that refuse their argument.
macro_rules! refuse {
    () => {
        type SerializeSeq = Impossible<Option<f64>, NoNumber>;
        type SerializeTuple = Impossible<Option<f64>, NoNumber>;
        type SerializeTupleStruct = Impossible<Option<f64>, NoNumber>;
        type SerializeTupleVariant = Impossible<Option<f64>, NoNumber>;
        type SerializeMap = Impossible<Option<f64>, NoNumber>;
        type SerializeStructVariant = Impossible<Option<f64>, NoNumber>;

        refuse! {
            serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
            serialize_u8(u8) serialize_u16(u16) serialize_f32(f32) serialize_char(char)
            serialize_bytes(&[u8]) serialize_unit_struct(&'static str)
        }

        fn serialize_unit(self) -> Result<Option<f64>, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_unit_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
        ) -> Result<Option<f64>, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_newtype_struct<T: ?Sized + Serialize>(
            self,
            _: &'static str,
            _: &T,
        ) -> Result<Option<f64>, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_newtype_variant<T: ?Sized + Serialize>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Option<f64>, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NoNumber> {
            Err(NoNumber)
        }
        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, NoNumber> {
            Err(NoNumber)
        }
    };
    ($($method:ident($given:ty))*) => {$(
        fn $method(self, _: $given) -> Result<Option<f64>, NoNumber> {
            Err(NoNumber)
        }
    )*};
}

impl<'a> Serializer for Row<'a> {
    type Ok = Option<f64>;
    type Error = NoNumber;
    type SerializeStruct = Row<'a>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Row<'a>, NoNumber> {
        Ok(self)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<Option<f64>, NoNumber> {
        Err(NoNumber)
    }

    fn serialize_none(self) -> Result<Option<f64>, NoNumber> {
        Err(NoNumber)
    }

    refuse! { serialize_bool(bool) serialize_u32(u32) serialize_u64(u64) serialize_f64(f64) serialize_str(&str) }
    refuse!();
}

impl Serializer for Value {
    type Ok = Option<f64>;
    type Error = NoNumber;
    type SerializeStruct = Impossible<Option<f64>, NoNumber>;

    fn serialize_bool(self, is: bool) -> Result<Option<f64>, NoNumber> {
        Ok(Some(f64::from(u8::from(is))))
    }

    fn serialize_u32(self, value: u32) -> Result<Option<f64>, NoNumber> {
        Ok(Some(f64::from(value)))
    }

    fn serialize_u64(self, value: u64) -> Result<Option<f64>, NoNumber> {
        Ok(Some(value as f64))
    }

    fn serialize_f64(self, value: f64) -> Result<Option<f64>, NoNumber> {
        Ok(Some(value))
    }

    /// Parses the text, because fractions are written as texts with a fixed number of digits.
    fn serialize_str(self, text: &str) -> Result<Option<f64>, NoNumber> {
        Ok(text.parse().ok())
    }

    fn serialize_none(self) -> Result<Option<f64>, NoNumber> {
        Ok(None)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<Option<f64>, NoNumber> {
        value.serialize(self)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, NoNumber> {
        Err(NoNumber)
    }

    refuse!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::RunRow;

    #[test]
    fn a_column_is_a_number_or_nothing() {
        let run = RunRow {
            scenario: "12".to_owned(),
            repeat: 3,
            rate_per_s: 4.5,
            p50_us: Some(7),
            coherence: Some(0.25),
            valid: true,
            ..RunRow::default()
        };
        for (column, value) in [
            ("repeat", Some(3.0)),
            ("rate_per_s", Some(4.5)),
            ("p50_us", Some(7.0)),
            ("p90_us", None),
            ("coherence", Some(0.25)),
            ("valid", Some(1.0)),
            ("error", None),
            ("nothing", None),
        ] {
            assert_eq!(number(&run, column), value, "{column}");
        }
        let columns = ["rate_per_s", "p50_us", "p90_us", "coherence"];
        let values = [Some(4.5), Some(7.0), None, Some(0.25)];
        assert_eq!(numbers(&run, &columns), values);
    }
}
