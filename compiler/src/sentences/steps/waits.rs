//! Steps that take time, in sentences: how long, until when, and what is held open for late events.

use journey_ir as ir;
use journey_ir::StepIx;
use journey_ir::journey::{Side, Until};

use super::{Look, Settling, Shown, closed, shown};
use crate::sentences::korean::with;
use crate::sentences::{Place, Teller, say};

/// What is waited for where the same follows whether it happens or not.
pub(crate) fn either_way(
    arms: &[ir::journey::Arm],
    timeout: Option<StepIx>,
) -> Option<&ir::Trigger> {
    match arms {
        [only] if only.next == timeout => Some(&only.trigger),
        _ => None,
    }
}

impl Teller<'_> {
    pub(super) fn wait(
        &self,
        journey: &ir::Journey,
        span: Option<ir::Span>,
        settle: i64,
        until: Option<&Until>,
        place: Place<'_>,
    ) -> Shown {
        let first = span.map(|it| self.span(it));
        let then = until.map(|it| self.until(it, place));
        let (head, sentence) = match (first, then) {
            (Some(span), Some(until)) => {
                (say!(self, "{span}, then {until}", "{span} 뒤 {until}"), {
                    let object = with(&span, ("을", "를"));
                    say!(
                        self,
                        "Wait {span}, then until {until}",
                        "{object} 기다린 다음 {until}까지 기다립니다"
                    )
                })
            }
            (Some(span), None) => {
                let object = with(&span, ("을", "를"));
                (
                    say!(self, "Wait {span}", "{span} 기다리기"),
                    say!(self, "Wait {span}", "{object} 기다립니다"),
                )
            }
            (None, Some(until)) => (
                say!(self, "Wait until {until}", "{until}까지"),
                say!(self, "Wait until {until}", "{until}까지 기다립니다"),
            ),
            (None, None) => {
                let words = self.word("Wait", "기다립니다");
                (words.to_owned(), words.to_owned())
            }
        };
        let why = self.settling(journey, settle, &[]);
        Shown {
            details: why.iter().map(|it| it.short.clone()).collect(),
            ..shown(Look::Wait, head, closed(&sentence, why.as_ref()))
        }
    }

    pub(super) fn race(
        &self,
        journey: &ir::Journey,
        limit: ir::Span,
        settle: i64,
        (arms, timeout): (&[ir::journey::Arm], Option<StepIx>),
    ) -> Shown {
        let limit = self.span(limit);
        let triggers: Vec<&ir::Trigger> = arms.iter().map(|it| &it.trigger).collect();
        let why = self.settling(journey, settle, &triggers);
        let sentence = match either_way(arms, timeout) {
            Some(trigger) => {
                let first = self.trigger_if(trigger, Place::of(journey));
                say!(
                    self,
                    "Go on {first}, and after {limit} at the latest, whether it happened or not",
                    "{first} 바로, 없어도 {limit} 뒤에는 다음으로 갑니다"
                )
            }
            None => say!(
                self,
                "Wait up to {limit} for what happens first",
                "최대 {limit}까지 기다리며, 먼저 일어나는 일을 따릅니다"
            ),
        };
        Shown {
            details: why.iter().map(|it| it.short.clone()).collect(),
            ..shown(
                Look::Race,
                say!(self, "Wait up to {limit}", "최대 {limit} 기다리기"),
                closed(&sentence, why.as_ref()),
            )
        }
    }

    pub(super) fn until(&self, until: &Until, place: Place<'_>) -> String {
        match until {
            Until::Clock(at) => say!(self, "{at}", "{at}"),
            Until::Weekday { on, at } => {
                let days = self.weekdays(on);
                say!(self, "{days} at {at}", "{days} {at}")
            }
            Until::Date { on, at } => {
                let day = self.date(*on);
                if at.0 == 0 {
                    day
                } else {
                    say!(self, "{day} at {at}", "{day} {at}")
                }
            }
            Until::Moment { of, offset } => {
                let of = self.source(of, place);
                match offset {
                    None => of,
                    Some((span, Side::Before)) => {
                        let span = self.span(*span);
                        say!(self, "{span} before {of}", "{of} {span} 전")
                    }
                    Some((span, Side::After)) => {
                        let span = self.span(*span);
                        say!(self, "{span} after {of}", "{of} {span} 뒤")
                    }
                }
            }
            Until::Inside(hours) => {
                let hours = self.hours(*hours);
                say!(self, "{hours} are open", "{hours} 시간이 될 때")
            }
        }
    }

    /// Why a wait is held open a little longer.
    pub(super) fn settling(
        &self,
        journey: &ir::Journey,
        settle: i64,
        triggers: &[&ir::Trigger],
    ) -> Option<Settling> {
        if settle == 0 {
            return None;
        }
        let length = self.milliseconds(settle);
        let exits = journey.exits.iter().map(|it| &it.trigger);
        let goal = journey.goal.iter().filter_map(|goal| {
            let late = self.program.event(goal.event)?.arrives_within?;
            Some((late.at_most(), goal.event))
        });
        let late = exits
            .chain(triggers.iter().copied())
            .filter_map(|it| self.lateness(it))
            .chain(goal)
            .find(|(late, _)| *late == settle);
        let short = say!(self, "+ {length} for late events", "+ 늦은 알림 {length}");
        let long = match late {
            Some((_, event)) => {
                let event = self.event(event);
                say!(
                    self,
                    "{event} may be told up to {length} late, so {length} more are waited",
                    "{event} 알림이 최대 {length} 늦을 수 있어 {length} 더 확인합니다"
                )
            }
            None => say!(
                self,
                "events may be told late, so {length} more are waited",
                "알림이 늦을 수 있어 {length} 더 확인합니다"
            ),
        };
        Some(Settling { short, long })
    }
}
