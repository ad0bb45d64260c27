//! The answers of Redis, read.

use redis::Value;
use wire::{Epoch, Event, Seq, codec};

use crate::store::StoreError;

/// The entries of a stream that came at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrived {
    /// The key of the stream.
    pub(crate) key: String,
    /// The entries, as they came.
    pub(crate) entries: Vec<Value>,
}

/// A room as Redis has it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) epoch: Epoch,
    pub(crate) newest: Seq,
    pub(crate) events: Vec<Event>,
}

/// Returns a text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    }
}

/// Returns the members of a list; none of anything else.
pub(crate) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        _ => Vec::new(),
    }
}

/// Returns a list of numbers.
pub(crate) fn numbers(value: &Value) -> Result<Vec<u64>, StoreError> {
    let Value::Array(values) = value else {
        return Err(strange());
    };
    let number = |value: &Value| match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    let numbers: Option<Vec<u64>> = values.iter().map(number).collect();
    numbers.ok_or_else(strange)
}

/// Returns what a room was opened with.
pub(crate) fn opened(value: Value) -> Result<Opened, StoreError> {
    let Ok([epoch, Value::Int(newest), entries]) = <[Value; 3]>::try_from(list(value)) else {
        return Err(strange());
    };
    let epoch = text(&epoch).and_then(|epoch| epoch.parse().ok());
    let events: Result<Vec<_>, _> = list(entries).iter().map(event).collect();
    Ok(Opened {
        epoch: epoch.ok_or_else(strange)?,
        newest: u64::try_from(newest).map_err(|_| strange())?,
        events: events?,
    })
}

/// Returns what `XREAD` brought; nothing if it brought nothing in time.
pub(crate) fn arrived(value: Value) -> Result<Vec<Arrived>, StoreError> {
    let streams = list(value).into_iter().map(|stream| {
        let Ok([key, entries]) = <[Value; 2]>::try_from(list(stream)) else {
            return Err(strange());
        };
        Ok(Arrived {
            key: text(&key).ok_or_else(strange)?,
            entries: list(entries),
        })
    });
    streams.collect()
}

/// Returns the id of an entry.
pub(crate) fn id_of(entry: &Value) -> Option<String> {
    match entry {
        Value::Array(parts) => text(parts.first()?),
        _ => None,
    }
}

/// Returns the event of an entry: its number is the entry's, and the number of people who are here
/// stands beside it.
pub(crate) fn event(entry: &Value) -> Result<Event, StoreError> {
    let id = id_of(entry).ok_or_else(strange)?;
    let seq = id.split('-').next().and_then(|seq| seq.parse().ok());
    let Value::Array(parts) = entry else {
        return Err(strange());
    };
    let Some(Value::Array(fields)) = parts.get(1) else {
        return Err(strange());
    };
    let field = |name: &[u8]| {
        let mut pairs = fields.chunks_exact(2);
        pairs.find_map(|pair| match (&pair[0], &pair[1]) {
            (Value::BulkString(key), Value::BulkString(value)) if key == name => Some(value),
            _ => None,
        })
    };
    let json = field(b"e").ok_or_else(strange)?;
    let mut event: Event = codec::decode(json).map_err(|_| strange())?;
    event.seq = seq.ok_or_else(strange)?;
    if let Some(online) = field(b"o") {
        let online = std::str::from_utf8(online).ok();
        event.online = Some(online.and_then(|n| n.parse().ok()).ok_or_else(strange)?);
    }
    Ok(event)
}

/// Returns the error for an answer that none of the scripts gives.
pub(crate) fn strange() -> StoreError {
    StoreError::Redis("it has something else where a log should be".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn entry(id: &str, fields: &[&str]) -> Value {
        let fields = fields.iter().map(|field| bulk(field)).collect();
        Value::Array(vec![bulk(id), Value::Array(fields)])
    }

    const SAID: &str = r#"{"seq":0,"kind":"message","from":"ann","text":"hi","at":1}"#;
    const JOIN: &str = r#"{"seq":0,"kind":"join","from":"ann","online":0,"at":1}"#;

    #[test]
    fn an_entry_is_an_event_with_the_number_of_its_id() {
        let said = event(&entry("7-0", &["e", SAID])).unwrap();
        assert_eq!((said.seq, said.text.as_deref()), (7, Some("hi")));
        let join = event(&entry("8-0", &["e", JOIN, "o", "3"])).unwrap();
        assert_eq!((join.seq, join.online), (8, Some(3)));
    }

    #[test]
    fn what_is_no_entry_is_an_error() {
        for wrong in [
            Value::Nil,
            entry("x-0", &["e", SAID]),
            entry("7-0", &["e", "{}"]),
            entry("7-0", &["other", SAID]),
            entry("7-0", &["e", JOIN, "o", "many"]),
            Value::Array(vec![bulk("7-0")]),
        ] {
            assert!(event(&wrong).is_err(), "{wrong:?}");
        }
        assert!(numbers(&Value::Array(vec![bulk("1")])).is_err());
        assert!(numbers(&Value::Array(vec![Value::Int(-1)])).is_err());
        assert!(opened(Value::Nil).is_err());
    }

    #[test]
    fn streams_are_told_apart_by_their_keys() {
        let one = Value::Array(vec![
            bulk("a"),
            Value::Array(vec![entry("1-0", &["e", SAID])]),
        ]);
        let streams = arrived(Value::Array(vec![one])).unwrap();
        assert_eq!(streams[0].key, "a");
        assert_eq!(id_of(&streams[0].entries[0]).as_deref(), Some("1-0"));
        assert_eq!(arrived(Value::Nil).unwrap(), []);
    }
}
