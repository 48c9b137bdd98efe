//! The header of a journey: entry, re-entry, keys, goal, exits, priority.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::EventIx;

use super::error::JourneyError;
use super::step_error::StepError;
use crate::builtin;
use crate::lower::Lowering;
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

/// The words for priorities, lowest first.
const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];
const NORMAL: u8 = 1;

/// What the header says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) entry: Option<ir::Entry>,
    pub(super) include_current: bool,
    pub(super) starts: Option<ir::Instant>,
    pub(super) ends: Option<ir::Instant>,
    pub(super) reenter: ir::journey::Reenter,
    pub(super) run_key: Option<ir::FieldIx>,
    pub(super) restart: bool,
    pub(super) goal: Option<ir::Goal>,
    pub(super) exits: Vec<ir::ExitRule>,
    pub(super) priority: u8,
    pub(super) owner: Option<String>,
    pub(super) on_update: ir::journey::OnUpdate,
}

impl Lowering<'_> {
    /// Lowers the header. The entry comes first wherever it is written, because the other lines may read its event.
    pub(super) fn header(&mut self, file: FileId, journey: &syntax::Journey) -> Header {
        let mut header = Header {
            entry: None,
            include_current: false,
            starts: None,
            ends: None,
            reenter: ir::journey::Reenter::Never,
            run_key: None,
            restart: false,
            goal: None,
            exits: Vec::new(),
            priority: NORMAL,
            owner: None,
            on_update: ir::journey::OnUpdate::Finish,
        };
        self.check_repeats(file, journey);
        let enter = journey.header.iter().find_map(|line| match line {
            syntax::HeaderLine::Enter(enter) => Some(enter),
            _ => None,
        });
        self.flow.request = self.event_ix(&builtin::request_event(&journey.name.text));
        if let Some(enter) = enter {
            self.enter(file, enter, &mut header);
            if header.entry.is_none() {
                self.gap(file, enter.span);
            }
        } else {
            // A line that could not be read may be the entry.
            self.flow.unclear |= has_unread_lines(journey);
            self.report_no_entry(file, journey);
        }
        for line in &journey.header {
            self.header_line(file, line, &mut header);
        }
        self.check_time_box(file, journey, &header);
        header
    }

    /// `starts at 2026-11-20 09:00`; a day begins at midnight in the project's zone.
    fn boundary(&mut self, file: FileId, line: &syntax::Boundary) -> Option<ir::Instant> {
        let result = match &line.at.kind {
            syntax::ValueKind::Date(day) => values::midnight(*day, self.literals().timezone()),
            syntax::ValueKind::Moment(moment) => self.literals().moment(moment),
            other => Err(values::wrong_type(&ir::Type::Moment, other)),
        };
        let at = self.or_report(result, line.at.span, file);
        if at.is_none() {
            self.gap(file, line.span);
        }
        at
    }

    /// Reports a journey that ends before it starts.
    fn check_time_box(&mut self, file: FileId, journey: &syntax::Journey, header: &Header) {
        let (Some(starts), Some(ends)) = (header.starts, header.ends) else {
            return;
        };
        let line = |wanted: fn(&syntax::HeaderLine) -> bool| {
            let mut lines = journey.header.iter();
            lines
                .find(|line| wanted(line))
                .map(syntax::HeaderLine::span)
        };
        let start = line(|it| matches!(it, syntax::HeaderLine::StartsAt(_)));
        let end = line(|it| matches!(it, syntax::HeaderLine::EndsAt(_)));
        if let (true, Some(start), Some(end)) = (ends <= starts, start, end) {
            let starts = Location::new(file, start);
            let at = Location::new(file, end);
            self.problems.push(StepError::EndsFirst { starts }.at(at));
        }
    }

    fn header_line(&mut self, file: FileId, line: &syntax::HeaderLine, header: &mut Header) {
        match line {
            syntax::HeaderLine::Enter(_) | syntax::HeaderLine::Unknown(_) => {}
            syntax::HeaderLine::Reenter(line) => {
                let rule = match line.rule {
                    syntax::ReenterRule::Never => Some(ir::journey::Reenter::Never),
                    syntax::ReenterRule::AnyTime => Some(ir::journey::Reenter::AnyTime),
                    syntax::ReenterRule::After(duration) => self
                        .wait_span(duration, file)
                        .map(ir::journey::Reenter::After),
                };
                header.reenter = rule.unwrap_or(header.reenter);
            }
            syntax::HeaderLine::OneRunPer(line) => {
                header.restart = line.restart;
                header.run_key = self.run_key(file, &line.key, header);
                if header.run_key.is_none() {
                    self.gap(file, line.span);
                }
            }
            syntax::HeaderLine::Goal(line) => {
                header.goal = self.goal(file, line);
                if header.goal.is_none() {
                    self.gap(file, line.span);
                }
            }
            syntax::HeaderLine::ExitWhen(line) => {
                let trigger = self.trigger(&line.trigger, Scope::run(file));
                if trigger.is_none() {
                    self.gap(file, line.span);
                }
                header.exits.extend(trigger.map(|trigger| ir::ExitRule {
                    trigger,
                    reason: line.reason.as_ref().map(|it| it.text.clone()),
                }));
            }
            syntax::HeaderLine::StartsAt(line) => header.starts = self.boundary(file, line),
            syntax::HeaderLine::EndsAt(line) => header.ends = self.boundary(file, line),
            syntax::HeaderLine::Priority(line) => {
                let word = line.level.text.as_str();
                if let Some(at) = PRIORITIES.iter().position(|it| *it == word) {
                    header.priority = at as u8;
                } else if !line.level.is_missing() {
                    let span = line.level.span;
                    self.unknown_in(Kind::Priority, word, "", PRIORITIES, file, span);
                }
            }
            syntax::HeaderLine::Owner(line) => header.owner = Some(line.name.text.clone()),
            syntax::HeaderLine::OnUpdate(line) => {
                header.on_update = match line.rule {
                    syntax::UpdateRule::MoveToNew => ir::journey::OnUpdate::Move,
                    syntax::UpdateRule::FinishOnOld => ir::journey::OnUpdate::Finish,
                };
            }
        }
    }

    fn report_no_entry(&mut self, file: FileId, journey: &syntax::Journey) {
        if has_unread_lines(journey) || journey.name.is_missing() {
            return;
        }
        let at = Location::new(file, journey.name.span);
        let name = journey.name.text.clone();
        self.problems.push(JourneyError::NoEntry { name }.at(at));
    }

    /// Reports lines that stand twice where one is possible.
    fn check_repeats(&mut self, file: FileId, journey: &syntax::Journey) {
        let mut seen: Vec<(&'static str, syntax::Span)> = Vec::new();
        for line in &journey.header {
            let word = match line {
                syntax::HeaderLine::Enter(_) => "enter",
                syntax::HeaderLine::Reenter(_) => "reenter",
                syntax::HeaderLine::OneRunPer(_) => "one run per",
                syntax::HeaderLine::Goal(_) => "goal",
                syntax::HeaderLine::StartsAt(_) => "starts at",
                syntax::HeaderLine::EndsAt(_) => "ends at",
                syntax::HeaderLine::Priority(_) => "priority",
                syntax::HeaderLine::Owner(_) => "owner",
                syntax::HeaderLine::OnUpdate(_) => "on update",
                syntax::HeaderLine::ExitWhen(_) | syntax::HeaderLine::Unknown(_) => continue,
            };
            if let Some((_, first)) = seen.iter().find(|(it, _)| *it == word) {
                self.repeated(file, line.span(), *first, word);
            } else {
                seen.push((word, line.span()));
            }
        }
    }

    fn enter(&mut self, file: FileId, enter: &syntax::Enter, header: &mut Header) {
        match &enter.start {
            syntax::EntryStart::When {
                trigger,
                condition: written,
            } => {
                let lowered = self.trigger(trigger, Scope::person(file));
                // The event is known even where its `where ( … )` is wrong.
                let event = self.event_ix_of(trigger);
                self.flow.known.extend(event);
                self.flow.unclear = event.is_none() && lowered.is_none();
                let condition = match written {
                    None => Some(None),
                    Some(condition) => self
                        .condition(condition, Scope::entry(file, event))
                        .map(Some),
                };
                if let (Some(trigger), Some(condition)) = (lowered, condition) {
                    if let (Some(lowered), Some(written)) = (condition, written) {
                        let filter = match &trigger {
                            ir::Trigger::Event { filter, .. } => *filter,
                            _ => None,
                        };
                        let all = filter.into_iter().chain([lowered]).collect();
                        self.asked(all, written, Scope::entry(file, event));
                    }
                    header.entry = Some(ir::Entry::When { trigger, condition });
                }
            }
            syntax::EntryStart::Request(_) => {
                self.flow.known.extend(self.flow.request);
                header.entry = self.flow.request.map(|event| ir::Entry::When {
                    trigger: ir::Trigger::Event {
                        event,
                        filter: None,
                    },
                    condition: None,
                });
            }
            syntax::EntryStart::Schedule { schedule, people } => {
                let schedule = self.schedule(file, schedule);
                // A schedule that recurs is meant to: a newsletter that each person gets once would be none.
                if !matches!(schedule, Some(ir::time::Schedule::Once { .. })) {
                    header.reenter = ir::journey::Reenter::AnyTime;
                }
                let people = match people {
                    syntax::People::Everyone(_) => Some(self.tables.always()),
                    syntax::People::Where(condition) => {
                        let scope = Scope::person(file);
                        let people = self.condition(condition, scope);
                        if let Some(people) = people {
                            self.asked(vec![people], condition, scope);
                        }
                        people
                    }
                };
                if let (Some(schedule), Some(people)) = (schedule, people) {
                    header.entry = Some(ir::Entry::Schedule { schedule, people });
                }
            }
        }
        if let Some(members) = enter.members {
            self.members(file, enter, members, header);
        }
    }

    /// `including current members` only has a meaning where people are members of something.
    fn members(
        &mut self,
        file: FileId,
        enter: &syntax::Enter,
        members: syntax::Spanned<syntax::Members>,
        header: &mut Header,
    ) {
        let has_members = matches!(
            enter.start,
            syntax::EntryStart::When {
                trigger: syntax::Trigger::Joins(_)
                    | syntax::Trigger::Becomes { .. }
                    | syntax::Trigger::Unknown(_),
                ..
            }
        );
        if !has_members {
            self.misplaced(
                file,
                members.span,
                (
                    "only `joins` and `becomes` have current members",
                    "현재 구성원은 `joins`와 `becomes`에만 있습니다",
                ),
            );
        }
        header.include_current = members.value == syntax::Members::IncludingCurrent;
    }

    fn run_key(
        &mut self,
        file: FileId,
        key: &syntax::Path,
        header: &Header,
    ) -> Option<ir::FieldIx> {
        let entry = match &header.entry {
            Some(ir::Entry::When {
                trigger: ir::Trigger::Event { event, .. },
                ..
            }) => Some(*event),
            // Without an entry there was a problem already.
            None => return None,
            Some(_) => None,
        };
        let Some(event) = entry else {
            let at = Location::new(file, key.span);
            self.problems.push(JourneyError::NoEntryEvent.at(at));
            return None;
        };
        let readable = self.readable(key, Scope::entry(file, Some(event)))?;
        if let ir::Source::Field(field) = readable.source {
            return Some(field);
        }
        let event = self.event_name(event);
        let at = Location::new(file, key.span);
        self.problems
            .push(JourneyError::KeyOfAnother { event }.at(at));
        None
    }

    fn goal(&mut self, file: FileId, goal: &syntax::Goal) -> Option<ir::Goal> {
        let pattern = self.event_pattern(&goal.event, Scope::run(file));
        let within = self.wait_span(goal.within, file);
        let (event, filter) = pattern?;
        Some(ir::Goal {
            event,
            filter,
            within: within?,
            keep_going: goal.continues,
        })
    }
}

/// The event of a trigger that is one.
pub(super) const fn event_of(trigger: &ir::Trigger) -> Option<EventIx> {
    match trigger {
        ir::Trigger::Event { event, .. } => Some(*event),
        ir::Trigger::Joins(_)
        | ir::Trigger::Leaves(_)
        | ir::Trigger::Becomes { .. }
        | ir::Trigger::Changes { .. } => None,
    }
}

/// Whether a line of the header, or one that stands among the steps, could not be read.
fn has_unread_lines(journey: &syntax::Journey) -> bool {
    let unread = |line: &syntax::HeaderLine| matches!(line, syntax::HeaderLine::Unknown(_));
    let also = |step: &syntax::Step| matches!(step, syntax::Step::Unknown(_));
    journey.header.iter().any(unread) || journey.steps.iter().any(also)
}
