//! The command-line options of `wirebench dissect`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Dissect {
    /// Captures: pcap or pcapng (tcpdump, Wireshark), or HAR (a browser's developer tools)
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Keys of TLS (SSLKEYLOGFILE), beside those in a pcapng, to see what is inside
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// Folder for a page, a chart and the tables as CSV
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the accounts of each conversation alone: direction, purpose, layer, bytes
    #[arg(long, conflicts_with = "json")]
    pub(crate) accounts: bool,
    /// Print Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print everything as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print the table as CSV: conversations, or accounts with --accounts
    #[arg(long, conflicts_with_all = ["markdown", "json"])]
    pub(crate) csv: bool,
}
