//! What a test expects.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::Value;

use super::Draft;
use super::error::ScriptError;
use crate::lower::Lowering;
use crate::lower::journeys::channel;
use crate::lower::scope::Scope;
use crate::names::{Kind, NameError};
use crate::near::nearest;
use crate::problem::Location;
use crate::sources::FileId;
use crate::testing::script::{COMPLETED, ENDED, Expectation, GOAL, Group, RESTARTED};

impl Lowering<'_> {
    pub(super) fn expectation(
        &mut self,
        draft: &mut Draft<'_>,
        expected: &syntax::ExpectKind,
    ) -> Option<Expectation> {
        use syntax::ExpectKind as Written;
        let file = draft.file;
        Some(match expected {
            Written::NoMessages { to } => Expectation::NoMessages {
                to: self.person(draft, to)?,
            },
            Written::Message {
                only,
                message,
                to,
                at,
                containing,
            } => {
                let person = self.person(draft, to);
                let channel = channel(message.channel.value);
                let template = message.template.to_string();
                let place = Location::new(file, message.template.span);
                let found = self.template(channel, &template, place);
                let at = match at {
                    None => None,
                    Some(moment) => {
                        let instant = self.literals().moment(moment);
                        Some(self.or_report(instant, moment.span, file)?)
                    }
                };
                found?;
                // What is to be sent later is waited for.
                draft.now = at.map_or(draft.now, |at| at.max(draft.now));
                Expectation::Message {
                    only: *only,
                    channel,
                    template,
                    to: person?,
                    at,
                    containing: containing.as_ref().map(|words| words.text.clone()),
                }
            }
            Written::AtMost { count, per, to } => Expectation::AtMost {
                count: *count as usize,
                per: self.span(*per, file)?,
                to: self.person(draft, to)?,
            },
            Written::Task { assignee } => {
                let team = assignee.to_string();
                self.team(file, assignee)?;
                Expectation::Task { team }
            }
            Written::Call { action, arguments } => self.expected_call(file, action, arguments)?,
            Written::Exited { person, reason } => {
                let person = self.person(draft, person);
                let reason = self.reason(draft, reason)?;
                Expectation::Exited {
                    person: person?,
                    reason,
                }
            }
            Written::Waiting { person, step } => {
                let person = self.person(draft, person);
                let steps = self.steps_named(draft, step)?;
                Expectation::Waiting {
                    person: person?,
                    steps,
                }
            }
            Written::Value {
                person,
                of,
                comparison,
            } => {
                let person = self.person(draft, person);
                let scope = Scope::membership(file);
                let read = self.readable(of, scope)?;
                let test = self.test(&read, comparison, scope)?;
                Expectation::Value {
                    person: person?,
                    of: read.source,
                    test,
                }
            }
            Written::In { person, group } => self.member(draft, person, group, true)?,
            Written::NotIn { person, group } => self.member(draft, person, group, false)?,
        })
    }

    fn expected_call(
        &mut self,
        file: FileId,
        path: &syntax::Path,
        arguments: &[syntax::Argument],
    ) -> Option<Expectation> {
        let (connector, action) = self.action(file, path)?;
        self.check_twice(file, arguments);
        let mut args: Vec<Option<(String, Value)>> = Vec::new();
        for written in arguments {
            let name = &written.name.text;
            let input = action.inputs.iter().find(|it| it.name == *name);
            let Some(input) = input else {
                let known = action.inputs.iter().map(|it| it.name.as_str());
                let span = written.name.span;
                self.unknown_in(Kind::Argument, name, &path.to_string(), known, file, span);
                continue;
            };
            let value = self.constant(&written.value, &input.kind, file);
            args.push(value.map(|value| (name.clone(), value)));
        }
        Some(Expectation::Call {
            connector,
            action: action.name,
            args: args.into_iter().collect::<Option<_>>()?,
        })
    }

    /// A reason under which a run of the journey under test can end.
    fn reason(&mut self, draft: &Draft<'_>, written: &syntax::Name) -> Option<String> {
        if written.is_missing() {
            return None;
        }
        let mut known: Vec<String> = vec![GOAL.into(), COMPLETED.into(), RESTARTED.into()];
        for journey in self.tested(draft.journey) {
            known.extend(journey.ends.map(|_| ENDED.to_owned()));
            known.extend(journey.exits.iter().filter_map(|it| it.reason.clone()));
            known.extend(journey.steps.iter().filter_map(|it| match &it.kind {
                ir::StepKind::Exit { reason } => reason.clone(),
                _ => None,
            }));
        }
        self.one_of(draft, Kind::Reason, written.span, &written.text, &known)?;
        Some(written.text.clone())
    }

    /// The steps a path means: the one with this label, and the wait right after it, because that is where people are
    /// once the labelled step is done.
    fn steps_named(&mut self, draft: &Draft<'_>, path: &syntax::Path) -> Option<Vec<String>> {
        if path.is_missing() {
            return None;
        }
        let parts: Vec<&str> = path.parts.iter().map(|it| it.text.as_str()).collect();
        let meant = parts.join("/");
        let (mut steps, mut labels) = (Vec::new(), Vec::new());
        for journey in self.tested(draft.journey) {
            for step in &journey.steps {
                if step.id == meant {
                    steps.push(step.id.clone());
                    steps.extend(wait_after(journey, step).map(|it| it.id.clone()));
                }
                if !step.id.contains(' ') {
                    labels.push(step.id.replace('/', "."));
                }
            }
        }
        if steps.is_empty() {
            self.one_of(draft, Kind::Label, path.span, &path.to_string(), &labels)?;
        }
        Some(steps)
    }

    /// Reports a name that is none of those known.
    fn one_of(
        &mut self,
        draft: &Draft<'_>,
        kind: Kind,
        span: syntax::Span,
        name: &str,
        known: &[String],
    ) -> Option<()> {
        if known.iter().any(|it| it == name) {
            return Some(());
        }
        // Where something else is wrong, the name may be of what could not be read.
        if !self.problems.has_errors() {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = nearest(name, known.iter().copied());
            let error = NameError::unknown(kind, name, near, &known);
            self.problems
                .push(error.at(Location::new(draft.file, span)));
        }
        None
    }

    fn member(
        &mut self,
        draft: &Draft<'_>,
        person: &syntax::Name,
        group: &syntax::Path,
        inside: bool,
    ) -> Option<Expectation> {
        let person = self.person(draft, person);
        let of = self.group(draft.file, group)?;
        Some(Expectation::Member {
            person: person?,
            of,
            inside,
        })
    }

    /// The journey, segment or stage of a path.
    fn group(&mut self, file: FileId, path: &syntax::Path) -> Option<Group> {
        let name = path.to_string();
        if path.is_missing() {
            return None;
        }
        if self.is_reported(&name, &[Kind::Journey]) {
            return Some(Group::Journey(name));
        }
        if self.segments.contains_key(&name) {
            return Some(Group::Segment(name));
        }
        if self.is_reported(&name, &[Kind::Audience]) {
            return Some(Group::Audience(name));
        }
        if let [funnel, stage] = path.parts.as_slice()
            && self.is_reported(&funnel.text, &[Kind::Funnel])
        {
            return self.reached(file, funnel, stage);
        }
        let (of, stage) = match path.parts.as_slice() {
            [stage] => (None, &stage.text),
            [lifecycle, stage] => (Some(&lifecycle.text), &stage.text),
            _ => (None, &name),
        };
        let having: Vec<String> = self
            .lifecycles
            .iter()
            .filter(|(lifecycle, ix)| {
                of.is_none_or(|it| it == *lifecycle) && self.stage_names(**ix).contains(stage)
            })
            .map(|(lifecycle, _)| lifecycle.clone())
            .collect();
        let at = Location::new(file, path.span);
        match having.as_slice() {
            [lifecycle] => {
                return Some(Group::Stage {
                    lifecycle: lifecycle.clone(),
                    stage: stage.clone(),
                });
            }
            [] => match of.and_then(|it| Some((it, *self.lifecycles.get(it)?))) {
                Some((lifecycle, ix)) => {
                    let known = self.stage_names(ix);
                    let known = known.iter().map(String::as_str);
                    self.unknown_in(Kind::Stage, stage, lifecycle, known, file, path.span);
                }
                None => self.no_group(&name, at),
            },
            _ => {
                let error = ScriptError::Ambiguous {
                    stage: stage.clone(),
                    lifecycles: having,
                };
                self.problems.push(error.at(at));
            }
        }
        None
    }

    /// The stage of a funnel.
    fn reached(
        &mut self,
        file: FileId,
        funnel: &syntax::Name,
        stage: &syntax::Name,
    ) -> Option<Group> {
        let mut funnels = self.program.funnels.iter();
        // One that could not be lowered was reported.
        let declared = funnels.find(|it| it.name == funnel.text)?;
        let known: Vec<String> = declared.stages.iter().map(|it| it.name.clone()).collect();
        if !known.contains(&stage.text) {
            let known = known.iter().map(String::as_str);
            self.unknown_in(
                Kind::Stage,
                &stage.text,
                &funnel.text,
                known,
                file,
                stage.span,
            );
            return None;
        }
        Some(Group::Reached {
            funnel: funnel.text.clone(),
            stage: stage.text.clone(),
        })
    }

    fn no_group(&mut self, name: &str, at: Location) {
        if self.is_reported(name, &[Kind::Segment]) {
            return;
        }
        if self.names.get(name).is_some() {
            let error = self.names.explain(Kind::Segment, name);
            self.problems.push(error.at(at));
            return;
        }
        // It may be a stage whose line could not be read.
        let mut lifecycles = self.names.of_kind(Kind::Lifecycle);
        if lifecycles.any(|it| self.incomplete.contains(it)) {
            return;
        }
        let mut known: Vec<&str> = self.names.of_kind(Kind::Segment).collect();
        known.extend(self.names.of_kind(Kind::Journey));
        known.extend(self.names.of_kind(Kind::Audience));
        known.extend(self.stages.iter().flatten().map(String::as_str));
        let near = nearest(name, known.iter().copied());
        let error = NameError::unknown(Kind::Segment, name, near, &known);
        self.problems.push(error.at(at));
    }
}

/// The wait that follows a step straight.
fn wait_after<'j>(journey: &'j ir::Journey, step: &ir::Step) -> Option<&'j ir::Step> {
    let (ir::StepKind::Send { next, .. }
    | ir::StepKind::Do { next, .. }
    | ir::StepKind::Assign { next, .. }) = &step.kind
    else {
        return None;
    };
    let next = journey.steps.get((*next)?.at())?;
    let waits = matches!(
        next.kind,
        ir::StepKind::Wait { .. } | ir::StepKind::Race { .. }
    );
    waits.then_some(next)
}
