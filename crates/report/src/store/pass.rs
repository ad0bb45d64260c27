//! Reading a folder row by row, three files at a time.

use std::{collections::BTreeSet, thread};

use super::{Store, orphans};
use crate::{
    capacity, cell,
    column::Record,
    complaint::Complaint,
    digest::{self, Accounts, Digest, Ladder, Ladders, Ledger, Runs, Timeline, Timelines},
    manifest, reading,
    row::{LadderRow, LedgerRow, RunRow, TimelineRow},
};

impl Store {
    /// What the folder comes to, read row by row. The figures of single cells are
    /// those of the ends of the sweep.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let (runs, complaints) = self.runs();
        let drawn = cell::ends(runs.iter().map(|run| run.cell.as_str()));
        let (parts, mut complaints) = self.parts(&runs, &drawn, complaints);
        complaints.extend(capacity::read(self.dir()).1);
        complaints.extend(manifest::complaint(self.dir()));
        Digest::new(runs, complaints, parts)
    }

    /// What two folders come to. The figures of single cells are those of the ends
    /// of what both have.
    #[must_use]
    pub fn digest_both(before: &Self, after: &Self) -> [Digest; 2] {
        let sides = [before, after].map(|store| (store, store.runs()));
        let all: Vec<Vec<RunRow>> = sides.iter().map(|(_, (runs, _))| runs.clone()).collect();
        let drawn = digest::ends_of_both(&all[0], &all[1]);
        sides.map(|(store, (runs, complaints))| {
            let (parts, complaints) = store.parts(&runs, &drawn, complaints);
            Digest::new(runs, complaints, parts)
        })
    }

    /// What the files beside `runs.csv` come to; the large one has a thread of its own.
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
