//! A journey as boxes and lines.

use std::collections::BTreeMap;

use journey_ir as ir;
use journey_ir::StepIx;

use super::compare::Changes;
use super::layout::{self, Laid, Line, Placed, Shape, Status, Words};
use super::measure::{width, wrap};
use crate::explain::{self, JourneyTold, Passage, Told};
use crate::outline::Ends;
use crate::sentences::{Look, Teller};

/// Room around the whole picture.
const MARGIN: f64 = 28.0;
/// The size of the title and the height of its line.
pub(super) const TITLE: (f64, f64) = (19.0, 26.0);
/// The least width of a picture, so that a short journey has room for its title.
const LEAST_WIDTH: f64 = 420.0;

/// What is drawn besides the journey itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Where each step was written: `journeys/welcome.journey:12`.
    pub(crate) written: BTreeMap<StepIx, String>,
    /// What is different from another version.
    pub(crate) changes: Option<Changes>,
}

/// A drawing with all places known, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: Vec<String>,
    pub(super) doc: Vec<String>,
    pub(super) boxes: Vec<Placed>,
    pub(super) lines: Vec<Line>,
    /// Where its steps were written.
    pub(super) written: BTreeMap<StepIx, String>,
}

/// Draws a journey.
pub(crate) fn picture(teller: Teller<'_>, journey: &ir::Journey, settings: &Settings) -> Picture {
    let told = explain::journey(teller, journey);
    let drawing = Drawing {
        teller,
        journey,
        settings,
    };
    let mut blocks = vec![layout::boxed(
        Shape::Entry,
        Words {
            head: teller.word("Enter", "시작").to_owned(),
            details: vec![teller.entry(journey)],
            tip: teller.entry(journey),
            ..Words::default()
        },
    )];
    blocks.extend(drawing.blocks(&told.steps));
    let mut flow = layout::stack(blocks);
    if flow.goes_on {
        let end = layout::boxed(
            Shape::End,
            Words {
                head: teller.word("Done", "완료").to_owned(),
                tip: teller
                    .word("The run is complete.", "여정을 마칩니다.")
                    .to_owned(),
                ..Words::default()
            },
        );
        flow = layout::stack(vec![flow, end]);
    }
    drawing.compose(&told, flow)
}

struct Drawing<'a> {
    teller: Teller<'a>,
    journey: &'a ir::Journey,
    settings: &'a Settings,
}

impl Drawing<'_> {
    fn blocks(&self, passages: &[Passage]) -> Vec<Laid> {
        let block = |passage: &Passage| match passage {
            Passage::Sequence { title, steps } => {
                layout::framed(title, layout::stack(self.blocks(steps)))
            }
            Passage::Step(told) => self.step(told),
        };
        passages.iter().map(block).collect()
    }

    fn step(&self, told: &Told) -> Laid {
        let shown = self.teller.step(self.journey, told.step);
        let Some(shown) = shown else {
            return Laid::default();
        };
        let change = self.change(told.step);
        let mut badges: Vec<String> = shown.badge.into_iter().collect();
        badges.extend(self.status_word(change.0));
        let mut tip = format!("{}. {}", told.number, told.sentence);
        if let Some(before) = &change.1 {
            tip = format!("{tip}\n{}: {before}", self.teller.word("before", "이전"));
        }
        let head = Words {
            head: shown.head,
            details: shown.details,
            badges,
            tip,
            step: Some(told.step),
            status: change.0,
        };
        let mut head = layout::boxed(Shape::Step(shown.look), head);
        if told.arms.is_empty() {
            let exit = matches!(
                self.journey.steps.get(told.step.at()).map(|it| &it.kind),
                Some(ir::StepKind::Exit { .. })
            );
            head.goes_on = !exit;
            return head;
        }
        let ways = self.teller.ways(self.journey, told.step);
        if shown.look == Look::Repeat {
            let body = told.arms.iter().flat_map(|it| self.blocks(&it.steps));
            return layout::looped(head, body.collect());
        }
        // Nobody takes the `otherwise` of a choice that has an arm for everyone.
        let arms = told.arms.iter().zip(ways);
        let arms = arms.filter(|(arm, way)| !(way.nobody && arm.steps.is_empty()));
        let arms = arms.map(|(arm, way)| {
            let steps = self.blocks(&arm.steps);
            let steps = (!steps.is_empty()).then(|| layout::stack(steps));
            let mut laid = layout::arm(arm.kind, way.short, steps);
            laid.goes_on &= arm.ends != Ends::Dead;
            laid
        });
        layout::fork(head, arms.collect())
    }

    fn change(&self, step: StepIx) -> (Status, Option<String>) {
        let changes = self.settings.changes.as_ref();
        let change = changes.and_then(|it| it.steps.get(&step));
        change.cloned().unwrap_or_default()
    }

    fn status_word(&self, status: Status) -> Option<String> {
        let (en, ko) = match status {
            Status::Same => return None,
            Status::Added => ("new", "추가"),
            Status::Changed => ("changed", "변경"),
            Status::Removed => ("removed", "삭제"),
        };
        Some(self.teller.word(en, ko).to_owned())
    }

    /// Puts the title, the cards of goal and exits, the flow, and what is gone below each other.
    fn compose(&self, told: &JourneyTold, flow: Laid) -> Picture {
        let cards = self.cards();
        let removed = self.removed();
        let title_room = (flow.left + flow.right).max(LEAST_WIDTH);
        let title = wrap(&told.title, TITLE.0, title_room);
        let doc: Vec<String> = told
            .doc
            .iter()
            .flat_map(|it| wrap(it, layout::DETAIL.0, title_room))
            .collect();
        let widest = title
            .iter()
            .map(|it| width(it, TITLE.0) * 1.06)
            .fold(title_room, f64::max);
        let inner = widest
            .max(
                cards
                    .iter()
                    .map(|it| it.left + it.right)
                    .fold(0.0, f64::max),
            )
            .max(
                removed
                    .iter()
                    .map(|it| it.left + it.right)
                    .fold(0.0, f64::max),
            );
        let mut picture = Picture {
            width: (inner + 2.0 * MARGIN).ceil(),
            height: MARGIN + title.len() as f64 * TITLE.1 + doc.len() as f64 * layout::DETAIL.1,
            title,
            doc,
            boxes: Vec::new(),
            lines: Vec::new(),
            written: self.settings.written.clone(),
        };
        picture.height += 12.0;
        picture.rows(cards, inner);
        let spare = (inner - flow.left - flow.right) / 2.0;
        let x = MARGIN + spare + flow.left;
        let height = flow.height;
        let flow = flow.shifted(x, picture.height);
        picture.boxes.extend(flow.boxes);
        picture.lines.extend(flow.lines);
        picture.height += height + 16.0;
        picture.rows(removed, inner);
        picture.height = (picture.height + MARGIN - 16.0).ceil();
        picture
    }

    /// The goal, and what ends a run anywhere.
    fn cards(&self) -> Vec<Laid> {
        let lines = self.teller.header(self.journey);
        let goal = self.teller.word("Goal", "목표");
        let ends = self.teller.word("Ends", "끝나는 때");
        let card = |line: crate::sentences::HeaderLine| {
            let shape = if line.label == goal {
                Shape::Goal
            } else if line.label == ends {
                Shape::Rule
            } else {
                return None;
            };
            let words = Words {
                tip: format!("{}: {}", line.label, line.words),
                head: line.label,
                details: vec![line.words],
                ..Words::default()
            };
            Some(layout::boxed(shape, words))
        };
        lines.into_iter().filter_map(card).collect()
    }

    /// Steps that the other version has and this one has not.
    fn removed(&self) -> Vec<Laid> {
        let changes = self.settings.changes.iter();
        let gone = changes.flat_map(|it| &it.removed);
        let card = |(look, sentence): &(Look, String)| {
            let words = Words {
                head: sentence.clone(),
                badges: self.status_word(Status::Removed).into_iter().collect(),
                tip: sentence.clone(),
                status: Status::Removed,
                ..Words::default()
            };
            layout::boxed(Shape::Step(*look), words)
        };
        gone.map(card).collect()
    }
}

impl Picture {
    /// Places blocks in rows that are no wider than `room`, below what stands there.
    fn rows(&mut self, blocks: Vec<Laid>, room: f64) {
        let (mut x, mut tallest) = (0.0, 0.0);
        let mut any = false;
        for block in blocks {
            let (block_width, height) = (block.left + block.right, block.height);
            if x > 0.0 && x + block_width > room {
                self.height += tallest + 10.0;
                (x, tallest) = (0.0, 0.0);
            }
            let left = block.left;
            let block = block.shifted(MARGIN + x + left, self.height);
            self.boxes.extend(block.boxes);
            x += block_width + 10.0;
            tallest = f64::max(tallest, height);
            any = true;
        }
        if any {
            self.height += tallest + 22.0;
        }
    }
}

#[cfg(test)]
impl Picture {
    /// Pairs of boxes that overlap; frames contain others and do not count.
    pub(crate) fn overlaps(&self) -> Vec<(String, String)> {
        let solid: Vec<&Placed> = self
            .boxes
            .iter()
            .filter(|it| it.shape != Shape::Frame)
            .collect();
        let mut found = Vec::new();
        for (at, one) in solid.iter().enumerate() {
            for other in solid.iter().skip(at + 1) {
                let apart = one.x + one.w <= other.x
                    || other.x + other.w <= one.x
                    || one.y + one.h <= other.y
                    || other.y + other.h <= one.y;
                if !apart {
                    found.push((one.head.join(" "), other.head.join(" ")));
                }
            }
        }
        found
    }

    /// The steps that are drawn, each as often as it is.
    pub(crate) fn steps(&self) -> Vec<StepIx> {
        self.boxes.iter().filter_map(|it| it.step).collect()
    }

    /// Boxes that stand out of the picture.
    pub(crate) fn outside(&self) -> usize {
        let inside = |it: &&Placed| {
            it.x >= 0.0 && it.y >= 0.0 && it.x + it.w <= self.width && it.y + it.h <= self.height
        };
        self.boxes.len() - self.boxes.iter().filter(inside).count()
    }
}
