//! Funnels: each stage becomes an aggregate that keeps the oldest of its events.

use std::collections::BTreeMap;

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, MOST_KEPT};

use super::error::MeasureError;
use crate::lower::Lowering;
use crate::lower::behavior::Counted;
use crate::lower::error::ConditionError;
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Lowers all funnels.
    pub(super) fn funnels(&mut self) {
        for (name, file, funnel) in self.names.funnels() {
            let stages = self.funnel_stages(name, file, funnel);
            self.program.funnels.push(ir::Funnel {
                name: name.to_owned(),
                title: funnel.title.as_ref().map(|it| it.text.clone()),
                stages,
            });
        }
    }

    fn funnel_stages(
        &mut self,
        name: &str,
        file: FileId,
        funnel: &syntax::Funnel,
    ) -> Vec<ir::FunnelStage> {
        let mut stages: Vec<ir::FunnelStage> = Vec::new();
        let mut places: BTreeMap<&str, syntax::Span> = BTreeMap::new();
        let mut unknown = false;
        for line in &funnel.lines {
            let syntax::FunnelLine::Stage(stage) = line else {
                unknown = true;
                continue;
            };
            let first = stages.is_empty();
            let lowered = self.funnel_stage(file, stage, first);
            if stage.name.is_missing() {
                continue;
            }
            if let Some(&first) = places.get(stage.name.text.as_str()) {
                self.declared_twice(file, &stage.name, Kind::Stage, first);
                unknown = true;
                continue;
            }
            places.insert(&stage.name.text, stage.name.span);
            // A stage that could not be read keeps its name, so that KPIs may count it.
            let Some(lowered) = lowered else {
                self.gap(file, stage.span);
                unknown = true;
                continue;
            };
            stages.push(lowered);
        }
        if unknown {
            self.incomplete.insert(name.to_owned());
        } else if stages.len() < 2 {
            let at = Location::new(file, funnel.name.span);
            let name = name.to_owned();
            self.problems
                .push(MeasureError::TooFewStages { name }.at(at));
        }
        stages
    }

    fn funnel_stage(
        &mut self,
        file: FileId,
        stage: &syntax::FunnelStage,
        first: bool,
    ) -> Option<ir::FunnelStage> {
        let counted = self.counted(&stage.event, Scope::person(file));
        let n = match &stage.count {
            None => Some(1),
            Some(count) => self.stage_count(file, count),
        };
        let within = match stage.within {
            Some(duration) if first => {
                let at = Location::new(file, duration.span);
                self.problems.push(MeasureError::FirstStageWithin.at(at));
                return None;
            }
            Some(duration) => Some(self.span(duration, file)?),
            None => None,
        };
        let (Counted { event, filter }, n) = (counted?, n?);
        // The first stage asks for its n-th event ever; a later one counts from there, and what came before is kept
        // too, in case the first stage's own event arrives late.
        let keep = match (first, n) {
            (true, 1) => Keep::First,
            (true, n) => Keep::Oldest(n),
            (false, _) => Keep::Oldest(MOST_KEPT),
        };
        Some(ir::FunnelStage {
            name: stage.name.text.clone(),
            title: stage.title.as_ref().map(|it| it.text.clone()),
            aggregate: self.tables.aggregate(event, filter, keep),
            n,
            within,
        })
    }

    fn stage_count(&mut self, file: FileId, count: &syntax::Count) -> Option<u32> {
        let at = Location::new(file, count.span);
        let problem = match (count.bound, count.times.value) {
            (syntax::CountBound::AtMost | syntax::CountBound::Exactly, _) => {
                MeasureError::NotAtLeast.at(at)
            }
            (syntax::CountBound::AtLeast, 0) => ConditionError::NoTimes.at(at),
            (syntax::CountBound::AtLeast, n) if n > MOST_KEPT => {
                ConditionError::TooMany { most: MOST_KEPT }.at(at)
            }
            (syntax::CountBound::AtLeast, n) => return Some(n),
        };
        self.problems.push(problem);
        None
    }
}
