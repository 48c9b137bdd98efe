//! A journey in numbered sentences.

use std::collections::BTreeMap;
use std::fmt::Write;

use journey_ir as ir;
use journey_ir::{StepIx, StepKind};

use crate::outline::{self, Block, Ends, Item};
use crate::sentences::{HeaderLine, Look, Teller, WayKind, either_way, say};

/// A journey as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JourneyTold {
    /// Its title.
    pub(crate) title: String,
    /// Its name.
    pub(crate) name: String,
    /// Its description.
    pub(crate) doc: Option<String>,
    /// Who enters, how often, what for, what ends it.
    pub(crate) header: Vec<HeaderLine>,
    /// Its steps.
    pub(crate) steps: Vec<Passage>,
    /// How much a person can get, and what they must have agreed to.
    pub(crate) notes: Vec<HeaderLine>,
}

/// A part of a telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passage {
    /// One step.
    Step(Told),
    /// The steps of a sequence.
    Sequence {
        /// What it is called.
        title: String,
        /// Its steps.
        steps: Vec<Passage>,
    },
}

/// A step as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The step.
    pub(crate) step: StepIx,
    /// Its number: `2.1`.
    pub(crate) number: String,
    /// What kind of thing it is.
    pub(crate) look: Look,
    /// What it does.
    pub(crate) sentence: String,
    /// Its ways, where there are several.
    pub(crate) arms: Vec<ArmTold>,
}

/// One way out of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArmTold {
    /// What leads into it.
    pub(crate) kind: WayKind,
    /// When it is taken.
    pub(crate) words: String,
    /// Its steps.
    pub(crate) steps: Vec<Passage>,
    /// How it ends.
    pub(crate) ends: Ends,
}

/// Tells a journey.
pub(crate) fn journey(teller: Teller<'_>, journey: &ir::Journey) -> JourneyTold {
    let mut telling = Telling {
        teller,
        journey,
        numbers: BTreeMap::new(),
    };
    let block = outline::outline(journey);
    let steps = telling.block(&block, "", 0, &mut 0);
    let number = |step: StepIx| telling.numbers.get(&step).cloned().unwrap_or_default();
    let mut notes = teller.worst_case(journey);
    notes.extend(teller.caps(journey));
    notes.extend(teller.consents(journey, number));
    JourneyTold {
        title: teller.journey(journey).to_owned(),
        name: journey.name.clone(),
        doc: teller.titles.doc(&journey.name).map(str::to_owned),
        header: teller.header(journey),
        steps,
        notes,
    }
}

struct Telling<'a> {
    teller: Teller<'a>,
    journey: &'a ir::Journey,
    numbers: BTreeMap<StepIx, String>,
}

impl Telling<'_> {
    /// Steps that follow each other. Those of a sequence, which share the beginning of their ids, stand together.
    fn block(&mut self, block: &Block, above: &str, depth: usize, count: &mut u32) -> Vec<Passage> {
        self.items(&block.items, above, depth, count)
    }

    fn items(
        &mut self,
        items: &[Item],
        above: &str,
        depth: usize,
        count: &mut u32,
    ) -> Vec<Passage> {
        let mut told = Vec::new();
        let mut rest = items;
        while let Some((item, after)) = rest.split_first() {
            let Some(run) = self.sequence(item.step, depth) else {
                *count += 1;
                told.extend(self.item(item, above, depth, *count).map(Passage::Step));
                rest = after;
                continue;
            };
            let same = |it: &&Item| self.sequence(it.step, depth).as_ref() == Some(&run);
            let together = rest.iter().take_while(same).count();
            let (inside, outside) = rest.split_at(together);
            let steps = self.items(inside, above, depth + 1, count);
            let title = self.sequence_title(&run);
            told.push(Passage::Sequence { title, steps });
            rest = outside;
        }
        told
    }

    /// The label of the sequence that a step belongs to, below `depth` others.
    fn sequence(&self, step: StepIx, depth: usize) -> Option<String> {
        let step = self.journey.steps.get(step.at())?;
        let labels: Vec<&str> = step.id.split('/').collect();
        let (_, labels) = labels.split_last()?;
        labels.get(depth).map(|it| (*it).to_owned())
    }

    /// The second run of a sequence is labelled `name 2`.
    fn sequence_title(&self, label: &str) -> String {
        let name = label
            .rsplit_once(' ')
            .filter(|(_, n)| n.chars().all(|c| c.is_ascii_digit()))
            .map_or(label, |(name, _)| name);
        self.teller.titles.title(name).to_owned()
    }

    fn item(&mut self, item: &Item, above: &str, depth: usize, count: u32) -> Option<Told> {
        let shown = self.teller.step(self.journey, item.step)?;
        let number = format!("{above}{count}");
        self.numbers.insert(item.step, number.clone());
        let ways = self.teller.ways(self.journey, item.step);
        let inner = format!("{number}.");
        let mut inner_count = 0;
        let kind = self.journey.steps.get(item.step.at()).map(|it| &it.kind);
        let either_way = matches!(
            kind,
            Some(StepKind::Race { arms, timeout, .. }) if either_way(arms, *timeout).is_some()
        );
        let arms = ways
            .into_iter()
            .zip(&item.arms)
            // Where all go on alike the sentence says so, and nobody is told of a way that is nobody's.
            .filter(|(way, block)| !(either_way || way.nobody && block.items.is_empty()))
            .map(|(way, block)| ArmTold {
                kind: way.kind,
                words: way.words,
                steps: self.block(block, &inner, depth, &mut inner_count),
                ends: block.ends,
            })
            .collect();
        Some(Told {
            step: item.step,
            number,
            look: shown.look,
            sentence: shown.sentence,
            arms,
        })
    }
}

impl JourneyTold {
    /// The telling as plain text.
    pub(crate) fn text(&self, teller: Teller<'_>) -> String {
        let mut out = String::new();
        if self.title == self.name {
            push(&mut out, 0, &self.title);
        } else {
            push(&mut out, 0, &format!("{} ({})", self.title, self.name));
        }
        for line in self.doc.iter().flat_map(|it| it.lines()) {
            push(&mut out, 0, &format!("  {}", line.trim()));
        }
        for line in &self.header {
            push(&mut out, 0, &format!("· {}: {}", line.label, line.words));
        }
        out.push('\n');
        passages(&self.steps, 0, teller, &mut out);
        if !self.notes.is_empty() {
            out.push('\n');
        }
        for line in &self.notes {
            push(&mut out, 0, &format!("· {}: {}", line.label, line.words));
        }
        out
    }
}

fn push(out: &mut String, indent: usize, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{:indent$}{line}", "");
}

fn passages(all: &[Passage], indent: usize, teller: Teller<'_>, out: &mut String) {
    for passage in all {
        match passage {
            Passage::Sequence { title, steps } => {
                let head = say!(teller, "┌ {title}", "┌ {title}");
                push(out, indent, &head);
                passages(steps, indent + 2, teller, out);
            }
            Passage::Step(told) => step(told, indent, teller, out),
        }
    }
}

fn step(told: &Told, indent: usize, teller: Teller<'_>, out: &mut String) {
    let number = &told.number;
    push(out, indent, &format!("{number}. {}", told.sentence));
    let inner = indent + number.chars().count() + 2;
    for arm in &told.arms {
        // `if` without `otherwise`: the others simply go on.
        if arm.steps.is_empty() && arm.kind == WayKind::Otherwise && arm.ends == Ends::GoesOn {
            continue;
        }
        match arm.steps.as_slice() {
            [] => {
                let ends = ending(arm.ends, teller);
                push(out, inner, &format!("{} → {ends}", arm.words));
            }
            [Passage::Step(only)] if only.arms.is_empty() => {
                let Told {
                    number, sentence, ..
                } = only;
                push(out, inner, &format!("{} → {number}. {sentence}", arm.words));
            }
            steps => {
                push(out, inner, &format!("{}:", arm.words));
                passages(steps, inner + 2, teller, out);
            }
        }
    }
}

/// How an arm without steps ends.
pub(crate) fn ending(ends: Ends, teller: Teller<'_>) -> &'static str {
    let (en, ko) = match ends {
        Ends::GoesOn => ("goes on", "다음으로 갑니다"),
        Ends::Complete => ("done", "여정을 마칩니다"),
        Ends::Dead => ("ends", "끝납니다"),
    };
    if teller.is_korean() { ko } else { en }
}
