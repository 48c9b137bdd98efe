//! `[connectors.NAME]`: systems that steps call, and what each of their actions takes.

use journey_ir::project::{Action, Connector, ConnectorKind, Input, Request};

use super::{Manifest, choice, meaning, secrets, typed};
use crate::problem::Problems;
use crate::settings::{Error, Expected, Named, Section};
use crate::written;

/// Where HubSpot's API is.
const HUBSPOT: &str = "https://api.hubapi.com";

/// What the HubSpot connector can do.
const HUBSPOT_ACTIONS: [(&str, ()); 2] = [("create_lead", ()), ("create_task", ())];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Record,
    Http,
    Hubspot,
}

impl Manifest {
    pub(super) fn read_connectors(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        for (name, mut section) in root.sections("connectors", problems) {
            let kinds = [
                ("record", Kind::Record),
                ("http", Kind::Http),
                ("hubspot", Kind::Hubspot),
            ];
            let kind = section
                .text("kind", problems)
                .and_then(|kind| choice("kind", &kind, &kinds, problems));
            let mut actions = Vec::new();
            for (name, mut section) in section.sections("actions", problems) {
                if kind == Some(Kind::Hubspot) {
                    choice("actions", &name, &HUBSPOT_ACTIONS, problems);
                }
                // Without a `kind`, an action with an address is a call and one without is written down.
                let by_http = kind == Some(Kind::Http) || (kind.is_none() && section.has("url"));
                let (mut action, broken) = action(name.value, by_http, &mut section, problems);
                self.broken.extend(broken);
                for attribute in section.texts("private_data", problems) {
                    action.private_data.push(attribute.value.clone());
                    self.references.push((Named::Attribute, attribute));
                }
                actions.push(action);
                section.finish(problems);
            }
            let calls = actions.iter().any(|action| action.request.is_some());
            let kind = match kind {
                Some(Kind::Hubspot) => hubspot(&mut section, problems),
                Some(Kind::Http) => ConnectorKind::Http,
                None if calls => ConnectorKind::Http,
                None | Some(Kind::Record) => ConnectorKind::Record,
            };
            self.project.connectors.push(Connector {
                name: name.value,
                kind,
                actions,
            });
            section.finish(problems);
        }
    }
}

fn hubspot(section: &mut Section<'_>, problems: &mut Problems) -> ConnectorKind {
    let base_url = section.text("base_url", problems).and_then(|url| {
        secrets::in_address("base_url", &url, "HUBSPOT_URL", problems);
        let fits = |url: &str| written::is_web_address(url).then(|| url.to_owned());
        meaning("base_url", &url, Expected::WebAddress, fits, problems)
    });
    let token = section.needed_text("token", problems).map(|token| {
        secrets::in_value("token", &token, "HUBSPOT_TOKEN", problems);
        token.value
    });
    let mut word = |key, default: &str| {
        let text = section.text(key, problems);
        text.map_or_else(|| default.to_owned(), |text| text.value)
    };
    ConnectorKind::Hubspot {
        deal_stage: word("deal_stage", "appointmentscheduled"),
        pipeline: word("pipeline", "default"),
        base_url: base_url.unwrap_or_else(|| HUBSPOT.to_owned()),
        token: token.unwrap_or_default(),
    }
}

/// An action, and the names of its inputs whose type could not be read.
fn action(
    name: String,
    by_http: bool,
    section: &mut Section<'_>,
    problems: &mut Problems,
) -> (Action, Vec<String>) {
    let mut inputs = Vec::new();
    let mut broken = Vec::new();
    for (name, kind) in section.pairs("inputs", problems) {
        if let Some((kind, optional)) = typed(&name.value, &kind, problems) {
            inputs.push(Input {
                name: name.value,
                kind,
                optional,
            });
        } else {
            broken.push(name.value);
        }
    }
    let action = Action {
        name,
        inputs,
        private_data: Vec::new(),
        idempotent: section.flag("idempotent", problems).unwrap_or_default(),
        request: by_http.then(|| request(section, problems)),
    };
    (action, broken)
}

fn request(section: &mut Section<'_>, problems: &mut Problems) -> Request {
    let url = section.needed_text("url", problems).and_then(|url| {
        secrets::in_address("url", &url, "API_TOKEN", problems);
        let fits = |url: &str| written::is_web_address(url).then(|| url.to_owned());
        meaning("url", &url, Expected::WebAddress, fits, problems)
    });
    let methods = ["POST", "PUT", "PATCH", "GET"].map(|method| (method, method));
    let method = section
        .text("method", problems)
        .and_then(|method| choice("method", &method, &methods, problems));
    let mut headers = Vec::new();
    for (name, value) in section.pairs("headers", problems) {
        secrets::in_header(&name.value, &value, problems);
        if value.value.chars().any(char::is_control) {
            problems.push(Error::WrongValue {
                at: value.at,
                key: name.value,
                value: value.value.escape_debug().to_string(),
                expected: Expected::Text,
            });
            continue;
        }
        headers.push((name.value, value.value));
    }
    let mut expect = Vec::new();
    for status in section.numbers("expect", problems) {
        match u16::try_from(status.value) {
            Ok(number @ 100..=599) => expect.push(number),
            _ => problems.push(Error::WrongValue {
                at: status.at,
                key: "expect".to_owned(),
                value: status.value.to_string(),
                expected: Expected::Status,
            }),
        }
    }
    let mut text = |key| section.text(key, problems).map(|text| text.value);
    Request {
        body: text("body"),
        idempotency_header: text("idempotency_header"),
        method: method.unwrap_or("POST").to_owned(),
        url: url.unwrap_or_default(),
        headers,
        expect,
    }
}
