//! One door to the chores of this repository: `cargo xtask` lists them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it says is for the one who typed it"
)]

use std::{
    env,
    ffi::OsString,
    path::Path,
    process::{Command, ExitCode},
};

/// A chore: its name, what it is for, and the commands that do it, one after the other.
struct Chore {
    name: &'static str,
    about: &'static str,
    commands: &'static [&'static [&'static str]],
}

const CHORES: &[Chore] = &[
    Chore {
        name: "ci",
        about: "checks everything that must hold before a change lands",
        commands: &[&[".ci/run"]],
    },
    Chore {
        name: "test",
        about: "runs all tests, and installs what they talk to",
        commands: &[&["scripts/test"]],
    },
    Chore {
        name: "deps",
        about: "checks who may know whom, licences and duplicates",
        commands: &[&["scripts/check-dependencies"]],
    },
    Chore {
        name: "packages",
        about: "checks that what would be published has the files that it embeds",
        commands: &[&["scripts/check-packages"]],
    },
    Chore {
        name: "platforms",
        about: "compiles the crates for macOS and Windows, without linking",
        commands: &[&["scripts/check-platforms"]],
    },
    Chore {
        name: "install",
        about: "tries the released program where nothing is but its C library",
        commands: &[
            &["cargo", "build", "--release", "--package", "wirebench"],
            &["scripts/check-install"],
        ],
    },
    Chore {
        name: "docs",
        about: "writes the pages that are generated from the code",
        commands: &[
            &[
                "cargo",
                "test",
                "--package",
                "wirebench-results",
                "--test",
                "it",
                "columns",
            ],
            &["cargo", "test", "--package", "wirebench-scenario"],
        ],
    },
    Chore {
        name: "fuzz",
        about: "gives the fuzz tests a million inputs each, and the simulation ten thousand seeds",
        commands: &[&["scripts/fuzz"]],
    },
    Chore {
        name: "floor",
        about: "compares the server with plain system calls",
        commands: &[&["scripts/floor/run"]],
    },
    Chore {
        name: "floor-swarm",
        about: "compares the load generator with a bare client",
        commands: &[&["scripts/floor/run-swarm"]],
    },
    Chore {
        name: "floor-tls",
        about: "compares the server under TLS with C and OpenSSL, and with nginx",
        commands: &[&["scripts/floor/run", "--tls"]],
    },
    Chore {
        name: "floor-http2",
        about: "compares streams over HTTP/2 with a plain server on hyper",
        commands: &[&["scripts/floor/run-http2"]],
    },
    Chore {
        name: "bench",
        about: "measures the load generator, its ledger, stores, libraries, compression, `plot` and the window",
        commands: &[
            &["scripts/bench-swarm"],
            &["scripts/bench-ledger"],
            &["scripts/bench-store"],
            &["scripts/bench-libraries"],
            &["scripts/bench-compression"],
            &["scripts/bench-plot"],
            &["scripts/bench-window"],
        ],
    },
    Chore {
        name: "instructions",
        about: "counts instructions of the hot paths",
        commands: &[&["scripts/count-instructions"]],
    },
    Chore {
        name: "contention",
        about: "counts which locks of the server are waited for",
        commands: &[&["scripts/count-contention"]],
    },
    Chore {
        name: "audit",
        about: "checks what the instrument says of itself (more with: short, starve, quiet 100)",
        commands: &[&["scripts/audit"]],
    },
];

fn main() -> ExitCode {
    let mut given = env::args_os().skip(1);
    let Some(name) = given.next() else {
        list();
        return ExitCode::SUCCESS;
    };
    let more: Vec<OsString> = given.collect();
    let Some(chore) = CHORES.iter().find(|chore| name == chore.name) else {
        eprintln!("there is no chore {}; these are there:", name.display());
        list();
        return ExitCode::from(2);
    };
    for command in chore.commands {
        if let Err(why) = run(command, &more, chore.name == "docs") {
            eprintln!("{}: {why}", command.join(" "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn list() {
    for chore in CHORES {
        println!("cargo xtask {:14}{}", chore.name, chore.about);
    }
}

/// Runs a command from the top folder. The tests that compare generated pages with
/// the code write them if `writes_pages`.
fn run(command: &[&str], more: &[OsString], writes_pages: bool) -> Result<(), String> {
    // The folder of this crate is two below the top.
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command_line = Command::new(command[0]);
    command_line.args(&command[1..]).args(more).current_dir(top);
    if writes_pages {
        command_line.env("WIREBENCH_UPDATE_DOCS", "1");
    }
    let status = command_line.status().map_err(|why| why.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(status.to_string())
    }
}
