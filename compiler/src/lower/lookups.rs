//! Names to positions, and the problems of names that have none.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use super::journeys::StepError;
use crate::names::{Kind, NameError};
use crate::problem::{Location, Problem};
use crate::sources::FileId;
use crate::values::{self, ValueError};

impl Lowering<'_> {
    /// The value, or a problem at the span.
    pub(super) fn or_report<T>(
        &mut self,
        result: Result<T, ValueError>,
        span: syntax::Span,
        file: FileId,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(error.at(Location::new(file, span)));
                None
            }
        }
    }

    /// The value of a literal of a type, or a problem.
    pub(super) fn constant(
        &mut self,
        value: &syntax::Value,
        kind: &ir::Type,
        file: FileId,
    ) -> Option<ir::Value> {
        let result = self.literals().value(value, kind);
        self.or_report(result, value.span, file)
    }

    /// A length of time, or a problem.
    pub(super) fn span(&mut self, duration: syntax::Duration, file: FileId) -> Option<ir::Span> {
        self.or_report(values::span(duration), duration.span, file)
    }

    /// A length of time that a run waits, which may be in business days; or a problem.
    pub(super) fn wait_span(
        &mut self,
        duration: syntax::Duration,
        file: FileId,
    ) -> Option<ir::Span> {
        let span = self.or_report(values::wait_span(duration), duration.span, file)?;
        if span.unit == ir::Unit::BusinessDay {
            let at = Location::new(file, duration.span);
            let Some(hours) = self.program.project.business_days else {
                self.problems.push(StepError::NoBusinessHours.at(at));
                return None;
            };
            self.check_open(hours, at);
        }
        Some(span)
    }

    /// Reports hours without one open day where they are used: what waits for one waits for ever.
    fn check_open(&mut self, hours: ir::HoursIx, at: Location) {
        let hours = self.manifest.project.hours.get(hours.at());
        if let Some(hours) = hours.filter(|it| it.open.is_empty()) {
            let name = hours.name.clone();
            self.problems.push(StepError::NeverOpen { name }.at(at));
        }
    }

    /// Reports a name that no part of `of` has.
    pub(super) fn unknown_in<'n>(
        &mut self,
        kind: Kind,
        name: &str,
        of: &str,
        known: impl IntoIterator<Item = &'n str>,
        file: FileId,
        span: syntax::Span,
    ) {
        let error = NameError::unknown_in(kind, name, of, known);
        self.problems.push(error.at(Location::new(file, span)));
    }

    /// Whether a name is declared as one of these kinds. Where it has no position, its declaration was reported.
    pub(super) fn is_reported(&self, name: &str, kinds: &[Kind]) -> bool {
        self.names
            .get(name)
            .is_some_and(|it| kinds.contains(&it.kind))
    }

    /// The position of an event, declared or built in.
    pub(super) fn event_ix(&self, name: &str) -> Option<ir::EventIx> {
        self.events.get(name).copied()
    }

    /// The name of an event.
    pub(super) fn event_name(&self, event: ir::EventIx) -> String {
        let event = self.program.schema.events.get(event.at());
        event.map(|it| it.name.clone()).unwrap_or_default()
    }

    /// How late an event may arrive, in milliseconds.
    pub(super) fn lateness(&self, event: ir::EventIx) -> i64 {
        let event = self.program.schema.events.get(event.at());
        event
            .and_then(|it| it.arrives_within)
            .map_or(0, ir::Span::at_most)
    }

    /// Whether an event has a field of this name.
    pub(super) fn has_field(&self, event: ir::EventIx, name: &str) -> bool {
        let event = self.program.schema.events.get(event.at());
        event.is_some_and(|it| it.fields.iter().any(|field| field.name == name))
    }

    /// The names of a lifecycle's stages.
    pub(super) fn stage_names(&self, lifecycle: ir::LifecycleIx) -> Vec<String> {
        self.stages.get(lifecycle.at()).cloned().unwrap_or_default()
    }

    /// The name of a lifecycle.
    pub(super) fn lifecycle_name(&self, lifecycle: ir::LifecycleIx) -> String {
        let mut names = self.lifecycles.iter();
        names
            .find(|(_, ix)| **ix == lifecycle)
            .map(|(name, _)| name.clone())
            .unwrap_or_default()
    }

    /// The event that a path names, or a problem.
    pub(super) fn event_named(&mut self, path: &syntax::Path, file: FileId) -> Option<ir::EventIx> {
        let found = self.event_ix(&path.to_string());
        self.known(found, path, Kind::Event, file)
    }

    /// The segment that a path names, or a problem.
    pub(super) fn segment_named(
        &mut self,
        path: &syntax::Path,
        file: FileId,
    ) -> Option<ir::SegmentIx> {
        let name = path.to_string();
        self.used.name(&name);
        let found = self.segments.get(&name).copied();
        self.known(found, path, Kind::Segment, file)
    }

    /// The lifecycle that a path names, or a problem.
    pub(super) fn lifecycle_named(
        &mut self,
        path: &syntax::Path,
        file: FileId,
    ) -> Option<ir::LifecycleIx> {
        let found = self.lifecycles.get(&path.to_string()).copied();
        self.known(found, path, Kind::Lifecycle, file)
    }

    /// The consent that a path names, or a problem.
    pub(super) fn consent_named(
        &mut self,
        path: &syntax::Path,
        file: FileId,
    ) -> Option<ir::ConsentIx> {
        let found = self.consents.get(&path.to_string()).copied();
        self.known(found, path, Kind::Consent, file)
    }

    /// The opening hours that a path names, or a problem.
    pub(super) fn hours_named(&mut self, path: &syntax::Path, file: FileId) -> Option<ir::HoursIx> {
        let name = path.to_string();
        let found = self.manifest.hours(&name);
        if found.is_none() && !path.is_missing() {
            let known: Vec<&str> = self.hours_names();
            let error =
                NameError::unknown(Kind::Hours, &name, self.manifest.hours_near(&name), &known);
            self.problems.push(error.at(Location::new(file, path.span)));
        }
        if let Some(hours) = found {
            self.check_open(hours, Location::new(file, path.span));
        }
        found
    }

    fn hours_names(&self) -> Vec<&str> {
        let hours = self.manifest.project.hours.iter();
        hours.map(|it| it.name.as_str()).collect()
    }

    /// The channel of a word, or a problem.
    pub(super) fn channel_named(
        &mut self,
        word: &str,
        file: FileId,
        span: syntax::Span,
    ) -> Option<ir::Channel> {
        let found = ir::Channel::from_word(word);
        if found.is_none() && !word.is_empty() {
            let known = ir::Channel::ALL.map(ir::Channel::word);
            self.unknown_in(Kind::Channel, word, "", known, file, span);
        }
        found
    }

    /// What was found, or the problem of a name that is none of this kind.
    fn known<T>(
        &mut self,
        found: Option<T>,
        path: &syntax::Path,
        kind: Kind,
        file: FileId,
    ) -> Option<T> {
        let name = path.to_string();
        if found.is_none() && !path.is_missing() && !self.is_reported(&name, &[kind]) {
            let problem: Problem = self
                .names
                .explain(kind, &name)
                .at(Location::new(file, path.span));
            self.problems.push(problem);
        }
        found
    }
}
