//! What leaves the project: `do` and `assign`.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::project::{Action, Team};

use super::arguments::Argument;
use super::error::JourneyError;
use super::flow::Tails;
use crate::lower::Lowering;
use crate::lower::scope::Scope;
use crate::names::{Kind, NameError};
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// `do crm.create_lead with (owner: "round_robin")`.
    pub(super) fn call(&mut self, file: FileId, call: &syntax::Do, tails: Tails) -> Tails {
        let Some((connector, action)) = self.action(file, &call.action) else {
            // Without the action nothing is known of its arguments but that they must be readable.
            for argument in &call.arguments {
                self.any_expression(&argument.value, Scope::run(file));
            }
            return tails;
        };
        let args = self.inputs(file, call, &action);
        let words = format!("do {}", call.action);
        let kind = ir::StepKind::Do {
            connector,
            action: action.name,
            args,
            next: None,
        };
        self.simple(file, call.label.as_ref(), &words, kind, &tails)
    }

    /// The connector and action of a path, or a problem.
    pub(in crate::lower) fn action(
        &mut self,
        file: FileId,
        path: &syntax::Path,
    ) -> Option<(String, Action)> {
        let (last, front) = path.parts.split_last()?;
        let front: Vec<&str> = front.iter().map(|it| it.text.as_str()).collect();
        let connector = front.join(".");
        if let Some(action) = self.manifest.action(&connector, &last.text) {
            return Some((connector, action.clone()));
        }
        if path.is_missing() {
            return None;
        }
        let name = path.to_string();
        let near = self.manifest.action_near(&name);
        let connectors = &self.manifest.project.connectors;
        let mut span = path.span;
        let error = if let Some(known) = connectors.iter().find(|it| it.name == connector) {
            span = last.span;
            let actions = known.actions.iter().map(|it| it.name.as_str());
            NameError::unknown_in(Kind::Action, &last.text, &connector, actions)
        } else {
            let wanted = if connector.is_empty() {
                &last.text
            } else {
                &connector
            };
            let known: Vec<&str> = connectors.iter().map(|it| it.name.as_str()).collect();
            NameError::unknown(Kind::Connector, wanted, near.as_deref(), &known)
        };
        self.problems.push(error.at(Location::new(file, span)));
        None
    }

    fn inputs(
        &mut self,
        file: FileId,
        call: &syntax::Do,
        action: &Action,
    ) -> Vec<ir::journey::Argument> {
        let mut arguments = Vec::new();
        self.check_twice(file, &call.arguments);
        for written in &call.arguments {
            let name = &written.name.text;
            let Some(input) = action.inputs.iter().find(|it| it.name == *name) else {
                // An input whose type was reported is known by name.
                if !written.name.is_missing() && !self.manifest.broken.contains(name) {
                    let of = call.action.to_string();
                    let known = action.inputs.iter().map(|it| it.name.as_str());
                    let span = written.name.span;
                    self.unknown_in(Kind::Argument, name, &of, known, file, span);
                }
                continue;
            };
            let value = self.expression(&written.value, &input.kind, Scope::run(file));
            let Some(value) = value else {
                self.gap(file, written.span);
                continue;
            };
            let to = call.action.to_string();
            self.check_private(file, written, &value, &action.private_data, &to);
            arguments.push(ir::journey::Argument {
                name: name.clone(),
                value: value.expression,
            });
        }
        // An argument that nothing needs is probably the missing one under another name.
        let strange =
            |it: &syntax::Argument| action.inputs.iter().all(|input| input.name != it.name.text);
        let misnamed = call.arguments.iter().any(strange);
        let needed = action.inputs.iter().filter(|it| !it.optional && !misnamed);
        for input in needed {
            let mut written = call.arguments.iter();
            if written.all(|it| it.name.text != input.name) {
                let of = call.action.to_string();
                let error = JourneyError::missing_argument(&input.name, &input.kind, &of);
                self.problems.push(error.at(Location::new(file, call.span)));
            }
        }
        arguments
    }

    /// Reports personal data that goes where it is not allowed.
    fn check_private(
        &mut self,
        file: FileId,
        written: &syntax::Argument,
        value: &Argument,
        allowed: &[String],
        to: &str,
    ) {
        let Some(private) = &value.private else {
            return;
        };
        if allowed.contains(private) {
            return;
        }
        let error = JourneyError::Private {
            name: private.clone(),
            to: to.to_owned(),
        };
        self.problems
            .push(error.at(Location::new(file, written.value.span)));
    }

    /// `assign to sales "…" due in 1 hour`.
    pub(super) fn assign(&mut self, file: FileId, assign: &syntax::Assign, tails: Tails) -> Tails {
        let to = assign.to.to_string();
        let team = self.team(file, &assign.to);
        let allowed = team.and_then(|team| self.allowed_to_team(&team));
        let mut args = Vec::new();
        self.check_twice(file, &assign.arguments);
        for written in &assign.arguments {
            let value = self.any_expression(&written.value, Scope::run(file));
            let Some(value) = value else {
                self.gap(file, written.span);
                continue;
            };
            if let Some(allowed) = &allowed {
                self.check_private(file, written, &value, allowed, &to);
            }
            args.push(ir::journey::Argument {
                name: written.name.text.clone(),
                value: value.expression,
            });
        }
        let due = match assign.due {
            None => None,
            Some(duration) => match self.wait_span(duration, file) {
                Some(due) => Some(due),
                None => return tails,
            },
        };
        let words = format!("assign to {to}");
        let kind = ir::StepKind::Assign {
            to,
            title: assign.task.text.clone(),
            args,
            due,
            next: None,
        };
        self.simple(file, assign.label.as_ref(), &words, kind, &tails)
    }

    /// The team of a path, or a problem.
    pub(in crate::lower) fn team(&mut self, file: FileId, path: &syntax::Path) -> Option<Team> {
        let name = path.to_string();
        let team = self.manifest.team(&name).cloned();
        if team.is_none() && !path.is_missing() {
            let near = self.manifest.team_near(&name);
            let known = self.manifest.project.teams.iter();
            let known: Vec<&str> = known.map(|it| it.name.as_str()).collect();
            let error = NameError::unknown(Kind::Team, &name, near, &known);
            self.problems.push(error.at(Location::new(file, path.span)));
        }
        team
    }

    /// The personal data that may be told to a team; `None` for any, because the task stays in the daemon's own list.
    fn allowed_to_team(&self, team: &Team) -> Option<Vec<String>> {
        let (connector, action) = team.action.as_ref()?;
        let action = self.manifest.action(connector, action);
        Some(action.map(|it| it.private_data.clone()).unwrap_or_default())
    }
}
