//! `wirebench dissect`: the conversations in a capture, and where each byte of them went.

mod page;

use std::{io::Write, path::Path};

use anyhow::Context;
use capture::{Captured, Keys};
use sheet::Sheet;

use crate::{Ended, args, progress};

/// Reads captures and prints what is in them. Of several files those that cannot be read are named
/// and left out; what is missing in a file is named and ends with another exit code.
pub(crate) fn dissect(options: &args::Dissect) -> anyhow::Result<Ended> {
    let keys = read_keys(options.keys.as_deref())?;
    let mut files: Vec<(String, Captured)> = Vec::new();
    let mut failure = None;
    for file in &options.files {
        let name = file.display().to_string();
        match capture::read(file, &keys).with_context(|| name.clone()) {
            Ok(captured) => files.push((name, captured)),
            Err(error) => {
                if options.files.len() > 1 {
                    progress::say(&format!("{error:#}"));
                }
                failure = Some(error);
            }
        }
    }
    if files.is_empty()
        && let Some(error) = failure
    {
        return Err(error);
    }
    let text = if options.json {
        json(&files)?
    } else {
        tables(options, &files)
    };
    write!(crate::output::stdout(), "{text}")?;
    if !options.json {
        say_remarks(&files);
    }
    if let Some(folder) = &options.out {
        page::write(folder, &files)?;
        progress::say(&format!(
            "report.html, two tables and a chart in {}",
            folder.display()
        ));
    }
    let is_whole = failure.is_none() && files.iter().all(|(_, captured)| captured.is_whole());
    Ok(if is_whole {
        Ended::Well
    } else {
        Ended::NotValid
    })
}

/// Reads the log of keys that was named, if one was, and says so if it has no line of a log.
pub(crate) fn read_keys(file: Option<&Path>) -> anyhow::Result<Keys> {
    let Some(file) = file else {
        return Ok(Keys::default());
    };
    let shown = file.display();
    let keys = Keys::read(file).with_context(|| format!("cannot read {shown}"))?;
    if keys.is_empty() {
        progress::say(&format!("{shown}: no line of it is that of a key log"));
    }
    Ok(keys)
}

fn json(files: &[(String, Captured)]) -> anyhow::Result<String> {
    let mut values: Vec<_> = files
        .iter()
        .map(|(name, one)| capture::json(name, one))
        .collect();
    let value = match values.len() {
        1 => values.remove(0),
        _ => values.into(),
    };
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

fn tables(options: &args::Dissect, files: &[(String, Captured)]) -> String {
    let written = |sheet: &Sheet| {
        if options.csv {
            sheet.csv()
        } else if options.markdown {
            sheet.markdown()
        } else {
            sheet.terminal(progress::width()) + "\n"
        }
    };
    let accounts = capture::accounts(files);
    if options.accounts {
        return written(&accounts);
    }
    let conversations = capture::conversations(files, options.csv || options.markdown);
    if options.csv {
        return written(&conversations);
    }
    format!("{}\n{}", written(&conversations), written(&accounts))
}

/// Says what could not be read: of the files, and of each conversation by its number.
fn say_remarks(files: &[(String, Captured)]) {
    for (name, captured) in files {
        for remark in &captured.remarks {
            progress::say(&format!("{name}: {remark}"));
        }
        for (index, one) in captured.conversations.iter().enumerate() {
            for remark in &one.remarks {
                progress::say(&format!("{name}: conversation {}: {remark}", index + 1));
            }
        }
    }
}
