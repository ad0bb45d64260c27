//! A temporary folder of a program that is started here, such as a proxy: its settings, its log, and
//! whatever else it writes.

use std::{
    env, fs,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

use anyhow::Context;
use tls::{Fingerprint, Identity};

/// The name of the file with a certificate and its key.
pub(crate) const IDENTITY: &str = "identity.pem";

/// A folder that only this user may enter. It goes with this value.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes a folder of its own among the temporary files.
    pub(crate) fn make() -> anyhow::Result<Self> {
        Self::make_within(&env::temp_dir())
    }

    fn make_within(folder: &Path) -> anyhow::Result<Self> {
        let mut number = 0;
        loop {
            let name = format!("wirebench-{}-{number}", process::id());
            let path = folder.join(name);
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot make {}", path.display()));
                }
            }
        }
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the file of what the program says.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("said.log")
    }

    /// Writes a certificate and its key for 127.0.0.1 (`identity.pem`), made on the spot. Returns
    /// the certificate's fingerprint.
    pub(crate) fn identity(&self) -> anyhow::Result<Fingerprint> {
        let identity = Identity::made_for(vec!["127.0.0.1".to_owned()])?;
        let file = self.0.join(IDENTITY);
        fs::write(&file, identity.pem())
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(identity.fingerprint())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let within = tempfile::tempdir().expect("a folder");
        let [one, other] = [(); 2].map(|()| Folder::make_within(within.path()).expect("a folder"));
        assert_ne!(one.path(), other.path());
        let error = Folder::make_within(&within.path().join("none")).expect_err("no folder");
        assert!(error.to_string().contains("none/wirebench-"), "{error}");
    }
}
