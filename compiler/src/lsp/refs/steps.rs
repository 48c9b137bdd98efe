//! Names in journeys and sequences: the header and the steps.

use journey_grammar::tree;
use journey_ir::Channel;

use super::{Owner, Target, Walk, channel, members};
use crate::names::Kind;

impl Walk<'_, '_> {
    pub(super) fn journey(&mut self, journey: &tree::Journey) {
        self.begin(&journey.name.text);
        for line in &journey.header {
            self.header(line);
        }
        self.steps(&journey.steps);
        self.begin("");
    }

    pub(super) fn sequence(&mut self, sequence: &tree::Sequence) {
        self.begin(&sequence.name.text);
        for parameter in &sequence.parameters {
            let name = parameter.name.text.clone();
            let target = Target::Parameter(self.flow.clone(), name.clone());
            self.define(&parameter.name, target);
            self.parameters.insert(name);
            if let Some(default) = &parameter.default {
                self.value(default, None, None);
            }
        }
        self.steps(&sequence.steps.steps);
        self.begin("");
    }

    fn begin(&mut self, flow: &str) {
        flow.clone_into(&mut self.flow);
        self.parameters.clear();
        self.remembered.clear();
    }

    fn header(&mut self, line: &tree::HeaderLine) {
        match line {
            tree::HeaderLine::Enter(enter) => match &enter.start {
                tree::EntryStart::When { trigger, condition } => {
                    self.trigger(trigger);
                    if let Some(condition) = condition {
                        self.condition(condition, None);
                    }
                }
                tree::EntryStart::Request(request) => {
                    let own = members::request_of(&self.flow);
                    for field in &request.fields {
                        self.field(field, &own);
                    }
                }
                tree::EntryStart::Schedule { people, schedule } => {
                    if let tree::Schedule::Attribute { attribute, .. } = schedule {
                        self.read(attribute, None);
                    }
                    if let tree::People::Where(condition) = people {
                        self.condition(condition, None);
                    }
                }
            },
            tree::HeaderLine::OneRunPer(it) => {
                self.read(&it.key, None);
            }
            tree::HeaderLine::Goal(goal) => self.event(&goal.event),
            tree::HeaderLine::ExitWhen(exit) => {
                self.trigger(&exit.trigger);
                self.reason(exit.reason.as_ref());
            }
            tree::HeaderLine::Reenter(_)
            | tree::HeaderLine::Priority(_)
            | tree::HeaderLine::Owner(_)
            | tree::HeaderLine::OnUpdate(_)
            | tree::HeaderLine::StartsAt(_)
            | tree::HeaderLine::EndsAt(_)
            | tree::HeaderLine::Unknown(_) => {}
        }
    }

    /// The first `as reason` declares it; the others are uses. Which is first does not matter to an editor.
    fn reason(&mut self, reason: Option<&tree::Name>) {
        if let Some(reason) = reason {
            let target = Target::Reason(self.flow.clone(), reason.text.clone());
            let is_first = !self.found.iter().any(|it| it.target == target);
            self.add(reason.span, target, is_first);
        }
    }

    fn label(&mut self, label: Option<&tree::Name>) {
        if let Some(label) = label {
            let target = Target::Label(self.flow.clone(), label.text.clone());
            self.define(label, target);
        }
    }

    pub(super) fn steps(&mut self, steps: &[tree::Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &tree::Step) {
        match step {
            tree::Step::Send(it) => self.send(it),
            tree::Step::Wait(it) => self.wait(it),
            tree::Step::If(it) => {
                for arm in &it.arms {
                    self.condition(&arm.condition, None);
                    self.steps(&arm.steps.steps);
                }
                if let Some(otherwise) = &it.otherwise {
                    self.steps(&otherwise.steps);
                }
            }
            tree::Step::Choose(it) => self.choose(it),
            tree::Step::Split(it) => {
                if let Some(measured) = &it.measured {
                    self.event(&measured.event);
                }
                for arm in &it.arms {
                    self.steps(&arm.steps.steps);
                }
            }
            tree::Step::Repeat(it) => {
                if let Some(until) = &it.until {
                    self.event(until);
                }
                self.steps(&it.steps.steps);
            }
            tree::Step::Ask(it) => self.ask(it),
            tree::Step::Draw(it) => {
                for arm in &it.arms {
                    self.steps(&arm.steps.steps);
                }
            }
            tree::Step::EveryTime(it) => {
                self.steps(&it.steps.steps);
                if let Some(otherwise) = &it.otherwise {
                    self.steps(&otherwise.steps);
                }
            }
            tree::Step::Run(it) => self.run(it),
            tree::Step::Do(it) => {
                self.use_setting(&it.action, Kind::Connector);
                self.arguments(&it.arguments);
                self.label(it.label.as_ref());
            }
            tree::Step::Assign(it) => {
                self.use_setting(&it.to, Kind::Team);
                self.arguments(&it.arguments);
                self.label(it.label.as_ref());
            }
            tree::Step::Set(it) => {
                let owner = self.read(&it.attribute, None);
                self.value(&it.value, owner.as_ref(), None);
            }
            tree::Step::Remember(it) => {
                self.read(&it.value, None);
                let name = it.name.text.clone();
                let target = Target::Remembered(self.flow.clone(), name.clone());
                self.define(&it.name, target);
                self.remembered.insert(name);
            }
            tree::Step::Exit(it) => self.reason(it.reason.as_ref()),
            tree::Step::Tag(_) | tree::Step::Unknown(_) => {}
        }
    }

    fn send(&mut self, send: &tree::Send) {
        let mut first = None;
        for message in &send.messages {
            let template = self.message(message);
            first = first.or(template);
        }
        self.needs(&send.arguments, first.as_ref());
        self.label(send.label.as_ref());
    }

    fn ask(&mut self, ask: &tree::Ask) {
        let template = ask.message.as_ref().and_then(|it| self.message(it));
        self.needs(&ask.arguments, template.as_ref());
        if let Some(attribute) = &ask.attribute {
            self.read(attribute, None);
        }
        for arm in &ask.arms {
            self.steps(&arm.steps.steps);
        }
        self.label(ask.label.as_ref());
    }

    /// What a template is given.
    fn needs(&mut self, arguments: &[tree::Argument], template: Option<&(Channel, String)>) {
        for argument in arguments {
            if let Some((channel, template)) = template {
                let name = argument.name.text.clone();
                let target = Target::Need(*channel, template.clone(), name);
                self.uses(argument.name.span, target);
            }
            self.value(&argument.value, None, None);
        }
    }

    /// A template on its channel, unless a parameter stands for it.
    pub(super) fn message(&mut self, message: &tree::Message) -> Option<(Channel, String)> {
        let name = message.template.single()?;
        let channel = channel(message.channel.value)?;
        let text = name.text.clone();
        if self.parameters.contains(&text) {
            self.uses(name.span, Target::Parameter(self.flow.clone(), text));
            return None;
        }
        self.uses(name.span, Target::Template(channel, text.clone()));
        Some((channel, text))
    }

    pub(super) fn arguments(&mut self, arguments: &[tree::Argument]) {
        for argument in arguments {
            self.value(&argument.value, None, None);
        }
    }

    fn wait(&mut self, wait: &tree::Wait) {
        match &wait.kind {
            tree::WaitKind::For { length, then_until } => {
                if let tree::WaitLength::Parameter(path) = length {
                    self.read(path, None);
                }
                if let Some(until) = then_until {
                    self.until(until);
                }
            }
            tree::WaitKind::Until(until) => self.until(until),
            tree::WaitKind::UpTo { event, race, .. } => {
                if let Some(event) = event {
                    self.event(event);
                }
                for arm in race.iter().flat_map(|race| &race.arms) {
                    if let tree::RaceTrigger::Trigger(trigger) = &arm.on {
                        self.trigger(trigger);
                    }
                    self.steps(&arm.steps.steps);
                }
            }
            tree::WaitKind::Unknown(_) => {}
        }
        self.label(wait.label.as_ref());
    }

    fn until(&mut self, until: &tree::Until) {
        match until {
            tree::Until::Before { of, .. } | tree::Until::After { of, .. } => {
                self.read(of, None);
            }
            tree::Until::Path(path) => {
                self.read(path, None);
            }
            tree::Until::Inside(path) => self.use_setting(path, Kind::Hours),
            tree::Until::Weekdays { .. } | tree::Until::Clock(_) | tree::Until::Date { .. } => {}
        }
    }

    fn choose(&mut self, choose: &tree::Choose) {
        let owner: Option<Owner> = self.read(&choose.by, None);
        for arm in &choose.arms {
            for key in &arm.keys {
                if let tree::ArmKey::Value(value) = key {
                    self.value(value, owner.as_ref(), None);
                }
            }
            self.steps(&arm.steps.steps);
        }
    }

    fn run(&mut self, run: &tree::Run) {
        self.use_named(&run.sequence, Kind::Sequence);
        for argument in &run.arguments {
            let name = argument.name.text.clone();
            let target = Target::Parameter(run.sequence.text.clone(), name);
            self.uses(argument.name.span, target);
            self.value(&argument.value, None, None);
        }
        self.label(run.label.as_ref());
    }
}
