//! What stands below a name: fields of events, of the objects and list elements in them, of requests, of contacts.
//!
//! An owner is written as a path: `order_placed`, `order_placed.payment`, `order_placed.item` for the elements of a
//! list; what a request says belongs to its journey.

use journey_grammar::tree;

use crate::names::Names;

/// The word by which a journey reads what its request says.
pub(super) const REQUEST: &str = "request";

/// The owner of what a journey's request says. No name has a space, so it is nobody else's.
pub(super) fn request_of(journey: &str) -> String {
    format!("{journey} {REQUEST}")
}

/// The fields of an owner.
pub(in crate::lsp) fn fields<'a>(
    names: &Names<'a>,
    owner: &str,
) -> impl Iterator<Item = &'a tree::Field> + use<'a> {
    let found: Vec<&'a tree::Field> = if let Some(event) = event(names, owner) {
        let lines = event.lines.iter();
        lines
            .filter_map(|line| match line {
                tree::EventLine::Field(field) => Some(field),
                _ => None,
            })
            .collect()
    } else if let Some(object) = object(names, owner) {
        let lines = object.lines.iter();
        lines
            .filter_map(|line| match line {
                tree::ObjectLine::Field(field) => Some(field),
                tree::ObjectLine::Unknown(_) => None,
            })
            .collect()
    } else {
        request(names, owner).map_or_else(Vec::new, |it| it.fields.iter().collect())
    };
    found.into_iter()
}

/// The objects and lists of an event.
pub(in crate::lsp) fn objects<'a>(
    names: &Names<'a>,
    owner: &str,
) -> impl Iterator<Item = &'a tree::Object> + use<'a> {
    let lines = event(names, owner).map_or(&[][..], |it| it.lines.as_slice());
    lines.iter().filter_map(|line| match line {
        tree::EventLine::Object(object) => Some(object),
        _ => None,
    })
}

/// Whether an owner has a field, object or element of a name.
pub(super) fn has(names: &Names<'_>, owner: &str, name: &str) -> bool {
    if crate::builtin::is_event(owner) {
        let event = crate::builtin::events().find(|it| it.name == owner);
        return event.is_some_and(|it| it.fields.iter().any(|field| field.name == name));
    }
    fields(names, owner).any(|it| it.name.text == name)
        || objects(names, owner).any(|it| is_called(it, name))
}

fn is_called(object: &tree::Object, name: &str) -> bool {
    object.name.text == name || object.element.as_ref().is_some_and(|it| it.text == name)
}

fn event<'a>(names: &Names<'a>, owner: &str) -> Option<&'a tree::Event> {
    match names.get(owner)?.declaration {
        tree::Declaration::Event(event) => Some(event),
        _ => None,
    }
}

fn object<'a>(names: &Names<'a>, owner: &str) -> Option<&'a tree::Object> {
    let (event, name) = owner.rsplit_once('.')?;
    objects(names, event).find(|it| is_called(it, name))
}

fn request<'a>(names: &Names<'a>, owner: &str) -> Option<&'a tree::Request> {
    let journey = owner.strip_suffix(REQUEST)?.strip_suffix(' ')?;
    let tree::Declaration::Journey(journey) = names.get(journey)?.declaration else {
        return None;
    };
    journey.header.iter().find_map(|line| match line {
        tree::HeaderLine::Enter(enter) => match &enter.start {
            tree::EntryStart::Request(request) => Some(request),
            _ => None,
        },
        _ => None,
    })
}

/// The attributes of a contact.
pub(in crate::lsp) fn attributes<'a>(names: &Names<'a>) -> impl Iterator<Item = &'a tree::Field> {
    let contact = names.contact().map(|(_, contact)| contact.lines.as_slice());
    let lines = contact.unwrap_or_default().iter();
    lines.filter_map(|line| match line {
        tree::ContactLine::Field(field) => Some(field),
        tree::ContactLine::Unknown(_) => None,
    })
}
