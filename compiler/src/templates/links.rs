//! Names of links: a Markdown title, `[듣기](https://shop.example "listen")`, is what a click on the link is told apart by.

use pulldown_cmark::{Event, Parser, Tag};

use super::draft::Draft;

/// What stands in the place of a hole, so that an address with a hole in it is still one.
const HOLE: &str = "x";

/// The names of the links in the words of a template, in their order.
pub(super) fn names(body: &[Draft]) -> Vec<String> {
    let words = body.iter().map(|draft| match draft {
        Draft::Text(text) => text.value.as_str(),
        Draft::Hole(_) => HOLE,
    });
    let markdown: String = words.collect();
    let named = Parser::new(&markdown).filter_map(|event| match event {
        Event::Start(Tag::Link { title, .. }) if !title.is_empty() => Some(title.to_string()),
        _ => None,
    });
    named.collect()
}
