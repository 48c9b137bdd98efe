//! `did A then B within W`: events that follow each other, or stay away.
//!
//! Comes in: a behaviour phrase with `then`. Goes out: one aggregate that keeps the instants of all its parts for as
//! long as they can matter, and the question whether the whole is complete within the window.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, MOST_PARTS};
use journey_ir::time::DAY;
use journey_ir::{ConditionIx, EventIx, FieldIx};

use super::Lowering;
use super::behavior::When;
use super::comparisons::comparable;
use super::error::{ConditionError, StateError};
use super::left_out::LeftOut;
use super::scope::Scope;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::{self, type_words};

/// Keys that stay open for longer than this, in milliseconds, are told to be many.
const LONGEST_QUIET: i64 = 100 * DAY;

/// What can be wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChainError {
    /// `a then b then c then d`.
    TooLong,
    /// `a then b within 1 day with the same x then c within 1 day with the same y`.
    TwoFields,
    /// `a then not b within 1 day then not c within 1 day with the same x`.
    NothingToShare,
}

impl ChainError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::TooLong => Problem::new(
                codes::TOO_MUCH,
                at,
                Text::new(
                    format!("at most {MOST_PARTS} events can follow each other in one phrase"),
                    format!("한 조건에서 이어지는 이벤트는 {MOST_PARTS}개까지입니다"),
                ),
            )
            .label(Text::new("one too many", "너무 많음"))
            .help(Text::new(
                "ask with several phrases joined by `and`, or follow the person with a journey",
                "`and`로 이은 여러 조건으로 묻거나 여정으로 따라가세요",
            )),
            Self::NothingToShare => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "what stayed away has no value that another event could share",
                    "일어나지 않은 이벤트에는 함께 가질 값이 없습니다",
                ),
            )
            .label(Text::new("the same as what?", "무엇과 같은 값인지 알 수 없음"))
            .help(Text::new(
                "write `with the same …` after the part before too, so that the first event's value is meant; or leave it out",
                "앞 부분 뒤에도 `with the same …`을 써서 첫 이벤트의 값과 같게 하거나 빼세요",
            )),
            Self::TwoFields => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "a chain of events shares one field, and here are two",
                    "이어지는 이벤트가 함께 갖는 필드는 하나인데, 여기에는 둘이 있습니다",
                ),
            )
            .label(Text::new("another field", "다른 필드"))
            .help(Text::new(
                "write the same field both times; or ask with two phrases joined by `and`",
                "두 곳에 같은 필드를 쓰거나, `and`로 이은 두 조건으로 물으세요",
            )),
        }
    }
}

/// What parts share.
enum Shared<'p> {
    Nothing,
    Field(&'p syntax::Name),
}

/// The parts of a chain.
struct Parts {
    key: Option<FieldIx>,
    then: Vec<ir::Following>,
    /// A field whose value is shared.
    shared: Option<(EventIx, FieldIx)>,
}

impl Lowering<'_> {
    /// Whether events followed each other.
    pub(super) fn chain_of_events(
        &mut self,
        behavior: &syntax::Behavior,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let pattern = &behavior.pattern;
        if let Some(extra) = pattern.then.get(MOST_PARTS - 1) {
            let at = Location::new(scope.file, extra.span);
            self.problems.push(ChainError::TooLong.at(at));
            return None;
        }
        let first = self.counted(&pattern.first, scope);
        let window = self.chain_window(behavior, scope);
        let parts = self.parts(pattern, first.map(|it| it.event), scope);
        let (first, window, parts) = (first?, window?, parts?);
        let settle = if scope.settles {
            let events = parts.then.iter().map(|it| it.event);
            let events = events.chain([first.event]);
            events.map(|it| self.lateness(it)).max().unwrap_or_default()
        } else {
            0
        };
        let spans: i64 = parts.then.iter().map(|it| it.within.at_most()).sum();
        let horizon = match window {
            ir::Window::Last(span) => Some(span.at_most() + spans + settle),
            ir::Window::LastDays(days) => {
                let days = ir::Span::new(days, ir::Unit::Day);
                Some(days.at_most() + spans + settle)
            }
            _ => None,
        };
        self.warn_of_keys(pattern, parts.shared, horizon, scope);
        let keep = Keep::Chain {
            key: parts.key,
            then: parts.then,
            horizon,
        };
        let aggregate = self.tables.aggregate(first.event, first.filter, keep);
        let completed = |n| ir::Atom::Happened {
            aggregate,
            n,
            window,
            settle,
        };
        let Some(count) = &behavior.count else {
            return Some(self.tables.is(completed(1)));
        };
        self.so_often(count, scope, |it, n| {
            let n = it.few(n, count.span, scope)?;
            Some(it.tables.is(completed(n)))
        })
    }

    fn chain_window(&mut self, behavior: &syntax::Behavior, scope: Scope) -> Option<ir::Window> {
        let Some(window) = &behavior.window else {
            return Some(ir::Window::Ever);
        };
        match window {
            syntax::Window::On(day) => {
                self.day(*day, scope)?;
                Some(ir::Window::On(values::date(*day)))
            }
            syntax::Window::UsualIntervals(count) => {
                let at = Location::new(scope.file, count.span);
                self.problems.push(LeftOut::ChainsByRhythm.at(at));
                None
            }
            window => match self.window(window, scope)? {
                When::Window(window) => Some(window),
                When::Between(..) => None,
            },
        }
    }

    fn parts(
        &mut self,
        pattern: &syntax::Pattern,
        first: Option<EventIx>,
        scope: Scope,
    ) -> Option<Parts> {
        let same = self.shared(pattern, scope);
        let mut then = Vec::new();
        for following in &pattern.then {
            let counted = self.counted(&following.event, scope);
            let within = self.wait_span(following.within, scope.file);
            then.push(counted.zip(within).map(|(counted, within)| ir::Following {
                event: counted.event,
                filter: counted.filter,
                key: None,
                within,
                absent: following.absent,
            }));
        }
        let then: Option<Vec<ir::Following>> = then.into_iter().collect();
        let (same, mut then, first) = (same?, then?, first?);
        let mut parts = Parts {
            key: None,
            then: Vec::new(),
            shared: None,
        };
        // `with the same x` after a part: it and the one before it.
        let shares = |part: usize| {
            let own = part.checked_sub(1).and_then(|at| pattern.then.get(at));
            let next = pattern.then.get(part);
            [own, next]
                .into_iter()
                .flatten()
                .any(|it| it.same.is_some())
        };
        let absent = |part: usize| {
            let own = part.checked_sub(1).and_then(|at| pattern.then.get(at));
            own.is_some_and(|it| it.absent)
        };
        if let Shared::Field(name) = same {
            if (0..=then.len()).filter(|part| shares(*part)).all(absent) {
                let at = Location::new(scope.file, name.span);
                self.problems.push(ChainError::NothingToShare.at(at));
                return None;
            }
            let events = std::iter::once(first).chain(then.iter().map(|it| it.event));
            let mut keys = Vec::new();
            for (part, event) in events.enumerate() {
                let key = if shares(part) {
                    Some(self.field_named(event, name, scope)?)
                } else {
                    None
                };
                keys.push((event, key));
            }
            self.of_one_type(&keys, name, scope)?;
            parts.shared = keys.iter().find_map(|(event, key)| Some((*event, (*key)?)));
            let mut keys = keys.into_iter().map(|(_, key)| key);
            parts.key = keys.next().flatten();
            for (part, key) in then.iter_mut().zip(keys) {
                part.key = key;
            }
        }
        parts.then = then;
        Some(parts)
    }

    /// Fields whose values are shared hold the same kind of value.
    fn of_one_type(
        &mut self,
        keys: &[(EventIx, Option<FieldIx>)],
        name: &syntax::Name,
        scope: Scope,
    ) -> Option<()> {
        let kinds = keys
            .iter()
            .filter_map(|(event, key)| Some(&self.program.field(*event, (*key)?)?.kind));
        let kinds: Vec<ir::Type> = kinds.cloned().collect();
        let (first, others) = kinds.split_first()?;
        if let Some(other) = others.iter().find(|it| !comparable(first, it)) {
            let error = ConditionError::DifferentTypes {
                left: type_words(first),
                right: type_words(other),
            };
            let at = Location::new(scope.file, name.span);
            self.problems.push(error.at(at));
            return None;
        }
        Some(())
    }

    /// The one field that parts share, if any do.
    fn shared<'p>(&mut self, pattern: &'p syntax::Pattern, scope: Scope) -> Option<Shared<'p>> {
        let mut all = pattern.then.iter().filter_map(|it| it.same.as_ref());
        let Some(first) = all.next() else {
            return Some(Shared::Nothing);
        };
        if let Some(other) = all.find(|it| it.to_string() != first.to_string()) {
            let at = Location::new(scope.file, other.span);
            self.problems.push(ChainError::TwoFields.at(at));
            return None;
        }
        if first.is_missing() {
            return None;
        }
        first.parts.last().map(Shared::Field)
    }

    /// Warns of keys that may be so many that old ones are dropped.
    fn warn_of_keys(
        &mut self,
        pattern: &syntax::Pattern,
        key: Option<(EventIx, FieldIx)>,
        horizon: Option<i64>,
        scope: Scope,
    ) {
        let Some((event, key)) = key else { return };
        let few = matches!(
            self.program.field(event, key).map(|it| &it.kind),
            None | Some(ir::Type::OneOf(_) | ir::Type::YesNo)
        );
        let same = pattern.then.iter().find_map(|it| it.same.as_ref());
        if let Some(same) = same
            && !few
            && horizon.is_none_or(|it| it > LONGEST_QUIET)
        {
            let name = same.to_string();
            let at = Location::new(scope.file, same.span);
            self.problems.push(StateError::Keys { name }.at(at));
        }
    }
}
