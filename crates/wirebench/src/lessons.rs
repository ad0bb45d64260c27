//! `wirebench lessons`: the list of lessons, or all of them as a site in a folder.

use std::{
    fs,
    io::{self, Write},
};

use anyhow::{Context, ensure};

use crate::{Ended, args};

/// Lists the lessons, or writes them below a folder that is empty or not there yet.
pub(crate) fn lessons(options: &args::Lessons) -> anyhow::Result<Ended> {
    match &options.export {
        Some(folder) => export(folder)?,
        None => list(options.lang())?,
    }
    Ok(Ended::Well)
}

fn list(lang: lessons::Lang) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    for lesson in lessons::lessons()? {
        let title = lesson.experiment.title.get(lang);
        let question = lesson.experiment.question.get(lang);
        writeln!(out, "{}\n    {title}: {question}", lesson.name)?;
    }
    Ok(())
}

fn export(folder: &std::path::Path) -> anyhow::Result<()> {
    let is_free = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            return Err(error).with_context(|| format!("cannot look into {}", folder.display()));
        }
    };
    ensure!(
        is_free,
        "{} is not empty: name a folder that is empty or not there yet",
        folder.display()
    );
    let site = lessons::export();
    for (path, text) in &site {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let entrance = folder.join("index.html");
    writeln!(
        crate::output::stdout(),
        "{} files; begin with {}",
        site.len(),
        entrance.display()
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        export(&site).unwrap();
        assert!(site.join("lessons/handshake/zh/index.html").is_file());
        let again = export(&site).unwrap_err();
        assert!(again.to_string().contains("is not empty"), "{again}");
    }
}
