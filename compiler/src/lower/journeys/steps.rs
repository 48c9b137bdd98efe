//! Steps in written order, each led to by what came before it.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::error::JourneyError;
use super::flow::{MOST_STEPS, Tail, Tails, after};
use crate::lower::Lowering;
use crate::lower::schema::CONTACT;
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::places::StepPlaces;
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Lowers the steps of a journey.
    pub(super) fn steps_of(&mut self, file: FileId, steps: &[syntax::Step]) {
        "entry".clone_into(&mut self.flow.anchor);
        self.block(file, steps, vec![Tail::Start]);
    }

    /// Lowers steps that follow each other; the ways that lead out of the last one.
    pub(super) fn block(
        &mut self,
        file: FileId,
        steps: &[syntax::Step],
        mut tails: Tails,
    ) -> Tails {
        let mut rest = steps.iter();
        while let Some(step) = rest.next() {
            if tails.is_empty() && !self.flow.unreachable {
                let last = rest.as_slice().last().unwrap_or(step);
                self.unreachable(file, step, last, rest.as_slice());
                break;
            }
            tails = self.step(file, step, tails);
        }
        tails
    }

    /// Warns of steps that nobody reaches. They are checked like all others, and left out of the program.
    fn unreachable(
        &mut self,
        file: FileId,
        first: &syntax::Step,
        last: &syntax::Step,
        rest: &[syntax::Step],
    ) {
        let at = Location::new(file, first.span().to(last.span()));
        self.problems.push(JourneyError::Unreachable.at(at));
        let reached = self.flow.steps.len();
        let registers = self.flow.registers.len();
        self.flow.unreachable = true;
        self.step(file, first, Tails::new());
        self.block(file, rest, Tails::new());
        self.flow.unreachable = false;
        self.flow.steps.truncate(reached);
        self.flow.places.truncate(reached);
        self.flow.registers.truncate(registers);
    }

    /// Lowers the steps of an arm, under which events are known that are not elsewhere.
    pub(super) fn arm(
        &mut self,
        file: FileId,
        block: &syntax::Block,
        anchor: String,
        known: Option<ir::EventIx>,
        tails: Tails,
    ) -> Tails {
        let before = std::mem::replace(&mut self.flow.anchor, anchor);
        let (depth, kept) = (self.flow.known.len(), self.flow.kept.len());
        self.flow.known.extend(known);
        let tails = self.block(file, &block.steps, tails);
        let seen = self.flow.known.split_off(depth);
        if !tails.is_empty() {
            self.flow.seen.push(seen);
        }
        self.flow.kept.truncate(kept);
        self.flow.anchor = before;
        tails
    }

    fn step(&mut self, file: FileId, step: &syntax::Step, tails: Tails) -> Tails {
        self.flow.laid_out += 1;
        if self.flow.laid_out > MOST_STEPS {
            if !self.flow.full {
                self.flow.full = true;
                let at = Location::new(file, step.span());
                self.problems.push(JourneyError::TooManySteps.at(at));
            }
            return tails;
        }
        let before = self.flow.steps.len();
        let places = StepPlaces::of(file, step, &self.flow.runs);
        let around = std::mem::replace(&mut self.flow.here, places);
        let tails = match step {
            syntax::Step::Send(send) => self.send(file, send, tails),
            syntax::Step::Wait(wait) => self.wait(file, wait, tails),
            syntax::Step::If(branch) => self.if_step(file, branch, &tails),
            syntax::Step::Choose(choose) => self.choose(file, choose, &tails),
            syntax::Step::Split(split) => self.split(file, split, &tails),
            syntax::Step::Run(run) => self.run(file, run, tails),
            syntax::Step::Do(call) => self.call(file, call, tails),
            syntax::Step::Assign(assign) => self.assign(file, assign, tails),
            syntax::Step::Set(set) => self.set(file, set, tails),
            syntax::Step::Tag(tag) => self.tag(tag, &tails),
            syntax::Step::Exit(exit) => self.exit(exit, &tails),
            syntax::Step::Repeat(repeat) => self.repeat(file, repeat, tails),
            syntax::Step::Ask(ask) => self.ask(file, ask, tails),
            syntax::Step::Draw(draw) => self.draw(file, draw, &tails),
            syntax::Step::EveryTime(every) => self.every_time(file, every, tails),
            syntax::Step::Remember(remember) => self.remember(file, remember, tails),
            syntax::Step::Unknown(_) => tails,
        };
        self.flow.here = around;
        // An empty sequence is the only step that becomes none.
        if self.flow.steps.len() == before && !matches!(step, syntax::Step::Run(_)) {
            self.gap(file, step.span());
        }
        tails
    }

    /// The id of a step: its label, else these words. A named step is what waits after it are named by.
    pub(super) fn step_id(
        &mut self,
        file: FileId,
        label: Option<&syntax::Name>,
        words: &str,
    ) -> String {
        let structural = self.flow.id(words);
        let Some(label) = label.filter(|it| !it.is_missing()) else {
            return structural;
        };
        let at = Location::new(file, label.span);
        match self.flow.labelled(&label.text, at) {
            Ok(id) => id,
            Err(first) => {
                let first = first.span;
                self.declared_twice(file, label, Kind::Label, first);
                structural
            }
        }
    }

    /// Adds a step with one way out, named by what it does.
    pub(super) fn simple(
        &mut self,
        file: FileId,
        label: Option<&syntax::Name>,
        words: &str,
        kind: ir::StepKind,
        tails: &[Tail],
    ) -> Tails {
        let id = self.step_id(file, label, words);
        words.clone_into(&mut self.flow.anchor);
        after(self.flow.push(id, kind, tails))
    }

    fn set(&mut self, file: FileId, set: &syntax::SetAttribute, tails: Tails) -> Tails {
        let scope = Scope::run(file);
        let name = set.attribute.to_string();
        let Some(attribute) = self.attribute(&name) else {
            if !set.attribute.is_missing() && !self.incomplete.contains(CONTACT) {
                let error = self.names.explain(Kind::Attribute, &name);
                self.problems
                    .push(error.at(Location::new(file, set.attribute.span)));
            }
            return tails;
        };
        let ir::Source::Attribute(at) = attribute.source else {
            return tails;
        };
        if matches!(attribute.kind, ir::Type::YearsSince(_)) {
            self.misplaced(
                file,
                set.attribute.span,
                (
                    "this attribute is computed and cannot be set",
                    "이 속성은 계산되는 값이라 바꿀 수 없습니다",
                ),
            );
            return tails;
        }
        let Some(to) = self.expression(&set.value, &attribute.kind, scope) else {
            return tails;
        };
        let is_private = |at: ir::AttributeIx| {
            let attribute = self.program.schema.attributes.get(at.at());
            attribute.is_some_and(|it| it.private)
        };
        if let Some(private) = to.private.filter(|_| !is_private(at)) {
            let error = JourneyError::PrivateKept {
                name: private,
                attribute: name.clone(),
            };
            self.problems
                .push(error.at(Location::new(file, set.value.span)));
        }
        let kind = ir::StepKind::Set {
            attribute: at,
            to: to.expression,
            next: None,
        };
        self.simple(file, None, &format!("set {name}"), kind, &tails)
    }

    fn tag(&mut self, tag: &syntax::Tag, tails: &[Tail]) -> Tails {
        let add = tag.change.value == syntax::TagChange::Add;
        let verb = if add { "add" } else { "remove" };
        let words = format!("{verb} tag {}", tag.tag.text);
        let kind = ir::StepKind::Tag {
            tag: tag.tag.text.clone(),
            add,
            next: None,
        };
        let id = self.flow.id(&words);
        self.flow.anchor = words;
        after(self.flow.push(id, kind, tails))
    }

    fn exit(&mut self, exit: &syntax::Exit, tails: &[Tail]) -> Tails {
        let reason = exit.reason.as_ref().map(|it| it.text.clone());
        let words = match &reason {
            Some(reason) => format!("exit as {reason}"),
            None => "exit without reason".to_owned(),
        };
        let id = self.flow.id(&words);
        self.flow.push(id, ir::StepKind::Exit { reason }, tails);
        Tails::new()
    }

    /// The steps in the arms of a step that cannot be lowered are checked all the same.
    pub(super) fn arms_of<'t>(
        &mut self,
        file: FileId,
        arms: impl Iterator<Item = &'t syntax::Block>,
        tails: Tails,
    ) -> Tails {
        let around = self.flow.fork();
        for block in arms {
            let anchor = self.flow.anchor.clone();
            self.arm(file, block, anchor, None, tails.clone());
        }
        self.flow.join(around, true);
        tails
    }
}
