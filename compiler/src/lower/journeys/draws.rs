//! Chance and counting: `draw … { 1% a up to 10 in total { … } otherwise { … } }`, `every 4th time { … }`.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::flow::{Tail, Tails, after, arm};
use super::step_error::StepError;
use crate::lower::Lowering;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// All people, in hundredths of a percent.
const EVERYONE: u32 = 10_000;
/// The name of the arm for everyone else, in histories.
const OTHERWISE: &str = "otherwise";
/// The entries that `every … time` can count.
const COUNTED: std::ops::RangeInclusive<u32> = 2..=99;

impl Lowering<'_> {
    pub(super) fn draw(&mut self, file: FileId, draw: &syntax::Draw, tails: &[Tail]) -> Tails {
        let mut prizes: Vec<(ir::journey::Prize, &syntax::DrawArm)> = Vec::new();
        let mut otherwise: Option<&syntax::DrawArm> = None;
        for written in &draw.arms {
            match (&written.prize, otherwise) {
                (Some(prize), _) => {
                    let mut before = draw.arms.iter().filter_map(|arm| arm.prize.as_ref());
                    let first = before.find(|it| it.name.text == prize.name.text);
                    if let Some(first) = first.filter(|it| it.name.span != prize.name.span) {
                        self.declared_twice(file, &prize.name, Kind::Label, first.name.span);
                    }
                    prizes.push((self.prize(file, prize), written));
                }
                (None, None) => otherwise = Some(written),
                (None, Some(first)) => self.repeated(file, written.span, first.span, OTHERWISE),
            }
        }
        self.check_odds(file, draw, &prizes, otherwise.is_some());
        if let Some(written) = otherwise {
            let drawn: u32 = prizes.iter().map(|(prize, _)| prize.weight).sum();
            let rest = ir::journey::Prize {
                name: OTHERWISE.to_owned(),
                weight: EVERYONE.saturating_sub(drawn),
                stock: None,
                next: None,
            };
            prizes.push((rest, written));
        }
        let words = format!("draw {}", draw.name.text);
        let id = self.flow.id(&words);
        let kind = ir::StepKind::Draw {
            name: draw.name.text.clone(),
            arms: prizes.iter().map(|(prize, _)| prize.clone()).collect(),
        };
        let at = self.flow.push(id, kind, tails);
        let around = self.flow.fork();
        let mut out = Tails::new();
        for (position, (prize, written)) in prizes.iter().enumerate() {
            let anchor = format!("{words} ({})", prize.name);
            out.extend(self.arm(file, &written.steps, anchor, None, arm(at, position)));
        }
        self.flow.join(around, false);
        self.flow.anchor = words;
        out
    }

    fn prize(&mut self, file: FileId, prize: &syntax::Prize) -> ir::journey::Prize {
        if let Some(stock) = prize.stock.filter(|it| it.value == 0) {
            let at = Location::new(file, stock.span);
            self.problems.push(StepError::NoStock.at(at));
        }
        ir::journey::Prize {
            name: prize.name.text.clone(),
            weight: self.weight(file, prize.odds),
            stock: prize.stock.map(|it| it.value),
            next: None,
        }
    }

    /// The odds add up, and something is left for those who draw a prize of which none is left.
    fn check_odds(
        &mut self,
        file: FileId,
        draw: &syntax::Draw,
        prizes: &[(ir::journey::Prize, &syntax::DrawArm)],
        otherwise: bool,
    ) {
        let odds: Vec<u32> = prizes.iter().map(|(prize, _)| prize.weight).collect();
        let sum: u32 = odds.iter().sum();
        let reported = !draw.unknown.is_empty() || odds.contains(&0);
        let at = Location::new(file, draw.name.span);
        if reported {
            return;
        }
        if sum > EVERYONE || (sum < EVERYONE && !otherwise) {
            self.problems.push(StepError::Odds { odds }.at(at));
        } else if !otherwise && prizes.iter().all(|(prize, _)| prize.stock.is_some()) {
            self.problems.push(StepError::NothingLeft.at(at));
        }
    }

    pub(super) fn every_time(
        &mut self,
        file: FileId,
        every: &syntax::EveryTime,
        tails: Tails,
    ) -> Tails {
        let written = every.nth;
        let nth = written.map(|it| it.value).filter(|n| COUNTED.contains(n));
        if let (None, Some(written)) = (nth, written) {
            let at = Location::new(file, written.span);
            self.problems.push(StepError::Nth.at(at));
        }
        let Some(n) = nth else {
            self.gap(file, every.span);
            let arms = std::iter::once(&every.steps).chain(&every.otherwise);
            return self.arms_of(file, arms, tails);
        };
        let words = format!("every {n} times after {}", self.flow.anchor);
        let id = self.flow.id(&words);
        let kind = ir::StepKind::EveryNth {
            n,
            then: None,
            otherwise: None,
        };
        let at = self.flow.push(id, kind, &tails);
        let around = self.flow.fork();
        let mut out = self.arm(file, &every.steps, words.clone(), None, arm(at, 0));
        match &every.otherwise {
            None => out.extend(after(at)),
            Some(otherwise) => {
                let anchor = format!("{words} (otherwise)");
                out.extend(self.arm(file, otherwise, anchor, None, after(at)));
            }
        }
        self.flow.join(around, every.otherwise.is_none());
        out
    }
}
