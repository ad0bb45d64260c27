//! A path in JSON: a text, or its bytes where it is none (a name in Latin-1, for one).

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

pub(crate) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    let written = match path.to_str() {
        Some(text) => Written::Text(text.to_owned()),
        None => Written::Bytes(path.as_os_str().as_bytes().to_vec()),
    };
    written.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Ok(match Written::deserialize(deserializer)? {
        Written::Text(text) => text.into(),
        Written::Bytes(bytes) => OsString::from_vec(bytes).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named(#[serde(with = "super")] PathBuf);

    #[test]
    fn a_name_is_read_back_whatever_its_bytes() {
        for (bytes, written) in [
            (&b"a b.toml"[..], "\"a b.toml\""),
            (b"caf\xe9", "[99,97,102,233]"),
        ] {
            let named = Named(OsString::from_vec(bytes.to_vec()).into());
            let text = serde_json::to_string(&named).expect("JSON");
            assert_eq!(text, written);
            assert_eq!(serde_json::from_str::<Named>(&text).expect("a path"), named);
        }
    }
}
