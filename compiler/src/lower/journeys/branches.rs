//! Branches: `if`, `choose by`, `split`.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;

use super::error::JourneyError;
use super::flow::{Tail, Tails, after, arm};
use crate::check::Chain;
use crate::lower::Lowering;
use crate::lower::scope::{Readable, Scope, Subject};
use crate::names::Kind;
use crate::places;
use crate::problem::Location;
use crate::sources::FileId;

/// All people, in hundredths of a percent.
const EVERYONE: u32 = 10_000;

/// What `choose by` looks at.
enum By {
    Read(Readable),
    Lifecycle(ir::LifecycleIx),
}

impl Lowering<'_> {
    /// `if … otherwise if … otherwise …`: without a last `otherwise` the others go on after it.
    pub(super) fn if_step(&mut self, file: FileId, branch: &syntax::If, tails: &[Tail]) -> Tails {
        let mut conditions: Vec<ConditionIx> = Vec::new();
        for arm in &branch.arms {
            let condition = self.condition_after(&arm.condition, &conditions, Scope::run(file));
            conditions.push(condition);
        }
        let words = format!("if after {}", self.flow.anchor);
        let id = self.flow.id(&words);
        let at = self.flow.push(id, branch_of(conditions), tails);
        if !self.flow.unreachable {
            self.written.chains.push(chain_of(
                file,
                branch,
                self.journey_at_hand(),
                ir::StepIx(at as u32),
            ));
        }
        let mut out = Tails::new();
        let around = self.flow.fork();
        for (position, written) in branch.arms.iter().enumerate() {
            let anchor = format!("{words} ({})", position + 1);
            out.extend(self.arm(file, &written.steps, anchor, None, arm(at, position)));
        }
        match &branch.otherwise {
            None => out.extend(after(at)),
            Some(otherwise) => {
                let anchor = format!("{words} (otherwise)");
                out.extend(self.arm(file, otherwise, anchor, None, after(at)));
            }
        }
        self.flow.join(around, branch.otherwise.is_none());
        out
    }

    /// `choose by sex { 여성 { … } 남성 { … } 기타, missing { … } }`.
    pub(super) fn choose(
        &mut self,
        file: FileId,
        choose: &syntax::Choose,
        tails: &[Tail],
    ) -> Tails {
        let scope = Scope::run(file);
        let by = match self.subject(&choose.by, scope) {
            Some(Subject::Read(readable)) => Some(By::Read(readable)),
            Some(Subject::Lifecycle(lifecycle)) => Some(By::Lifecycle(lifecycle)),
            Some(Subject::Now | Subject::Tag) => {
                self.readable(&choose.by, scope);
                None
            }
            None => None,
        };
        let mut covered = Covered::default();
        let mut conditions = Vec::new();
        for written in choose.arms.iter().filter(|it| !is_otherwise(it)) {
            let condition = by
                .as_ref()
                .and_then(|by| self.arm_condition(by, written, &mut covered, scope));
            conditions.push(condition.unwrap_or_else(|| {
                self.gap(file, written.span);
                self.tables.always()
            }));
        }
        if let Some(by) = &by {
            self.check_covered(file, choose, by, &covered);
        }
        let words = format!("choose by {}", choose.by);
        let id = self.flow.id(&words);
        let at = self.flow.push(id, branch_of(conditions), tails);
        let mut out = Tails::new();
        let mut position = 0;
        let mut otherwise = false;
        let around = self.flow.fork();
        for written in &choose.arms {
            let from = if is_otherwise(written) {
                otherwise = true;
                after(at)
            } else {
                position += 1;
                arm(at, position - 1)
            };
            let keys: Vec<String> = written.keys.iter().map(key_words).collect();
            let anchor = format!("{words} ({})", keys.join(", "));
            out.extend(self.arm(file, &written.steps, anchor, None, from));
        }
        if !otherwise {
            out.extend(after(at));
        }
        self.flow.join(around, !otherwise);
        words.clone_into(&mut self.flow.anchor);
        out
    }

    /// The condition of an arm: that the value is any of its keys.
    fn arm_condition(
        &mut self,
        by: &By,
        written: &syntax::ChooseArm,
        covered: &mut Covered,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let mut parts = Vec::new();
        let mut values = Vec::new();
        let mut complete = true;
        for key in &written.keys {
            match (key, by) {
                (syntax::ArmKey::Value(value), By::Read(left)) => {
                    match self.constant(value, &left.kind, scope.file) {
                        Some(constant) => {
                            self.cover(covered, &constant, value.span, scope.file);
                            values.push(constant);
                        }
                        None => complete = false,
                    }
                }
                (syntax::ArmKey::Value(value), By::Lifecycle(lifecycle)) => {
                    match self.stage_value(*lifecycle, value, scope) {
                        Some(stage) => {
                            let name = self.stage_names(*lifecycle).into_iter().nth(stage.at());
                            let name = ir::Value::Text(name.unwrap_or_default());
                            self.cover(covered, &name, value.span, scope.file);
                            let lifecycle = *lifecycle;
                            parts.push(self.tables.is(ir::Atom::Stage { lifecycle, stage }));
                        }
                        None => complete = false,
                    }
                }
                (syntax::ArmKey::Missing(_), By::Read(left)) => {
                    covered.missing = true;
                    let left = left.source.clone();
                    let test = ir::Comparison::IsMissing;
                    parts.push(self.tables.is(ir::Atom::Compare { left, test }));
                }
                (syntax::ArmKey::Missing(span), By::Lifecycle(_)) => {
                    let at = Location::new(scope.file, *span);
                    self.problems.push(JourneyError::NeverMissing.at(at));
                }
                (syntax::ArmKey::Otherwise(_), _) => {}
                (syntax::ArmKey::Unknown(_), _) => {
                    covered.unknown = true;
                    complete = false;
                }
            }
        }
        if !complete {
            covered.unknown = true;
            return None;
        }
        if let By::Read(left) = by
            && let Some(test) = one_of(values)
        {
            let left = left.source.clone();
            parts.insert(0, self.tables.is(ir::Atom::Compare { left, test }));
        }
        (!parts.is_empty()).then(|| self.tables.any(parts))
    }

    /// Warns of a value that an earlier arm has taken.
    fn cover(
        &mut self,
        covered: &mut Covered,
        value: &ir::Value,
        span: syntax::Span,
        file: FileId,
    ) {
        let at = Location::new(file, span);
        if let Some((_, first)) = covered.values.iter().find(|(it, _)| it == value) {
            let first = *first;
            self.problems.push(JourneyError::Shadowed { first }.at(at));
        } else {
            covered.values.push((value.clone(), at));
        }
    }

    /// Reports values that no arm takes.
    fn check_covered(&mut self, file: FileId, choose: &syntax::Choose, by: &By, covered: &Covered) {
        let has_otherwise = choose.arms.iter().any(is_otherwise);
        if has_otherwise || covered.unknown || !choose.unknown.is_empty() {
            return;
        }
        let (all, optional) = match by {
            By::Lifecycle(lifecycle) => (Some(self.stage_names(*lifecycle)), false),
            By::Read(readable) => (words_of(&readable.kind), readable.optional),
        };
        let at = Location::new(file, choose.by.span);
        let name = choose.by.to_string();
        let brace = choose.span.end.saturating_sub(1);
        let end = choose.arms.last().map_or(brace, |arm| arm.span.end);
        let insert = Location::new(file, syntax::Span::new(end, end));
        let Some(all) = all else {
            self.problems
                .push(JourneyError::OpenChoice { name, insert }.at(at));
            return;
        };
        let is_covered = |word: &String| covered.values.iter().any(|(it, _)| is_word(it, word));
        let mut left: Vec<String> = all.into_iter().filter(|it| !is_covered(it)).collect();
        if optional && !covered.missing {
            left.push("missing".to_owned());
        }
        if !left.is_empty() {
            let error = JourneyError::MissingArms { name, left, insert };
            self.problems.push(error.at(at));
        }
    }

    /// `split subject_test { 45% a { … } 55% b { … } }`.
    pub(super) fn split(&mut self, file: FileId, split: &syntax::Split, tails: &[Tail]) -> Tails {
        let measured = match &split.measured {
            None => None,
            Some(measured) => {
                let lowered = self.success(file, measured);
                if lowered.is_none() {
                    self.gap(file, measured.span);
                }
                lowered
            }
        };
        let mut arms: Vec<ir::journey::SplitArm> = Vec::new();
        let mut seen: Vec<&syntax::Name> = Vec::new();
        for written in &split.arms {
            if let Some(first) = seen.iter().find(|it| it.text == written.name.text) {
                let first = first.span;
                self.declared_twice(file, &written.name, Kind::Label, first);
            }
            seen.push(&written.name);
            let weight = self.weight(file, written.share);
            arms.push(ir::journey::SplitArm {
                name: written.name.text.clone(),
                weight,
                next: None,
            });
        }
        self.check_sum(file, split, &arms);
        let words = format!("split {}", split.name.text);
        let id = self.flow.id(&words);
        let kind = ir::StepKind::Split {
            name: split.name.text.clone(),
            arms,
            measured,
        };
        let at = self.flow.push(id, kind, tails);
        let mut out = Tails::new();
        let around = self.flow.fork();
        for (position, written) in split.arms.iter().enumerate() {
            let anchor = format!("{words} ({})", written.name.text);
            out.extend(self.arm(file, &written.steps, anchor, None, arm(at, position)));
        }
        self.flow.join(around, false);
        words.clone_into(&mut self.flow.anchor);
        out
    }

    /// `measured by purchase within 3 days`.
    fn success(
        &mut self,
        file: FileId,
        measured: &syntax::Measured,
    ) -> Option<ir::journey::Measured> {
        let pattern = self.event_pattern(&measured.event, Scope::run(file));
        let within = self.wait_span(measured.within, file);
        let (event, filter) = pattern?;
        Some(ir::journey::Measured {
            event,
            filter,
            within: within?,
        })
    }

    /// A share in hundredths of a percent; 0 where it is out of range, which is reported.
    pub(in crate::lower) fn weight(&mut self, file: FileId, share: syntax::Decimal) -> u32 {
        let weight = share.at_scale(2).and_then(|it| u32::try_from(it).ok());
        match weight {
            Some(weight) if weight > 0 && weight <= EVERYONE => weight,
            _ => {
                let at = Location::new(file, share.span);
                self.problems.push(JourneyError::ShareOutOfRange.at(at));
                0
            }
        }
    }

    fn check_sum(&mut self, file: FileId, split: &syntax::Split, arms: &[ir::journey::SplitArm]) {
        let sum: u32 = arms.iter().map(|it| it.weight).sum();
        // A share that is out of range was reported, and an arm that cannot be read has an unknown one.
        let reported = !split.unknown.is_empty() || arms.iter().any(|it| it.weight == 0);
        if sum != EVERYONE && !reported {
            let at = Location::new(file, split.name.span);
            let shares = arms.iter().map(|it| it.weight).collect();
            self.problems.push(JourneyError::SplitSum { shares }.at(at));
        }
    }
}

/// What the arms of a `choose by` take.
#[derive(Debug, Default)]
struct Covered {
    values: Vec<(ir::Value, Location)>,
    missing: bool,
    /// Whether a key could not be read, so that it is not known what is taken.
    unknown: bool,
}

fn branch_of(conditions: Vec<ConditionIx>) -> ir::StepKind {
    ir::StepKind::Branch {
        arms: conditions.into_iter().map(|it| (it, None)).collect(),
        otherwise: None,
    }
}

fn chain_of(file: FileId, branch: &syntax::If, journey: ir::JourneyIx, step: ir::StepIx) -> Chain {
    let at = |span| Location::new(file, span);
    Chain {
        journey,
        step,
        arms: branch
            .arms
            .iter()
            .map(|arm| at(arm.condition.span()))
            .collect(),
        otherwise: branch
            .otherwise
            .as_ref()
            .map(|block| at(places::otherwise(branch, block))),
    }
}

fn is_otherwise(arm: &syntax::ChooseArm) -> bool {
    arm.keys
        .iter()
        .any(|key| matches!(key, syntax::ArmKey::Otherwise(_)))
}

fn one_of(mut values: Vec<ir::Value>) -> Option<ir::Comparison> {
    match values.len() {
        0 => None,
        1 => values
            .pop()
            .map(|value| ir::Comparison::Is(ir::Operand::Value(value))),
        _ => Some(ir::Comparison::IsOneOf(values)),
    }
}

/// All values of a type that can be listed, as they are written.
fn words_of(kind: &ir::Type) -> Option<Vec<String>> {
    match kind {
        ir::Type::OneOf(choices) | ir::Type::Scale(choices) => Some(choices.clone()),
        ir::Type::YesNo => Some(vec!["yes".to_owned(), "no".to_owned()]),
        _ => None,
    }
}

fn is_word(value: &ir::Value, word: &str) -> bool {
    match value {
        ir::Value::Text(text) => text == word,
        ir::Value::YesNo(yes) => (if *yes { "yes" } else { "no" }) == word,
        _ => false,
    }
}

/// A key of an arm, for ids.
fn key_words(key: &syntax::ArmKey) -> String {
    match key {
        syntax::ArmKey::Value(value) => match &value.kind {
            syntax::ValueKind::Path(path) => path.to_string(),
            syntax::ValueKind::Text(text) => text.text.clone(),
            syntax::ValueKind::YesNo(true) => "yes".to_owned(),
            syntax::ValueKind::YesNo(false) => "no".to_owned(),
            syntax::ValueKind::Number(number) => number
                .at_scale(6)
                .map(|it| ir::Decimal(it).to_string())
                .unwrap_or_default(),
            syntax::ValueKind::Percent(_)
            | syntax::ValueKind::Money(_)
            | syntax::ValueKind::Duration(_)
            | syntax::ValueKind::Date(_)
            | syntax::ValueKind::Clock(_)
            | syntax::ValueKind::Moment(_)
            | syntax::ValueKind::Zone(_)
            | syntax::ValueKind::Several(_)
            | syntax::ValueKind::Missing => "value".to_owned(),
        },
        syntax::ArmKey::Missing(_) => "missing".to_owned(),
        syntax::ArmKey::Otherwise(_) => "otherwise".to_owned(),
        syntax::ArmKey::Unknown(_) => String::new(),
    }
}
