//! Whether a program can be executed at all: every position exists, nothing is too large to evaluate, every question
//! suits the state it is asked of. The compiler writes only such programs; a hand-made one is refused by name.

mod journeys;
mod questions;

use journey_ir::journey::Unclear;
use journey_ir::measure::Figure;
use journey_ir::schema::Type;
use journey_ir::score::MOST_POINTS;
use journey_ir::{
    self as ir, Comparison, Entry, EventIx, Hole, Journey, Keep, Operand, Piece, PolicyRule,
    RankedBy, Source, StepIx, StepKind, Trigger,
};

use super::LinkError;

/// How deeply conditions may be nested.
const DEEPEST: u32 = 128;
/// How many atoms one condition may have once everything it shares is written out.
const LARGEST: u64 = 10_000;
/// The largest cap a policy may set: so many sends are remembered.
pub(crate) const LARGEST_CAP: u32 = 1_000;

type Checked = Result<(), LinkError>;

fn dangling(what: &str, kind: &str, at: u32) -> LinkError {
    LinkError::Dangling {
        what: what.to_owned(),
        to: format!("{kind} {at}"),
    }
}

fn meaningless(what: &str, why: &str) -> LinkError {
    LinkError::Meaningless {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}

/// Checks a whole program.
pub(super) fn program(ir: &ir::Program) -> Checked {
    let check = Check(ir);
    check.conditions()?;
    check.atoms()?;
    check.schema()?;
    for (at, aggregate) in ir.aggregates.iter().enumerate() {
        check.aggregate(&format!("aggregate {at}"), aggregate)?;
    }
    for segment in &ir.segments {
        check.condition(&segment.name, segment.condition)?;
    }
    for lifecycle in &ir.lifecycles {
        for stage in &lifecycle.stages {
            check.condition(&lifecycle.name, stage.when)?;
        }
    }
    ir.scores.iter().try_for_each(|it| check.scored(it))?;
    check.measures()?;
    check.messages()?;
    check.policies()?;
    ir.journeys
        .iter()
        .try_for_each(|journey| check.journey(journey))
}

struct Check<'a>(&'a ir::Program);

macro_rules! exists {
    ($($name:ident: $index:ident, $kind:literal;)*) => {$(
        fn $name(&self, what: &str, at: ir::$index) -> Checked {
            self.0.$name(at).map(drop).ok_or_else(|| dangling(what, $kind, at.0))
        }
    )*};
}

impl Check<'_> {
    exists! {
        attribute: AttributeIx, "attribute";
        event: EventIx, "event";
        consent: ConsentIx, "consent";
        condition: ConditionIx, "condition";
        segment: SegmentIx, "segment";
        score: ScoreIx, "score";
        offer: OfferIx, "offer";
        message: MessageIx, "message";
        hours: HoursIx, "opening hours";
        ranking: RankingIx, "ranking";
    }

    fn measures(&self) -> Checked {
        for funnel in &self.0.funnels {
            for stage in &funnel.stages {
                let what = &funnel.name;
                let at = stage.aggregate;
                let keep = self.0.aggregate(at).map(|it| &it.keep);
                match keep {
                    None => return Err(dangling(what, "aggregate", at.0)),
                    Some(Keep::First | Keep::Oldest(_)) if stage.n > 0 => {}
                    Some(_) => return Err(meaningless(what, "a stage counts its oldest events")),
                }
            }
        }
        for kpi in &self.0.kpis {
            if let Figure::Share(condition) = kpi.measure {
                self.condition(&kpi.name, condition)?;
            }
        }
        for audience in &self.0.audiences {
            let what = &audience.name;
            self.condition(what, audience.people)?;
            for at in &audience.consents {
                self.consent(what, *at)?;
            }
            for at in &audience.match_by {
                self.attribute(what, *at)?;
            }
        }
        self.0.rankings.iter().try_for_each(|it| self.ranked(it))
    }

    fn ranked(&self, ranking: &ir::Ranking) -> Checked {
        let what = &ranking.name;
        match &ranking.by {
            RankedBy::Amount {
                aggregate,
                measure,
                window,
            } => match self.0.aggregate(*aggregate) {
                Some(aggregate) => questions::amount(what, aggregate, *measure, *window),
                None => Err(dangling(what, "aggregate", aggregate.0)),
            },
            RankedBy::Value(source @ (Source::Attribute(_) | Source::Score(_))) => {
                self.source(what, source)
            }
            RankedBy::Value(_) => Err(meaningless(what, "ranks by what no person has")),
        }
    }

    fn stage(&self, what: &str, lifecycle: ir::LifecycleIx, stage: ir::StageIx) -> Checked {
        self.0
            .lifecycle(lifecycle)
            .and_then(|all| all.stages.get(stage.at()))
            .map(drop)
            .ok_or_else(|| dangling(what, "stage", stage.0))
    }

    fn schema(&self) -> Checked {
        for attribute in &self.0.schema.attributes {
            if let Type::YearsSince(at) = attribute.kind {
                self.attribute(&attribute.name, at)?;
                if self
                    .0
                    .attribute(at)
                    .is_some_and(|base| base.kind != Type::Date)
                {
                    return Err(meaningless(
                        &attribute.name,
                        "years are counted since a date",
                    ));
                }
            }
        }
        for event in &self.0.schema.events {
            if event.key.is_some_and(|key| key.at() >= event.fields.len()) {
                return Err(dangling(
                    &event.name,
                    "field",
                    event.key.map_or(0, |key| key.0),
                ));
            }
        }
        Ok(())
    }

    /// All lines of a score fade alike.
    fn scored(&self, score: &ir::Score) -> Checked {
        let what = score.name.as_str();
        let mut half_lives = Vec::new();
        for line in &score.lines {
            let aggregate = self.0.aggregate(line.aggregate);
            half_lives.push(match aggregate.map(|it| &it.keep) {
                Some(Keep::Count) => None,
                Some(Keep::Halving { every }) => Some(*every),
                Some(_) => return Err(meaningless(what, "counts points of what is no count")),
                None => return Err(dangling(what, "aggregate", line.aggregate.0)),
            });
            if line.points.abs() > MOST_POINTS {
                return Err(LinkError::TooLarge {
                    what: what.to_owned(),
                    limit: MOST_POINTS.unsigned_abs(),
                });
            }
        }
        half_lives.dedup();
        match (half_lives.as_slice(), score.shown) {
            ([] | [_], shown) if shown.is_none_or(|(low, high)| low <= high) => Ok(()),
            _ => Err(meaningless(
                what,
                "its lines fade at different speeds, or it is shown between nothing",
            )),
        }
    }

    fn messages(&self) -> Checked {
        for message in &self.0.messages {
            let what = message.template.as_str();
            message
                .consent
                .map_or(Ok(()), |consent| self.consent(what, consent))?;
            let translated = message
                .translations
                .iter()
                .flat_map(|it| it.subject.iter().chain(&it.body));
            let own = message.subject.iter().chain(&message.body);
            for piece in own.chain(translated) {
                match piece {
                    Piece::Text(_)
                    | Piece::Hole {
                        hole: Hole::UnsubscribeLink,
                        ..
                    } => {}
                    Piece::Hole {
                        hole: Hole::Attribute(at),
                        ..
                    } => self.attribute(what, *at)?,
                    Piece::Hole {
                        hole: Hole::Score(at),
                        ..
                    } => self.score(what, *at)?,
                    Piece::Hole {
                        hole: Hole::Need(at) | Hole::OfferPart(at, _),
                        ..
                    } => {
                        if *at as usize >= message.needs.len() {
                            return Err(dangling(what, "need", *at));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn policies(&self) -> Checked {
        for policy in &self.0.policies {
            for rule in &policy.rules {
                if let PolicyRule::Quiet { unless, .. } = rule {
                    let what = format!("the quiet hours of {}", policy.name);
                    for consent in unless {
                        self.consent(&what, *consent)?;
                    }
                }
                if let PolicyRule::Cap { at_most, .. } = rule
                    && *at_most > LARGEST_CAP
                {
                    return Err(LinkError::TooLarge {
                        what: format!("the cap of {}", policy.name),
                        limit: u64::from(LARGEST_CAP),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The operands of a comparison.
pub(crate) fn operands(test: &Comparison) -> [Option<&Operand>; 2] {
    match test {
        Comparison::Under(x)
        | Comparison::AtMost(x)
        | Comparison::Over(x)
        | Comparison::AtLeast(x)
        | Comparison::Is(x)
        | Comparison::IsNot(x)
        | Comparison::Includes(x)
        | Comparison::Contains(x)
        | Comparison::StartsWith(x) => [Some(x), None],
        Comparison::Between(a, b) => [Some(a), Some(b)],
        Comparison::IsOneOf(_) | Comparison::IsMissing | Comparison::IsKnown => [None, None],
    }
}

/// The event type that starts a journey.
pub(crate) fn entry_event(journey: &Journey) -> Option<EventIx> {
    match &journey.entry {
        Entry::When {
            trigger: Trigger::Event { event, .. },
            ..
        } => Some(*event),
        Entry::When { .. } | Entry::Schedule { .. } => None,
    }
}

/// The steps that may follow a step.
pub(crate) fn followers(kind: &StepKind) -> Vec<Option<StepIx>> {
    match kind {
        StepKind::Send { next, .. }
        | StepKind::Wait { next, .. }
        | StepKind::Do { next, .. }
        | StepKind::Assign { next, .. }
        | StepKind::Set { next, .. }
        | StepKind::Remember { next, .. }
        | StepKind::Tag { next, .. } => vec![*next],
        StepKind::Repeat { body, next, .. } => vec![*body, *next],
        StepKind::Ask {
            answer,
            unclear,
            timeout,
            ..
        } => match unclear {
            Unclear::Wait => vec![*answer, *timeout],
            Unclear::Take(unclear) => vec![*answer, *unclear, *timeout],
        },
        StepKind::EveryNth {
            then, otherwise, ..
        } => vec![*then, *otherwise],
        StepKind::Draw { arms, .. } => arms.iter().map(|arm| arm.next).collect(),
        StepKind::Race { arms, timeout, .. } => {
            arms.iter().map(|arm| arm.next).chain([*timeout]).collect()
        }
        StepKind::Branch { arms, otherwise } => arms
            .iter()
            .map(|(_, next)| *next)
            .chain([*otherwise])
            .collect(),
        StepKind::Split { arms, .. } => arms.iter().map(|arm| arm.next).collect(),
        StepKind::Exit { .. } => Vec::new(),
    }
}
