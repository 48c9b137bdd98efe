//! What a KPI counts: a name such as `활성화`, `lead_sla.answered_in_time` or `생애주기.활동` becomes a counter.

use std::collections::BTreeSet;

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::measure::{Counter, JourneyCount};

use super::error::MeasureError;
use crate::lower::Lowering;
use crate::names::{Kind, NameError};
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// The counter that a path names, or a problem.
    pub(super) fn counter(&mut self, file: FileId, path: &syntax::Path) -> Option<Counter> {
        if path.is_missing() {
            return None;
        }
        match path.parts.as_slice() {
            [only] => self.bare_counter(file, only),
            [of, part] => self.counter_of(file, of, part),
            _ => {
                self.unknown_counter(file, path);
                None
            }
        }
    }

    /// A stage of some funnel, a segment or an audience.
    fn bare_counter(&mut self, file: FileId, name: &syntax::Name) -> Option<Counter> {
        if let Some(&segment) = self.segments.get(&name.text) {
            self.used.name(&name.text);
            return Some(Counter::Segment(segment));
        }
        if self.audience_named(&name.text) {
            return Some(Counter::Audience(name.text.clone()));
        }
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (at, funnel) in self.program.funnels.iter().enumerate() {
            let stages = funnel.stages.iter().enumerate();
            let same = stages.filter(|(_, stage)| stage.name == name.text);
            found.extend(same.map(|(stage, _)| (at, stage)));
        }
        match found.as_slice() {
            [(funnel, stage)] => Some(reached(*funnel, *stage)),
            [] => {
                self.no_counter(file, name);
                None
            }
            several => {
                let funnels = several.iter().filter_map(|(at, _)| {
                    let funnel = self.program.funnels.get(*at)?;
                    Some(funnel.name.clone())
                });
                let error = MeasureError::SeveralStages {
                    name: name.text.clone(),
                    funnels: funnels.collect(),
                };
                self.problems.push(error.at(Location::new(file, name.span)));
                None
            }
        }
    }

    fn counter_of(
        &mut self,
        file: FileId,
        of: &syntax::Name,
        part: &syntax::Name,
    ) -> Option<Counter> {
        let funnels = &self.program.funnels;
        if let Some(at) = funnels.iter().position(|it| it.name == of.text) {
            return self.stage_counter(file, at, part);
        }
        if let Some(&lifecycle) = self.lifecycles.get(&of.text) {
            let stages = self.stage_names(lifecycle);
            let Some(at) = stages.iter().position(|it| *it == part.text) else {
                self.unless_incomplete(file, &of.text, part, Kind::Stage, &stages);
                return None;
            };
            return Some(Counter::Stage {
                lifecycle,
                stage: ir::StageIx(at as u32),
            });
        }
        let journeys = &self.program.journeys;
        if let Some(at) = journeys.iter().position(|it| it.name == of.text) {
            return self.journey_counter(file, at, part);
        }
        // A journey that was reported is in no table.
        if !self.is_reported(&of.text, &[Kind::Journey, Kind::Funnel, Kind::Lifecycle]) {
            self.no_counter(file, of);
        }
        None
    }

    fn stage_counter(
        &mut self,
        file: FileId,
        funnel: usize,
        part: &syntax::Name,
    ) -> Option<Counter> {
        let found = self.program.funnels.get(funnel)?;
        let stages: Vec<String> = found.stages.iter().map(|it| it.name.clone()).collect();
        let name = found.name.clone();
        let Some(stage) = stages.iter().position(|it| *it == part.text) else {
            self.unless_incomplete(file, &name, part, Kind::Stage, &stages);
            return None;
        };
        Some(reached(funnel, stage))
    }

    fn journey_counter(
        &mut self,
        file: FileId,
        journey: usize,
        part: &syntax::Name,
    ) -> Option<Counter> {
        let found = self.program.journeys.get(journey)?;
        let what = match part.text.as_str() {
            "entered" => JourneyCount::Entered,
            "goal" => JourneyCount::Goal,
            "completed" => JourneyCount::Completed,
            "sent" => JourneyCount::Sent,
            reason => {
                let reasons = reasons(found);
                if !reasons.contains(reason) {
                    let mut known = vec!["entered", "goal", "completed", "sent"];
                    known.extend(reasons.iter().copied());
                    let error = NameError::unknown_in(Kind::Reason, reason, &found.name, known);
                    self.problems.push(error.at(Location::new(file, part.span)));
                    return None;
                }
                JourneyCount::Exited(reason.to_owned())
            }
        };
        let journey = ir::JourneyIx(journey as u32);
        Some(Counter::Journey { journey, what })
    }

    /// Reports a part that is not there, unless it may stand on a line that could not be read.
    fn unless_incomplete(
        &mut self,
        file: FileId,
        of: &str,
        part: &syntax::Name,
        kind: Kind,
        known: &[String],
    ) {
        if self.incomplete.contains(of) || part.is_missing() {
            return;
        }
        let known = known.iter().map(String::as_str);
        self.unknown_in(kind, &part.text, of, known, file, part.span);
    }

    fn unknown_counter(&mut self, file: FileId, path: &syntax::Path) {
        let error = MeasureError::NotCounted {
            name: path.to_string(),
        };
        self.problems.push(error.at(Location::new(file, path.span)));
    }

    /// Something that cannot be counted, or a name that does not exist.
    fn no_counter(&mut self, file: FileId, name: &syntax::Name) {
        let at = Location::new(file, name.span);
        let declared = self.names.get(&name.text);
        let error = match declared {
            Some(_) => MeasureError::NotCounted {
                name: name.text.clone(),
            }
            .at(at),
            None if self
                .program
                .funnels
                .iter()
                .any(|it| self.incomplete.contains(&it.name)) =>
            {
                return;
            }
            None => {
                let stages = self.program.funnels.iter().flat_map(|it| &it.stages);
                let known = stages.map(|it| it.name.as_str());
                NameError::unknown_in(Kind::Stage, &name.text, "", known).at(at)
            }
        };
        self.problems.push(error);
    }

    fn audience_named(&self, name: &str) -> bool {
        self.program.audiences.iter().any(|it| it.name == name)
    }
}

const fn reached(funnel: usize, stage: usize) -> Counter {
    Counter::Reached {
        funnel: ir::FunnelIx(funnel as u32),
        stage: stage as u32,
    }
}

/// The reasons under which runs of a journey end.
fn reasons(journey: &ir::Journey) -> BTreeSet<&str> {
    let lines = journey.exits.iter().filter_map(|it| it.reason.as_deref());
    let steps = journey.steps.iter().filter_map(|step| match &step.kind {
        ir::StepKind::Exit { reason } => reason.as_deref(),
        _ => None,
    });
    lines.chain(steps).collect()
}
