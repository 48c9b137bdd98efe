//! Steps: a run takes one after the other until it parks or ends.

use std::borrow::Cow;

use journey_ir::journey::{Argument, Expression, Side, Until};
use journey_ir::project::Action;
use journey_ir::{Date, Instant, Span, StepIx, StepKind, Value};

use crate::calendar::{later, of_day, weekday};
use crate::condition::Scene;
use crate::contact::{Issued, Position};
use crate::effect::{Call, Effect, EffectKey, Intent, Passage, Task};
use crate::history::{End, What};
use crate::program::Input;
use crate::turn::Turn;

/// How many steps one run may take in its life. A program whose steps run in a circle is stopped by it, however long
/// it waits in between.
const MOST_STEPS_OF_A_RUN: u32 = 100_000;

/// What follows a step: another, or the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Follows(pub(crate) Option<StepIx>);

/// What a step leads to.
pub(crate) enum Flow {
    /// The next step, or the end.
    Next(Option<StepIx>),
    /// A parked position.
    Park(Position),
    /// The end, by an `exit`.
    Exit(Option<String>),
}

impl<'a> Turn<'a> {
    /// Takes the steps of a run until it is parked or over.
    pub(crate) fn go_on(&mut self, at: usize) {
        while let Some(run) = self.contact.runs.get_mut(at) {
            let Position::Ready(next) = run.position else {
                return;
            };
            let Some(step) = next else {
                return self.end(at, End::Completed);
            };
            run.steps = run.steps.saturating_add(1);
            if self.steps_left == 0 || run.steps > MOST_STEPS_OF_A_RUN {
                run.position = Position::Stopped { step };
                let place = self.place(at, step);
                return self.note(What::Stopped { place });
            }
            self.steps_left -= 1;
            match self.take(at, step) {
                Flow::Next(next) => {
                    self.passes(at, step, next);
                    self.put(at, Position::Ready(next));
                }
                Flow::Park(position) => return self.park(at, position),
                Flow::Exit(reason) => {
                    return self.end(at, End::Exited(reason.as_deref().map(Into::into)));
                }
            }
        }
    }

    /// Writes down which way a run goes, for those who count which ways are taken.
    pub(crate) fn passes(&mut self, at: usize, from: StepIx, to: Option<StepIx>) {
        let journey = self.contact.runs.get(at);
        let journey = journey.and_then(|run| self.program.journey_of(run.version));
        if let (Some(passages), Some(journey)) = (&mut self.out.passages, journey) {
            passages.push(Passage { journey, from, to });
        }
    }

    fn put(&mut self, at: usize, position: Position) {
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.position = position;
        }
    }

    fn park(&mut self, at: usize, position: Position) {
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.forget_overheard();
            run.position = position;
        }
    }

    /// Parks a run at a race or question, unless what was overheard answers it at once.
    fn listen(&mut self, at: usize, step: StepIx, limit: Span, settle: i64) -> Flow {
        let since = self.listens_since(at);
        let deadline = self.after(self.at, limit);
        if let Some(Follows(next)) = self.recall(at, step, since, deadline) {
            return Flow::Next(next);
        }
        let due = later(deadline, settle);
        let place = self.place(at, step);
        self.note(What::Waiting { place, until: due });
        Flow::Park(Position::Racing {
            step,
            since,
            deadline,
            due,
        })
    }

    /// What a run remembers.
    pub(crate) fn registers(&self, at: usize) -> &[Option<Value>] {
        self.contact.runs.get(at).map_or(&[], |run| &run.registers)
    }

    fn take(&mut self, at: usize, step: StepIx) -> Flow {
        let program = self.program;
        let journey = self
            .contact
            .runs
            .get(at)
            .and_then(|run| program.journey_of(run.version));
        let Some(kind) = journey
            .and_then(|it| program.ir().step(it, step))
            .map(|it| &it.kind)
        else {
            return Flow::Next(None);
        };
        match kind {
            StepKind::Send { .. } => self.send(at, step, kind),
            StepKind::Wait {
                span,
                settle,
                until,
                next,
            } => {
                let due =
                    self.wait_end(self.at, *span, *settle, until.as_ref(), &self.scene_of(at));
                if due <= self.at {
                    return Flow::Next(*next);
                }
                let place = self.place(at, step);
                self.note(What::Waiting { place, until: due });
                Flow::Park(Position::Waiting {
                    step,
                    since: self.at,
                    due,
                })
            }
            StepKind::Race { limit, settle, .. } | StepKind::Ask { limit, settle, .. } => {
                self.listen(at, step, *limit, *settle)
            }
            StepKind::Branch { arms, otherwise } => {
                let scene = self.scene_of(at);
                let taken = arms.iter().find(|(condition, _)| scene.holds(*condition));
                Flow::Next(taken.map_or(*otherwise, |(_, next)| *next))
            }
            StepKind::Split { .. } => self.split(at, step, kind),
            StepKind::Repeat { .. } => self.repeat(at, step, kind),
            StepKind::Draw { name, arms } => self.draw(at, step, name, arms),
            StepKind::EveryNth { n, then, otherwise } => {
                let nth = self.contact.runs.get(at).map_or(0, |run| run.nth);
                let hit = nth.checked_rem(*n) == Some(0);
                Flow::Next(if hit { *then } else { *otherwise })
            }
            StepKind::Remember { register, of, next } => {
                let value = self.scene_of(at).read(of).map(Cow::into_owned);
                let run = self.contact.runs.get_mut(at);
                if let Some(kept) = run.and_then(|run| run.registers.get_mut(register.at())) {
                    *kept = value;
                }
                Flow::Next(*next)
            }
            StepKind::Do {
                connector,
                action,
                args,
                next,
            } => {
                let claims = self.call(at, step, connector, action, args);
                claims.unwrap_or(Flow::Next(*next))
            }
            StepKind::Assign {
                to,
                title,
                args,
                due,
                next,
            } => {
                let args = self.arguments(at, args);
                if let Some(claims) = self.claim_offers(at, step, &args) {
                    return claims;
                }
                let task = Task {
                    to: to.clone(),
                    title: title.clone(),
                    due_at: due.map(|due| self.after(self.at, due)),
                    contact: self.allowed(self.team_action(to)),
                    args: self.issue(args),
                };
                let place = self.place(at, step);
                self.note(What::Assigned {
                    place,
                    to: to.clone(),
                });
                self.effect(at, step, |_| Intent::Task(task));
                Flow::Next(*next)
            }
            StepKind::Set {
                attribute,
                to,
                next,
            } => {
                let argument = Argument {
                    name: String::new(),
                    value: to.clone(),
                };
                let value = self.arguments(at, std::slice::from_ref(&argument));
                let value = self.issue(value).pop().map(|(_, value)| value);
                let place = self.place(at, step);
                self.note(What::Set {
                    place,
                    attribute: program.attribute_name(*attribute),
                });
                if self.set_attribute(*attribute, value, self.at) {
                    self.attributes_changed(&[*attribute]);
                    self.plan_by(&[*attribute]);
                }
                Flow::Next(*next)
            }
            StepKind::Tag { tag, add, next } => {
                self.tag(at, step, tag, *add);
                Flow::Next(*next)
            }
            StepKind::Exit { reason } => Flow::Exit(reason.clone()),
        }
    }

    fn tag(&mut self, at: usize, step: StepIx, tag: &str, add: bool) {
        let found = self
            .contact
            .tags
            .binary_search_by(|it| it.as_str().cmp(tag));
        match (found, add) {
            (Err(place), true) => self.contact.tags.insert(place, tag.to_owned()),
            (Ok(place), false) => {
                self.contact.tags.remove(place);
            }
            (Ok(_), true) | (Err(_), false) => return,
        }
        let place = self.place(at, step);
        self.note(What::Tagged {
            place,
            tag: tag.into(),
            added: add,
        });
        self.touch(Input::Tags);
    }

    /// When a wait that was reached at `since` is over.
    pub(crate) fn wait_end(
        &self,
        since: Instant,
        span: Option<Span>,
        settle: i64,
        until: Option<&Until>,
        scene: &Scene<'_>,
    ) -> Instant {
        let base = span.map_or(since, |span| self.after(since, span));
        let settled = later(base, settle);
        // A clock time is a promise and is not held open, unless it comes before the wait itself is certain.
        until.map_or(settled, |until| self.until(base, until, scene).max(settled))
    }

    fn until(&self, base: Instant, until: &Until, scene: &Scene<'_>) -> Instant {
        match until {
            Until::Clock(clock) => self.zone.next_clock(base, *clock),
            Until::Weekday { on, at } => self
                .zone
                .next_clock_on(base, *at, |day| on.contains(&weekday(day))),
            Until::Date { on: Date(day), at } => self.zone.instant(*day, of_day(*at)),
            Until::Inside(hours) => self
                .program
                .hours(*hours)
                .map_or(base, |it| it.next_inside(base)),
            Until::Moment { of, offset } => {
                let moment = match scene.read(of).as_deref() {
                    Some(Value::Moment(at)) => *at,
                    Some(Value::Date(Date(day))) => self.zone.midnight(*day),
                    _ => return base,
                };
                match offset {
                    None => moment,
                    Some((span, Side::Before)) => self.zone.before(moment, *span),
                    Some((span, Side::After)) => self.after(moment, *span),
                }
            }
        }
    }

    /// Calls a system, or claims first what it is to be told of.
    fn call(
        &mut self,
        at: usize,
        step: StepIx,
        connector: &str,
        action: &str,
        args: &[Argument],
    ) -> Option<Flow> {
        let declared = self.action(connector, action);
        let args = self.arguments(at, args);
        let lacks = |name: &str| !args.iter().any(|(it, _)| *it == name);
        let missing =
            declared.and_then(|it| it.inputs.iter().find(|it| !it.optional && lacks(&it.name)));
        let place = self.place(at, step);
        if let Some(missing) = missing {
            self.note(What::NotCalled {
                place,
                missing: missing.name.clone(),
            });
            return None;
        }
        if let Some(claims) = self.claim_offers(at, step, &args) {
            return Some(claims);
        }
        let call = Call {
            connector: connector.to_owned(),
            action: action.to_owned(),
            contact: self.allowed(declared),
            args: self.issue(args),
        };
        self.note(What::Called {
            place,
            action: format!("{connector}.{action}"),
        });
        self.effect(at, step, |_| Intent::Call(call));
        None
    }

    fn action(&self, connector: &str, action: &str) -> Option<&'a Action> {
        let connectors = &self.program.ir().project.connectors;
        let connector = connectors.iter().find(|it| it.name == connector)?;
        connector.actions.iter().find(|it| it.name == action)
    }

    /// The action by which a team is told of its tasks.
    fn team_action(&self, team: &str) -> Option<&'a Action> {
        let team = self
            .program
            .ir()
            .project
            .teams
            .iter()
            .find(|it| it.name == team)?;
        let (connector, action) = team.action.as_ref()?;
        self.action(connector, action)
    }

    /// The contact's private data that an action may have.
    fn allowed(&self, action: Option<&Action>) -> Vec<(String, Value)> {
        let scene = self.scene(None, &[]);
        let names = action.map_or(&[][..], |it| &it.private_data).iter();
        let values = names.filter_map(|name| {
            let value = scene.attribute(self.program.attribute_by_name(name)?)?;
            Some((name.clone(), value.into_owned()))
        });
        values.collect()
    }

    /// The arguments of a step that have a value; offers as they would be issued.
    pub(crate) fn arguments<'x>(
        &self,
        at: usize,
        args: &'x [Argument],
    ) -> Vec<(&'x str, Resolved)> {
        let scene = self.scene_of(at);
        args.iter()
            .filter_map(|arg| {
                let value = match &arg.value {
                    Expression::Value(value) => Resolved::Value(value.clone()),
                    Expression::Source(source) => Resolved::Value(scene.read(source)?.into_owned()),
                    Expression::Offer(offer) => Resolved::Offer(*offer, self.offer(at, *offer)?),
                };
                Some((arg.name.as_str(), value))
            })
            .collect()
    }

    /// Issues the offers among arguments; an offer's plain value is its code.
    fn issue(&mut self, args: Vec<(&str, Resolved)>) -> Vec<(String, Value)> {
        self.issue_offers(&args);
        args.into_iter()
            .map(|(name, value)| {
                let value = match value {
                    Resolved::Value(value) => value,
                    Resolved::Offer(offer, issued) => Value::Text(self.code(offer, &issued)),
                };
                (name.to_owned(), value)
            })
            .collect()
    }

    /// Decides an effect.
    pub(crate) fn effect(&mut self, at: usize, step: StepIx, what: impl FnOnce(&Self) -> Intent) {
        let Some(run) = self.contact.runs.get_mut(at) else {
            return;
        };
        let iteration = run.effects;
        run.effects = run.effects.saturating_add(1);
        if self.out.dry {
            return;
        }
        let (run, entered_at) = (run.id, run.entered_at);
        let place = self.place(at, step);
        let what = what(self);
        // Hashed in one go: of a few bytes, that is much cheaper than one piece after the other.
        let mut named = Vec::with_capacity(160);
        for part in [&*self.contact.id, &*place.journey, &*place.step] {
            named.extend_from_slice(&(part.len() as u64).to_le_bytes());
            named.extend_from_slice(part.as_bytes());
        }
        named.extend_from_slice(&run.0.to_le_bytes());
        // Tells runs apart should the contact ever start from nothing again under the same id.
        named.extend_from_slice(&entered_at.to_le_bytes());
        named.extend_from_slice(&iteration.to_le_bytes());
        self.out.effects.push(Effect {
            key: EffectKey(*blake3::hash(&named).as_bytes()),
            at: self.at,
            run,
            journey: place.journey,
            step: place.step,
            what,
        });
    }
}

/// The value of an argument.
pub(crate) enum Resolved {
    Value(Value),
    /// An offer, as it is or would be issued to the contact.
    Offer(journey_ir::OfferIx, Issued),
}
