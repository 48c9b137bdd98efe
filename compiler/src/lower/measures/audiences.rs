//! Audiences: who is in, which networks are told, and by what they recognise people.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::error::MeasureError;
use crate::lower::Lowering;
use crate::lower::rankings::{Ranked, RankingError};
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

/// An audience as its lines are read.
#[derive(Default)]
struct Lines {
    people: Option<ir::ConditionIx>,
    sync: Vec<String>,
    consent: Option<ir::ConsentIx>,
    match_by: Vec<ir::AttributeIx>,
    keep: Option<ir::Span>,
    broken: bool,
}

impl Lowering<'_> {
    /// Lowers all audiences.
    pub(super) fn audiences(&mut self) {
        for (name, file, audience) in self.names.audiences() {
            let mut lines = Lines::default();
            let ranked = audience.lines.iter().find_map(|line| match line {
                syntax::AudienceLine::RankedDaily(clock) => Some(*clock),
                _ => None,
            });
            self.ranked = Some(Ranked {
                audience: name.to_owned(),
                at: ranked.map(values::clock),
                found: 0,
            });
            for line in &audience.lines {
                self.audience_line(file, line, &mut lines);
            }
            let found = self.ranked.take().map_or(0, |it| it.found);
            if let Some(clock) = ranked.filter(|_| found == 0 && !lines.broken) {
                let at = Location::new(file, clock.span);
                self.problems.push(RankingError::Nothing.at(at));
            }
            if ranked.is_none() && found > 0 {
                let line = "ranked daily at 04:00";
                let name = name.to_owned();
                let at = Location::new(file, audience.name.span);
                self.problems
                    .push(MeasureError::AudienceLacks { name, line }.at(at));
            }
            if lines.broken {
                self.gap(file, audience.name.span);
                continue;
            }
            self.audience_lacks(name, file, audience, &lines);
            let (Some(people), false) = (lines.people, lines.sync.is_empty()) else {
                continue;
            };
            let consents = self.consents_of(file, audience, &lines);
            self.program.audiences.push(ir::Audience {
                name: name.to_owned(),
                title: audience.title.as_ref().map(|it| it.text.clone()),
                people,
                sync: lines.sync,
                consents,
                match_by: lines.match_by,
                keep: lines.keep,
            });
        }
    }

    fn audience_line(&mut self, file: FileId, line: &syntax::AudienceLine, lines: &mut Lines) {
        let read = match line {
            syntax::AudienceLine::People(condition) => {
                lines.people = Some(self.condition_or_gap(condition, Scope::membership(file)));
                true
            }
            syntax::AudienceLine::SyncTo(networks) => {
                for network in networks.iter().filter(|it| !it.is_missing()) {
                    let known = self.is_network(file, network);
                    lines.broken |= !known;
                    if known && !lines.sync.contains(&network.text) {
                        lines.sync.push(network.text.clone());
                    }
                }
                true
            }
            syntax::AudienceLine::NeedsConsent(name) => {
                lines.consent = self.consents.get(&name.text).copied();
                if lines.consent.is_none() && !self.is_reported(&name.text, &[Kind::Consent]) {
                    let error = self.names.explain(Kind::Consent, &name.text);
                    self.problems.push(error.at(Location::new(file, name.span)));
                }
                lines.consent.is_some()
            }
            syntax::AudienceLine::MatchBy(names) => {
                for name in names {
                    self.match_by(file, name, lines);
                }
                true
            }
            syntax::AudienceLine::KeepAtMost(duration) => {
                lines.keep = self.span(*duration, file);
                lines.keep.is_some()
            }
            // Read before the others, because the people are ranked by it.
            syntax::AudienceLine::RankedDaily(_) => true,
            syntax::AudienceLine::Unknown(_) => false,
        };
        lines.broken |= !read;
    }

    /// A network is one that the settings or a consent know, or one of those that are built in.
    fn is_network(&mut self, file: FileId, name: &syntax::Name) -> bool {
        let networks = self.manifest.project.networks.iter();
        let mut known: Vec<&str> = networks.map(|it| it.name.as_str()).collect();
        known.extend(["meta", "google"]);
        let consents = &self.program.schema.consents;
        known.extend(
            consents
                .iter()
                .flat_map(|it| &it.others)
                .map(String::as_str),
        );
        if known.contains(&name.text.as_str()) {
            return true;
        }
        known.sort_unstable();
        known.dedup();
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        let known = known.iter().map(String::as_str);
        self.unknown_in(Kind::Channel, &name.text, "", known, file, name.span);
        false
    }

    fn match_by(&mut self, file: FileId, name: &syntax::Name, lines: &mut Lines) {
        let attributes = &self.program.schema.attributes;
        let Some(at) = attributes.iter().position(|it| it.name == name.text) else {
            if !name.is_missing() {
                let error = self.names.explain(Kind::Attribute, &name.text);
                self.problems.push(error.at(Location::new(file, name.span)));
            }
            lines.broken = true;
            return;
        };
        let fits = attributes
            .get(at)
            .is_some_and(|it| matches!(it.kind, ir::Type::EmailAddress | ir::Type::PhoneNumber));
        if !fits {
            let name_of = name.text.clone();
            let error = MeasureError::NotMatchable { name: name_of };
            self.problems.push(error.at(Location::new(file, name.span)));
            lines.broken = true;
            return;
        }
        let at = ir::AttributeIx(at as u32);
        if !lines.match_by.contains(&at) {
            lines.match_by.push(at);
        }
    }

    /// What an audience cannot do without.
    fn audience_lacks(
        &mut self,
        name: &str,
        file: FileId,
        audience: &syntax::Audience,
        lines: &Lines,
    ) {
        let lacks = [
            (lines.people.is_none(), "people where (…)"),
            (lines.sync.is_empty(), "sync to …"),
            (lines.match_by.is_empty(), "match by email"),
        ];
        let at = Location::new(file, audience.name.span);
        for (_, line) in lacks.into_iter().filter(|(lacks, _)| *lacks) {
            let name = name.to_owned();
            self.problems
                .push(MeasureError::AudienceLacks { name, line }.at(at));
        }
        let mut asked = self.manifest.network_consents.iter();
        if lines.consent.is_none() && !asked.any(|(network, _)| lines.sync.contains(network)) {
            let name = name.to_owned();
            self.problems
                .push(MeasureError::NoAudienceConsent { name }.at(at));
        }
    }

    /// The consents of the audience and of its networks. Each must cover the networks it is needed for.
    fn consents_of(
        &mut self,
        file: FileId,
        audience: &syntax::Audience,
        lines: &Lines,
    ) -> Vec<ir::ConsentIx> {
        let asked = self.manifest.network_consents.iter();
        let asked = asked.filter(|(network, _)| lines.sync.contains(network));
        let mut consents: Vec<ir::ConsentIx> = lines.consent.into_iter().collect();
        for (_, consent) in asked {
            let consent = self.consents.get(consent).copied();
            consents.extend(consent.filter(|it| !consents.contains(it)));
        }
        let Some(consent) = lines.consent.and_then(|at| self.program.consent(at)) else {
            return consents;
        };
        let uncovered = lines.sync.iter().find(|it| !consent.others.contains(it));
        if let Some(network) = uncovered {
            let error = MeasureError::ConsentWithoutNetwork {
                consent: consent.name.clone(),
                network: network.clone(),
            };
            let at = Location::new(file, audience.name.span);
            self.problems.push(error.at(at));
        }
        consents
    }
}
