//! `[audiences.NAME]`: the advertising networks, and their own ids of the lists behind audiences.

use journey_ir::project::{Network, NetworkKind};

use super::{Manifest, choice, meaning, secrets};
use crate::problem::Problems;
use crate::settings::{Expected, Named, Section};
use crate::written;

/// Where Meta's Marketing API is.
const META: &str = "https://graph.facebook.com/v25.0";
/// Where the Google Ads API is.
const GOOGLE: &str = "https://googleads.googleapis.com/v26";

#[derive(Clone, Copy)]
enum Kind {
    Record,
    Meta,
    Google,
}

impl Manifest {
    pub(super) fn read_networks(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        for (name, mut section) in root.sections("audiences", problems) {
            let kinds = [
                ("record", Kind::Record),
                ("meta", Kind::Meta),
                ("google", Kind::Google),
            ];
            let written = section
                .text("kind", problems)
                .and_then(|kind| choice("kind", &kind, &kinds, problems));
            let kind = match (written, name.value.as_str()) {
                (Some(kind), _) => kind,
                // Without an account nothing can be told yet: it is written down.
                (None, "meta") if section.has("token") => Kind::Meta,
                (None, "google") if section.has("token") => Kind::Google,
                (None, _) => Kind::Record,
            };
            if let Some(consent) = section.text("consent", problems) {
                let asked = (name.value.clone(), consent.value.clone());
                self.network_consents.push(asked);
                self.references.push((Named::Consent, consent));
            }
            let kind = match kind {
                Kind::Record => NetworkKind::Record,
                Kind::Meta => meta(&mut section, problems),
                Kind::Google => google(&mut section, problems),
            };
            let lists = section.pairs("lists", problems);
            self.project.networks.push(Network {
                name: name.value,
                kind,
                lists: lists
                    .into_iter()
                    .map(|(audience, id)| (audience.value, id.value))
                    .collect(),
            });
            section.finish(problems);
        }
    }
}

fn meta(section: &mut Section<'_>, problems: &mut Problems) -> NetworkKind {
    NetworkKind::Meta {
        base_url: base_url(section, META, problems),
        token: token(section, "token", "META_TOKEN", problems),
    }
}

fn google(section: &mut Section<'_>, problems: &mut Problems) -> NetworkKind {
    let ten_digits = |text: &str| {
        let digits: String = text.chars().filter(|it| *it != '-').collect();
        let fits = digits.len() == 10 && digits.chars().all(|it| it.is_ascii_digit());
        fits.then_some(digits)
    };
    let customer = section
        .needed_text("customer", problems)
        .and_then(|it| meaning("customer", &it, Expected::Account, ten_digits, problems));
    let manager = section
        .text("manager", problems)
        .and_then(|it| meaning("manager", &it, Expected::Account, ten_digits, problems));
    NetworkKind::Google {
        base_url: base_url(section, GOOGLE, problems),
        token: token(section, "token", "GOOGLE_ADS_TOKEN", problems),
        developer_token: token(
            section,
            "developer_token",
            "GOOGLE_DEVELOPER_TOKEN",
            problems,
        ),
        customer: customer.unwrap_or_default(),
        manager,
    }
}

fn base_url(section: &mut Section<'_>, usual: &str, problems: &mut Problems) -> String {
    let written = section.text("base_url", problems).and_then(|url| {
        secrets::in_address("base_url", &url, "NETWORK_URL", problems);
        let fits = |url: &str| written::is_web_address(url).then(|| url.to_owned());
        meaning("base_url", &url, Expected::WebAddress, fits, problems)
    });
    written.unwrap_or_else(|| usual.to_owned())
}

fn token(
    section: &mut Section<'_>,
    key: &'static str,
    example: &str,
    problems: &mut Problems,
) -> String {
    let token = section.needed_text(key, problems).map(|token| {
        secrets::in_value(key, &token, example, problems);
        token.value
    });
    token.unwrap_or_default()
}
