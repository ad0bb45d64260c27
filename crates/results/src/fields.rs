//! The columns of a row, derived from its struct by means of serde: their names and order, the kind
//! of value that each holds, and which of them a file may lack. So a column is declared once, as a
//! field.
//!
//! The struct is deserialised from a deserializer without data. The derived code then reports the
//! struct's fields (`deserialize_struct`) and the type that each of them expects
//! (`deserialize_u64`, ...). A field may be missing if the struct can still be built without it.

mod number;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess,
        Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

pub use self::number::number;
pub(crate) use self::number::numbers;

/// The kind of value that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Word,
    /// True or false.
    Truth,
    /// A whole number of 0 or more.
    Count,
    /// A number with a fraction.
    Fraction,
}

/// The columns of a row.
#[derive(Debug)]
pub struct Fields {
    /// The names, in the order in which they are written.
    pub columns: &'static [&'static str],
    /// The columns that may be empty, and that an older file may lack.
    pub optional: Vec<&'static str>,
    /// The columns that hold a number with a fraction, in the order in which they are written.
    pub fractions: Vec<&'static str>,
    shapes: Vec<Shape>,
}

impl Fields {
    /// Returns the kind of value that a column holds, or `None` if the row has no such column.
    #[must_use]
    pub fn shape(&self, column: &str) -> Option<Shape> {
        let at = self.columns.iter().position(|name| *name == column)?;
        self.shapes.get(at).copied()
    }

    /// Returns whether a row may lack a column.
    #[must_use]
    pub fn is_optional(&self, column: &str) -> bool {
        self.optional.contains(&column)
    }

    fn find<R: DeserializeOwned>() -> Self {
        let mut seen = Seen::default();
        let _ = R::deserialize(Probe {
            seen: &mut seen,
            without: None,
        });
        let columns = seen.columns;
        let is_row_without = |column: &'static str| {
            let mut seen = Seen::default();
            let probe = Probe {
                seen: &mut seen,
                without: Some(column),
            };
            R::deserialize(probe).is_ok()
        };
        let fractions = columns
            .iter()
            .zip(&seen.shapes)
            .filter(|(_, shape)| **shape == Shape::Fraction)
            .map(|(column, _)| *column)
            .collect();
        Self {
            columns,
            fractions,
            optional: columns
                .iter()
                .copied()
                .filter(|column| is_row_without(column))
                .collect(),
            shapes: seen.shapes,
        }
    }
}

/// Returns the columns of `R`. They are determined once for each type.
#[must_use]
pub fn of<R: DeserializeOwned + Any>() -> &'static Fields {
    static KNOWN: Mutex<Option<HashMap<TypeId, &'static Fields>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    // There are only a few types of rows, so each entry is kept for good.
    known
        .get_or_insert_default()
        .entry(TypeId::of::<R>())
        .or_insert_with(|| Box::leak(Box::new(Fields::find::<R>())))
}

/// The fields that were requested so far.
#[derive(Debug, Default)]
struct Seen {
    columns: &'static [&'static str],
    shapes: Vec<Shape>,
}

/// A row in which all values are empty, optionally without one of its columns.
struct Probe<'a> {
    seen: &'a mut Seen,
    without: Option<&'static str>,
}

/// A missing value that only records which type was expected.
struct Blank<'a>(&'a mut Seen);

/// The fields of a [`Probe`], one after the other.
struct ProbeFields<'a> {
    probe: Probe<'a>,
    next: usize,
}

/// The error for a type that is not a row.
#[derive(Debug)]
struct NoRow;

impl fmt::Display for NoRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no row")
    }
}

impl std::error::Error for NoRow {}

impl de::Error for NoRow {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = NoRow;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoRow> {
        Err(NoRow)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NoRow> {
        self.seen.columns = fields;
        visitor.visit_map(ProbeFields {
            probe: self,
            next: 0,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

impl<'de> MapAccess<'de> for ProbeFields<'_> {
    type Error = NoRow;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, NoRow> {
        loop {
            let Some(name) = self.probe.seen.columns.get(self.next).copied() else {
                return Ok(None);
            };
            self.next += 1;
            if self.probe.without != Some(name) {
                let name: StrDeserializer<'_, NoRow> = name.into_deserializer();
                return seed.deserialize(name).map(Some);
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NoRow> {
        seed.deserialize(Blank(self.probe.seen))
    }
}

impl Blank<'_> {
    fn note(&mut self, shape: Shape) {
        self.0.shapes.push(shape);
    }
}

/// Defines the methods for the types of whole numbers.
macro_rules! counts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, NoRow> {
            self.note(Shape::Count);
            visitor.visit_u8(0)
        }
    )*};
}

impl<'de> Deserializer<'de> for Blank<'_> {
    type Error = NoRow;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoRow> {
        Err(NoRow)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoRow> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, NoRow> {
        self.note(Shape::Truth);
        visitor.visit_bool(false)
    }

    fn deserialize_f64<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, NoRow> {
        self.note(Shape::Fraction);
        visitor.visit_f64(0.0)
    }

    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, NoRow> {
        self.note(Shape::Word);
        visitor.visit_str("")
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NoRow> {
        self.note(Shape::Word);
        let first = variants.first().copied().unwrap_or_default();
        let first: StrDeserializer<'_, NoRow> = first.into_deserializer();
        visitor.visit_enum(first)
    }

    counts! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 char str bytes byte_buf unit unit_struct newtype_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Known {
        One,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its declaration is looked at")]
    struct Row {
        known: Known,
        name: String,
        #[serde(default)]
        note: String,
        count: u32,
        time: Option<u64>,
        rate: f64,
        share: Option<f64>,
        fine: bool,
        named: Option<bool>,
    }

    #[test]
    fn a_field_says_all_of_its_column() {
        use Shape::{Count, Fraction, Truth, Word};
        let fields = of::<Row>();
        assert_eq!(
            fields.columns,
            [
                "known", "name", "note", "count", "time", "rate", "share", "fine", "named"
            ]
        );
        assert_eq!(fields.optional, ["note", "time", "share", "named"]);
        assert_eq!(fields.fractions, ["rate", "share"]);
        assert_eq!(
            fields.shapes,
            [
                Word, Word, Word, Count, Count, Fraction, Fraction, Truth, Truth
            ]
        );
        assert!(std::ptr::eq(fields, of::<Row>()), "found once");
    }
}
