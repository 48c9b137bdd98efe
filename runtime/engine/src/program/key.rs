//! Stable keys: what a contact's state is kept under. A key is a hash of a name or of a definition written out in
//! names, so it survives a recompilation that moves everything to other positions.

use std::fmt::Write as _;

use journey_ir::{
    self as ir, AggregateIx, Atom, Comparison, Condition, ConditionIx, EventIx, Following,
    ItemsTest, Keep, Operand, ScoreIx, Source, Type,
};
use serde::{Deserialize, Serialize};

use crate::hash::start_of;

/// The start of a hash. 32 bits tell the few hundred things of one program apart; [`super::Program::link`] refuses the
/// improbable program in which two share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(pub(crate) u32);

impl Key {
    /// The key of a thing of a kind with a name.
    pub(crate) fn of(kind: &str, name: &str) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(kind.as_bytes())
            .update(&[0])
            .update(name.as_bytes());
        Self(start_of(hash.finalize().as_bytes()) as u32)
    }
}

/// A program's definitions written out in names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelled<'a>(pub(super) &'a ir::Program);

impl Spelled<'_> {
    /// An aggregate.
    pub(super) fn aggregate(self, at: AggregateIx) -> String {
        let Some(aggregate) = self.0.aggregate(at) else {
            return String::new();
        };
        let event = aggregate.event;
        let mut text = self
            .0
            .event(event)
            .map_or_else(String::new, |event| event.name.clone());
        if let Some(filter) = aggregate.filter {
            let _ = write!(text, " where {}", self.condition(filter, Some(event)));
        }
        let field = |field| {
            self.0
                .field(event, field)
                .map_or("", |field| field.name.as_str())
        };
        let _ = match &aggregate.keep {
            Keep::Chain { key, then, horizon } => {
                let later: Vec<_> = then.iter().map(|it| self.following(it)).collect();
                // Days are those of the contact; only how long instants are kept depends on them.
                write!(text, " chain {:?} {later:?} {horizon:?}", key.map(field))
            }
            Keep::First => write!(text, " first"),
            Keep::Newest(n) => write!(text, " newest {n}"),
            Keep::Oldest(n) => write!(text, " oldest {n}"),
            Keep::Total(sum) => write!(text, " total {:?}", field(*sum)),
            // The days are those of the project's zone.
            Keep::DailyTotals { field: sum, days } => {
                write!(
                    text,
                    " total {:?} {days} days {:?}",
                    field(*sum),
                    self.0.project.timezone
                )
            }
            Keep::Different {
                field: of,
                most,
                from: None,
                to: None,
            } => write!(text, " different {:?} {most}", field(*of)),
            Keep::Different {
                field: of,
                most,
                from,
                to,
            } => write!(text, " different {:?} {most} {from:?} {to:?}", field(*of)),
            Keep::ByValue {
                field: of,
                most,
                from,
                to,
            } => write!(text, " by value {:?} {most} {from:?} {to:?}", field(*of)),
            Keep::Summary {
                field: of,
                from,
                to,
            } => write!(text, " summary {:?} {from:?} {to:?}", field(*of)),
            Keep::DailySummaries { field: of, days } => write!(
                text,
                " summary {:?} {days} days {:?}",
                field(*of),
                self.0.project.timezone
            ),
            Keep::Amounts { field: of, within } => {
                write!(text, " amounts {:?} {within}", field(*of))
            }
            Keep::Within { from, to, most } => write!(text, " within {from} {to} {most}"),
            Keep::Last(of) => write!(text, " last {:?}", field(*of)),
            Keep::Favourite(of) => write!(text, " favourite {:?}", field(*of)),
            Keep::Rhythm => write!(text, " rhythm"),
            Keep::Count => write!(text, " count"),
            Keep::Halving { every } => write!(text, " halving {every}"),
        };
        text
    }

    fn following(self, part: &Following) -> String {
        let event = part.event;
        let name = self.0.event(event).map(|event| &event.name);
        let filter = part
            .filter
            .map(|filter| self.condition(filter, Some(event)));
        let key = part.key.and_then(|key| self.0.field(event, key));
        let key = key.map(|field| &field.name);
        format!(
            "{name:?} {filter:?} {key:?} {} {}",
            part.within, part.absent
        )
    }

    /// A condition; `event` is the type of the event at hand.
    pub(super) fn condition(self, at: ConditionIx, event: Option<EventIx>) -> String {
        let list = |of: &[ConditionIx]| {
            let parts: Vec<_> = of.iter().map(|at| self.condition(*at, event)).collect();
            parts.join(",")
        };
        match self.0.condition(at) {
            Some(Condition::Always) => "always".into(),
            Some(Condition::All(of)) => format!("all({})", list(of)),
            Some(Condition::Any(of)) => format!("any({})", list(of)),
            Some(Condition::Not(of)) => format!("not({})", self.condition(*of, event)),
            Some(Condition::Is(atom)) => self
                .0
                .atom(*atom)
                .map_or_else(String::new, |atom| self.atom(atom, event)),
            None => String::new(),
        }
    }

    fn atom(self, atom: &Atom, event: Option<EventIx>) -> String {
        match atom {
            Atom::Compare { left, test } => {
                format!("{} {}", self.source(left, event), self.test(test, event))
            }
            Atom::Happened {
                aggregate,
                n,
                window,
                settle,
            } => {
                format!("[{}] {n} {window:?} {settle}", self.aggregate(*aggregate))
            }
            Atom::Amount {
                aggregate,
                measure,
                window,
                test,
            } => format!(
                "[{}] {measure:?} {window:?} {}",
                self.aggregate(*aggregate),
                self.test(test, event)
            ),
            Atom::Overdue {
                aggregate,
                intervals,
                settle,
            } => format!(
                "[{}] overdue {intervals} {settle}",
                self.aggregate(*aggregate)
            ),
            Atom::HappenedWith {
                aggregate,
                value,
                n,
                window,
                settle,
            } => format!(
                "[{}] with {} {n} {window:?} {settle}",
                self.aggregate(*aggregate),
                self.source(value, event)
            ),
            Atom::Paced {
                rhythm,
                newest,
                n,
                intervals,
                settle,
            } => format!(
                "[{}] [{}] paced {n} {intervals} {settle}",
                self.aggregate(*rhythm),
                self.aggregate(*newest)
            ),
            Atom::HeldFor { condition, span } => {
                format!("held {} for {span}", self.condition(*condition, None))
            }
            Atom::Sample { name, share } => format!("sample {name:?} {share}"),
            Atom::Ranked(at) => format!("ranked {:?}", self.0.ranking(*at).map(|it| &it.name)),
            Atom::Member(segment) => {
                format!(
                    "in {:?}",
                    self.0.segment(*segment).map(|segment| &segment.name)
                )
            }
            Atom::MemberFor { segment, span } => {
                let segment = self.0.segment(*segment).map(|segment| &segment.name);
                format!("in {segment:?} for {span}")
            }
            Atom::StageFor {
                lifecycle,
                stage,
                span,
            } => {
                let stage = Atom::Stage {
                    lifecycle: *lifecycle,
                    stage: *stage,
                };
                format!("{} for {span}", self.atom(&stage, event))
            }
            Atom::Stage { lifecycle, stage } => {
                let lifecycle = self.0.lifecycle(*lifecycle);
                let stage = lifecycle.and_then(|all| all.stages.get(stage.at()));
                format!(
                    "{:?} is {:?}",
                    lifecycle.map(|all| &all.name),
                    stage.map(|stage| &stage.name)
                )
            }
            Atom::Agreed { consent, channel } => {
                format!(
                    "agreed {:?} {channel:?}",
                    self.0.consent(*consent).map(|consent| &consent.name)
                )
            }
            Atom::Tagged(tag) => format!("tag {tag:?}"),
            Atom::Inside(hours) => format!("inside {:?}", self.0.hours(*hours)),
            Atom::Items { of, filter, test } => {
                let test = match test {
                    ItemsTest::Any => "any".into(),
                    ItemsTest::Every => "every".into(),
                    ItemsTest::No => "no".into(),
                    ItemsTest::Count(test) => self.test(test, event),
                };
                let filter = self.condition(*filter, event);
                format!("{test} of {} where {filter}", self.source(of, event))
            }
        }
    }

    fn source(self, source: &Source, event: Option<EventIx>) -> String {
        match source {
            Source::Attribute(at) => format!(
                "contact.{:?}",
                self.0
                    .attribute(*at)
                    .map(|a| (&a.name, &a.kind, &a.default))
            ),
            Source::Field(at) => {
                let field = event.and_then(|event| self.0.field(event, *at));
                format!("event.{:?}", field.map(|field| &field.name))
            }
            Source::Register(at) => format!("register.{}", at.0),
            Source::OfferExpires(at) => {
                format!("offer.{:?}", self.0.offer(*at).map(|offer| &offer.name))
            }
            Source::OfferIssued(at) => {
                format!("issued.{:?}", self.0.offer(*at).map(|offer| &offer.name))
            }
            Source::Item(at) => {
                let list = self.0.field(at.event, at.list);
                let field = list.and_then(|list| match &list.kind {
                    Type::Items(items) => items.fields.get(at.field.at()),
                    _ => None,
                });
                format!("item.{:?}", field.map(|field| &field.name))
            }
            Source::Score(at) => self.score(*at),
            Source::Recalled(at) => format!("recalled [{}]", self.aggregate(*at)),
        }
    }

    fn score(self, at: ScoreIx) -> String {
        let Some(score) = self.0.score(at) else {
            return String::new();
        };
        let line =
            |line: &ir::ScoreLine| format!("{} [{}]", line.points, self.aggregate(line.aggregate));
        let lines: Vec<_> = score.lines.iter().map(line).collect();
        format!("score {} {:?}", lines.join(","), score.shown)
    }

    fn test(self, test: &Comparison, event: Option<EventIx>) -> String {
        let operand = |operand: &Operand| match operand {
            Operand::Value(value) => format!("{value:?}"),
            Operand::Source(source) => self.source(source, event),
        };
        match test {
            Comparison::Under(x) => format!("under {}", operand(x)),
            Comparison::AtMost(x) => format!("at most {}", operand(x)),
            Comparison::Over(x) => format!("over {}", operand(x)),
            Comparison::AtLeast(x) => format!("at least {}", operand(x)),
            Comparison::Between(a, b) => format!("between {} and {}", operand(a), operand(b)),
            Comparison::Is(x) => format!("is {}", operand(x)),
            Comparison::IsNot(x) => format!("is not {}", operand(x)),
            Comparison::IsOneOf(of) => format!("is one of {of:?}"),
            Comparison::Includes(x) => format!("includes {}", operand(x)),
            Comparison::Contains(x) => format!("contains {}", operand(x)),
            Comparison::StartsWith(x) => format!("starts with {}", operand(x)),
            Comparison::IsMissing => "is missing".into(),
            Comparison::IsKnown => "is known".into(),
        }
    }
}
