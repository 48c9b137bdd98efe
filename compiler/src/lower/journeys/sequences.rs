//! `run`: the steps of a sequence, laid out where it is run, with its parameters bound.

use std::collections::BTreeSet;

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::error::JourneyError;
use super::flow::{Flow, Tail, Tails};
use crate::lower::Lowering;
use crate::lower::parameters::{Bound, Frame};
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// `run starter_emails(gap: 2 days) as first_mails`.
    pub(super) fn run(&mut self, file: FileId, run: &syntax::Run, tails: Tails) -> Tails {
        let name = run.sequence.text.as_str();
        let declared = self.names.get(name);
        self.used.name(name);
        let Some(syntax::Declaration::Sequence(sequence)) = declared.map(|it| it.declaration)
        else {
            if !run.sequence.is_missing() {
                let error = self.names.explain(Kind::Sequence, name);
                self.problems
                    .push(error.at(Location::new(file, run.sequence.span)));
            }
            return tails;
        };
        let home = declared.map_or(file, |it| it.at.file);
        if self.frames.iter().any(|frame| frame.sequence == name) {
            let at = Location::new(file, run.span);
            let name = name.to_owned();
            self.problems.push(JourneyError::RunsItself { name }.at(at));
            return tails;
        }
        let bound = self.bind(file, run, home, sequence);
        let id = self.step_id(file, run.label.as_ref(), name);
        let prefix = std::mem::replace(&mut self.flow.prefix, format!("{id}/"));
        self.flow.runs.push(Location::new(file, run.span));
        let tails = self.inline(home, sequence, bound, tails);
        self.flow.runs.pop();
        self.flow.prefix = prefix;
        self.flow.anchor = format!("run {name}");
        tails
    }

    fn inline(
        &mut self,
        home: FileId,
        sequence: &syntax::Sequence,
        bound: Vec<(String, Bound)>,
        tails: Tails,
    ) -> Tails {
        self.frames.push(Frame {
            sequence: sequence.name.text.clone(),
            bound,
        });
        "start".clone_into(&mut self.flow.anchor);
        let tails = self.block(home, &sequence.steps.steps, tails);
        self.frames.pop();
        tails
    }

    /// What each parameter stands for: the argument, else the default.
    fn bind(
        &mut self,
        file: FileId,
        run: &syntax::Run,
        home: FileId,
        sequence: &syntax::Sequence,
    ) -> Vec<(String, Bound)> {
        self.check_twice(file, &run.arguments);
        for argument in &run.arguments {
            let mut parameters = sequence.parameters.iter();
            if parameters.all(|it| it.name.text != argument.name.text) {
                let known = sequence.parameters.iter().map(|it| it.name.text.as_str());
                let (name, span) = (&argument.name.text, argument.name.span);
                self.unknown_in(
                    Kind::Parameter,
                    name,
                    &sequence.name.text,
                    known,
                    file,
                    span,
                );
            }
        }
        let mut all = Vec::new();
        for parameter in &sequence.parameters {
            let mut arguments = run.arguments.iter();
            let argument = arguments.find(|it| it.name.text == parameter.name.text);
            let bound = match (argument, &parameter.default) {
                (Some(argument), _) => self.bound(file, home, parameter, &argument.value),
                (None, Some(default)) => self.bound_default(home, parameter, default),
                (None, None) => {
                    let error = JourneyError::MissingParameter {
                        name: parameter.name.text.clone(),
                        sequence: sequence.name.text.clone(),
                    };
                    self.problems.push(error.at(Location::new(file, run.span)));
                    Bound::Unknown
                }
            };
            all.push((parameter.name.text.clone(), bound));
        }
        all
    }

    /// A default is read where it is written: it knows no parameters of the caller.
    fn bound_default(
        &mut self,
        home: FileId,
        parameter: &syntax::Parameter,
        default: &syntax::Value,
    ) -> Bound {
        let frames = std::mem::take(&mut self.frames);
        let bound = self.bound(home, home, parameter, default);
        self.frames = frames;
        bound
    }

    fn bound(
        &mut self,
        file: FileId,
        home: FileId,
        parameter: &syntax::Parameter,
        value: &syntax::Value,
    ) -> Bound {
        let scope = Scope::run(file);
        let bound = match &parameter.kind.kind {
            syntax::FieldTypeKind::Template => {
                // A parameter of the caller may be passed on.
                if let syntax::ValueKind::Path(path) = &value.kind {
                    return match self.parameter(&path.to_string()) {
                        Some(bound @ Bound::Template(_)) => bound.clone(),
                        _ => Bound::Template(path.to_string()),
                    };
                }
                let kind = ir::Type::Text;
                match self.constant(value, &kind, file) {
                    Some(ir::Value::Text(name)) => Some(Bound::Template(name)),
                    _ => None,
                }
            }
            syntax::FieldTypeKind::Duration => self
                .expression(value, &ir::Type::Duration, scope)
                .and_then(|it| match it.expression {
                    ir::journey::Expression::Value(ir::Value::Span(span)) => {
                        Some(Bound::Span(span))
                    }
                    _ => None,
                }),
            syntax::FieldTypeKind::Offer => self
                .expression(value, &ir::Type::Offer, scope)
                .and_then(|it| match it.expression {
                    ir::journey::Expression::Offer(offer) => Some(Bound::Offer(offer)),
                    _ => None,
                }),
            _ => {
                let Some(kind) = self.field_type(home, &parameter.kind) else {
                    return Bound::Unknown;
                };
                self.expression(value, &kind, scope).map(|it| Bound::Value {
                    expression: it.expression,
                    kind: it.kind,
                    private: it.private,
                })
            }
        };
        bound.unwrap_or(Bound::Unknown)
    }

    /// Checks the sequences that no journey runs, as far as they can be without a caller.
    pub(in crate::lower) fn unused_sequences(&mut self) {
        let mut used = BTreeSet::new();
        for (_, _, journey) in self.names.journeys() {
            self.collect_runs(&journey.steps, &mut used);
        }
        for (name, file, sequence) in self.names.sequences() {
            self.check_parameters(file, sequence);
            if !used.insert(name.to_owned()) {
                continue;
            }
            self.collect_runs(&sequence.steps.steps, &mut used);
            self.flow = Flow::default();
            let mut bound = Vec::new();
            for parameter in &sequence.parameters {
                let value = match &parameter.default {
                    Some(default) => self.bound_default(file, parameter, default),
                    None => Bound::Unknown,
                };
                bound.push((parameter.name.text.clone(), value));
            }
            self.inline(file, sequence, bound, vec![Tail::Start]);
        }
        self.flow = Flow::default();
    }

    /// The sequences that steps run, and those that these run.
    fn collect_runs(&self, steps: &[syntax::Step], used: &mut BTreeSet<String>) {
        let mut found = Vec::new();
        for step in steps {
            runs(step, &mut found);
        }
        for name in found {
            let declared = self.names.get(name).map(|it| it.declaration);
            if let Some(syntax::Declaration::Sequence(sequence)) = declared
                && used.insert(name.to_owned())
            {
                self.collect_runs(&sequence.steps.steps, used);
            }
        }
    }

    fn check_parameters(&mut self, file: FileId, sequence: &syntax::Sequence) {
        for (at, parameter) in sequence.parameters.iter().enumerate() {
            let mut before = sequence.parameters.iter().take(at);
            if let Some(first) = before.find(|it| it.name.text == parameter.name.text) {
                self.declared_twice(file, &parameter.name, Kind::Parameter, first.name.span);
            }
        }
    }
}

/// The sequences that a step runs, itself or in one of its arms.
fn runs<'s>(step: &'s syntax::Step, found: &mut Vec<&'s str>) {
    let mut within = |block: &'s syntax::Block| {
        for step in &block.steps {
            runs(step, found);
        }
    };
    match step {
        syntax::Step::Run(run) => found.push(&run.sequence.text),
        syntax::Step::If(branch) => {
            branch.arms.iter().for_each(|arm| within(&arm.steps));
            branch.otherwise.iter().for_each(within);
        }
        syntax::Step::Choose(choose) => choose.arms.iter().for_each(|arm| within(&arm.steps)),
        syntax::Step::Split(split) => split.arms.iter().for_each(|arm| within(&arm.steps)),
        syntax::Step::Ask(ask) => ask.arms.iter().for_each(|arm| within(&arm.steps)),
        syntax::Step::Draw(draw) => draw.arms.iter().for_each(|arm| within(&arm.steps)),
        syntax::Step::EveryTime(every) => {
            within(&every.steps);
            every.otherwise.iter().for_each(within);
        }
        syntax::Step::Repeat(repeat) => within(&repeat.steps),
        syntax::Step::Wait(wait) => {
            if let syntax::WaitKind::UpTo {
                race: Some(race), ..
            } = &wait.kind
            {
                race.arms.iter().for_each(|arm| within(&arm.steps));
            }
        }
        syntax::Step::Send(_)
        | syntax::Step::Do(_)
        | syntax::Step::Assign(_)
        | syntax::Step::Set(_)
        | syntax::Step::Tag(_)
        | syntax::Step::Remember(_)
        | syntax::Step::Exit(_)
        | syntax::Step::Unknown(_) => {}
    }
}
