//! The steps of journeys and sequences.

use pest::iterators::Pair;

use super::{Reader, child, has, trimmed};
use crate::parse::Rule;
use crate::problem::{Edit, ProblemKind};
use crate::tree::{
    Argument, ArmKey, Assign, Block, Channel, Choose, ChooseArm, ClockRange, Condition, Decimal,
    Do, Exit, If, IfArm, Measured, Message, Name, Path, Race, RaceArm, RaceTrigger, Remember,
    Repeat, Run, Send, SetAttribute, Span, Spanned, Split, SplitArm, Step, Tag, TagChange, Trigger,
    Until, Wait, WaitKind, WaitLength,
};

/// An arm, or the place of a line that is none.
pub(super) enum ArmLine<T> {
    Arm(T),
    Unknown(Span),
}

impl<'a> Reader<'a> {
    /// Reads the block below a pair; one that is missing is reported and empty.
    pub(super) fn block_in(&mut self, pair: &Pair<'a, Rule>) -> Block {
        if let Some(block) = child(pair, Rule::block) {
            let span = self.span(&block);
            let steps = self.lines(
                Some(block),
                Rule::only_step,
                Step::Unknown,
                |reader, line| Some(reader.step(&line)),
            );
            return Block { steps, span };
        }
        if let Some(missing) =
            child(pair, Rule::missing_block).filter(|_| !has(pair, Rule::stray_header))
        {
            let span = self.after_text_before(missing.as_span().start());
            self.problem(ProblemKind::MissingBlock, span, None);
        }
        let (_, end) = trimmed(pair);
        let span = self.at(end, end);
        Block {
            steps: Vec::new(),
            span,
        }
    }

    pub(super) fn step(&mut self, pair: &Pair<'a, Rule>) -> Step {
        match pair.as_rule() {
            Rule::send => Step::Send(self.send(pair)),
            Rule::ask => Step::Ask(self.ask(pair)),
            Rule::wait => Step::Wait(self.wait(pair)),
            Rule::if_step => Step::If(self.if_step(pair)),
            Rule::choose => Step::Choose(self.choose(pair)),
            Rule::split => Step::Split(self.split(pair)),
            Rule::draw => Step::Draw(self.draw(pair)),
            Rule::every_time => Step::EveryTime(self.every_time(pair)),
            Rule::repeat => Step::Repeat(self.repeat(pair)),
            Rule::run => Step::Run(self.run_step(pair)),
            Rule::do_step => Step::Do(self.do_step(pair)),
            Rule::assign => Step::Assign(self.assign(pair)),
            Rule::set => Step::Set(self.set(pair)),
            Rule::tag => Step::Tag(self.tag(pair)),
            Rule::remember => Step::Remember(self.remember(pair)),
            Rule::exit => Step::Exit(self.exit(pair)),
            _ => Step::Unknown(self.span(pair)),
        }
    }

    pub(super) fn label_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Name> {
        child(pair, Rule::label).map(|label| self.name_in(&label))
    }

    pub(super) fn arguments_in(&mut self, pair: &Pair<'a, Rule>) -> Vec<Argument> {
        let list = pair
            .clone()
            .into_inner()
            .find(|it| matches!(it.as_rule(), Rule::arguments | Rule::run_arguments));
        let arguments = list.map(Pair::into_inner).into_iter().flatten();
        let arguments: Vec<_> = arguments
            .filter(|it| it.as_rule() == Rule::argument)
            .collect();
        arguments
            .iter()
            .map(|argument| self.argument(argument))
            .collect()
    }

    pub(super) fn argument(&mut self, pair: &Pair<'a, Rule>) -> Argument {
        if let Some(sign) = child(pair, Rule::mistaken_equals) {
            self.written_differently(&sign, ":");
        }
        Argument {
            name: self.name_in(pair),
            value: self.value_in(pair),
            span: self.span(pair),
        }
    }

    pub(super) fn message(&mut self, pair: &Pair<'a, Rule>) -> Message {
        let channel = child(pair, Rule::channel);
        let span = self.span(channel.as_ref().unwrap_or(pair));
        let value = channel.map_or(Channel::Email, |channel| channel_of(channel.as_str()));
        Message {
            channel: Spanned::new(value, span),
            template: self.path_in(pair),
            span: self.span(pair),
        }
    }

    fn send(&mut self, pair: &Pair<'a, Rule>) -> Send {
        let first_available = child(pair, Rule::first_available);
        let list = first_available.as_ref().unwrap_or(pair);
        let messages: Vec<_> = list
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::message)
            .collect();
        let messages = messages
            .iter()
            .map(|message| self.message(message))
            .collect();
        let arguments = self.arguments_in(pair);
        let between = child(pair, Rule::between).map(|between| {
            let (from, to) = self.clocks_in(&between);
            ClockRange {
                from,
                to,
                span: self.span(&between),
            }
        });
        let first_available = first_available.is_some();
        let within = child(pair, Rule::within).map(|within| self.duration_in(&within));
        Send {
            messages,
            first_available,
            arguments,
            between,
            within,
            label: self.label_in(pair),
            span: self.span(pair),
        }
    }

    fn wait(&mut self, pair: &Pair<'a, Rule>) -> Wait {
        let span = self.span(pair);
        let race = child(pair, Rule::race);
        let mut kind = WaitKind::Unknown(span);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::wait_until => {
                    kind = self
                        .until_in(&part)
                        .map_or(WaitKind::Unknown(span), WaitKind::Until);
                }
                Rule::wait_for => kind = self.wait_for(&part),
                Rule::wait_up_to => {
                    let event = child(&part, Rule::wait_event).map(|event| self.event_in(&event));
                    kind = WaitKind::UpTo {
                        limit: self.duration_in(&part),
                        event,
                        race: None,
                    };
                }
                Rule::mistaken_end => self.needless(&part),
                _ => {}
            }
        }
        let race = race.map(|race| self.race(&race));
        if let Some(race) = race {
            kind = self.wait_with_arms(pair, kind, race);
        }
        let (start, _) = trimmed(pair);
        if let Some(stray) = child(pair, Rule::stray_header) {
            self.stray_header(start, &stray, Rule::only_step);
        } else if matches!(kind, WaitKind::Unknown(_)) {
            let end =
                child(pair, Rule::race).map_or(pair.as_span().end(), |race| race.as_span().start());
            self.explain(start, end, start, Rule::only_step);
        }
        Wait {
            kind,
            label: self.label_in(pair),
            span,
        }
    }

    /// Gives the arms to the wait; `wait 3 days { … }` is reported and read as `wait up to 3 days { … }`.
    fn wait_with_arms(&mut self, pair: &Pair<'a, Rule>, kind: WaitKind, race: Race) -> WaitKind {
        match kind {
            WaitKind::UpTo { limit, event, .. } => WaitKind::UpTo {
                limit,
                event,
                race: Some(race),
            },
            WaitKind::For {
                length: WaitLength::Duration(limit),
                then_until: None,
            } => {
                let (start, _) = trimmed(pair);
                let word = self.at(start, start + "wait".len());
                let fix = Edit {
                    span: Span::new(limit.span.start, limit.span.start),
                    replacement: "up to ".to_owned(),
                };
                if !has(pair, Rule::stray_header) {
                    self.problem_with(ProblemKind::WaitWithArms, word.to(limit.span), fix);
                }
                WaitKind::UpTo {
                    limit,
                    event: None,
                    race: Some(race),
                }
            }
            WaitKind::Unknown(span) => WaitKind::Unknown(span),
            WaitKind::For { .. } | WaitKind::Until(_) => {
                let span = self.span(pair);
                self.problem(
                    ProblemKind::WaitWithArms,
                    Span::new(span.start, race.span.start),
                    None,
                );
                WaitKind::Unknown(span)
            }
        }
    }

    fn wait_for(&mut self, pair: &Pair<'a, Rule>) -> WaitKind {
        let length = if has(pair, Rule::duration) {
            WaitLength::Duration(self.duration_in(pair))
        } else {
            WaitLength::Parameter(self.path_in(pair))
        };
        let then_until = child(pair, Rule::then_until).and_then(|then| self.until_in(&then));
        WaitKind::For { length, then_until }
    }

    fn until_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Until> {
        let part = child(pair, Rule::until)?.into_inner().next()?;
        Some(match part.as_rule() {
            Rule::until_before => Until::Before {
                by: self.duration_in(&part),
                of: self.path_in(&part),
            },
            Rule::until_after => Until::After {
                by: self.duration_in(&part),
                of: self.path_in(&part),
            },
            Rule::until_inside => Until::Inside(self.path_in(&part)),
            Rule::until_weekdays => Until::Weekdays {
                days: self.weekdays_in(&part),
                at: self.clock_in(&part),
            },
            Rule::until_date => {
                let at = has(&part, Rule::clock).then(|| self.clock_in(&part));
                Until::Date {
                    date: self.date_in(&part),
                    at,
                }
            }
            Rule::clock => Until::Clock(self.clock(&part)),
            _ => Until::Path(self.path(&part)),
        })
    }

    fn race(&mut self, pair: &Pair<'a, Rule>) -> Race {
        let lines = self.lines(
            Some(pair.clone()),
            Rule::only_race_arm,
            ArmLine::Unknown,
            |reader, line| Some(ArmLine::Arm(reader.race_arm(&line))),
        );
        let (arms, unknown) = sorted(lines);
        Race {
            arms,
            unknown,
            span: self.span(pair),
        }
    }

    fn race_arm(&mut self, pair: &Pair<'a, Rule>) -> RaceArm {
        let timeout =
            child(pair, Rule::on_timeout).map(|timeout| RaceTrigger::Timeout(self.span(&timeout)));
        let readable = timeout.is_some() || has(pair, Rule::trigger);
        let on = match timeout {
            Some(timeout) => timeout,
            None if readable => RaceTrigger::Trigger(self.trigger_in(pair)),
            None => RaceTrigger::Trigger(Trigger::Unknown(self.span(pair))),
        };
        self.arm_head(pair, Rule::only_race_arm, readable);
        RaceArm {
            on,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    /// Explains what stands between the beginning of an arm and its block, or that the beginning is not complete.
    pub(super) fn arm_head(&mut self, pair: &Pair<'a, Rule>, only: Rule, complete: bool) {
        let (start, _) = trimmed(pair);
        if let Some(stray) = child(pair, Rule::stray_header) {
            self.stray_header(start, &stray, only);
        } else if !complete {
            let block = pair.clone().into_inner().find(|it| {
                matches!(
                    it.as_rule(),
                    Rule::block
                        | Rule::missing_block
                        | Rule::choose_body
                        | Rule::split_body
                        | Rule::ask_body
                        | Rule::draw_body
                )
            });
            let end = block.map_or(pair.as_span().end(), |block| block.as_span().start());
            self.explain(start, end, start, only);
        }
    }

    fn if_step(&mut self, pair: &Pair<'a, Rule>) -> If {
        let mut arms = Vec::new();
        let mut otherwise = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::if_arm => arms.push(self.if_arm(&part)),
                Rule::otherwise_if => arms.extend(self.otherwise_if(&part)),
                Rule::otherwise => otherwise = Some(self.otherwise(&part)),
                _ => {}
            }
        }
        If {
            arms,
            otherwise,
            span: self.span(pair),
        }
    }

    fn if_arm(&mut self, pair: &Pair<'a, Rule>) -> IfArm {
        let stray = child(pair, Rule::stray_header);
        let condition = child(pair, Rule::condition);
        let start = pair.as_span().start();
        let read = condition
            .as_ref()
            .map(|condition| self.condition(condition));
        match (&stray, &condition) {
            (Some(stray), _) => self.stray_header(start, stray, Rule::only_if),
            (None, None) => {
                let end = child(pair, Rule::block)
                    .map_or(pair.as_span().end(), |block| block.as_span().start());
                self.explain(start, end, start, Rule::only_if);
            }
            (None, Some(_)) => {}
        }
        // A part of a condition is another condition, so it is not taken for the whole.
        let condition = read
            .filter(|_| stray.is_none())
            .unwrap_or_else(|| Condition::Unknown(self.span(pair)));
        IfArm {
            condition,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    fn otherwise_if(&mut self, pair: &Pair<'a, Rule>) -> Option<IfArm> {
        let mut arm = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::mistaken_otherwise => self.written_differently(&part, "otherwise"),
                Rule::mistaken_elif => self.written_differently(&part, "otherwise if"),
                Rule::mistaken_when_if => self.written_differently(&part, "if"),
                Rule::if_arm => arm = Some(self.if_arm(&part)),
                _ => {}
            }
        }
        arm
    }

    pub(super) fn otherwise(&mut self, pair: &Pair<'a, Rule>) -> Block {
        if let Some(word) = child(pair, Rule::mistaken_otherwise) {
            self.written_differently(&word, "otherwise");
        }
        if let Some(stray) = child(pair, Rule::stray_header) {
            self.not_here(&stray, Rule::block);
        }
        self.block_in(pair)
    }

    fn choose(&mut self, pair: &Pair<'a, Rule>) -> Choose {
        let by = match child(pair, Rule::path) {
            Some(path) => self.path(&path),
            None => Path {
                parts: Vec::new(),
                span: self.span(pair),
            },
        };
        self.arm_head(pair, Rule::only_choose, !by.parts.is_empty());
        self.missing_arms(pair);
        let lines = self.lines(
            child(pair, Rule::choose_body),
            Rule::only_choose_arm,
            ArmLine::Unknown,
            |reader, line| Some(ArmLine::Arm(reader.choose_arm(&line))),
        );
        let (arms, unknown) = sorted(lines);
        Choose {
            by,
            arms,
            unknown,
            span: self.span(pair),
        }
    }

    pub(super) fn missing_arms(&mut self, pair: &Pair<'a, Rule>) {
        if let Some(missing) = child(pair, Rule::missing_block)
            && !has(pair, Rule::stray_header)
        {
            let span = self.after_text_before(missing.as_span().start());
            self.problem(ProblemKind::MissingBlock, span, None);
        }
    }

    fn choose_arm(&mut self, pair: &Pair<'a, Rule>) -> ChooseArm {
        let mut keys = Vec::new();
        for part in pair.clone().into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::arm_otherwise => {
                    if let Some(word) = child(&part, Rule::mistaken_else) {
                        self.written_differently(&word, "otherwise");
                    }
                    keys.push(ArmKey::Otherwise(span));
                }
                Rule::arm_key if has(&part, Rule::arm_missing) => keys.push(ArmKey::Missing(span)),
                Rule::arm_key => keys.push(ArmKey::Value(self.value_in(&part))),
                _ => {}
            }
        }
        self.arm_head(pair, Rule::only_choose_arm, true);
        ChooseArm {
            keys,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    fn split(&mut self, pair: &Pair<'a, Rule>) -> Split {
        let span = self.span(pair);
        let name = match child(pair, Rule::name) {
            Some(name) => self.name(&name),
            None => Name {
                text: String::new(),
                span: Span::new(span.start, span.start),
            },
        };
        let measured = child(pair, Rule::measured).map(|measured| Measured {
            event: self.event_in(&measured),
            within: self.duration_in(&measured),
            span: self.span(&measured),
        });
        self.arm_head(pair, Rule::only_split, !name.is_missing());
        self.missing_arms(pair);
        let lines = self.lines(
            child(pair, Rule::split_body),
            Rule::only_split_arm,
            ArmLine::Unknown,
            |reader, line| Some(ArmLine::Arm(reader.split_arm(&line))),
        );
        let (arms, unknown) = sorted(lines);
        Split {
            name,
            measured,
            arms,
            unknown,
            span,
        }
    }

    fn split_arm(&mut self, pair: &Pair<'a, Rule>) -> SplitArm {
        let share = self.share(pair);
        let name = match child(pair, Rule::name) {
            Some(name) => self.name(&name),
            None => Name {
                text: String::new(),
                span: Span::new(share.span.end, share.span.end),
            },
        };
        self.arm_head(pair, Rule::only_split_arm, !name.is_missing());
        SplitArm {
            share,
            name,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    /// Reads `45%`; `45` is reported.
    pub(super) fn share(&mut self, pair: &Pair<'a, Rule>) -> Decimal {
        let Some(share) = child(pair, Rule::share) else {
            return self.number_in(pair);
        };
        let number = self.number_in(&share);
        if !share.as_str().trim_end().ends_with('%') {
            let found = number.span.of(self.original).to_owned();
            let instead = format!("{found}%");
            let kind = ProblemKind::WrittenDifferently {
                found,
                instead: instead.clone(),
            };
            self.problem(kind, number.span, Some(instead));
        }
        number
    }

    fn repeat(&mut self, pair: &Pair<'a, Rule>) -> Repeat {
        let times = child(pair, Rule::repeat_times).map(|times| self.count_number_in(&times));
        let every = child(pair, Rule::repeat_every).map(|every| self.duration_in(&every));
        let until = child(pair, Rule::repeat_until).map(|until| self.event_in(&until));
        self.arm_head(pair, Rule::only_repeat, times.is_some() && every.is_some());
        Repeat {
            times,
            every,
            until,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    fn run_step(&mut self, pair: &Pair<'a, Rule>) -> Run {
        let sequence = self.name_in(pair);
        let arguments = self.arguments_in(pair);
        Run {
            sequence,
            arguments,
            label: self.label_in(pair),
            span: self.span(pair),
        }
    }

    fn do_step(&mut self, pair: &Pair<'a, Rule>) -> Do {
        let action = self.path_in(pair);
        let arguments = self.arguments_in(pair);
        Do {
            action,
            arguments,
            label: self.label_in(pair),
            span: self.span(pair),
        }
    }

    fn assign(&mut self, pair: &Pair<'a, Rule>) -> Assign {
        let to = self.path_in(pair);
        let task = self.text_in(pair);
        let arguments = self.arguments_in(pair);
        let due = child(pair, Rule::due).map(|due| self.duration_in(&due));
        Assign {
            to,
            task,
            arguments,
            due,
            label: self.label_in(pair),
            span: self.span(pair),
        }
    }

    fn set(&mut self, pair: &Pair<'a, Rule>) -> SetAttribute {
        if let Some(sign) = child(pair, Rule::mistaken_equals) {
            self.written_differently(&sign, "to");
        }
        SetAttribute {
            attribute: self.path_in(pair),
            value: self.value_in(pair),
            span: self.span(pair),
        }
    }

    fn tag(&mut self, pair: &Pair<'a, Rule>) -> Tag {
        let add = child(pair, Rule::kw_add);
        let change = if add.is_some() {
            TagChange::Add
        } else {
            TagChange::Remove
        };
        let word = add.or_else(|| child(pair, Rule::kw_remove));
        let word_span = self.span(word.as_ref().unwrap_or(pair));
        Tag {
            change: Spanned::new(change, word_span),
            tag: self.text_in(pair),
            span: self.span(pair),
        }
    }

    fn remember(&mut self, pair: &Pair<'a, Rule>) -> Remember {
        Remember {
            name: self.name_in(pair),
            value: self.path_in(pair),
            span: self.span(pair),
        }
    }

    fn exit(&mut self, pair: &Pair<'a, Rule>) -> Exit {
        let reason = has(pair, Rule::word).then(|| self.name_in(pair));
        Exit {
            reason,
            span: self.span(pair),
        }
    }
}

pub(super) fn sorted<T>(lines: Vec<ArmLine<T>>) -> (Vec<T>, Vec<Span>) {
    let mut arms = Vec::new();
    let mut unknown = Vec::new();
    for line in lines {
        match line {
            ArmLine::Arm(arm) => arms.push(arm),
            ArmLine::Unknown(span) => unknown.push(span),
        }
    }
    (arms, unknown)
}

fn channel_of(word: &str) -> Channel {
    match word {
        "sms" => Channel::Sms,
        "kakao" => Channel::Kakao,
        "push" => Channel::Push,
        "webhook" => Channel::Webhook,
        "inapp" => Channel::InApp,
        _ => Channel::Email,
    }
}
