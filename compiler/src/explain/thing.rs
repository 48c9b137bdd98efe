//! Everything in a project that has a name, and each of these in sentences.

use std::fmt::Write;

use journey_ir as ir;

use super::journey;
use crate::sentences::{Teller, say};

/// Something that can be explained.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Thing<'a> {
    /// A journey.
    Journey(&'a ir::Journey),
    /// A segment.
    Segment(&'a ir::Segment),
    /// A lifecycle.
    Lifecycle(&'a ir::Lifecycle),
    /// A score.
    Score(&'a ir::Score),
    /// An offer.
    Offer(&'a ir::Offer),
    /// A policy.
    Policy(&'a ir::Policy),
    /// A consent.
    Consent(&'a ir::Consent),
    /// An event.
    Event(&'a ir::Event),
    /// A funnel.
    Funnel(&'a ir::Funnel),
    /// A figure.
    Kpi(&'a ir::Kpi),
    /// An advertising audience.
    Audience(&'a ir::Audience),
}

impl<'a> Thing<'a> {
    /// Its name.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Journey(it) => &it.name,
            Self::Segment(it) => &it.name,
            Self::Lifecycle(it) => &it.name,
            Self::Score(it) => &it.name,
            Self::Offer(it) => &it.name,
            Self::Policy(it) => &it.name,
            Self::Consent(it) => &it.name,
            Self::Event(it) => &it.name,
            Self::Funnel(it) => &it.name,
            Self::Kpi(it) => &it.name,
            Self::Audience(it) => &it.name,
        }
    }

    /// What kind of thing it is: one word for one, in both languages.
    pub(crate) const fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Journey(_) => ("journey", "여정"),
            Self::Segment(_) => ("segment", "세그먼트"),
            Self::Lifecycle(_) => ("lifecycle", "생애주기"),
            Self::Score(_) => ("score", "점수"),
            Self::Offer(_) => ("offer", "쿠폰·혜택"),
            Self::Policy(_) => ("policy", "정책"),
            Self::Consent(_) => ("consent", "수신 동의"),
            Self::Event(_) => ("event", "이벤트"),
            Self::Funnel(_) => ("funnel", "퍼널"),
            Self::Kpi(_) => ("KPI", "KPI"),
            Self::Audience(_) => ("audience", "광고 대상"),
        }
    }
}

/// Everything that can be explained, journeys first.
pub(crate) fn things(program: &ir::Program) -> Vec<Thing<'_>> {
    let journeys = program.journeys.iter().map(Thing::Journey);
    let lifecycles = program.lifecycles.iter().map(Thing::Lifecycle);
    let segments = program.segments.iter().map(Thing::Segment);
    let scores = program.scores.iter().map(Thing::Score);
    let offers = program.offers.iter().map(Thing::Offer);
    let policies = program.policies.iter().map(Thing::Policy);
    let consents = program.schema.consents.iter().map(Thing::Consent);
    let events = program.schema.events.iter().filter(|it| !it.built_in);
    journeys
        .chain(lifecycles)
        .chain(segments)
        .chain(scores)
        .chain(offers)
        .chain(policies)
        .chain(consents)
        .chain(events.map(Thing::Event))
        .chain(program.funnels.iter().map(Thing::Funnel))
        .chain(program.kpis.iter().map(Thing::Kpi))
        .chain(program.audiences.iter().map(Thing::Audience))
        .collect()
}

/// One thing in sentences.
pub(crate) fn describe(teller: Teller<'_>, thing: Thing<'_>) -> String {
    if let Thing::Journey(it) = thing {
        return journey(teller, it).text(teller);
    }
    let (name, title) = (thing.name(), teller.titles.title(thing.name()));
    let (en, ko) = thing.kind();
    let kind = teller.word(en, ko);
    let mut out = if name == title {
        format!("{name} · {kind}\n")
    } else {
        format!("{title} ({name}) · {kind}\n")
    };
    for line in teller.titles.doc(name).iter().flat_map(|it| it.lines()) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {}", line.trim());
    }
    for line in lines(teller, thing) {
        let _ = writeln!(out, "· {line}");
    }
    out
}

/// What is said about a thing that is no journey.
pub(crate) fn lines(teller: Teller<'_>, thing: Thing<'_>) -> Vec<String> {
    match thing {
        Thing::Journey(_) => Vec::new(),
        Thing::Segment(it) => {
            let mut lines = vec![teller.segment_line(it)];
            lines.extend(used_by(teller, thing));
            lines
        }
        Thing::Lifecycle(it) => {
            let stages = teller.stages(it);
            let stages = stages
                .into_iter()
                .map(|(stage, who)| format!("{stage}: {who}"));
            stages.chain(used_by(teller, thing)).collect()
        }
        Thing::Score(it) => teller.score_lines(it),
        Thing::Offer(it) => teller.offer_lines(it),
        Thing::Policy(it) => it.rules.iter().map(|rule| teller.rule(rule)).collect(),
        Thing::Consent(it) => teller.consent_lines(it),
        Thing::Event(it) => event_lines(teller, it),
        Thing::Funnel(it) => teller.funnel_lines(it),
        Thing::Kpi(it) => teller.kpi_lines(it),
        Thing::Audience(it) => teller.audience_lines(it),
    }
}

fn event_lines(teller: Teller<'_>, event: &ir::Event) -> Vec<String> {
    let field = |it: &ir::Field| {
        let (name, kind) = (&it.name, teller.kind(&it.kind));
        let optional = if it.optional {
            teller.word(", optional", ", 없을 수 있음")
        } else {
            ""
        };
        format!("{name}: {kind}{optional}")
    };
    let mut lines: Vec<String> = event.fields.iter().map(field).collect();
    if let Some(key) = event.key.and_then(|it| event.fields.get(it.at())) {
        let key = &key.name;
        lines.push(say!(
            teller,
            "Two with the same {key} are one.",
            "{key} 값이 같으면 같은 일로 칩니다."
        ));
    }
    if let Some(late) = event.arrives_within {
        let late = teller.span(late);
        lines.push(say!(
            teller,
            "It may be told up to {late} late.",
            "최대 {late} 늦게 알려질 수 있습니다."
        ));
    }
    lines
}

/// The journeys that start, end or wait by a segment or lifecycle.
fn used_by(teller: Teller<'_>, thing: Thing<'_>) -> Option<String> {
    let mentions = |trigger: &ir::Trigger| match (trigger, thing) {
        (ir::Trigger::Joins(at) | ir::Trigger::Leaves(at), Thing::Segment(it)) => {
            teller.program.segment(*at) == Some(it)
        }
        (ir::Trigger::Becomes { lifecycle, .. }, Thing::Lifecycle(it)) => {
            teller.program.lifecycle(*lifecycle) == Some(it)
        }
        _ => false,
    };
    let starts = |journey: &&ir::Journey| match &journey.entry {
        ir::Entry::When { trigger, .. } => mentions(trigger),
        ir::Entry::Schedule { .. } => false,
    };
    let journeys = teller.program.journeys.iter().filter(starts);
    let titles: Vec<&str> = journeys.map(|it| teller.journey(it)).collect();
    let list = teller.list(&titles, true);
    (!titles.is_empty()).then(|| {
        say!(
            teller,
            "Starts the journey: {list}",
            "이것으로 시작하는 여정: {list}"
        )
    })
}
