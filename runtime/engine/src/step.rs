//! The step: one item, or the passing of time, and everything that follows from it, in the one order there is.
//!
//! ```text
//! before the item   every wake-up due strictly earlier, oldest first
//! the item          aggregates → memberships → goals and exits → race arms → restarts and entries → steps
//! at one instant    items · memberships that change by themselves · run timers · schedules
//! ```

use journey_ir::{AttributeIx, Channel, ConsentIx, EventIx, Instant, Value};

use crate::calendar::{EARLIEST, NEVER, within_range};
use crate::contact::{Contact, Life};
use crate::effect::{Outcome, Revoked};
use crate::event::{Event, Item};
use crate::history::{Arrival, End, What};
use crate::membership;
use crate::program::{Input, Program};
use crate::turn::{Turn, home_zone};

/// How often the schedules of a contact may fall due in one call of [`advance`]: 27 years of a daily one. What lies
/// between is passed over, so that a jump over an age of the world ends.
const MOST_OCCURRENCES: u32 = 10_000;

/// Processes one item at `now`. First every wake-up due strictly before the item's effective time runs, then the item,
/// to completion.
///
/// The effective time is when the item happened, or the contact's clock where something later has been decided already;
/// what claims to come from the future happens now.
pub fn step(
    program: &Program,
    contact: &mut Contact,
    item: &Item,
    now: Instant,
    out: &mut Outcome,
) {
    let now = within_range(now).max(contact.clock);
    let received = match item {
        Item::Event(event) => within_range(event.received_at).min(now),
        _ => now,
    };
    let occurred = within_range(item.occurred_at()).min(received);
    // What is too late to start anything does not set a clock back either: a stranger whose first event claims to be of
    // 1970 has not missed half a century of schedules.
    let earliest = match program.ir().project.accept_late {
        accept @ 1.. => received.saturating_sub(accept),
        _ => EARLIEST,
    };
    let at = occurred.max(earliest).max(contact.clock);
    if let Item::Event(event) = item
        && contact.life == Life::Unknown
        && !program.hears(event.kind)
    {
        let mut turn = Turn::new(program, contact, out);
        turn.at = at;
        turn.received(event, occurred, Arrival::InTime);
        return;
    }
    let mut turn = Turn::new(program, contact, out);
    turn.run_timers(at, false);
    turn.begin(at, occurred);
    if turn.contact.life == Life::Erased {
        turn.note(What::Ignored);
    } else {
        turn.item(item, received - occurred);
        turn.tell_networks();
    }
    contact.set_wake(program);
}

/// Introduces a contact of whom attributes and consents are learnt together, as one from a customer list is: whatever
/// starts then finds all of it.
pub fn introduce(
    program: &Program,
    contact: &mut Contact,
    attributes: &[(AttributeIx, Value)],
    consents: &[(ConsentIx, Option<Channel>)],
    now: Instant,
    out: &mut Outcome,
) {
    let now = within_range(now).max(contact.clock);
    let mut turn = Turn::new(program, contact, out);
    turn.run_timers(now, false);
    turn.begin(now, now);
    if turn.contact.life == Life::Erased {
        turn.note(What::Ignored);
    } else {
        turn.introduce(attributes, consents);
        turn.tell_networks();
    }
    contact.set_wake(program);
}

/// Runs everything due at or before `until`.
pub fn advance(program: &Program, contact: &mut Contact, until: Instant, out: &mut Outcome) {
    let mut turn = Turn::new(program, contact, out);
    turn.run_timers(within_range(until), true);
    contact.set_wake(program);
}

/// At a deploy: reads a contact's stored events again under the changed program. Memberships change without starting or
/// ending anything, schedules are set anew. Runs stay where they are; those of a journey that moves people to its new
/// version go on in it, from where they are.
///
/// Everything due before the deploy is to be run under the old program first.
pub fn rebase(
    program: &Program,
    contact: &mut Contact,
    events: impl Iterator<Item = Event>,
    now: Instant,
    out: &mut Outcome,
) {
    if contact.life == Life::Erased {
        return;
    }
    contact.follow_renames(program);
    let changed = contact.stale || contact.meaning != program.fingerprint();
    contact.clock = within_range(now).max(contact.clock);
    contact.aggregates.clear();
    let mut heard = contact.life == Life::Known;
    let mut turn = Turn::new(program, contact, out);
    for event in events {
        let occurred = within_range(event.occurred_at)
            .min(within_range(event.received_at))
            .min(turn.at);
        turn.fold(&event, occurred);
        heard |= program.hears(event.kind);
    }
    if heard {
        turn.contact.life = Life::Known;
        let before = std::mem::take(&mut turn.contact.watches);
        membership::evaluate_silently(program, turn.contact);
        let values = |watches: &[crate::contact::Watch]| {
            watches.iter().map(|it| it.value).collect::<Vec<_>>()
        };
        if changed || values(&before) != values(&turn.contact.watches) {
            turn.note(What::Recounted);
        }
        turn.tell_networks();
    }
    turn.note_stranded();
    turn.move_runs();
    turn.react(None);
    contact.stale = false;
    contact.set_wake(program);
}

/// Takes a contact that goes, because it is merged into another, out of the advertising networks.
pub fn leave(program: &Program, contact: &mut Contact, now: Instant, out: &mut Outcome) {
    let now = within_range(now).max(contact.clock);
    let mut turn = Turn::new(program, contact, out);
    turn.begin(now, now);
    turn.leave_networks();
    contact.set_wake(program);
}

impl Turn<'_> {
    /// Runs what falls due before a limit, the limit included or not.
    fn run_timers(&mut self, limit: Instant, included: bool) {
        let mut occurrences = 0;
        loop {
            let wake = self.contact.wake;
            if wake == NEVER || wake > limit || (wake == limit && !included) {
                return;
            }
            self.begin(wake.max(self.at), wake.max(self.at));
            self.one_timer(limit, &mut occurrences);
            self.tell_networks();
            self.contact.set_wake(self.program);
        }
    }

    /// Runs the first thing due at this instant: memberships, then run timers, then schedules.
    fn one_timer(&mut self, limit: Instant, occurrences: &mut u32) {
        if self.contact.watches.iter().any(|it| it.flip <= self.at) {
            self.flip();
            self.react(None);
        } else if let Some(run) = self.overdue_run() {
            self.end(run, End::Exited(Some("ended".into())));
            self.react(None);
        } else if let Some(run) = self.due_run() {
            self.ring(run);
            self.react(None);
        } else if let Some(journey) = self.due_schedule() {
            *occurrences += 1;
            if *occurrences > MOST_OCCURRENCES {
                let name = self.journey_name(journey);
                self.note(What::PassedOver { journey: name });
                self.pass_over(journey, limit);
                return;
            }
            self.fell_due(journey);
            self.enter(journey, None);
            self.react(None);
        } else {
            // A schedule of a journey that is not current any more.
            for plan in &mut self.contact.schedules {
                if plan.due <= self.at {
                    plan.due = NEVER;
                }
            }
        }
    }

    /// Sets a schedule anew as if the limit had passed already.
    fn pass_over(&mut self, journey: journey_ir::JourneyIx, limit: Instant) {
        let then = limit.max(self.at).saturating_add(1);
        let at = std::mem::replace(&mut self.at, then);
        self.plan(journey, true);
        self.at = at;
    }

    fn item(&mut self, item: &Item, late_by: i64) {
        let mut learnt = Vec::new();
        match item {
            Item::Event(event) => return self.event(event, late_by),
            Item::Attributes { set, .. } => {
                let set_one = |(attribute, value): &(_, Option<_>)| {
                    let changed = self.set_attribute(*attribute, value.clone(), self.occurred);
                    changed.then_some(*attribute)
                };
                let changed: Vec<AttributeIx> = set.iter().filter_map(set_one).collect();
                self.attributes_changed(&changed);
                learnt = changed;
            }
            Item::Consent {
                consent,
                channel,
                given,
                ..
            } => self.consent(*consent, *channel, *given),
            Item::Unsubscribe { channel, .. } => self.unsubscribe(*channel),
            Item::Suppress {
                channel, reason, ..
            } => self.suppress(*channel, reason),
            Item::Erase { .. } => return self.erase(),
            Item::Cancel { journey, .. } => return self.cancel(journey.as_deref()),
            Item::Undelivered { effect, .. } => return self.fall_back(effect),
            Item::Granted {
                run,
                prize,
                granted,
                ..
            } => self.granted(*run, prize, *granted),
            Item::Enroll { .. } => {}
            Item::Ranked {
                ranking, within, ..
            } => self.ranked(ranking, *within),
        }
        self.awaken();
        self.plan_by(&learnt);
        if let Item::Enroll { journey, .. } = item {
            self.enroll(journey);
        }
        self.react(None);
    }

    fn introduce(
        &mut self,
        attributes: &[(AttributeIx, Value)],
        consents: &[(ConsentIx, Option<Channel>)],
    ) {
        let stranger = self.contact.life == Life::Unknown;
        let mut changed = Vec::new();
        for (attribute, value) in attributes {
            if self.set_attribute(*attribute, Some(value.clone()), self.occurred) {
                changed.push(*attribute);
            }
        }
        if stranger {
            // What somebody is introduced with has not changed.
            self.changes.clear();
        }
        for (consent, channel) in consents {
            self.consent(*consent, *channel, true);
        }
        self.attributes_changed(&changed);
        self.awaken();
        self.plan_by(&changed);
        self.react(None);
    }

    fn event(&mut self, event: &Event, late_by: i64) {
        let accept = self.program.ir().project.accept_late;
        let mark = if accept > 0 && late_by > accept {
            Arrival::TooLate
        } else if self.occurred < self.at {
            Arrival::Late
        } else {
            Arrival::InTime
        };
        self.received(event, self.occurred, mark);
        let stages = self.funnels_before(event);
        let counted = self.fold(event, self.occurred);
        self.note_reached(stages);
        if self.contact.life == Life::Unknown {
            self.awaken();
        } else if counted && let Some(link) = self.program.event(event.kind) {
            self.evaluate_some(&link.watches);
        }
        if mark == Arrival::TooLate {
            // It is counted and recorded. What it changed starts and ends nothing.
            self.changes.clear();
        } else {
            self.react(Some(event));
        }
    }

    fn received(&mut self, event: &Event, occurred_at: Instant, mark: Arrival) {
        if let Some(link) = self.program.event(event.kind) {
            let what = What::Received {
                event: std::sync::Arc::clone(&link.name),
                id: event.id,
                occurred_at,
                mark,
            };
            self.note(what);
        }
    }

    /// Counts an event in the aggregates that listen to it; whether any did.
    fn fold(&mut self, event: &Event, occurred: Instant) -> bool {
        let program = self.program;
        let mut counted = false;
        for at in link_aggregates(program, event.kind) {
            let Some((aggregate, key)) =
                program.ir().aggregate(*at).zip(program.aggregate_key(*at))
            else {
                continue;
            };
            if matches!(aggregate.keep, journey_ir::Keep::Chain { .. }) {
                counted |= self.fold_chain(aggregate, key, event, occurred);
                continue;
            }
            if let Some(filter) = aggregate.filter
                && !self.scene(Some(event), &[]).holds(filter)
            {
                continue;
            }
            let field = aggregate.keep.field();
            let field = field.and_then(|it| event.fields.get(it.at())?.as_ref());
            let fold = self
                .contact
                .aggregate_mut(key, || crate::aggregate::Fold::new(&aggregate.keep));
            if let Some(fold) = fold {
                let day = || program.zone().day(occurred);
                fold.take(
                    &aggregate.keep,
                    occurred,
                    event.id.short() as u32,
                    field,
                    day,
                );
                counted = true;
            }
        }
        counted
    }

    /// Follows a change of the contact's zone: calendar waits, races, schedules and memberships keep to the clock on the
    /// wall, but nothing is moved to before now.
    pub(crate) fn change_zone(&mut self) {
        self.zone = home_zone(self.program, self.contact);
        self.retime_runs();
        self.evaluate_all();
        self.plan_all();
    }

    fn erase(&mut self) {
        for run in std::mem::take(&mut self.contact.runs) {
            if let Some(journey) = self.program.journey_name(run.journey).cloned() {
                self.note(What::Ended {
                    journey,
                    run: run.id,
                    how: End::Erased,
                });
            }
        }
        self.note(What::Erased);
        self.out.revoked.push(Revoked::Everything);
        self.leave_networks();
        let mut tombstone = Contact::new(&self.contact.id);
        tombstone.life = Life::Erased;
        tombstone.clock = self.contact.clock;
        tombstone.started = self.contact.started;
        *self.contact = tombstone;
    }

    /// Works out what depends on attributes that changed together, so that nobody is seen half changed.
    pub(crate) fn attributes_changed(&mut self, changed: &[AttributeIx]) {
        match (changed, self.program.zone_attribute()) {
            (_, Some(zone)) if changed.contains(&zone) => self.change_zone(),
            ([one], _) => self.touch(Input::Attribute(*one)),
            _ => {
                let watches = self.program.watches();
                let touched = changed
                    .iter()
                    .flat_map(|it| watches.touched_by(Input::Attribute(*it)));
                let mut touched: Vec<_> = touched.copied().collect();
                touched.sort_unstable();
                touched.dedup();
                self.evaluate_some(&touched);
            }
        }
    }
}

fn link_aggregates(program: &Program, event: EventIx) -> &[journey_ir::AggregateIx] {
    program.event(event).map_or(&[], |link| &link.aggregates)
}
