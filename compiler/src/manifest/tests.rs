//! What `journey.toml` may say, and what is said about the rest.

use journey_ir::project::{ConnectorKind, OnUnclear};
use journey_ir::time::DAY;
use journey_ir::{Channel, Clock, Weekday};

use super::*;
use crate::known::Known;

const fn known(schema: &ir::Schema) -> Known<'_> {
    Known {
        schema,
        scores: &[],
        all_attributes: true,
        all_consents: true,
        certain: Some(&crate::known::NOTHING_CERTAIN),
    }
}

fn read_toml(text: &str) -> (Manifest, Vec<String>) {
    let project = LoadedProject::from_texts([
        ("journey.toml", text),
        (
            "holidays/kr.toml",
            "days = [2026-01-01, \"2026-03-01\", 2026-01-01]\n",
        ),
    ]);
    let mut problems = Problems::default();
    let manifest = read(&project, &mut problems);
    problems.sort();
    let said = problems
        .iter()
        .map(|it| {
            let fix = it.fix.as_ref().map(|fix| format!(" → {}", fix.replacement));
            let place = it.at.span.of(text);
            let fix = fix.unwrap_or_default();
            format!("{} {place} · {}{fix}", it.code, it.message.en)
        })
        .collect();
    (manifest, said)
}

#[test]
fn a_project_without_settings_has_defaults() {
    let (manifest, said) = read_toml("");
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(manifest.project.timezone, "UTC");
    assert_eq!(manifest.project.accept_late, 3 * DAY);
}

#[test]
fn every_setting_is_read() {
    let (manifest, said) = read_toml(include_str!("tests/full.toml"));
    assert!(said.is_empty(), "{said:#?}");
    let project = &manifest.project;
    assert_eq!(project.name, "팔도한상");
    assert_eq!(manifest.currency().unwrap().code(), "KRW");
    assert_eq!(manifest.symbols[0].1.code(), "USD");
    assert_eq!(manifest.packs, ["kr"]);
    assert_eq!(project.hours[0].holidays.len(), 2);
    assert_eq!(
        project.hours[0].open[5],
        (Weekday::Saturday, Clock(600), Clock(780))
    );
    assert_eq!(project.hours[0].open.len(), 6);
    let email = manifest.channel(Channel::Email).unwrap();
    assert_eq!(email.sender.as_deref(), Some("shop"));
    assert_eq!(email.on_unclear_result, Some(OnUnclear::Skip));
    assert!(matches!(
        project.connectors[0].kind,
        ConnectorKind::Hubspot { .. }
    ));
    let send = manifest.action("gateway", "send_sms").unwrap();
    assert_eq!(send.request.as_ref().unwrap().expect, [200, 202]);
    assert_eq!(
        manifest.team("sales").unwrap().action,
        Some(("crm".into(), "create_lead".into()))
    );
    assert!(manifest.link("cart_link").unwrap().ends_with("{}"));
    assert_eq!(
        project.imports[0].rename,
        [("Purchase".into(), "purchase".into())]
    );
    assert_eq!(
        manifest.action_near("crm.creat_lead").as_deref(),
        Some("crm.create_lead")
    );
}

#[test]
fn every_wrong_setting_is_reported_at_its_place() {
    let (_, said) = read_toml(include_str!("tests/wrong.toml"));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn an_address_is_the_attribute_of_the_fitting_type_unless_one_is_written() {
    let (manifest, _) = read_toml("[channels.email]\naddress = 'work_email'\n");
    let attribute = |name: &str, kind| ir::Attribute {
        name: name.into(),
        kind,
        optional: true,
        private: true,
        default: None,
    };
    let schema = ir::Schema {
        attributes: vec![
            attribute("email", Type::EmailAddress),
            attribute("work_email", Type::EmailAddress),
            attribute("phone", Type::PhoneNumber),
        ],
        ..ir::Schema::default()
    };
    let mut problems = Problems::default();
    let found = manifest.addresses(known(&schema), &mut problems);
    assert_eq!(
        found,
        [
            (Channel::Email, "work_email".into()),
            (Channel::Sms, "phone".into()),
            (Channel::Kakao, "phone".into())
        ]
    );
    manifest.addresses(known(&ir::Schema::default()), &mut problems);
    assert_eq!(problems.iter().next().unwrap().code, "J0102");
}

#[test]
fn names_of_the_schema_are_checked_once_there_is_one() {
    let (manifest, said) = read_toml(include_str!("tests/full.toml"));
    assert!(said.is_empty(), "{said:?}");
    let mut problems = Problems::default();
    manifest.check_references(known(&ir::Schema::default()), &mut problems);
    problems.sort();
    let said: Vec<_> = problems.iter().map(|it| it.message.en.as_str()).collect();
    assert_eq!(
        said,
        [
            "there is no contact attribute called `name`",
            "there is no contact attribute called `email`",
            "there is no contact attribute called `phone`",
            "there is no event called `purchase`",
            "there is no contact attribute called `name`",
        ]
    );
}
