//! Whether a program can be executed at all: every position exists, nothing is too large to evaluate, every question
//! suits the state it is asked of. The compiler writes only such programs; a hand-made one is refused by name.

use journey_ir::aggregate::{
    LONGEST_HALF_LIFE, MOST_DAYS, MOST_KEPT, MOST_PARTS, SHORTEST_HALF_LIFE,
};
use journey_ir::journey::{Expression, MoveTo, Unclear, Until};
use journey_ir::measure::Figure;
use journey_ir::schema::Type;
use journey_ir::score::MOST_POINTS;
use journey_ir::time::{DAY, Schedule};
use journey_ir::{
    self as ir, Aggregate, Atom, Comparison, Condition, ConditionIx, Entry, EventIx, Following,
    Hole, ItemsTest, Journey, Keep, Measure, Operand, Piece, PolicyRule, RankedBy, Register,
    Source, StepIx, StepKind, Trigger, Window,
};

use super::LinkError;
use crate::calendar::LONGEST_OFFSET;

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
                Some(aggregate) => amount(what, aggregate, *measure, *window),
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

    /// Conditions refer to earlier ones only; their written-out size and depth are bounded.
    fn conditions(&self) -> Checked {
        let mut measured: Vec<(u32, u64)> = Vec::with_capacity(self.0.conditions.len());
        for (at, condition) in self.0.conditions.iter().enumerate() {
            let what = format!("condition {at}");
            let of = |child: &ConditionIx| {
                measured
                    .get(child.at())
                    .copied()
                    .ok_or_else(|| dangling(&what, "a condition that is not earlier,", child.0))
            };
            let (depth, size) = match condition {
                Condition::Always => (0, 1),
                Condition::Is(atom) => {
                    let atom = self
                        .0
                        .atom(*atom)
                        .ok_or_else(|| dangling(&what, "atom", atom.0))?;
                    match atom {
                        Atom::Items { filter, .. } => of(filter)?,
                        _ => (0, 1),
                    }
                }
                Condition::Not(child) => of(child)?,
                Condition::All(children) | Condition::Any(children) => {
                    let mut sum = (0, 1_u64);
                    for child in children {
                        let (depth, size) = of(child)?;
                        sum = (depth.max(sum.0), size.saturating_add(sum.1));
                    }
                    sum
                }
            };
            if depth >= DEEPEST {
                return Err(LinkError::TooLarge {
                    what,
                    limit: u64::from(DEEPEST),
                });
            }
            if size > LARGEST {
                return Err(LinkError::TooLarge {
                    what,
                    limit: LARGEST,
                });
            }
            measured.push((depth + 1, size));
        }
        Ok(())
    }

    fn atoms(&self) -> Checked {
        for (at, atom) in self.0.atoms.iter().enumerate() {
            let what = format!("atom {at}");
            match atom {
                Atom::Compare { left, test } => {
                    self.source(&what, left)?;
                    self.test(&what, test)?;
                }
                Atom::Happened {
                    aggregate,
                    n,
                    window,
                    ..
                } => {
                    let aggregate = self
                        .0
                        .aggregate(*aggregate)
                        .ok_or_else(|| dangling(&what, "aggregate", aggregate.0))?;
                    happened(&what, aggregate, *n, *window)?;
                }
                Atom::Amount {
                    aggregate,
                    measure,
                    window,
                    test,
                } => {
                    self.test(&what, test)?;
                    let aggregate = self
                        .0
                        .aggregate(*aggregate)
                        .ok_or_else(|| dangling(&what, "aggregate", aggregate.0))?;
                    amount(&what, aggregate, *measure, *window)?;
                }
                Atom::Overdue { aggregate, .. } => {
                    match self.0.aggregate(*aggregate).map(|it| &it.keep) {
                        Some(Keep::Rhythm) => {}
                        Some(_) => {
                            return Err(meaningless(&what, "asks no rhythm if it is overdue"));
                        }
                        None => return Err(dangling(&what, "aggregate", aggregate.0)),
                    }
                }
                Atom::Member(segment) | Atom::MemberFor { segment, .. } => {
                    self.segment(&what, *segment)?;
                }
                Atom::Stage { lifecycle, stage }
                | Atom::StageFor {
                    lifecycle, stage, ..
                } => self.stage(&what, *lifecycle, *stage)?,
                Atom::Agreed { consent, .. } => self.consent(&what, *consent)?,
                Atom::Ranked(ranking) => self.ranking(&what, *ranking)?,
                Atom::Tagged(_) | Atom::Sample { .. } => {}
                Atom::Inside(hours) => self.hours(&what, *hours)?,
                Atom::Items { of, filter, test } => {
                    self.source(&what, of)?;
                    self.condition(&what, *filter)?;
                    if let ItemsTest::Count(test) = test {
                        self.test(&what, test)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn source(&self, what: &str, source: &Source) -> Checked {
        match source {
            Source::Attribute(at) => self.attribute(what, *at),
            Source::OfferExpires(at) => self.offer(what, *at),
            Source::Item(at) => match self.0.field(at.event, at.list).map(|it| &it.kind) {
                Some(Type::Items(items)) if at.field.at() < items.fields.len() => Ok(()),
                _ => Err(dangling(what, "field of an object", at.field.0)),
            },
            Source::Score(at) => self.score(what, *at),
            Source::Recalled(at) => match self.0.aggregate(*at).map(|it| &it.keep) {
                Some(Keep::Last(_) | Keep::Favourite(_)) => Ok(()),
                Some(_) => Err(meaningless(what, "recalls a value that is not kept")),
                None => Err(dangling(what, "aggregate", at.0)),
            },
            // Which event or run is at hand depends on who asks; one without this field has no value there.
            Source::Field(_) | Source::Register(_) => Ok(()),
        }
    }

    fn test(&self, what: &str, test: &Comparison) -> Checked {
        let mut read = operands(test).into_iter().flatten();
        read.try_for_each(|operand| match operand {
            Operand::Value(_) => Ok(()),
            Operand::Source(source) => self.source(what, source),
        })
    }

    fn aggregate(&self, what: &str, aggregate: &Aggregate) -> Checked {
        self.event(what, aggregate.event)?;
        let field = |field: ir::FieldIx| {
            self.0
                .field(aggregate.event, field)
                .map(drop)
                .ok_or_else(|| dangling(what, "field", field.0))
        };
        let kept = |n: u32| {
            if n == 0 {
                Err(meaningless(what, "keeps nothing"))
            } else if n > MOST_KEPT {
                Err(LinkError::TooLarge {
                    what: what.to_owned(),
                    limit: u64::from(MOST_KEPT),
                })
            } else {
                Ok(())
            }
        };
        match aggregate.keep {
            Keep::Chain { key, ref then, .. } => {
                if let Some(key) = key {
                    field(key)?;
                }
                self.chain(what, then)?;
            }
            Keep::First | Keep::Count | Keep::Rhythm => {}
            Keep::Newest(n) | Keep::Oldest(n) => kept(n)?,
            Keep::Total(of)
            | Keep::Last(of)
            | Keep::Favourite(of)
            | Keep::Summary { field: of, .. }
            | Keep::Amounts { field: of, .. } => {
                field(of)?;
            }
            Keep::Within { most, .. } => kept(most)?,
            Keep::DailyTotals { field: sum, days } | Keep::DailySummaries { field: sum, days } => {
                field(sum)?;
                if days == 0 || days > MOST_DAYS {
                    return Err(LinkError::TooLarge {
                        what: what.to_owned(),
                        limit: u64::from(MOST_DAYS),
                    });
                }
            }
            Keep::Different { field: of, most } => {
                field(of)?;
                kept(most)?;
            }
            Keep::Halving { every } => {
                if !(SHORTEST_HALF_LIFE..=LONGEST_HALF_LIFE).contains(&every) {
                    return Err(meaningless(what, "halves too often or too seldom"));
                }
            }
        }
        match aggregate.filter {
            None => Ok(()),
            Some(filter) => {
                self.condition(what, filter)?;
                self.reads_the_event_only(what, filter)
            }
        }
    }

    fn chain(&self, what: &str, then: &[Following]) -> Checked {
        if then.is_empty() || then.len() >= MOST_PARTS {
            return Err(meaningless(what, "is a chain of one event or of too many"));
        }
        then.iter().try_for_each(|part| {
            self.event(what, part.event)?;
            if let Some(key) = part.key {
                let field = self.0.field(part.event, key);
                field.ok_or_else(|| dangling(what, "field", key.0))?;
            }
            part.filter.map_or(Ok(()), |filter| {
                self.condition(what, filter)?;
                self.reads_the_event_only(what, filter)
            })
        })
    }

    /// A filter that read anything but the event would make the state depend on the order of events.
    fn reads_the_event_only(&self, what: &str, at: ConditionIx) -> Checked {
        let pure = |operand: &Operand| {
            matches!(
                operand,
                Operand::Value(_) | Operand::Source(Source::Field(_) | Source::Item(_))
            )
        };
        match self.0.condition(at) {
            None | Some(Condition::Always) => Ok(()),
            Some(Condition::All(of) | Condition::Any(of)) => of
                .iter()
                .try_for_each(|at| self.reads_the_event_only(what, *at)),
            Some(Condition::Not(of)) => self.reads_the_event_only(what, *of),
            Some(Condition::Is(atom)) => match self.0.atom(*atom) {
                Some(Atom::Items {
                    of: Source::Field(_),
                    filter,
                    test,
                }) => match test {
                    ItemsTest::Count(test) if !operands(test).into_iter().flatten().all(pure) => {
                        Err(meaningless(what, "its filter reads something else"))
                    }
                    _ => self.reads_the_event_only(what, *filter),
                },
                Some(Atom::Compare {
                    left: Source::Field(_) | Source::Item(_),
                    test,
                }) if operands(test).into_iter().flatten().all(pure) => Ok(()),
                _ => Err(meaningless(
                    what,
                    "its filter reads something other than the event's own fields",
                )),
            },
        }
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

    fn trigger(&self, what: &str, trigger: &Trigger) -> Checked {
        match trigger {
            Trigger::Event { event, filter } => {
                self.event(what, *event)?;
                filter.map_or(Ok(()), |filter| self.condition(what, filter))
            }
            Trigger::Joins(segment) | Trigger::Leaves(segment) => self.segment(what, *segment),
            Trigger::Becomes { lifecycle, stage } => self.stage(what, *lifecycle, *stage),
            Trigger::Changes { attribute, .. } => self.attribute(what, *attribute),
        }
    }

    fn schedule(&self, what: &str, schedule: &Schedule) -> Checked {
        let Schedule::Attribute {
            attribute, offset, ..
        } = schedule
        else {
            return Ok(());
        };
        self.attribute(what, *attribute)?;
        let Some((span, _)) = offset else {
            return Ok(());
        };
        if span.exact().is_some() {
            return Err(meaningless(what, "a date is moved by days and longer"));
        }
        if span.at_most() > LONGEST_OFFSET * 365 * DAY {
            return Err(LinkError::TooLarge {
                what: format!("the days from the date of {what}"),
                limit: LONGEST_OFFSET.unsigned_abs() * 365,
            });
        }
        Ok(())
    }

    fn journey(&self, journey: &Journey) -> Checked {
        let what = journey.name.as_str();
        match &journey.entry {
            Entry::When { trigger, condition } => {
                self.trigger(what, trigger)?;
                condition.map_or(Ok(()), |at| self.condition(what, at))?;
            }
            Entry::Schedule { schedule, people } => {
                self.schedule(what, schedule)?;
                self.condition(what, *people)?;
            }
        }
        if let Some(key) = journey.run_key {
            let field = entry_event(journey).and_then(|event| self.0.field(event, key));
            field.ok_or_else(|| dangling(what, "field", key.0))?;
        }
        if let Some(goal) = &journey.goal {
            self.event(what, goal.event)?;
            goal.filter.map_or(Ok(()), |at| self.condition(what, at))?;
        }
        journey
            .exits
            .iter()
            .try_for_each(|exit| self.trigger(what, &exit.trigger))?;
        for register in &journey.registers {
            if let Register::Field { event, field } = register {
                self.0
                    .field(*event, *field)
                    .ok_or_else(|| dangling(what, "field", field.0))?;
            }
        }
        let step = |at: Option<StepIx>| match at {
            Some(at) if at.at() >= journey.steps.len() => Err(dangling(what, "step", at.0)),
            _ => Ok(()),
        };
        step(journey.start)?;
        for moved in &journey.moves {
            if let MoveTo::Step(to) = moved.to {
                step(Some(to))?;
            }
        }
        journey.steps.iter().try_for_each(|at| {
            followers(&at.kind).into_iter().try_for_each(step)?;
            if let StepKind::Remember { register, .. } = &at.kind
                && register.at() >= journey.registers.len()
            {
                return Err(dangling(what, "register", register.0));
            }
            self.step(&format!("{what}.{}", at.id), &at.kind)
        })
    }

    fn step(&self, what: &str, kind: &StepKind) -> Checked {
        match kind {
            StepKind::Send {
                candidates, args, ..
            } => {
                if candidates.is_empty() {
                    return Err(meaningless(what, "sends nothing"));
                }
                candidates
                    .iter()
                    .try_for_each(|at| self.message(what, *at))?;
                args.iter()
                    .try_for_each(|arg| self.expression(what, &arg.value))
            }
            StepKind::Do { args, .. } | StepKind::Assign { args, .. } => args
                .iter()
                .try_for_each(|arg| self.expression(what, &arg.value)),
            StepKind::Wait { until, .. } => match until {
                Some(Until::Moment { of, .. }) => self.source(what, of),
                Some(Until::Inside(hours)) => self.hours(what, *hours),
                Some(Until::Clock(_) | Until::Weekday { .. } | Until::Date { .. }) | None => Ok(()),
            },
            StepKind::Race { arms, .. } => arms
                .iter()
                .try_for_each(|arm| self.trigger(what, &arm.trigger)),
            StepKind::Branch { arms, .. } => arms
                .iter()
                .try_for_each(|(at, _)| self.condition(what, *at)),
            StepKind::Set { attribute, to, .. } => {
                self.attribute(what, *attribute)?;
                self.expression(what, to)
            }
            StepKind::Split { measured, .. } => {
                let Some(measured) = measured else {
                    return Ok(());
                };
                self.event(what, measured.event)?;
                measured
                    .filter
                    .map_or(Ok(()), |at| self.condition(what, at))
            }
            StepKind::Repeat { until, .. } => until
                .as_ref()
                .map_or(Ok(()), |trigger| self.trigger(what, trigger)),
            StepKind::Remember { of, .. } => self.source(what, of),
            StepKind::Ask {
                reply, attribute, ..
            } => {
                self.event(what, *reply)?;
                self.attribute(what, *attribute)
            }
            StepKind::EveryNth { n: 0, .. } => Err(meaningless(what, "is for no time at all")),
            StepKind::EveryNth { .. }
            | StepKind::Draw { .. }
            | StepKind::Tag { .. }
            | StepKind::Exit { .. } => Ok(()),
        }
    }

    fn expression(&self, what: &str, expression: &Expression) -> Checked {
        match expression {
            Expression::Value(_) => Ok(()),
            Expression::Source(source) => self.source(what, source),
            Expression::Offer(at) => self.offer(what, *at),
        }
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

fn happened(what: &str, aggregate: &Aggregate, n: u32, window: Window) -> Checked {
    let (kept, oldest) = match aggregate.keep {
        Keep::First => (1, true),
        Keep::Oldest(n) => (n, true),
        Keep::Within { most, .. } if window == Window::Ever => (most, true),
        Keep::Newest(n) => (n, false),
        Keep::Chain { .. } => {
            return match window {
                Window::Ever | Window::Last(_) | Window::Since(_) | Window::Before(_) if n == 1 => {
                    Ok(())
                }
                _ => Err(meaningless(
                    what,
                    "asks a chain for more than whether it is complete",
                )),
            };
        }
        _ => return Err(meaningless(what, "asks a sum whether something happened")),
    };
    if n == 0 || n > kept {
        return Err(meaningless(what, "asks for more events than are kept"));
    }
    match (window, oldest) {
        (Window::Ever | Window::On(_), _)
        | (Window::Before(_), true)
        | (Window::Last(_) | Window::LastDays(_) | Window::Since(_), false) => Ok(()),
        (Window::Before(_), false) => {
            Err(meaningless(what, "asks the newest events about the oldest"))
        }
        (Window::Last(_) | Window::LastDays(_) | Window::Since(_), true) => {
            Err(meaningless(what, "asks the oldest events about the newest"))
        }
    }
}

fn amount(what: &str, aggregate: &Aggregate, measure: Measure, window: Window) -> Checked {
    let summed = matches!(
        aggregate.keep,
        Keep::Summary { .. } | Keep::DailySummaries { .. } | Keep::Amounts { .. }
    );
    if measure != Measure::Total && !summed {
        return Err(meaningless(what, "asks a sum for more than the sum"));
    }
    match (&aggregate.keep, window) {
        (Keep::Total(_) | Keep::Summary { .. } | Keep::Count, Window::Ever)
        | (
            Keep::Different { .. },
            Window::Ever | Window::Last(_) | Window::LastDays(_) | Window::Since(_),
        ) => Ok(()),
        (
            Keep::DailyTotals { days, .. } | Keep::DailySummaries { days, .. },
            Window::LastDays(n),
        ) if n <= *days => Ok(()),
        (Keep::Amounts { within, .. }, Window::Last(span)) if span.at_most() <= *within => Ok(()),
        _ => Err(meaningless(
            what,
            "asks for a window that its aggregate does not keep",
        )),
    }
}
