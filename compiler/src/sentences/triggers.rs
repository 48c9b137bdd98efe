//! Triggers in words: what happens to a person.

use journey_ir as ir;
use journey_ir::{ChangeEnd, Trigger};

use super::korean::with;
use super::{Place, Teller};

impl Teller<'_> {
    /// What happens, as a clause: `when purchase happens`, `구매가 있으면`.
    pub(crate) fn trigger_if(&self, trigger: &Trigger, place: Place<'_>) -> String {
        let (en, ko) = self.trigger(trigger, place);
        if self.is_korean() {
            format!("{}면", ko.if_stem)
        } else {
            format!("when {en}")
        }
    }

    /// What happens, as a point in time: `when purchase happens`, `구매가 있을 때`.
    pub(crate) fn trigger_when(&self, trigger: &Trigger, place: Place<'_>) -> String {
        let (en, ko) = self.trigger(trigger, place);
        if self.is_korean() {
            format!("{} 때", ko.when_stem)
        } else {
            format!("when {en}")
        }
    }

    fn trigger(&self, trigger: &Trigger, place: Place<'_>) -> (String, Stems) {
        match trigger {
            Trigger::Event { event, filter } => {
                let words = self.event_where(*event, *filter, place);
                let words = if self.is_korean() {
                    with(&words, ("이", "가"))
                } else {
                    format!("{words} happens")
                };
                (words.clone(), Stems::new(&words, "있으", "있을"))
            }
            Trigger::Joins(segment) => {
                let segment = self.segment(*segment);
                let ko = Stems::new(&format!("“{segment}”에"), "들어오", "들어올");
                (format!("the person joins “{segment}”"), ko)
            }
            Trigger::Leaves(segment) => {
                let segment = self.segment(*segment);
                let ko = Stems::new(&format!("“{segment}”에서"), "나가", "나갈");
                (format!("the person leaves “{segment}”"), ko)
            }
            Trigger::Becomes { lifecycle, stage } => {
                let stage = self.stage(*lifecycle, *stage);
                let lifecycle = self.lifecycle(*lifecycle);
                let subject = with(lifecycle, ("이", "가"));
                let to = with(&format!("“{stage}”"), ("으로", "로"));
                let ko = Stems::new(&format!("{subject} {to}"), "바뀌", "바뀔");
                (format!("{lifecycle} becomes “{stage}”"), ko)
            }
            Trigger::Changes {
                attribute,
                from,
                to,
            } => {
                let name = self.program.attribute(*attribute);
                let name = name.map_or("", |it| it.name.as_str());
                let (from, to) = (self.change_end(from), self.change_end(to));
                let en = [
                    from.as_ref().map(|it| format!(" from “{it}”")),
                    to.as_ref().map(|it| format!(" to “{it}”")),
                ];
                let en: String = en.into_iter().flatten().collect();
                let from = from.map_or_else(String::new, |it| format!(" “{it}”에서"));
                let to = to.map_or_else(String::new, |it| {
                    format!(" {}", with(&format!("“{it}”"), ("으로", "로")))
                });
                let subject = with(name, ("이", "가"));
                let ko = Stems::new(&format!("{subject}{from}{to}"), "바뀌", "바뀔");
                (format!("{name} changes{en}"), ko)
            }
        }
    }

    /// One end of a change; `None` where any value will do.
    fn change_end(&self, end: &ChangeEnd) -> Option<String> {
        match end {
            ChangeEnd::Anything => None,
            ChangeEnd::Missing => Some(self.word("nothing", "값 없음").to_owned()),
            ChangeEnd::Value(value) => Some(self.value(value)),
        }
    }

    /// How late the events of a trigger may be told, and which is the latest: for the reason of a wait.
    pub(super) fn lateness(&self, trigger: &Trigger) -> Option<(i64, ir::EventIx)> {
        match trigger {
            Trigger::Event { event, .. } => {
                let late = self.program.event(*event)?.arrives_within?;
                Some((late.at_most(), *event))
            }
            Trigger::Joins(_)
            | Trigger::Leaves(_)
            | Trigger::Becomes { .. }
            | Trigger::Changes { .. } => None,
        }
    }
}

/// A Korean clause up to its endings `-면` and `-ㄹ 때`.
struct Stems {
    if_stem: String,
    when_stem: String,
}

impl Stems {
    fn new(words: &str, if_verb: &str, when_verb: &str) -> Self {
        Self {
            if_stem: format!("{words} {if_verb}"),
            when_stem: format!("{words} {when_verb}"),
        }
    }
}
