//! `[project]`, `[compliance]`, `[limits]`, `[links]`, `[audiences]`: who we are and what holds everywhere.

use journey_ir as ir;
use journey_ir::Currency;
use journey_ir::time::DAY;

use super::{Manifest, choice, known_zone, meaning};
use crate::problem::{Language, Problems};
use crate::settings::{Expected, Section};
use crate::written;

/// How late an event may arrive and still be acted upon, in milliseconds, where nothing is written.
const ACCEPT_LATE: i64 = 3 * DAY;
/// How long after its time an effect may still be carried out, in milliseconds, where nothing is written.
const LATE_AFTER: i64 = DAY;

/// The settings of a project without `journey.toml`.
pub(super) fn defaults(name: &str) -> ir::Project {
    ir::Project {
        name: name.to_owned(),
        timezone: "UTC".to_owned(),
        language: "en".to_owned(),
        accept_late: ACCEPT_LATE,
        late_after: LATE_AFTER,
        ..ir::Project::default()
    }
}

impl Manifest {
    pub(super) fn read_project(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        let Some(mut section) = root.section("project", problems) else {
            return;
        };
        let project = &mut self.project;
        if let Some(name) = section.text("name", problems) {
            project.name = name.value;
            self.named = true;
        }
        let zone = section.text("timezone", problems);
        if let Some(zone) = zone.and_then(|zone| known_zone(zone, problems)) {
            project.timezone = zone;
        }
        if let Some(currency) = section.text("currency", problems) {
            let expected = Expected::Currency;
            project.currency = meaning("currency", &currency, expected, Currency::new, problems);
        }
        if let Some(language) = section.text("default_language", problems) {
            let languages = [("ko", Language::Korean), ("en", Language::English)];
            self.language = choice("default_language", &language, &languages, problems);
            if self.language.is_some() {
                project.language = language.value;
            }
        }
        for (sign, currency) in section.pairs("symbols", problems) {
            if !["$", "¥", "£", "€", "₩"].contains(&sign.value.as_str()) {
                let signs = ["$", "¥", "£", "€", "₩"].map(|sign| (sign, ()));
                choice("symbols", &sign, &signs, problems);
                continue;
            }
            let expected = Expected::Currency;
            if let Some(currency) =
                meaning(&sign.value, &currency, expected, Currency::new, problems)
            {
                self.symbols.push((sign.value, currency));
            }
        }
        section.finish(problems);
    }

    pub(super) fn read_compliance(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        let Some(mut section) = root.section("compliance", problems) else {
            return;
        };
        for pack in section.texts("packs", problems) {
            if choice("packs", &pack, &[("kr", ())], problems).is_some() {
                self.packs.push(pack.value);
            }
        }
        section.finish(problems);
    }

    pub(super) fn read_limits(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        let Some(mut section) = root.section("limits", problems) else {
            return;
        };
        for (key, limit) in [
            ("accept_late", &mut self.project.accept_late),
            ("late_after", &mut self.project.late_after),
        ] {
            let Some(text) = section.text(key, problems) else {
                continue;
            };
            let read = written::milliseconds;
            if let Some(span) = meaning(key, &text, Expected::Span, read, problems) {
                *limit = span;
            }
        }
        section.finish(problems);
    }

    pub(super) fn read_links(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        let reserved = crate::templates::FILTERS;
        for (name, url) in root.pairs("links", problems) {
            let fits = |url: &str| {
                (written::is_web_address(url) && url.matches("{}").count() == 1)
                    .then(|| url.to_owned())
            };
            // A link is used like a filter, so it must not hide one.
            if reserved.contains(&name.value.as_str()) {
                problems.push(crate::settings::Error::Taken {
                    at: name.at,
                    name: name.value,
                });
            } else if let Some(url) = meaning(&name.value, &url, Expected::Link, fits, problems) {
                self.project.links.push((name.value, url));
            } else {
                self.broken.insert(name.value);
            }
        }
    }
}
