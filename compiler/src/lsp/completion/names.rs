//! Names of the project that fit the words before the cursor.

use journey_grammar::tree::{self, Declaration};
use journey_grammar::{Place, is_reserved};
use journey_ir::Channel;
use lsp_types::CompletionItemKind as Icon;

use super::Choice;
use crate::lsp::place::Cursor;
use crate::lsp::refs::{self, Owner};
use crate::lsp::view::View;
use crate::names::Kind;
use crate::templates::FILTERS;

/// The units of time, those that are used most first.
const UNITS: [&str; 7] = [
    "days", "hours", "minutes", "weeks", "months", "years", "seconds",
];

/// The names that the words before the cursor ask for; nothing where they ask for no particular kind.
pub(super) fn wanted(view: &View<'_>, here: &Cursor<'_>, place: Place) -> Option<Vec<Choice>> {
    let words = words(here.before);
    let last = words.last().copied().unwrap_or_default();
    let second = words.iter().rev().nth(1).copied().unwrap_or_default();
    if here.before.ends_with('.') {
        return Some(members(view, here, path_before(here.before)));
    }
    if let Some(owner) = compared(view, here, &words) {
        let found = values(view, &owner);
        if !found.is_empty() {
            return Some(found);
        }
    }
    if is_number(last) && here.before.ends_with([' ', '\t']) && !is_money(&words) {
        let units = UNITS.map(|it| Choice::new(it, Icon::UNIT));
        return Some(units.into());
    }
    if let Some(channel) = Channel::from_word(last)
        && matches!(second, "send" | "of" | "," | "expect" | "only" | "ask")
    {
        let templates = view.project.loaded().templates().iter();
        let found = templates.filter(|it| it.channel == channel);
        let found = found.map(|it| Choice::new(it.name.clone(), Icon::FILE));
        return Some(found.collect());
    }
    if let Some(found) = arguments(view, here, &words) {
        return Some(found);
    }
    let kind = match (second, last) {
        (_, "in") if place == Place::Test => {
            let mut found = declared(view, Kind::Journey);
            found.extend(declared(view, Kind::Segment));
            return Some(found);
        }
        (_, "joins" | "leaves") => Kind::Segment,
        (before, "in") if !is_number(before) && before != "due" => {
            let mut found = declared(view, Kind::Segment);
            found.push(Choice::new("the last", Icon::KEYWORD));
            return Some(found);
        }
        ("enter" | "exit", "when") => {
            let mut found = events(view);
            found.extend(["joins", "leaves"].map(|it| Choice::new(it, Icon::KEYWORD)));
            found.extend(declared(view, Kind::Lifecycle));
            return Some(found);
        }
        (_, "becomes") => {
            let owner = Owner::Lifecycle(second.to_owned());
            return Some(values(view, &owner));
        }
        (_, "did" | "goal" | "does") | ("measured", "by") | ("then", "not") => {
            return Some(events(view));
        }
        (_, "run") => Kind::Sequence,
        ("agreed", "to") | ("needs", "consent") | (_, "withdraws") => Kind::Consent,
        (_, "for") if here.blocks.is_empty() => Kind::Journey,
        ("choose", "by") => return Some(readable(view, here)),
        (_, "set") => return Some(attributes(view)),
        (_, "do" | "call") => return Some(settings(view, Kind::Connector)),
        ("assign", "to") | ("task", "for") => return Some(settings(view, Kind::Team)),
        (_, "inside" | "outside") => return Some(settings(view, Kind::Hours)),
        ("on", _) | (_, "on") if place == Place::RaceArm && last == "on" => {
            let mut found = vec![Choice::new("timeout", Icon::KEYWORD)];
            found.extend(events(view));
            return Some(found);
        }
        _ if place == Place::ChooseArm => return chosen(view, here),
        _ if place == Place::Record && !here.before.ends_with(':') => {
            return fields_of_record(view, here, last);
        }
        _ => return None,
    };
    Some(declared(view, kind))
}

/// Names that may stand wherever a value is read.
pub(super) fn readable(view: &View<'_>, here: &Cursor<'_>) -> Vec<Choice> {
    let mut found = Vec::new();
    if let Some(event) = filtered_event(view, here) {
        found.extend(fields(view, &event));
    }
    found.extend(attributes(view));
    for kind in [Kind::Lifecycle, Kind::Score] {
        found.extend(declared(view, kind));
    }
    let run = matches!(
        here.place(),
        Some(Place::Step | Place::RaceArm | Place::ChooseArm)
    );
    found.extend(events(view));
    if run {
        found.extend(declared(view, Kind::Offer));
    }
    found
}

/// What a hole of a template may read, and the filters after `|`.
pub(super) fn of_template(
    view: &View<'_>,
    here: &Cursor<'_>,
    channel: Channel,
    template: &str,
) -> Vec<Choice> {
    let before = view.text.get(..here.start as usize).unwrap_or_default();
    let Some((_, hole)) = before
        .rsplit_once("{{")
        .filter(|(_, it)| !it.contains("}}"))
    else {
        return Vec::new();
    };
    if hole.trim_end().ends_with('|') {
        return FILTERS
            .iter()
            .map(|it| Choice::new(*it, Icon::FUNCTION))
            .collect();
    }
    if !hole.trim().is_empty() {
        return Vec::new();
    }
    let needs = refs::of_template(view.text, channel, template, &view.names);
    let needs = needs.into_iter().filter(|it| it.defines);
    let mut found: Vec<Choice> = needs
        .map(|it| Choice::new(it.target.name(), Icon::VARIABLE))
        .collect();
    found.extend(attributes(view));
    found
}

/// Words, numbers and signs of a line.
fn words(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c == '_' || c == '.' || unicode_ident::is_xid_continue(c);
        let length = if is_word(first) {
            rest.find(|c: char| !is_word(c) && c != ',' && c != ':')
                .map_or(rest.len(), |end| end.max(1))
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let bare = word.trim_end_matches([',', ':']);
        found.push(bare);
        let signs = word.get(bare.len()..).unwrap_or_default();
        if !signs.is_empty() {
            found.push(signs);
        }
        rest = after.trim_start();
    }
    found
}

fn path_before(before: &str) -> &str {
    let path = before.trim_end_matches('.');
    let start = path
        .trim_end_matches(|c: char| c == '_' || c == '.' || unicode_ident::is_xid_continue(c))
        .len();
    path.get(start..).unwrap_or_default()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit())
}

/// Whether the number at the end is compared, so that no unit of time is meant for sure.
fn is_money(words: &[&str]) -> bool {
    let before = words.iter().rev().nth(1).copied().unwrap_or_default();
    matches!(
        before,
        "under" | "over" | "least" | "is" | "$" | "and" | "exactly" | "most" | "-"
    )
}

/// What stands after `event.`.
fn members(view: &View<'_>, here: &Cursor<'_>, path: &str) -> Vec<Choice> {
    let own = fields(view, path);
    if !own.is_empty() {
        return own;
    }
    if path == "request" {
        return fields(view, &format!("{} request", journey(here)));
    }
    if Channel::from_word(path).is_some() {
        let prefix = format!("{path}.");
        let names = crate::builtin::event_names();
        let own = names.iter().filter_map(|it| it.strip_prefix(&prefix));
        return own.map(|it| Choice::new(it, Icon::EVENT)).collect();
    }
    match view.names.get(path).map(|it| it.declaration) {
        Some(Declaration::Offer(_)) => ["expires", "issued"]
            .map(|part| Choice::new(part, Icon::FIELD))
            .into(),
        Some(Declaration::Funnel(funnel)) => {
            let stages = funnel.lines.iter().filter_map(|line| match line {
                tree::FunnelLine::Stage(stage) => Some(&stage.name.text),
                tree::FunnelLine::Unknown(_) => None,
            });
            stages
                .map(|it| Choice::new(it, Icon::ENUM_MEMBER))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whose values stand after `is`, where that is what stands before the cursor.
fn compared(view: &View<'_>, here: &Cursor<'_>, words: &[&str]) -> Option<Owner> {
    let mut rest = words;
    // `is one of a, b,`
    while let Some((last, before)) = rest.split_last() {
        match *last {
            "is" | "includes" => {
                rest = before;
                return owner(view, here, rest.last()?);
            }
            "not" | "one" | "of" | "," => rest = before,
            _ if rest.len() < words.len()
                && before.last().is_some_and(|it| matches!(*it, "of" | ",")) =>
            {
                rest = before;
            }
            "to" if matches!(before, ["set", _]) => return owner(view, here, before.last()?),
            ":" => return record_owner(view, here, before.last()?),
            _ => return None,
        }
    }
    None
}

/// Whose values a path has.
fn owner(view: &View<'_>, here: &Cursor<'_>, path: &str) -> Option<Owner> {
    if let Some(event) = filtered_event(view, here)
        && refs::fields(&view.names, &event).any(|it| it.name.text == path)
    {
        return Some(Owner::Field(event, path.to_owned()));
    }
    if let Some((event, field)) = path.rsplit_once('.') {
        return Some(Owner::Field(event.to_owned(), field.to_owned()));
    }
    if view.names.attribute(path).is_some() {
        return Some(Owner::Attribute(path.to_owned()));
    }
    let kind = view.names.get(path)?.kind;
    (kind == Kind::Lifecycle).then(|| Owner::Lifecycle(path.to_owned()))
}

fn record_owner(view: &View<'_>, here: &Cursor<'_>, field: &str) -> Option<Owner> {
    if here.place() != Some(Place::Record) {
        return None;
    }
    if let Some(event) = event_of_record(here) {
        return Some(Owner::Field(event.to_owned(), field.to_owned()));
    }
    view.names.attribute(field)?;
    Some(Owner::Attribute(field.to_owned()))
}

/// The event of `does purchase { … }` around the cursor.
fn event_of_record<'t>(here: &Cursor<'t>) -> Option<&'t str> {
    let (_, event) = here.blocks.last()?.rsplit_once("does ")?;
    Some(event.trim())
}

fn fields_of_record(view: &View<'_>, here: &Cursor<'_>, last: &str) -> Option<Vec<Choice>> {
    if !matches!(last, "" | ",") {
        return None;
    }
    let mut found = match event_of_record(here) {
        Some(event) => fields(view, event),
        None => attributes(view),
    };
    for choice in &mut found {
        choice.insert = Some(format!("{}: ", choice.label));
    }
    if event_of_record(here).is_none() {
        found.push(Choice::new("agreed to", Icon::KEYWORD));
    }
    Some(found)
}

/// The event whose `where ( … )` is open before the cursor.
fn filtered_event(view: &View<'_>, here: &Cursor<'_>) -> Option<String> {
    let (before, inside) = here.before.rsplit_once("where")?;
    let inside = inside.trim_start().strip_prefix('(')?;
    let open = 1 + inside.matches('(').count();
    if inside.matches(')').count() >= open {
        return None;
    }
    let event = words(before).last().map(|it| (*it).to_owned())?;
    if refs::is_event(&view.names, &event) {
        return Some(event);
    }
    // `any item where (`: the elements of a list.
    let element = event.rsplit('.').next().unwrap_or_default();
    let events = view.names.all().filter(|(_, it)| it.kind == Kind::Event);
    events
        .map(|(name, _)| name)
        .find(|name| {
            let mut lists = refs::objects(&view.names, name);
            lists.any(|it| it.element.as_ref().is_some_and(|it| it.text == element))
        })
        .map(|name| format!("{name}.{element}"))
}

/// The name of the journey around the cursor.
fn journey<'t>(here: &Cursor<'t>) -> &'t str {
    let head = here.blocks.first().copied().unwrap_or_default();
    head.split_whitespace().nth(1).unwrap_or_default()
}

fn values(view: &View<'_>, owner: &Owner) -> Vec<Choice> {
    if let Owner::Field(event, field) = owner
        && field == crate::builtin::TEMPLATE
        && let Some(channel) = crate::builtin::channel_of(event)
    {
        let templates = view.project.loaded().templates().iter();
        let found = templates.filter(|it| it.channel == channel);
        return found
            .map(|it| Choice::new(it.name.clone(), Icon::FILE))
            .collect();
    }
    refs::choices(&view.names, owner)
        .map(|it| name(&it.text, Icon::ENUM_MEMBER))
        .collect()
}

/// The values of the `choose by` around the cursor that may begin an arm.
fn chosen(view: &View<'_>, here: &Cursor<'_>) -> Option<Vec<Choice>> {
    let head = here.blocks.last()?;
    let (_, path) = head.split_once("by ")?;
    let mut found = owner(view, here, path.trim()).map_or_else(Vec::new, |it| values(view, &it));
    found.extend(["missing", "otherwise"].map(|it| Choice::new(it, Icon::KEYWORD)));
    Some(found)
}

/// What `with ( … )` and `run x( … )` take.
fn arguments(view: &View<'_>, here: &Cursor<'_>, words: &[&str]) -> Option<Vec<Choice>> {
    let open = words.iter().rposition(|it| *it == "(")?;
    if words.iter().skip(open).any(|it| *it == ")") {
        return None;
    }
    let (before, inside) = words.split_at_checked(open)?;
    let last = inside.last().copied().unwrap_or_default();
    if last == ":" {
        let offers = declared(view, Kind::Offer);
        let mut found = offers;
        found.extend(readable(view, here));
        return matches!(before.last(), Some(&"with")).then_some(found);
    }
    if !matches!(last, "(" | ",") {
        return None;
    }
    let names: Vec<String> = match before {
        [.., "run", sequence] => match view.names.get(sequence)?.declaration {
            Declaration::Sequence(it) => {
                let parameters = it.parameters.iter();
                parameters.map(|it| it.name.text.clone()).collect()
            }
            _ => return None,
        },
        [head @ .., "with"] => needs(view, head),
        _ => return None,
    };
    let found = names.into_iter().map(|name| Choice {
        insert: Some(format!("{name}: ")),
        ..Choice::new(name, Icon::FIELD)
    });
    Some(found.collect())
}

/// What the messages of a send need to be given.
fn needs(view: &View<'_>, send: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for pair in send.windows(2) {
        let [channel, template] = pair else { continue };
        let Some(channel) = Channel::from_word(channel) else {
            continue;
        };
        if let Some(file) = view.project.template(channel, template) {
            let text = view.project.text(file);
            let names = refs::of_template(text, channel, template, &view.names);
            let own = names.into_iter().filter(|it| it.defines);
            found.extend(own.map(|it| it.target.name().to_owned()));
        }
    }
    found
}

fn fields(view: &View<'_>, event: &str) -> Vec<Choice> {
    if crate::builtin::is_event(event) {
        let built_in = crate::builtin::events().find(|it| it.name == event);
        let fields = built_in.into_iter().flat_map(|it| it.fields);
        return fields.map(|it| Choice::new(it.name, Icon::FIELD)).collect();
    }
    let declared = event.split(['.', ' ']).next().unwrap_or_default();
    let at = view.names.get(declared).map(|it| it.at.file);
    let text = at.map_or("", |it| view.project.text(it));
    let fields = refs::fields(&view.names, event);
    let mut found: Vec<Choice> = fields
        .map(|it| name(&it.name.text, Icon::FIELD).detail(it.kind.span.of(text)))
        .collect();
    let objects = refs::objects(&view.names, event);
    found.extend(objects.map(|it| {
        let called = it.element.as_ref().unwrap_or(&it.name);
        name(&called.text, Icon::STRUCT)
    }));
    found
}

fn attributes(view: &View<'_>) -> Vec<Choice> {
    let text = view
        .names
        .contact()
        .map_or("", |(file, _)| view.project.text(file));
    refs::attributes(&view.names)
        .map(|it| name(&it.name.text, Icon::FIELD).detail(it.kind.span.of(text)))
        .collect()
}

fn events(view: &View<'_>) -> Vec<Choice> {
    let mut found = declared(view, Kind::Event);
    let built_in = crate::builtin::event_names().into_iter();
    found.extend(built_in.map(|it| Choice::new(it, Icon::EVENT)));
    found
}

fn declared(view: &View<'_>, kind: Kind) -> Vec<Choice> {
    let icon = match kind {
        Kind::Event => Icon::EVENT,
        Kind::Lifecycle => Icon::ENUM,
        Kind::Sequence => Icon::FUNCTION,
        Kind::Journey | Kind::Segment => Icon::CLASS,
        _ => Icon::VALUE,
    };
    let words = kind.words();
    view.names
        .all()
        .filter(|(_, it)| it.kind == kind)
        .map(|(own, _)| name(own, icon).detail(words.in_language(view.language)))
        .collect()
}

fn settings(view: &View<'_>, kind: Kind) -> Vec<Choice> {
    let Some(file) = view.project.loaded().manifest() else {
        return Vec::new();
    };
    let found = refs::of_settings(view.project.text(file)).into_iter();
    found
        .filter(|it| it.defines && it.target.kind() == Some(kind))
        .map(|it| Choice::new(it.target.name(), Icon::MODULE))
        .collect()
}

/// A name; a reserved word stands in backticks.
fn name(text: &str, icon: Icon) -> Choice {
    Choice {
        insert: is_reserved(text).then(|| format!("`{text}`")),
        ..Choice::new(text, icon)
    }
}
