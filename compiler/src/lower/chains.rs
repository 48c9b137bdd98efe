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
use super::scope::Scope;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::type_words;

/// Keys that stay open for longer than this, in milliseconds, are told to be many.
const LONGEST_QUIET: i64 = 100 * DAY;

/// What can be wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChainError {
    /// `a then b then c then d`.
    TooLong,
    /// `a then b within 1 day with the same x then c within 1 day`.
    NotAllTheSame,
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
            Self::NotAllTheSame => crate::values::not_supported(
                at,
                &Text::new(
                    "parts that share a field with some of the others only",
                    "일부 이벤트끼리만 같은 값을 갖는 조건",
                ),
                Text::new(
                    "write the same `with the same …` after every part, or after none",
                    "모든 부분 뒤에 같은 `with the same …`을 쓰거나 모두 빼세요",
                ),
            ),
        }
    }
}

/// What all parts share.
enum Shared<'p> {
    Nothing,
    Field(&'p syntax::Name),
}

/// The parts of a chain.
struct Parts {
    key: Option<FieldIx>,
    then: Vec<ir::Following>,
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
        if let Some(count) = &behavior.count {
            self.not_supported(
                scope.file,
                count.span,
                &Text::new(
                    "how often events followed each other",
                    "이벤트가 이어진 횟수",
                ),
                Text::new("leave the number out", "횟수를 빼세요"),
            );
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
        self.warn_of_keys(
            pattern,
            parts.key.map(|key| (first.event, key)),
            horizon,
            scope,
        );
        let keep = Keep::Chain {
            key: parts.key,
            then: parts.then,
            horizon,
        };
        let aggregate = self.tables.aggregate(first.event, first.filter, keep);
        Some(self.tables.is(ir::Atom::Happened {
            aggregate,
            n: 1,
            window,
            settle,
        }))
    }

    fn chain_window(&mut self, behavior: &syntax::Behavior, scope: Scope) -> Option<ir::Window> {
        let Some(window) = &behavior.window else {
            return Some(ir::Window::Ever);
        };
        if let When::Window(window) = self.window(window, scope)? {
            return Some(window);
        }
        self.not_supported(
            scope.file,
            behavior.span,
            &Text::new(
                "events that followed each other on one day",
                "특정한 하루에 이어진 이벤트",
            ),
            Text::new(
                "use `since` that day, or `before` the next",
                "그날부터(`since`) 또는 다음 날 이전(`before`)으로 쓰세요",
            ),
        );
        None
    }

    fn parts(
        &mut self,
        pattern: &syntax::Pattern,
        first: Option<EventIx>,
        scope: Scope,
    ) -> Option<Parts> {
        let shared = self.shared(pattern, scope);
        let mut then = Vec::new();
        for following in &pattern.then {
            let counted = self.counted(&following.event, scope);
            let within = self.span(following.within, scope.file);
            then.push(counted.zip(within).map(|(counted, within)| ir::Following {
                event: counted.event,
                filter: counted.filter,
                key: None,
                within,
                absent: following.absent,
            }));
        }
        let then: Option<Vec<ir::Following>> = then.into_iter().collect();
        let (shared, mut then, first) = (shared?, then?, first?);
        let Shared::Field(name) = shared else {
            return Some(Parts { key: None, then });
        };
        let key = self.field_named(first, name, scope)?;
        let kind = self.program.field(first, key)?.kind.clone();
        for part in &mut then {
            let own = self.field_named(part.event, name, scope)?;
            let own_kind = &self.program.field(part.event, own)?.kind;
            if !comparable(&kind, own_kind) {
                let error = ConditionError::DifferentTypes {
                    left: type_words(&kind),
                    right: type_words(own_kind),
                };
                let at = Location::new(scope.file, name.span);
                self.problems.push(error.at(at));
                return None;
            }
            part.key = Some(own);
        }
        Some(Parts {
            key: Some(key),
            then,
        })
    }

    /// The one field that all parts share, if they share any.
    fn shared<'p>(&mut self, pattern: &'p syntax::Pattern, scope: Scope) -> Option<Shared<'p>> {
        let mut all = pattern.then.iter().map(|it| it.same.as_ref());
        let first = all.next().flatten();
        let name = |path: Option<&syntax::Path>| path.map(ToString::to_string);
        if let Some(other) = pattern
            .then
            .iter()
            .find(|it| name(it.same.as_ref()) != name(first))
        {
            let at = Location::new(scope.file, other.span);
            self.problems.push(ChainError::NotAllTheSame.at(at));
            return None;
        }
        match first {
            None => Some(Shared::Nothing),
            Some(path) if path.is_missing() => None,
            Some(path) => path.parts.last().map(Shared::Field),
        }
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
