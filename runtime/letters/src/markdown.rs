//! The body of a mail: Markdown with holes and the values for them go in, HTML and plain text come out.
//!
//! Values never pass through the Markdown parser. Each hole is one character that nobody can type while the template
//! is parsed, and its value is put into the finished events, escaped for the place it stands in. So a name like
//! `[free](https://evil.example)` or `<script>` stays a name.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use crate::plain_text::plain_text;

/// What may stand unescaped in a part of a URL.
pub const URL_PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The first hole's character, of a plane for private use. Templates' own characters of this plane are dropped.
const FIRST_HOLE: u32 = 0xF_0000;
/// How many holes one body may have: the private characters of the plane.
const MAX_HOLES: u32 = 0xFFFD;

/// A piece of a filled-in template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragment<'a> {
    /// The template's own Markdown.
    Markdown(&'a str),
    /// A value: data, whatever it looks like.
    Value(&'a str),
    /// An address the project made: it may be followed, and is shown as a link.
    Link(&'a str),
}

impl<'a> Fragment<'a> {
    /// What it says, as it stands.
    #[must_use]
    pub const fn words(self) -> &'a str {
        match self {
            Self::Markdown(words) | Self::Value(words) | Self::Link(words) => words,
        }
    }
}

/// The two halves of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// HTML without a page around it.
    pub html: String,
    /// Plain text. Links are written as `words (address)`.
    pub text: String,
}

/// A body whose template has been parsed.
#[derive(Debug)]
pub struct Body<'a> {
    markdown: String,
    holes: Vec<Fragment<'a>>,
}

impl<'a> Body<'a> {
    /// Puts the fragments together, with one character for each value.
    pub fn new(fragments: impl IntoIterator<Item = Fragment<'a>>) -> Self {
        let mut body = Self {
            markdown: String::new(),
            holes: Vec::new(),
        };
        for fragment in fragments {
            match fragment {
                Fragment::Markdown(text) if is_plain(text) => body.markdown.push_str(text),
                Fragment::Markdown(text) => {
                    let kept = text.chars().filter(|c| {
                        hole_number(*c).is_none() && (!c.is_control() || c.is_ascii_whitespace())
                    });
                    body.markdown.extend(kept);
                }
                Fragment::Value(_) | Fragment::Link(_) => {
                    let number = u32::try_from(body.holes.len()).unwrap_or(MAX_HOLES);
                    if number < MAX_HOLES {
                        body.markdown
                            .extend(char::from_u32(FIRST_HOLE.saturating_add(number)));
                        body.holes.push(fragment);
                    }
                }
            }
        }
        body
    }

    /// The events of the body, with all values in place.
    pub(crate) fn events(&self) -> Vec<Event<'_>> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut events = Vec::new();
        let mut in_link = 0_usize;
        for event in Parser::new_ext(&self.markdown, options) {
            match event {
                Event::Text(text) if is_plain(&text) => events.push(Event::Text(text)),
                Event::Text(text) => self.text(&text, in_link > 0, &mut events),
                Event::Code(text) => events.push(Event::Code(self.fill(text, plain))),
                Event::Html(text) => events.push(Event::Html(self.fill(text, html_escaped))),
                Event::InlineHtml(text) => {
                    events.push(Event::InlineHtml(self.fill(text, html_escaped)));
                }
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    // The title is the name that clicks on the link are told apart by, which is nothing for readers.
                    title: _,
                    id,
                }) => {
                    in_link += 1;
                    events.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url: self.destination(&dest_url),
                        title: CowStr::Borrowed(""),
                        id,
                    }));
                }
                Event::End(TagEnd::Link) => {
                    in_link = in_link.saturating_sub(1);
                    events.push(Event::End(TagEnd::Link));
                }
                Event::Start(Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    id,
                }) => {
                    // Inside the words for a picture nothing can be followed.
                    in_link += 1;
                    events.push(Event::Start(Tag::Image {
                        link_type,
                        dest_url: self.destination(&dest_url),
                        title: self.fill(title, plain),
                        id,
                    }));
                }
                Event::End(TagEnd::Image) => {
                    in_link = in_link.saturating_sub(1);
                    events.push(Event::End(TagEnd::Image));
                }
                other => events.push(other),
            }
        }
        events
    }

    /// The body as HTML, without a page around it, and as text that reads well without any markup.
    #[must_use]
    pub fn written(&self) -> Written {
        let events = self.events();
        let text = plain_text(&events);
        let mut html = String::with_capacity(self.markdown.len() * 2);
        html::push_html(&mut html, events.into_iter());
        Written { html, text }
    }

    /// Splits a text at its holes.
    fn text(&self, text: &str, in_link: bool, events: &mut Vec<Event<'_>>) {
        let mut words = String::new();
        for c in text.chars() {
            match hole_number(c).and_then(|number| self.holes.get(number)) {
                None => words.push(c),
                Some(Fragment::Link(url)) if !in_link => {
                    if !words.is_empty() {
                        events.push(Event::Text(std::mem::take(&mut words).into()));
                    }
                    events.extend(link(url));
                }
                Some(
                    Fragment::Value(value) | Fragment::Link(value) | Fragment::Markdown(value),
                ) => {
                    words.push_str(value);
                }
            }
        }
        if !words.is_empty() {
            events.push(Event::Text(words.into()));
        }
    }

    /// Replaces the holes in a text by their values, each through `escape`.
    fn fill<'e>(&self, text: CowStr<'e>, escape: fn(&str) -> Cow<'_, str>) -> CowStr<'e> {
        if is_plain(&text) {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match hole_number(c).and_then(|number| self.holes.get(number)) {
                None => out.push(c),
                Some(
                    Fragment::Value(value) | Fragment::Link(value) | Fragment::Markdown(value),
                ) => {
                    out.push_str(&escape(value));
                }
            }
        }
        out.into()
    }

    /// Fills in where a link leads to. The project's own links stand as they are; a value may be a whole address only
    /// if it is a web or mail address, and is otherwise a part of one.
    fn destination<'e>(&self, url: &str) -> CowStr<'e> {
        let mut out = String::with_capacity(url.len());
        for c in url.chars() {
            match hole_number(c).and_then(|number| self.holes.get(number)) {
                None => out.push(c),
                Some(Fragment::Link(link)) if out.is_empty() => out.push_str(link),
                Some(Fragment::Value(value)) if out.is_empty() => {
                    if !may_be_followed(value) {
                        return CowStr::Borrowed("");
                    }
                    out.push_str(value);
                }
                Some(
                    Fragment::Value(value) | Fragment::Link(value) | Fragment::Markdown(value),
                ) => {
                    out.extend(utf8_percent_encode(value, URL_PART));
                }
            }
        }
        out.into()
    }
}

/// Whether a text surely has neither holes nor characters that are dropped: those of the private plane begin with this
/// byte, and few others do.
fn is_plain(text: &str) -> bool {
    let plane = 0xF3;
    let may_be = |byte: u8| {
        byte == plane || byte == 0xC2 || byte == 0x7F || byte < 0x20 && !byte.is_ascii_whitespace()
    };
    !text.bytes().any(may_be)
}

fn hole_number(c: char) -> Option<usize> {
    let number = u32::from(c).checked_sub(FIRST_HOLE)?;
    (number < MAX_HOLES).then_some(number as usize)
}

fn link<'e>(url: &str) -> [Event<'e>; 3] {
    let start = Tag::Link {
        link_type: LinkType::Autolink,
        dest_url: url.to_owned().into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    };
    [
        Event::Start(start),
        Event::Text(url.to_owned().into()),
        Event::End(TagEnd::Link),
    ]
}

fn may_be_followed(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let scheme = ["https://", "http://", "mailto:"];
    scheme.iter().any(|scheme| lower.starts_with(scheme))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn plain(value: &str) -> Cow<'_, str> {
    Cow::Borrowed(value)
}

/// Escapes a value for HTML text and for attributes in either kind of quotes.
#[must_use]
pub fn html_escaped(value: &str) -> Cow<'_, str> {
    if !value.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 16);
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Fragment::{Link, Markdown, Value};

    fn html(fragments: &[Fragment<'_>]) -> String {
        Body::new(fragments.iter().copied()).written().html
    }

    #[test]
    fn markdown_of_the_template_becomes_html_and_values_stay_words() {
        assert_eq!(
            html(&[
                Markdown("# 안녕하세요, **"),
                Value("민지"),
                Markdown("**님\n")
            ]),
            "<h1>안녕하세요, <strong>민지</strong>님</h1>\n"
        );
        for attack in [
            "[free](https://evil.example)",
            "<https://evil.example>",
            "![x](https://evil.example/pixel.png)",
            "# big",
            "*fat*",
            "`code`",
            "- item",
            "&lt;b&gt;",
            "a\n\n# heading\n\n[x]: https://evil.example",
        ] {
            let page = html(&[Markdown("Hi "), Value(attack), Markdown("!")]);
            let words = html_escaped(attack);
            let words = words.replace("&quot;", "\"").replace("&#39;", "'");
            assert_eq!(page, format!("<p>Hi {words}!</p>\n"), "{attack}");
        }
    }

    #[test]
    fn html_in_values_is_escaped_everywhere() {
        let evil = "\"><script>alert('x')</script>";
        for page in [
            html(&[Markdown("Hi "), Value(evil)]),
            html(&[Markdown("<div>\n"), Value(evil), Markdown("\n</div>\n")]),
            html(&[Markdown("a <b title=\""), Value(evil), Markdown("\">b</b>")]),
            html(&[Markdown("`"), Value(evil), Markdown("`")]),
            html(&[
                Markdown("```"),
                Value("rust"),
                Markdown("\n"),
                Value(evil),
                Markdown("\n```\n"),
            ]),
            html(&[
                Markdown("[x](https://a.example/"),
                Value(evil),
                Markdown(" \""),
                Value(evil),
                Markdown("\")"),
            ]),
        ] {
            assert!(!page.contains("<script"), "{page}");
            assert!(!page.contains("\"><"), "{page}");
        }
    }

    #[test]
    fn a_value_may_be_part_of_a_link_but_not_change_where_it_leads() {
        assert_eq!(
            html(&[
                Markdown("[보기](https://shop.example/c/"),
                Value("a b/../?x=1"),
                Markdown(")")
            ]),
            "<p><a href=\"https://shop.example/c/a%20b%2F..%2F%3Fx%3D1\">보기</a></p>\n"
        );
        assert_eq!(
            html(&[
                Markdown("[보기]("),
                Value("javascript:alert(1)"),
                Markdown(")")
            ]),
            "<p><a href=\"\">보기</a></p>\n"
        );
        assert_eq!(
            html(&[
                Markdown("[보기]("),
                Value("https://ok.example/?a=1&b=2"),
                Markdown(")")
            ]),
            "<p><a href=\"https://ok.example/?a=1&amp;b=2\">보기</a></p>\n"
        );
    }

    #[test]
    fn readers_do_not_see_the_name_of_a_link() {
        assert_eq!(
            html(&[Markdown("[듣기](https://shop.example/b \"bluetooth\")")]),
            "<p><a href=\"https://shop.example/b\">듣기</a></p>\n"
        );
    }

    #[test]
    fn links_of_the_project_can_be_clicked() {
        assert_eq!(
            html(&[
                Markdown("다시 보기 → "),
                Link("https://shop.example/cart/c1")
            ]),
            "<p>다시 보기 → <a href=\"https://shop.example/cart/c1\">https://shop.example/cart/c1</a></p>\n"
        );
        assert_eq!(
            html(&[
                Markdown("[장바구니]("),
                Link("https://shop.example/cart/c1"),
                Markdown(")")
            ]),
            "<p><a href=\"https://shop.example/cart/c1\">장바구니</a></p>\n"
        );
    }

    #[test]
    fn a_template_cannot_smuggle_in_hole_characters() {
        assert_eq!(
            html(&[Markdown("a\u{F0000}b\u{0}c"), Value("v")]),
            "<p>abcv</p>\n"
        );
    }
}
