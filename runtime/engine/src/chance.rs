//! Chance: splits and draws by hashes, so that a person's lot is the same whoever asks and whenever. An arm, once
//! assigned, is kept with the contact; a prize of which there are only so many is claimed from outside.

use journey_ir::journey::{Measured, Prize, SplitArm};
use journey_ir::{StepIx, StepKind};

use crate::claim::{Claim, Claimed, Limit};
use crate::contact::{Measuring, Position};
use crate::effect::RunId;
use crate::event::Event;
use crate::hash::start_of;
use crate::history::What;
use crate::program::Key;
use crate::run::keep_newest;
use crate::turn::Turn;
use crate::walk::Flow;

/// The parts of a whole that shares are measured in.
const WHOLE: u64 = 10_000;
/// How many measured arms are remembered at a time.
const MOST_MEASURED: usize = 100;
/// How many experiments a contact's arms are kept of.
const MOST_EXPERIMENTS: usize = 200;

impl Turn<'_> {
    /// Takes a `split` step.
    pub(crate) fn split(&mut self, at: usize, step: StepIx, kind: &StepKind) -> Flow {
        let StepKind::Split {
            name,
            arms,
            measured,
        } = kind
        else {
            return Flow::Next(None);
        };
        let Some(arm) = self.assigned(name, arms) else {
            return Flow::Next(None);
        };
        let place = self.place(at, step);
        self.note(What::Allotted {
            place,
            experiment: name.as_str().into(),
            arm: arm.name.as_str().into(),
        });
        if let Some(measured) = measured {
            self.measure(at, step, &arm.name, measured);
        }
        Flow::Next(arm.next)
    }

    /// The arm of an experiment that the contact has, or gets now. One that the experiment no longer has is assigned
    /// anew.
    fn assigned<'k>(&mut self, experiment: &str, arms: &'k [SplitArm]) -> Option<&'k SplitArm> {
        let key = Key::of("experiment", experiment);
        let kept = self.contact.arms.iter().position(|(it, _)| *it == key);
        let known = kept.and_then(|at| self.contact.arms.get(at));
        if let Some((_, name)) = known
            && let Some(arm) = arms.iter().find(|arm| arm.name == *name)
        {
            return Some(arm);
        }
        let share = share_of(&[experiment.as_bytes(), self.contact.id.as_bytes()]);
        let weights = arms.iter().map(|arm| arm.weight);
        let arm = arms.get(lot(share, weights)).or(arms.last())?;
        if let Some(at) = kept {
            self.contact.arms.remove(at);
        }
        self.contact.arms.push((key, arm.name.clone()));
        keep_newest(&mut self.contact.arms, MOST_EXPERIMENTS);
        Some(arm)
    }

    fn measure(&mut self, at: usize, step: StepIx, arm: &str, measured: &Measured) {
        let until = self.after(self.at, measured.within);
        let Some(run) = self.contact.runs.get(at) else {
            return;
        };
        let measuring = Measuring {
            run: run.id,
            version: run.version,
            step,
            arm: arm.to_owned(),
            since: self.at,
            until,
            registers: run.registers.clone(),
        };
        self.contact.measuring.push(measuring);
        keep_newest(&mut self.contact.measuring, MOST_MEASURED);
    }

    /// Counts an event for the arms it is a success of, also of runs that have ended.
    pub(crate) fn successes(&mut self, event: &Event) {
        let mut at = 0;
        while let Some(one) = self.contact.measuring.get(at) {
            let counted = self.success(one, event);
            let over = self.heard_until(one.until) < self.at;
            if counted.is_none() && !over {
                at += 1;
                continue;
            }
            self.contact.measuring.remove(at);
            if let Some(what) = counted {
                self.note(what);
            }
        }
    }

    fn success(&self, one: &Measuring, event: &Event) -> Option<What> {
        let journey = self.program.journey_of(one.version)?;
        let (journey, link) = self.program.journey(journey)?;
        let StepKind::Split {
            name,
            measured: Some(measured),
            ..
        } = &journey.steps.get(one.step.at())?.kind
        else {
            return None;
        };
        let holds = measured.event == event.kind
            && one.since < self.occurred
            && self.occurred <= one.until
            && measured
                .filter
                .is_none_or(|filter| self.scene(Some(event), &one.registers).holds(filter));
        holds.then(|| What::Succeeded {
            journey: link.name.clone(),
            run: one.run,
            experiment: name.as_str().into(),
            arm: one.arm.as_str().into(),
        })
    }

    /// Takes a `draw` step.
    pub(crate) fn draw(&mut self, at: usize, step: StepIx, name: &str, arms: &[Prize]) -> Flow {
        let Some(run) = self.contact.runs.get(at) else {
            return Flow::Next(None);
        };
        // Drawn again in a repeat, it is another draw.
        let again: Vec<u8> = run
            .loops
            .iter()
            .flat_map(|of| of.begun.to_le_bytes())
            .collect();
        let id = run.id;
        let share = share_of(&[
            name.as_bytes(),
            self.contact.id.as_bytes(),
            &id.0.to_le_bytes(),
            &run.entered_at.to_le_bytes(),
            &again,
        ]);
        let drawn = lot(share, arms.iter().map(|arm| arm.weight));
        let Some(prize) = arms.get(drawn) else {
            return self.drew(at, step, name, fallback(arms), false);
        };
        let Some(stock) = prize.stock else {
            return self.drew(at, step, name, Some(prize), false);
        };
        let place = self.place(at, step);
        self.note(What::Claimed {
            place,
            prize: prize.name.as_str().into(),
        });
        self.out.claims.push(Claim {
            run: id,
            what: Claimed::Prize {
                draw: name.to_owned(),
                prize: prize.name.clone(),
            },
            limits: vec![Limit {
                name: format!("granted {name}: {}", prize.name),
                takes: 1,
                of: u64::from(stock),
            }],
        });
        Flow::Park(Position::Claiming {
            step,
            prize: prize.name.clone(),
        })
    }

    fn drew(
        &mut self,
        at: usize,
        step: StepIx,
        name: &str,
        prize: Option<&Prize>,
        refused: bool,
    ) -> Flow {
        let Some(prize) = prize else {
            return Flow::Next(None);
        };
        let place = self.place(at, step);
        self.note(What::Drew {
            place,
            draw: name.into(),
            prize: prize.name.as_str().into(),
            refused,
        });
        Flow::Next(prize.next)
    }

    /// Takes in whether what was claimed was granted.
    pub(crate) fn granted(&mut self, run: RunId, prize: &str, granted: bool) {
        let runs = &self.contact.runs;
        let Some(at) = runs.iter().position(|it| it.id == run) else {
            return;
        };
        let Some(Position::Claiming {
            step,
            prize: claimed,
        }) = runs.get(at).map(|it| it.position.clone())
        else {
            return;
        };
        let Some((journey, _)) = self.journey_at(at) else {
            return;
        };
        let Some(kind) = journey.steps.get(step.at()).map(|it| &it.kind) else {
            return;
        };
        if claimed != prize {
            return;
        }
        let next = if let StepKind::Draw { name, arms } = kind {
            let won = arms.iter().find(|arm| arm.name == prize && granted);
            let flow = match won {
                Some(won) => self.drew(at, step, name, Some(won), false),
                None => self.drew(at, step, name, fallback(arms), true),
            };
            let Flow::Next(next) = flow else { return };
            self.passes(at, step, next);
            next
        } else if granted {
            // The step is taken once more, with its offers in hand.
            self.take_offers(at, kind);
            Some(step)
        } else {
            let next = self.go_without(at, step, kind);
            self.passes(at, step, next);
            next
        };
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.position = Position::Ready(next);
        }
    }
}

/// The arm that is taken where no prize is left.
fn fallback(arms: &[Prize]) -> Option<&Prize> {
    arms.iter().rev().find(|arm| arm.stock.is_none())
}

/// The position of the arm that a share falls into.
fn lot(share: u64, weights: impl Iterator<Item = u32>) -> usize {
    let mut end = 0;
    weights
        .take_while(|weight| {
            end += u64::from(*weight);
            end <= share
        })
        .count()
}

/// A share of 10,000 by a hash of parts: the same for the same parts, whoever asks and whenever.
pub(crate) fn share_of(parts: &[&[u8]]) -> u64 {
    let mut hash = blake3::Hasher::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hash.update(&[0]);
        }
        hash.update(part);
    }
    start_of(hash.finalize().as_bytes()) % WHOLE
}
