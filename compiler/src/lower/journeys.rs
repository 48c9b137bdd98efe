//! Journeys: the header, then the steps, each sequence inlined where it is run.

mod arguments;
mod asks;
mod branches;
mod calls;
mod draws;
mod error;
mod flow;
mod header;
mod moves;
mod remembers;
mod renames;
mod repeats;
mod schedule;
mod sends;
mod sequences;
mod settle;
mod step_error;
mod steps;
mod triggers;
mod waits;

use journey_grammar::tree as syntax;
use journey_ir as ir;

pub(super) use flow::Flow;
pub(super) use sends::channel;
pub(super) use step_error::StepError;

use super::Lowering;
use crate::places::JourneyPlaces;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Lowers all journeys.
    pub(super) fn journeys(&mut self) {
        let stop = self.stop;
        let wanted = |_: &(&str, FileId, &syntax::Journey)| !stop.is_stopped();
        for (name, file, journey) in self.names.journeys().take_while(wanted) {
            if let Some((lowered, places)) = self.journey(name, file, journey) {
                self.program.journeys.push(lowered);
                self.written.places.journeys.push(places);
            }
        }
    }

    /// The journey; `None` where it has no entry.
    fn journey(
        &mut self,
        name: &str,
        file: FileId,
        journey: &syntax::Journey,
    ) -> Option<(ir::Journey, JourneyPlaces)> {
        self.flow = Flow::default();
        self.flow.journey = Some(self.journey_at_hand());
        let header = self.header(file, journey);
        self.flow.settle = self.settle_of_header(&header);
        self.steps_of(file, &journey.steps);
        let flow = std::mem::take(&mut self.flow);
        let start = flow.start();
        let places = JourneyPlaces {
            steps: flow.places,
            ..JourneyPlaces::of_header(file, journey)
        };
        let journey = ir::Journey {
            name: name.to_owned(),
            title: journey.title.as_ref().map(|it| it.text.clone()),
            version: String::new(),
            entry: header.entry?,
            include_current: header.include_current,
            starts: header.starts,
            ends: header.ends,
            reenter: header.reenter,
            run_key: header.run_key,
            restart: header.restart,
            goal: header.goal,
            exits: header.exits,
            priority: header.priority,
            owner: header.owner,
            on_update: header.on_update,
            moves: Vec::new(),
            formerly: Vec::new(),
            registers: flow.registers,
            start,
            steps: flow.steps,
        };
        Some((journey, places))
    }
}
