//! Filters: how a value is written. Each fits some types only.

use journey_ir::{Filter, Type};

use super::draft::Call;
use super::error::VariableError as Error;
use crate::manifest::Manifest;
use crate::near::nearest;
use crate::problem::Problems;

/// The names of all filters. A project's links are used like filters and come after them.
pub(crate) const FILTERS: [&str; 6] = ["or", "josa", "date", "money", "upper", "lower"];

/// The variable that every template has.
pub(super) const UNSUBSCRIBE_LINK: &str = "unsubscribe_link";

/// The particles that have a form after a final consonant and one after a vowel, in that order.
pub(super) const PARTICLES: [(&str, &str); 9] = [
    ("을", "를"),
    ("이", "가"),
    ("은", "는"),
    ("과", "와"),
    ("으로", "로"),
    ("아", "야"),
    ("이나", "나"),
    ("이랑", "랑"),
    ("이에요", "예요"),
];

/// The filter of a call on a value of a type, or a problem.
pub(super) fn bind(
    call: &Call,
    kind: &Type,
    manifest: &Manifest,
    problems: &mut Problems,
) -> Option<Filter> {
    let name = call.name.value.as_str();
    let filter = match name {
        "or" => Filter::Or(argument(call, problems)?),
        "josa" => Filter::Josa(particles(call, problems)?),
        "date" => Filter::Date,
        "money" => Filter::Money,
        "upper" => Filter::Upper,
        "lower" => Filter::Lower,
        link if manifest.link(link).is_some() => Filter::Link(link.to_owned()),
        // Its address was reported.
        link if manifest.broken.contains(link) => return None,
        _ => {
            let links = manifest.project.links.iter().map(|(name, _)| name.as_str());
            let known: Vec<&str> = FILTERS.into_iter().chain(links).collect();
            problems.push(Error::UnknownFilter {
                at: call.name.at,
                name: name.to_owned(),
                near: foreign(name)
                    .or_else(|| nearest(name, known.iter().copied()))
                    .map(str::to_owned),
                known: known.into_iter().map(str::to_owned).collect(),
            });
            return None;
        }
    };
    if !fits(&filter, kind) {
        problems.push(Error::WrongFilter {
            at: call.name.at,
            name: name.to_owned(),
            kind: kind.clone(),
        });
        return None;
    }
    let takes_argument = matches!(filter, Filter::Or(_) | Filter::Josa(_));
    if let Some(argument) = call.argument.as_ref().filter(|_| !takes_argument) {
        problems.push(Error::NeedlessArgument {
            at: argument.at,
            name: name.to_owned(),
        });
        return None;
    }
    Some(filter)
}

/// The filter that other template languages call `name`.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "default" | "fallback" | "ifempty" | "else" => "or",
        "upcase" | "uppercase" => "upper",
        "downcase" | "lowercase" => "lower",
        "currency" | "price" => "money",
        _ => return None,
    })
}

fn fits(filter: &Filter, kind: &Type) -> bool {
    match filter {
        Filter::Or(_) | Filter::Josa(_) => true,
        Filter::Date => matches!(kind, Type::Date | Type::Moment),
        Filter::Money => matches!(kind, Type::Money(_)),
        Filter::Upper | Filter::Lower => is_words(kind),
        Filter::Link(_) => {
            is_words(kind) || matches!(kind, Type::Number | Type::WholeNumber | Type::Date)
        }
    }
}

/// Whether values of a type are words as they stand.
pub(super) const fn is_words(kind: &Type) -> bool {
    matches!(
        kind,
        Type::Text
            | Type::OneOf(_)
            | Type::Scale(_)
            | Type::EmailAddress
            | Type::PhoneNumber
            | Type::Timezone
            | Type::Link
    )
}

fn argument(call: &Call, problems: &mut Problems) -> Option<String> {
    if call.argument.is_none() {
        problems.push(Error::NoArgument {
            at: call.name.at,
            name: call.name.value.clone(),
        });
    }
    call.argument.as_ref().map(|it| it.value.clone())
}

/// `을/를`, in the order of [`PARTICLES`] whichever way it was written.
fn particles(call: &Call, problems: &mut Problems) -> Option<String> {
    let written = argument(call, problems)?;
    let pair = written.split_once('/').and_then(|(a, b)| {
        let (a, b) = (a.trim(), b.trim());
        PARTICLES
            .iter()
            .find(|pair| **pair == (a, b) || **pair == (b, a))
    });
    let Some((after_consonant, after_vowel)) = pair else {
        let at = call.argument.as_ref().map_or(call.name.at, |it| it.at);
        problems.push(Error::NoParticles { at, written });
        return None;
    };
    Some(format!("{after_consonant}/{after_vowel}"))
}
