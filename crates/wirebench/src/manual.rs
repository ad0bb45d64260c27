//! `wirebench man`: the manual, a page for each command.

use std::{fs, io::Write, path::Path};

use anyhow::Context;
use clap::CommandFactory;

use crate::{Ended, args::Args, shell};

/// Writes `wirebench.1` and a page for each command into a folder, which is made where it is not
/// there.
pub(crate) fn write(folder: &Path) -> anyhow::Result<Ended> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
    clap_mangen::generate_to(Args::command(), folder)
        .with_context(|| format!("cannot write into {shown}"))?;
    writeln!(
        crate::output::stdout(),
        "{shown}: wirebench.1 and a page for each command; look at one with: man {}",
        shell::path(&folder.join("wirebench.1"))
    )?;
    Ok(Ended::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let man = folder.path().join("man1");
        write(&man).expect("written");
        let page = fs::read_to_string(man.join("wirebench.1")).expect("the first page");
        assert!(page.contains("Exit codes"), "{page}");
        for command in Args::command().get_subcommands() {
            let file = man.join(format!("wirebench-{}.1", command.get_name()));
            assert_eq!(file.is_file(), !command.is_hide_set(), "{}", file.display());
        }
    }
}
