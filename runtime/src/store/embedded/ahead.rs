//! Reading contacts before they are asked for, on another thread, while the writer goes on: each from where it lies at
//! this moment. Whether it has changed since is asked when it is used.

use std::sync::{Arc, Mutex, PoisonError};

use super::behind::Behind;
use super::redo::{self, Record};
use super::view::damaged;
use super::{Dirty, Sqlite};
use crate::store::ahead::{Ahead, Stamp};
use crate::store::sqlite::Tables;
use crate::store::{ContactNo, Error};

impl Sqlite {
    pub(super) fn plan_ahead(&mut self, contacts: &[ContactNo]) -> Result<Ahead, Error> {
        let tables = match self.ahead.take() {
            Some(tables) => tables,
            None => Arc::new(Mutex::new(Tables::open_to_read(&self.path)?)),
        };
        self.ahead = Some(Arc::clone(&tables));
        let (mut layered, mut elsewhere) = (Vec::new(), Vec::new());
        for contact in contacts {
            match self.view().layered(*contact).copied() {
                Some(Some(dirty)) => layered.push(dirty),
                Some(None) => {}
                None => elsewhere.push(*contact),
            }
        }
        let files = self.journal.files().clone();
        let generation = self.generation;
        let read = move || {
            let mut rows = Vec::with_capacity(layered.len() + elsewhere.len());
            let mut buffer = Vec::new();
            for Dirty { at, .. } in layered {
                files.read_into(at, &mut buffer)?;
                let Some(Record::Contact(image)) = redo::read(&buffer) else {
                    return Err(damaged());
                };
                let place = Some(at);
                rows.push((image.row(), Stamp { generation, place }));
            }
            let tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            let stamp = Stamp {
                generation,
                place: None,
            };
            tables.together(|| {
                let numbers = elsewhere.into_iter();
                tables.contacts(numbers, |row| rows.push((row, stamp)))
            })?;
            Ok(rows)
        };
        Ok(match self.behind {
            Behind::Thread(_) => Box::new(read),
            // Everything is to happen in one order.
            Behind::Here(..) => {
                let rows = read()?;
                Box::new(|| Ok(rows))
            }
        })
    }

    /// Whether a contact lies where it lay. While no generation has gone into the tables, whatever changed it has put it
    /// elsewhere.
    pub(super) fn is_where_it_was(&self, contact: ContactNo, stamp: Stamp) -> bool {
        let place = match self.view().layered(contact) {
            Some(Some(dirty)) => Some(dirty.at),
            Some(None) => return false,
            None => None,
        };
        stamp.generation == self.generation && stamp.place == place
    }
}
