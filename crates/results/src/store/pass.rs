//! The summary of a folder, made row by row with two threads.

use std::{collections::BTreeSet, thread};

use super::{Store, orphans};
use crate::{
    column::Record,
    complaint::Complaint,
    digest::{self, Accounts, Digest, Drawn, Ladder, Ladders, Ledger, Runs, Timeline, Timelines},
    manifest, reading,
    row::{LadderRow, LedgerRow, RunRow, TimelineRow},
};

impl Store {
    /// Returns the summary of the folder, which is read row by row. `drawn` chooses the cells whose
    /// rungs and seconds are kept; `beside` are the complaints about files that are read elsewhere.
    #[must_use]
    pub fn digest(&self, drawn: Drawn, beside: Vec<Complaint>) -> Digest {
        let (runs, complaints) = self.runs();
        let drawn = drawn(runs.iter().map(|run| run.cell.as_str()).collect());
        let (parts, mut complaints) = self.parts(&runs, &drawn, complaints);
        complaints.extend(beside);
        complaints.extend(manifest::complaint(self.dir()));
        Digest::new(runs, complaints, parts)
    }

    /// Returns the summaries of two folders. `drawn` chooses among the cells that both have.
    #[must_use]
    pub fn digest_both(before: &Self, after: &Self, drawn: Drawn) -> [Digest; 2] {
        let sides = [before, after].map(|store| (store, store.runs()));
        let all: Vec<Vec<RunRow>> = sides.iter().map(|(_, (runs, _))| runs.clone()).collect();
        let drawn = digest::drawn_of_both(&all[0], &all[1], drawn);
        sides.map(|(store, (runs, complaints))| {
            let (parts, complaints) = store.parts(&runs, &drawn, complaints);
            Digest::new(runs, complaints, parts)
        })
    }

    /// Summarises the files beside `runs.csv`. `ladder.csv`, the largest, is read on this thread,
    /// and the other two one after the other on a second thread.
    fn parts(
        &self,
        runs: &[RunRow],
        drawn: &BTreeSet<&str>,
        mut complaints: Vec<Complaint>,
    ) -> (digest::Joined, Vec<Complaint>) {
        let known = Runs::of(runs, drawn);
        let ladders = || {
            let (mut ladders, mut wrong) = (Ladders::of(&known), Vec::new());
            let path = self.path::<LadderRow>();
            reading::each::<Ladder>(&path, &mut wrong, |row| ladders.take(&row));
            wrong.extend(orphans(LadderRow::FILE, ladders.orphans()));
            (ladders, wrong)
        };
        let accounts = || {
            let (mut accounts, mut wrong) = (Accounts::of(&known), Vec::new());
            let path = self.path::<LedgerRow>();
            reading::each::<Ledger>(&path, &mut wrong, |row| accounts.take(&row));
            wrong.extend(orphans(LedgerRow::FILE, accounts.orphans()));
            (accounts, wrong)
        };
        let timelines = || {
            let (mut timelines, mut wrong) = (Timelines::of(&known), Vec::new());
            let path = self.path::<TimelineRow>();
            reading::each::<Timeline>(&path, &mut wrong, |row| timelines.take(&row));
            wrong.extend(orphans(TimelineRow::FILE, timelines.orphans()));
            (timelines, wrong)
        };
        let (ladders, (accounts, timelines)) = thread::scope(|scope| {
            let others = scope.spawn(|| (accounts(), timelines()));
            let ladders = ladders();
            match others.join() {
                Ok(others) => (ladders, others),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        complaints.extend(ladders.1.into_iter().chain(accounts.1).chain(timelines.1));
        (
            digest::joined(ladders.0, accounts.0, timelines.0),
            complaints,
        )
    }
}
