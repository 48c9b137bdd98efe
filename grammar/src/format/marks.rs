//! What only the tree knows about single words and signs: which `and` joins two conditions and does not belong to
//! `between`, which symbol compares and does not give a default, and which `/` divides and is no part of a time zone.

use std::collections::BTreeMap;

use crate::tree::{
    AudienceLine, Block, Comparison, Condition, Declaration, EntryStart, EventPattern, File,
    FunnelLine, HeaderLine, KpiLine, LifecycleLine, Measure, Operand, People, RaceTrigger,
    ScoreLine, StageTest, Step, Trigger, Wait, WaitKind,
};

/// The marked tokens by the offset at which they begin.
pub(super) type Marks = BTreeMap<u32, Mark>;

/// What a word or sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `and` or `or` between two conditions.
    Connective,
    /// The first word or symbol of a comparison.
    Symbol,
    /// `/` between two numbers.
    Ratio,
}

/// Walks through a tree.
pub(super) fn of(text: &str, file: &File) -> Marks {
    let mut marker = Marker {
        text,
        marks: Marks::new(),
    };
    for declaration in &file.declarations {
        marker.declaration(declaration);
    }
    marker.marks
}

struct Marker<'a> {
    text: &'a str,
    marks: Marks,
}

impl Marker<'_> {
    fn declaration(&mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Segment(it) => self.condition(&it.condition),
            Declaration::Lifecycle(it) => it.lines.iter().for_each(|line| self.stage(line)),
            Declaration::Score(it) => it.lines.iter().for_each(|line| self.score(line)),
            Declaration::Funnel(it) => it.lines.iter().for_each(|line| self.funnel(line)),
            Declaration::Kpi(it) => it.lines.iter().for_each(|line| self.kpi(line)),
            Declaration::Audience(it) => it.lines.iter().for_each(|line| self.audience(line)),
            Declaration::Sequence(it) => self.block(&it.steps),
            Declaration::Journey(it) => {
                it.header.iter().for_each(|line| self.header(line));
                it.steps.iter().for_each(|step| self.step(step));
            }
            Declaration::Contact(_)
            | Declaration::Event(_)
            | Declaration::Consent(_)
            | Declaration::Policy(_)
            | Declaration::Offer(_)
            | Declaration::Moved(_)
            | Declaration::Test(_)
            | Declaration::Unknown(_) => {}
        }
    }

    fn stage(&mut self, line: &LifecycleLine) {
        if let LifecycleLine::Stage(stage) = line
            && let StageTest::When(condition) = &stage.test
        {
            self.condition(condition);
        }
    }

    fn score(&mut self, line: &ScoreLine) {
        if let ScoreLine::Points(points) = line {
            self.event(&points.event);
        }
    }

    fn funnel(&mut self, line: &FunnelLine) {
        if let FunnelLine::Stage(stage) = line {
            self.event(&stage.event);
        }
    }

    fn audience(&mut self, line: &AudienceLine) {
        if let AudienceLine::People(condition) = line {
            self.condition(condition);
        }
    }

    fn kpi(&mut self, line: &KpiLine) {
        match line {
            KpiLine::Measure(Measure::Share(condition)) => self.condition(condition),
            KpiLine::Measure(Measure::Ratio {
                numerator,
                denominator,
            }) => self.ratio(numerator.span.end, denominator.span.start),
            KpiLine::Target(target) => self.comparison(&target.comparison),
            KpiLine::Alert(alert) => self.comparison(&alert.when),
            KpiLine::Every(_) | KpiLine::Unknown(_) => {}
        }
    }

    /// Finds the `/` between two paths.
    fn ratio(&mut self, start: u32, end: u32) {
        let between = self.text.get(start as usize..end as usize);
        if let Some(at) = between.and_then(|it| it.find('/')) {
            self.marks.insert(start + at as u32, Mark::Ratio);
        }
    }

    fn header(&mut self, line: &HeaderLine) {
        match line {
            HeaderLine::Enter(enter) => match &enter.start {
                EntryStart::When { trigger, condition } => {
                    self.entry_condition(trigger, condition.as_ref());
                }
                EntryStart::Schedule { people, .. } => {
                    if let People::Where(condition) = people {
                        self.condition(condition);
                    }
                }
                EntryStart::Request(_) => {}
            },
            HeaderLine::Goal(goal) => self.event(&goal.event),
            HeaderLine::ExitWhen(exit) => self.trigger(&exit.trigger),
            HeaderLine::Reenter(_)
            | HeaderLine::OneRunPer(_)
            | HeaderLine::StartsAt(_)
            | HeaderLine::EndsAt(_)
            | HeaderLine::Priority(_)
            | HeaderLine::Owner(_)
            | HeaderLine::OnUpdate(_)
            | HeaderLine::Unknown(_) => {}
        }
    }

    /// Marks the `and` between what happens and the condition on it, which is in no chain.
    fn entry_condition(&mut self, trigger: &Trigger, condition: Option<&Condition>) {
        self.trigger(trigger);
        let Some(condition) = condition else { return };
        self.condition(condition);
        let before = self.text.get(..condition.span().start as usize);
        let and = before.and_then(|it| it.rfind("and"));
        if let Some(at) = and {
            self.marks.insert(at as u32, Mark::Connective);
        }
    }

    fn trigger(&mut self, trigger: &Trigger) {
        if let Trigger::Event(event) = trigger {
            self.event(event);
        }
    }

    fn event(&mut self, event: &EventPattern) {
        if let Some(filter) = &event.filter {
            self.condition(filter);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Chain(chain) => {
                self.condition(&chain.first);
                for link in &chain.rest {
                    let at = link.connective.span.start;
                    self.marks.insert(at, Mark::Connective);
                    self.condition(&link.term);
                }
            }
            Condition::Not(not) => self.condition(&not.negated),
            Condition::Group(group) => self.condition(&group.inner),
            Condition::Behavior(behavior) => {
                self.event(&behavior.pattern.first);
                for following in &behavior.pattern.then {
                    self.event(&following.event);
                }
            }
            Condition::Items(items) => self.condition(&items.filter),
            Condition::Compare(compare) => {
                if let Operand::ItemCount(count) = &compare.operand {
                    self.condition(&count.filter);
                }
                self.comparison(&compare.comparison);
            }
            Condition::Agreed(_)
            | Condition::Member(_)
            | Condition::Sample(_)
            | Condition::Rank(_)
            | Condition::Unknown(_) => {}
        }
    }

    fn comparison(&mut self, comparison: &Comparison) {
        self.marks.insert(comparison.span.start, Mark::Symbol);
    }

    fn block(&mut self, block: &Block) {
        block.steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(wait) => self.wait(wait),
            Step::If(it) => {
                for arm in &it.arms {
                    self.condition(&arm.condition);
                    self.block(&arm.steps);
                }
                it.otherwise.iter().for_each(|block| self.block(block));
            }
            Step::Choose(it) => it.arms.iter().for_each(|arm| self.block(&arm.steps)),
            Step::Split(it) => {
                it.measured.iter().for_each(|by| self.event(&by.event));
                it.arms.iter().for_each(|arm| self.block(&arm.steps));
            }
            Step::Ask(it) => it.arms.iter().for_each(|arm| self.block(&arm.steps)),
            Step::Draw(it) => it.arms.iter().for_each(|arm| self.block(&arm.steps)),
            Step::EveryTime(it) => {
                self.block(&it.steps);
                it.otherwise.iter().for_each(|block| self.block(block));
            }
            Step::Repeat(it) => {
                it.until.iter().for_each(|event| self.event(event));
                self.block(&it.steps);
            }
            Step::Send(_)
            | Step::Run(_)
            | Step::Do(_)
            | Step::Assign(_)
            | Step::Set(_)
            | Step::Tag(_)
            | Step::Remember(_)
            | Step::Exit(_)
            | Step::Unknown(_) => {}
        }
    }

    fn wait(&mut self, wait: &Wait) {
        let WaitKind::UpTo { event, race, .. } = &wait.kind else {
            return;
        };
        if let Some(event) = event {
            self.event(event);
        }
        for arm in race.iter().flat_map(|race| &race.arms) {
            if let RaceTrigger::Trigger(trigger) = &arm.on {
                self.trigger(trigger);
            }
            self.block(&arm.steps);
        }
    }
}
