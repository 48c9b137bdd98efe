//! The questions that the writer and a reader beside it answer.

use std::collections::HashMap;

use journey_ir::Instant;

use super::view::{self, View};
use super::{Sqlite, SqliteReader};
use crate::halves::{is_worthwhile, side_by_side};
use crate::store::decision::REJECTED_ROWS;
use crate::store::sqlite::Tables;
use crate::store::{
    ContactNo, ContactRow, Entry, Error, Kept, KeptProgram, KeptRejected, Place, Read, Status,
    TallyKey,
};

impl Read for Sqlite {
    fn find(&mut self, names: &[&str]) -> Result<Vec<Option<ContactNo>>, Error> {
        Ok(self.index.find(names))
    }

    fn load(&mut self, contacts: &[ContactNo]) -> Result<Vec<ContactRow>, Error> {
        if !is_worthwhile(contacts.len()) {
            return self.view().load(contacts);
        }
        let beside = match self.beside.take() {
            Some(tables) => tables,
            None => Tables::open_to_read(&self.path)?,
        };
        let (first, second) = contacts.split_at(contacts.len() / 2);
        let view = self.view();
        let (layers, files) = (view.layers, view.files);
        let there = move || {
            let tables = &beside;
            let view = View {
                layers,
                files,
                tables,
            };
            (view.load(second), beside)
        };
        let (rows, (more, beside)) = side_by_side(|| view.load(first), there);
        self.beside = Some(beside);
        let mut rows = rows?;
        rows.extend(more?);
        rows.sort_unstable_by_key(|row| row.number);
        Ok(rows)
    }

    fn following(&mut self, after: ContactNo, most: usize) -> Result<Vec<ContactRow>, Error> {
        self.view().following(after, self.index.next.contact, most)
    }

    fn due(&mut self, until: Instant, most: usize) -> Result<Vec<ContactNo>, Error> {
        Ok(self.index.wakes.due(until).take(most).collect())
    }

    fn next_wake(&mut self) -> Result<Option<Instant>, Error> {
        Ok(self.index.wakes.next())
    }

    fn count_due(&mut self, until: Instant, most: usize) -> Result<usize, Error> {
        Ok(self.index.wakes.due(until).take(most).count())
    }

    fn history(&mut self, last: Option<Place>, most: usize) -> Result<Vec<Entry>, Error> {
        self.view().history(last, most)
    }

    fn remembered(&mut self, contact: ContactNo, ids: &[u64]) -> Result<HashMap<u64, u32>, Error> {
        view::remembered(&self.view(), contact, ids)
    }

    fn effects(
        &mut self,
        after: i64,
        status: Option<Status>,
        contact: Option<ContactNo>,
        most: usize,
    ) -> Result<Vec<Kept>, Error> {
        effects(&self.view(), after, status, contact, most)
    }

    fn oldest_pending(&mut self) -> Result<Option<Instant>, Error> {
        self.view().oldest_pending()
    }

    fn tallies(&mut self) -> Result<Vec<(TallyKey, i64)>, Error> {
        let all = self.index.tallies.iter().filter(|(_, n)| **n != 0);
        Ok(all.map(|(key, n)| (key.clone(), *n)).collect())
    }

    fn rejected(&mut self, before: Option<i64>, most: usize) -> Result<Vec<KeptRejected>, Error> {
        self.view().rejected(before, most, REJECTED_ROWS)
    }

    fn programs(&mut self) -> Result<Vec<KeptProgram>, Error> {
        self.view().programs()
    }

    fn cursor(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.view().cursor(name)
    }

    fn meta(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.view().meta(name)
    }
}

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a path to a method names one lifetime, and these take any"
)]
impl Read for SqliteReader {
    fn find(&mut self, names: &[&str]) -> Result<Vec<Option<ContactNo>>, Error> {
        self.ask(|view| names.iter().map(|name| view.find(name)).collect())
    }

    fn load(&mut self, contacts: &[ContactNo]) -> Result<Vec<ContactRow>, Error> {
        self.ask(|view| view.load(contacts))
    }

    fn following(&mut self, after: ContactNo, most: usize) -> Result<Vec<ContactRow>, Error> {
        self.ask(|view| {
            let layered = view.layers.iter().flat_map(|layer| layer.contacts.keys());
            let highest = layered.map(|number| number.0 + 1).max().unwrap_or(1);
            let end = highest.max(view.tables.next_number("contacts")?);
            view.following(after, end, most)
        })
    }

    fn due(&mut self, until: Instant, most: usize) -> Result<Vec<ContactNo>, Error> {
        self.ask(|view| {
            let due = view.due(until, most)?.into_iter();
            Ok(due
                .map(|(_, number)| ContactNo(i64::from(number)))
                .collect())
        })
    }

    fn next_wake(&mut self) -> Result<Option<Instant>, Error> {
        self.ask(|view| Ok(view.due(Instant::MAX, 1)?.first().map(|(at, _)| *at)))
    }

    fn count_due(&mut self, until: Instant, most: usize) -> Result<usize, Error> {
        self.ask(|view| Ok(view.due(until, most)?.len()))
    }

    fn history(&mut self, last: Option<Place>, most: usize) -> Result<Vec<Entry>, Error> {
        self.ask(|view| view.history(last, most))
    }

    fn remembered(&mut self, contact: ContactNo, ids: &[u64]) -> Result<HashMap<u64, u32>, Error> {
        self.ask(|view| view::remembered(view, contact, ids))
    }

    fn effects(
        &mut self,
        after: i64,
        status: Option<Status>,
        contact: Option<ContactNo>,
        most: usize,
    ) -> Result<Vec<Kept>, Error> {
        self.ask(|view| effects(view, after, status, contact, most))
    }

    fn oldest_pending(&mut self) -> Result<Option<Instant>, Error> {
        self.ask(|view| view.oldest_pending())
    }

    fn tallies(&mut self) -> Result<Vec<(TallyKey, i64)>, Error> {
        self.ask(|view| view.tallies())
    }

    fn rejected(&mut self, before: Option<i64>, most: usize) -> Result<Vec<KeptRejected>, Error> {
        self.ask(|view| view.rejected(before, most, REJECTED_ROWS))
    }

    fn programs(&mut self) -> Result<Vec<KeptProgram>, Error> {
        self.ask(|view| view.programs())
    }

    fn cursor(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.ask(|view| view.cursor(name))
    }

    fn meta(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.ask(|view| view.meta(name))
    }
}

fn effects(
    view: &View<'_>,
    after: i64,
    status: Option<Status>,
    contact: Option<ContactNo>,
    most: usize,
) -> Result<Vec<Kept>, Error> {
    let mut kept = Vec::new();
    for (number, state) in view.effects(after, status, contact, None, most)? {
        kept.extend(view.kept(number, state)?);
    }
    Ok(kept)
}
