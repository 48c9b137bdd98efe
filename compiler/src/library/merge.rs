//! A ready journey into a project: what is missing is added, what is there stays.
//!
//! Files of the journey go where the project keeps such files. Declarations of a name that the project has are left
//! out, and what the journey needs of them is added to the project's own; tables that its `journey.toml` lacks are
//! appended. Messages come in the project's language, their translations beside them, amounts in its currency, and signed
//! with its name.

use std::borrow::Cow;

use super::additions::Additions;
use super::copied::Copied;
use super::own::{Own, name_of, own_text};
use super::{Entry, SETTINGS, amounts, fill, language, rest, samples, settings};
use crate::project::LoadedProject;

/// What messages of the library call the shop that sends them.
const NAMES: [&str; 3] = ["Shop name (가게 이름)", "Shop name", "가게 이름"];

/// Copies a ready journey into a project and tries it there.
pub(crate) fn into(project: &LoadedProject, entry: Entry) -> Copied {
    let own = Own::of(project);
    let mut copy = Copied {
        taken: taken(&own, entry),
        ..Copied::default()
    };
    if copy.taken.is_some() {
        return copy;
    }
    let place = Destination::of(project, &mut copy);
    let mut additions = Additions::default();
    for (path, text) in entry.files() {
        if let Some(pair) = place.exchange(entry, path, text) {
            for (to, text) in pair {
                copy.file(&own, to, place.words(&text).into_owned());
            }
            continue;
        }
        let text = place.words(text);
        match target(path, entry.name) {
            Target::Settings => copy.settings(project, &text),
            Target::Declarations(to) => {
                copy.declarations(project, &own, &to, &text, &mut additions);
            }
            Target::File(to) => copy.file(&own, to, text.into_owned()),
            Target::Nowhere => {}
        }
    }
    copy.grow(project, additions);
    copy.samples = samples::samples(&copy.files);
    rest::tried(project, copy)
}

/// The journey of a project that has the name of one of the library's.
fn taken(own: &Own<'_>, entry: Entry) -> Option<String> {
    let files = entry.files().filter(|(path, _)| path.ends_with(".journey"));
    let journeys = files.map(|(_, text)| journey_grammar::parse(text).file.declarations);
    let mut names = journeys.flatten().filter_map(|it| match it {
        journey_grammar::tree::Declaration::Journey(it) => Some(it.name.text),
        _ => None,
    });
    names.find(|name| own.journeys.contains(name))
}

/// The project as far as words depend on it.
struct Destination {
    /// Its language; none where it has no settings yet.
    language: Option<String>,
    /// Its currency where that is not won, and whether `$` means it.
    currency: Option<(String, bool)>,
    /// What its people know it by.
    name: Option<String>,
}

impl Destination {
    fn of(project: &LoadedProject, copy: &mut Copied) -> Self {
        let own = own_text(project, SETTINGS);
        let set = |name| settings::of_project(&own, name);
        let currency = set("currency").filter(|it| it != "KRW");
        copy.currency.clone_from(&currency);
        let language = || set("default_language").unwrap_or_else(|| "en".to_owned());
        Self {
            language: (!own.is_empty()).then(language),
            currency: currency.map(|it| {
                let dollar = it == "USD" && settings::dollar_is_usd(&own);
                (it, dollar)
            }),
            name: settings::sender_name(&own),
        }
    }

    /// A text of the library in this project's currency and name.
    fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        if let Some((currency, dollar)) = &self.currency {
            text = Cow::Owned(amounts::in_currency(&text, currency, *dollar));
        }
        if let Some(name) = &self.name {
            for theirs in NAMES {
                if text.contains(theirs) {
                    text = Cow::Owned(text.replace(theirs, name));
                }
            }
        }
        text
    }

    /// The files that a template becomes where the project has another language than the journey: the template in that
    /// language, and what was the template as a translation. The translation that it is made of becomes nothing.
    fn exchange(&self, entry: Entry, path: &str, text: &str) -> Option<Vec<(String, String)>> {
        let stem = path.strip_prefix("templates/")?.strip_suffix(".md")?;
        let ours = entry.language();
        let theirs = self.language.as_ref().filter(|it| **it != ours)?;
        if stem
            .strip_suffix(theirs)
            .is_some_and(|it| it.ends_with('.'))
        {
            return Some(Vec::new());
        }
        let wanted = format!("templates/{stem}.{theirs}.md");
        let (_, translation) = entry.files().find(|(path, _)| *path == wanted)?;
        let (template, translated) = language::exchanged(text, translation)?;
        let beside = format!("templates/{stem}.{ours}.md");
        Some(vec![(path.to_owned(), template), (beside, translated)])
    }
}

/// Where a file of the library goes.
enum Target {
    /// Into `journey.toml`.
    Settings,
    /// A `.journey` file, declaration by declaration.
    Declarations(String),
    /// As it is.
    File(String),
    /// It only describes the library.
    Nowhere,
}

fn target(path: &str, name: &str) -> Target {
    if path == SETTINGS {
        return Target::Settings;
    }
    if path.starts_with("templates/") || path.starts_with("holidays/") {
        return Target::File(path.to_owned());
    }
    let Some(stem) = path.strip_suffix(".journey") else {
        return Target::Nowhere;
    };
    let is_test = stem.starts_with("tests/") || stem == "tests";
    Target::Declarations(if is_test {
        format!("tests/{name}.journey")
    } else if stem == name {
        format!("journeys/{name}.journey")
    } else {
        format!("schema/{name}.journey")
    })
}

impl Copied {
    /// Adds a file where the project has none of this path.
    fn file(&mut self, own: &Own<'_>, to: String, text: String) {
        if own.paths.contains(to.as_str()) {
            self.there.push(to);
        } else {
            self.files.push((to, text));
        }
    }

    /// Adds the declarations of a text that the project lacks to a file of it.
    fn declarations(
        &mut self,
        project: &LoadedProject,
        own: &Own<'_>,
        to: &str,
        text: &str,
        additions: &mut Additions,
    ) {
        let text = fill::filled(text, own);
        let mut added = String::new();
        let mut from = 0;
        for declaration in journey_grammar::parse(&text).file.declarations {
            // What stands above a declaration since the one before it describes it.
            let end = declaration.span().end as usize;
            let whole = text.get(from..end).unwrap_or_default().trim();
            from = end;
            let name = name_of(&declaration);
            if additions.meet(own, &declaration, &text) {
                self.kept.extend(name);
            } else {
                match name {
                    Some(name) if own.names.contains(&name) => self.kept.push(name),
                    _ => {
                        added.push_str(whole);
                        added.push_str("\n\n");
                    }
                }
            }
        }
        let added = added.trim_end();
        if added.is_empty() {
            return;
        }
        let before = self.take(project, to);
        let gap = if before.is_empty() { "" } else { "\n" };
        let whole = format!("{before}{gap}{added}\n");
        self.files.push((to.to_owned(), whole));
    }

    /// What a file is by now, to be changed once more.
    fn take(&mut self, project: &LoadedProject, path: &str) -> String {
        match self.files.iter().position(|(it, _)| it == path) {
            Some(at) => self.files.remove(at).1,
            None => own_text(project, path),
        }
    }

    /// Writes what was added to the project's own declarations, laid out as the project is.
    fn grow(&mut self, project: &LoadedProject, mut additions: Additions) {
        self.grown = std::mem::take(&mut additions.names);
        let changed = additions.applied(|path| {
            let mut files = self.files.iter();
            let known = files.find(|(it, _)| it == path);
            known.map_or_else(|| own_text(project, path), |(_, text)| text.clone())
        });
        for (path, text) in changed {
            let own = own_text(project, &path);
            let was_laid_out = journey_grammar::format(&own).text == own;
            let text = if was_laid_out {
                journey_grammar::format(&text).text
            } else {
                text
            };
            let _ = self.take(project, &path);
            self.files.push((path, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use crate::compile::compile;

    fn project(files: &[(&str, &str)]) -> LoadedProject {
        LoadedProject::from_texts(files.iter().copied())
    }

    /// The project after copying.
    fn after(before: &[(&str, &str)], copy: &Copied) -> LoadedProject {
        rest::after(&project(before), copy)
    }

    #[test]
    fn every_ready_journey_makes_a_project_of_an_empty_one() {
        for entry in super::super::all() {
            let copy = into(&project(&[]), entry);
            let made = after(&[], &copy);
            let compiled = compile(&made);
            let said: Vec<_> = compiled.problems.iter().collect();
            assert!(compiled.program.is_some(), "{}: {said:#?}", entry.name);
        }
    }

    #[test]
    fn an_english_project_gets_english_messages_and_korean_translations() {
        let settings = "[project]\nname = \"mine\"\ncurrency = \"KRW\"\n\n[links]\nshop = \"https://a.example/{}\"\n";
        let before = [("journey.toml", settings)];
        let copy = into(&project(&before), find("cart-rescue").unwrap());
        let text = |path: &str| {
            let found = copy.files.iter().find(|(it, _)| it == path);
            found.map(|(_, text)| text.as_str())
        };
        let template = text("templates/email/cart_reminder.md").unwrap();
        assert!(
            template.contains("purpose = ") && template.contains("Hello"),
            "{template}"
        );
        let translation = text("templates/email/cart_reminder.ko.md").unwrap();
        assert!(!translation.contains("purpose = "), "{translation}");
        assert_eq!(text("templates/email/cart_reminder.en.md"), None);
        let settings = text("journey.toml").unwrap();
        assert!(settings.contains("[links]\ncart_link = "), "{settings}");
        assert!(!settings.contains("[compliance]"), "{settings}");
        let made = compile(&after(&before, &copy));
        assert!(made.program.is_some(), "{:#?}", made.problems);
    }

    #[test]
    fn what_a_project_has_stays_and_what_it_lacks_is_added() {
        let before = [
            (
                "journey.toml",
                "[project]\nname = \"mine\"\ncurrency = \"KRW\"\ntimezone = \"Asia/Seoul\"\n",
            ),
            (
                "people.journey",
                "contact {\n  email: email address\n}\n\nevent purchase {\n  order_id: text, key\n  cart_id: text, optional\n  total: money in KRW\n}\n",
            ),
        ];
        let copy = into(&project(&before), find("cart-rescue").unwrap());
        assert!(copy.kept.contains(&"purchase".to_owned()), "{copy:#?}");
        let text = |path: &str| {
            let found = copy.files.iter().find(|(it, _)| it == path);
            found.map(|(_, text)| text.as_str()).unwrap()
        };
        assert!(text("people.journey").contains("  timezone: timezone, default Asia/Seoul\n}"));
        assert!(text("journey.toml").starts_with("[project]\nname = \"mine\""));
        assert!(text("journey.toml").contains("[senders.shop]"));
        assert!(!text("schema/cart_rescue.journey").contains("event purchase"));
        let made = compile(&after(&before, &copy));
        assert!(made.program.is_some(), "{:#?}", made.problems);
        // A second time nothing is written: whoever copied it may have changed it since.
        let again = into(&after(&before, &copy), find("cart-rescue").unwrap());
        assert_eq!(again.files, [], "{again:#?}");
        assert!(again.taken.is_some(), "{again:#?}");
    }

    #[test]
    fn every_ready_journey_goes_into_a_grown_project_whose_tests_still_hold() {
        let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/shop");
        let shop = crate::load::load(std::path::Path::new(shop)).unwrap();
        for entry in super::super::all() {
            let copy = into(&shop, entry);
            let refused = copy.refused.as_ref().map(|it| &it.1);
            assert!(refused.is_none(), "{}: {refused:#?}", entry.name);
            if let Some(taken) = &copy.taken {
                assert!(
                    shop.sources()
                        .iter()
                        .any(|(_, it)| it.text().contains(&format!("journey {taken}")))
                );
                continue;
            }
            let made = compile(&rest::after(&shop, &copy));
            assert!(
                !made.problems.has_errors(),
                "{}: {:#?}",
                entry.name,
                made.problems
            );
            let run = crate::testing::run_tests(&made, "", std::num::NonZeroUsize::MIN).unwrap();
            let failed = run
                .verdicts
                .iter()
                .filter(|(_, it)| !it.failures.is_empty());
            let failed: Vec<_> = failed.map(|(script, _)| &script.title).collect();
            let upset: Vec<_> = copy.upset.iter().map(|it| &it.title).collect();
            assert_eq!(failed, upset, "{}", entry.name);
        }
    }
}
