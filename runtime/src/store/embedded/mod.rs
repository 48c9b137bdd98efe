//! The embedded store: a journal that makes commits durable, and SQLite behind it.
//!
//! ```text
//!   decision ─► draft ─► frame ─► journal (synced: committed) ─► overlay ─► later, sorted and each row once: tables
//!                                                     reads ◄── overlay, then tables
//! ```
//!
//! What a commit does to memory is exactly what reading its frame again does after a crash: [`Sqlite`] takes the records
//! of a frame in one place.
//!
//! Reading order: `redo` (records), `overlay` (one generation of them), `index` (what is known of all contacts), `view`
//! (reading through the layers), `draft` (what a decision means), `queue`, `behind`, `reader`, `verify`, `backup`.

mod ahead;
mod backup;
mod behind;
mod draft;
mod index;
mod overlay;
mod queue;
mod read;
mod reader;
mod redo;
mod verify;
mod view;
mod wakes;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use journey_ir::Instant;

use super::ahead::{Ahead, Stamp};
use super::journal::disk::{Disk, Folder};
use super::journal::{At, FRAME_HEAD, Journal, Mark};
use super::sqlite::Tables;
use super::{
    Ask, Claim, ContactNo, Counters, DataFolder, Decision, Error, ProgramNo, Status, Store,
};
pub use backup::Copied;
use behind::{Behind, Job, News};
use draft::{Draft, HIGHEST_MERGED};
use index::{Index, Next};
pub(super) use overlay::{Dirty, Overlay};
use queue::Queue;
pub use reader::SqliteReader;
use redo::Bytes;
pub(super) use redo::{ContactImage, Record, State, read as read_record};
pub use verify::{Check, SHOWN};
use view::View;

/// How much of the journal waits at least before it is written into the tables, in bytes.
const LEAST_WAITING: u64 = 64 * 1024 * 1024;
/// How much of it waits for each contact there is, in bytes: so many contacts change meanwhile that the pages written for
/// each stay as few as they are.
const WAITING_PER_CONTACT: u64 = 160;
/// How many effects are released in one frame.
const RELEASED_PER_FRAME: usize = 5_000;
/// The zstd level for programs: they are written once and kept for ever.
const PROGRAM_LEVEL: i32 = 6;

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power: each commit waits for the disk.
    PowerLoss,
    /// A crash of the process. For imports, which go on from their last durable position.
    Crash,
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the journal lies on.
    pub disk: Arc<dyn Disk>,
    /// Whether a thread writes the tables; otherwise each commit does a step of it, so that everything happens in one
    /// order.
    pub thread: bool,
    /// How much of the journal waits at least before it is written into the tables, in bytes.
    pub least_waiting: u64,
}

impl Options {
    /// A real folder and a thread.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self {
            disk: Arc::new(Folder::at(folder)),
            thread: true,
            least_waiting: LEAST_WAITING,
        }
    }
}

/// A generation that is being written into the tables.
#[derive(Debug)]
struct Frozen {
    generation: Arc<Overlay>,
    /// The last segment of the journal that it needs.
    segment: u32,
}

/// The writer.
#[derive(Debug)]
pub struct Sqlite {
    journal: Journal,
    active: Overlay,
    frozen: Option<Frozen>,
    /// Stands where nothing is frozen.
    nothing: Overlay,
    index: Index,
    queue: Queue,
    /// The keys of effects that were revoked while a worker had them, until somebody asks.
    recalled: Vec<[u8; 32]>,
    tables: Tables,
    /// A second way into the tables, once many contacts were read at a time.
    beside: Option<Tables>,
    /// The way into the tables of those who read ahead.
    ahead: Option<Arc<Mutex<Tables>>>,
    /// How many generations have gone into the tables since the start.
    generation: u64,
    behind: Behind,
    /// What was erased is out of the tables, and segments that say it could not be removed yet.
    lingering: bool,
    durability: Durability,
    least_waiting: u64,
    path: PathBuf,
    // Held for as long as this value lives, and given up last: nobody else may write.
    folder: DataFolder,
}

impl Sqlite {
    /// Opens the store of a folder, creating or migrating it where needed.
    pub fn open(folder: DataFolder) -> Result<Self, Error> {
        let options = Options::of(folder.path());
        Self::open_with(folder, options)
    }

    /// Opens the store of a folder whose journal lies elsewhere.
    pub fn open_with(folder: DataFolder, options: Options) -> Result<Self, Error> {
        let path = folder.path().to_owned();
        let writer = Tables::open(&path)?;
        let tables = Tables::open_to_read(&path)?;
        let mut index = index_of(&tables)?;
        let mut queue = Queue::default();
        let mut active = Overlay::default();
        let applied = tables.applied()?;
        let mut take = |frame: At, _: Mark, payload: &[u8]| {
            take_frame(&mut index, &mut active, None, &mut queue, frame, payload)
        };
        let journal = Journal::open(options.disk, &path, applied, &mut take)?;
        active.mark = journal.last();
        let behind = if options.thread {
            Behind::start(writer)?
        } else {
            Behind::Here(Box::new(writer), None)
        };
        Ok(Self {
            // Segments that are in the tables already may say what was erased.
            lingering: !journal.is_empty(),
            journal,
            active,
            frozen: None,
            nothing: Overlay::default(),
            index,
            queue,
            recalled: Vec::new(),
            beside: None,
            ahead: None,
            generation: 0,
            tables,
            behind,
            durability: Durability::PowerLoss,
            least_waiting: options.least_waiting,
            path,
            folder,
        })
    }

    /// Opens a reader of the same store.
    pub fn reader(&self) -> Result<SqliteReader, Error> {
        SqliteReader::open(&self.path)
    }

    /// The folder this store lies in.
    #[must_use]
    pub const fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// Lets so many bytes more be committed at most, or as many as the disk takes: a small quota behaves like a full
    /// disk.
    pub const fn limit(&mut self, room: Option<u64>) {
        self.journal.limit(room);
    }

    /// Checks every page of the tables, with everything in them. Reads all of it, so it is done on demand only.
    pub fn verify(&mut self) -> Result<(), Error> {
        self.checkpoint()?;
        self.tables.verify()
    }

    fn view(&self) -> View<'_> {
        let frozen = self.frozen.as_ref();
        View {
            layers: [
                &self.active,
                frozen.map_or(&self.nothing, |it| it.generation.as_ref()),
            ],
            files: self.journal.files(),
            tables: &self.tables,
        }
    }

    /// Says what a decision means, and what of what is asked for is taken with it.
    fn draft(
        &self,
        decision: &Decision,
        asked: &[Ask],
        queue: &mut Queue,
    ) -> Result<Drafted, Error> {
        let mut draft = Draft::new(self.view(), &self.index);
        // Effects are looked up one by one.
        let claims = self.tables.together(|| {
            draft.decide(decision)?;
            asked.iter().map(|ask| draft.claim(ask, queue)).collect()
        })?;
        Ok(Drafted {
            recalled: std::mem::take(&mut draft.recalled),
            frame: draft.finish()?,
            claims,
        })
    }

    /// Writes a frame; once it is in the journal, its records are what everybody reads.
    fn write(&mut self, mut frame: Vec<u8>) -> Result<(), Error> {
        let sync = self.durability == Durability::PowerLoss;
        let at = self.journal.append(&mut frame, sync)?;
        let payload = frame.get(FRAME_HEAD..).unwrap_or_default();
        let (index, active, queue) = (&mut self.index, &mut self.active, &mut self.queue);
        let frozen = self.frozen.as_ref().map(|it| it.generation.as_ref());
        take_frame(index, active, frozen, queue, at, payload)?;
        self.active.mark = self.journal.last();
        Ok(())
    }

    /// Sees what the writing behind has done, and gives it more where it is time. Where too much waits, so does this.
    fn move_on(&mut self) -> Result<(), Error> {
        self.look_behind()?;
        let contacts = self.index.next.contact.unsigned_abs();
        let limit = self.least_waiting.max(contacts * WAITING_PER_CONTACT);
        if self.active.bytes >= limit || self.active.erased {
            if self.frozen.is_none() {
                self.freeze()?;
            }
            while self.active.bytes >= limit.saturating_mul(2) {
                self.wait()?;
                self.freeze()?;
            }
        }
        Ok(())
    }

    /// Sees what the writing behind has done, if it has done anything.
    fn look_behind(&mut self) -> Result<(), Error> {
        match self.behind.news(false)? {
            Some(news) => self.hear(news),
            None => Ok(()),
        }
    }

    fn hear(&mut self, news: News) -> Result<(), Error> {
        match news {
            News::Written(safe) => {
                let frozen = self.frozen.take();
                self.generation += 1;
                let active = &self.active;
                self.queue
                    .settle(|number| active.effects.contains_key(&number));
                let Some(frozen) = frozen else { return Ok(()) };
                self.lingering |= frozen.generation.erased;
                if safe {
                    self.journal.remove(frozen.segment)?;
                    self.lingering = false;
                }
                Ok(())
            }
            News::Failed(error) => {
                tracing::warn!(%error, "store.tables_not_written");
                Ok(())
            }
        }
    }

    /// Waits until nothing is frozen.
    fn wait(&mut self) -> Result<(), Error> {
        while self.frozen.is_some() {
            match self.behind.news(true)? {
                Some(News::Failed(error)) => return Err(error),
                Some(news) => self.hear(news)?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Gives what waits to be written.
    fn freeze(&mut self) -> Result<(), Error> {
        if (self.active.is_empty() && !self.lingering) || self.frozen.is_some() {
            return Ok(());
        }
        // The tables must never know more than the journal after a loss of power.
        self.journal.sync()?;
        self.journal.rotate();
        let generation = Arc::new(std::mem::take(&mut self.active));
        self.active.mark = generation.mark;
        self.frozen = Some(Frozen {
            generation: Arc::clone(&generation),
            segment: self.journal.newest(),
        });
        let files = self.journal.files().clone();
        self.behind.give(Job { generation, files })
    }
}

impl Store for Sqlite {
    fn counters(&mut self) -> Result<Counters, Error> {
        Ok(Counters {
            contact: ContactNo(self.index.next.contact),
            page: self.index.next.page,
        })
    }

    fn read_ahead(&mut self, contacts: &[ContactNo]) -> Result<Option<Ahead>, Error> {
        self.plan_ahead(contacts).map(Some)
    }

    fn is_unchanged(&self, contact: ContactNo, stamp: Stamp) -> bool {
        self.is_where_it_was(contact, stamp)
    }

    fn keep_program(&mut self, hash: &str, json: &str, at: Instant) -> Result<ProgramNo, Error> {
        let known = self.view().programs()?;
        if let Some(kept) = known.iter().find(|kept| kept.hash == hash) {
            return Ok(kept.number);
        }
        let packed = zstd::bulk::compress(json.as_bytes(), PROGRAM_LEVEL)
            .map_err(|error| Error::Database(error.to_string()))?;
        let number = self.index.next.program;
        let mut draft = Draft::new(self.view(), &self.index);
        draft.put(&Record::Program {
            number,
            hash,
            at,
            json: Bytes(&packed),
        })?;
        let frame = draft.finish()?;
        self.write(frame)?;
        Ok(ProgramNo(number))
    }

    fn commit(&mut self, decision: &Decision) -> Result<(), Error> {
        self.commit_and_claim(decision, &[]).map(drop)
    }

    /// One frame carries both.
    fn commit_and_claim(
        &mut self,
        decision: &Decision,
        asked: &[Ask],
    ) -> Result<Vec<Claim>, Error> {
        self.move_on()?;
        let mut queue = std::mem::take(&mut self.queue);
        let drafted = self.draft(decision, asked, &mut queue);
        self.queue = queue;
        let Drafted {
            frame,
            claims,
            recalled,
        } = drafted?;
        if decision.is_empty() && claims.iter().all(|claim| claim.effects.is_empty()) {
            return Ok(claims);
        }
        self.write(frame)?;
        self.recalled.extend(recalled);
        if !(decision.erased.is_empty() && decision.blanked.is_empty()) {
            self.active.erased = true;
            // What was erased should leave the journal soon. It is decided whether or not that can begin now.
            if let Err(error) = self.move_on() {
                tracing::warn!(%error, "store.erased_later");
            }
        }
        Ok(claims)
    }

    fn recalled(&mut self) -> Vec<[u8; 32]> {
        std::mem::take(&mut self.recalled)
    }

    fn claim(
        &mut self,
        lane: &str,
        now: Instant,
        lease_until: Instant,
        most: usize,
    ) -> Result<Claim, Error> {
        self.move_on()?;
        let ask = Ask {
            lane: lane.to_owned(),
            now,
            lease_until,
            most,
        };
        let mut queue = std::mem::take(&mut self.queue);
        let view = self.view();
        let mut draft = Draft::new(view, &self.index);
        let claimed = draft.claim(&ask, &mut queue);
        let finished = claimed.and_then(|claim| Ok((claim, draft.finish()?)));
        self.queue = queue;
        let (claim, frame) = finished?;
        if !claim.effects.is_empty() {
            self.write(frame)?;
        }
        Ok(claim)
    }

    fn release(&mut self, journey: Option<&str>, now: Instant) -> Result<usize, Error> {
        let mut released = 0;
        let mut after = 0;
        loop {
            self.move_on()?;
            let view = self.view();
            let held = Some(Status::Held);
            let effects = view.effects(after, held, None, journey, RELEASED_PER_FRAME)?;
            let Some((last, _)) = effects.last_key_value() else {
                return Ok(released);
            };
            after = *last;
            let count = effects.len();
            let mut draft = Draft::new(view, &self.index);
            for (number, mut state) in effects {
                state.status = Status::Pending;
                state.due = now;
                state.whenever = true;
                draft.change(number, Status::Held, state);
            }
            let frame = draft.finish()?;
            self.write(frame)?;
            released += count;
        }
    }

    fn forget(&mut self, before_hour: u32, most: usize) -> Result<usize, Error> {
        let old = self.view().remembered_before(before_hour, most)?;
        if old.is_empty() {
            return Ok(0);
        }
        self.move_on()?;
        let mut draft = Draft::new(self.view(), &self.index);
        for (contact, id) in &old {
            draft.put(&Record::Remembered {
                contact: contact.0,
                id: *id,
                hour: None,
            })?;
        }
        let frame = draft.finish()?;
        self.write(frame)?;
        Ok(old.len())
    }

    fn set_durability(&mut self, durability: Durability) -> Result<(), Error> {
        self.durability = durability;
        match durability {
            Durability::PowerLoss => self.journal.sync(),
            Durability::Crash => Ok(()),
        }
    }

    /// Gives what waits to be written, so that the journal is short whenever there is little to do.
    fn rest(&mut self) -> Result<bool, Error> {
        self.look_behind()?;
        self.freeze()?;
        Ok(self.frozen.is_some())
    }

    fn purge(&mut self) -> Result<bool, Error> {
        self.move_on()?;
        if self.lingering {
            self.freeze()?;
        }
        let waits = |generation: &Overlay| generation.erased;
        let frozen = self.frozen.as_ref();
        let frozen = frozen.is_some_and(|frozen| waits(&frozen.generation));
        Ok(!self.lingering && !waits(&self.active) && !frozen)
    }

    fn checkpoint(&mut self) -> Result<(), Error> {
        self.wait()?;
        self.freeze()?;
        self.wait()
    }
}

/// A commit that is not written yet.
struct Drafted {
    frame: Vec<u8>,
    claims: Vec<Claim>,
    recalled: Vec<[u8; 32]>,
}

/// Takes the records of a frame: the one way by which anything gets into memory.
fn take_frame(
    index: &mut Index,
    active: &mut Overlay,
    frozen: Option<&Overlay>,
    queue: &mut Queue,
    frame: At,
    payload: &[u8],
) -> Result<(), Error> {
    for read in redo::records(frame, payload) {
        let (at, record) = read.ok_or_else(|| {
            Error::Database("the journal was written by a newer journeyd".to_owned())
        })?;
        let rewaked = match &record {
            Record::Contact(image) => index.wakes.of(ContactNo(image.number)) != image.next_wake,
            Record::Made { number, state, .. } | Record::Effect { number, state } => {
                let layers = [Some(&*active), frozen].into_iter().flatten();
                let mut known = layers.filter_map(|layer| layer.effects.get(number));
                queue.change(*number, known.next(), state);
                false
            }
            // A page is written again only where something on it was erased, and frames before this one still say it.
            Record::Page { number, .. } => {
                active.erased |= *number < index.next.page;
                false
            }
            _ => false,
        };
        index.take(&record);
        active.take(at, record, rewaked);
    }
    active.bytes += u64::from(frame.length);
    Ok(())
}

/// Reads what is known of all contacts from the tables.
fn index_of(tables: &Tables) -> Result<Index, Error> {
    let merged = tables.meta(HIGHEST_MERGED)?;
    let merged = merged.and_then(|text| text.parse::<i64>().ok());
    let mut index = Index::new(Next {
        contact: tables
            .next_number("contacts")?
            .max(merged.map_or(1, |highest| highest + 1)),
        page: tables.next_number("log")?,
        effect: tables.next_number("outbox")?,
        rejected: tables.next_number("rejected")?,
        program: tables.next_number("programs")?,
    });
    tables.all_names(|name, number, other| {
        if other {
            index.add_alias(name, number);
        } else {
            index.add_name(name, number);
        }
    })?;
    for (at, number) in tables.wakes()? {
        index.wakes.set(ContactNo(i64::from(number)), Some(at));
    }
    index.tallies = tables.tallies()?.into_iter().collect();
    Ok(index)
}
