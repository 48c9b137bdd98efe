//! The plain-text half of a mail: the events of a body go in, text that reads well without any markup comes out.

use pulldown_cmark::{Event, Tag, TagEnd};

/// Writes events as plain text.
pub(crate) fn plain_text(events: &[Event<'_>]) -> String {
    let mut writer = Writer::default();
    for event in events {
        writer.event(event);
    }
    let mut out = writer.out.trim_end().to_owned();
    out.push('\n');
    out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// What each line of the enclosing quotes and lists starts with.
    margins: Vec<&'static str>,
    /// For each open list the next number, or `None` where it has bullets.
    lists: Vec<Option<u64>>,
    /// For each open link where it leads to and where its words start.
    links: Vec<(String, usize)>,
    /// Whether the next block follows its bullet on the same line.
    after_bullet: bool,
}

impl Writer {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) | Event::Code(text) => self.words(text),
            Event::Html(html) | Event::InlineHtml(html) => self.words(&without_tags(html)),
            Event::SoftBreak | Event::HardBreak => self.line(),
            Event::Rule => {
                self.block();
                self.out.push_str("---");
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::CodeBlock(_)
            | Tag::Table(_)
            | Tag::HtmlBlock => {
                self.block();
            }
            Tag::TableRow => self.line(),
            Tag::BlockQuote(_) => {
                self.block();
                self.margins.push("> ");
                self.out.push_str("> ");
                self.after_bullet = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                    self.after_bullet = true;
                }
                self.lists.push(*first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } => {
                self.links.push((dest_url.to_string(), self.out.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => {
                self.margins.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                self.margins.pop();
                self.after_bullet = false;
            }
            TagEnd::TableCell => self.out.push_str("  "),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((url, start)) = self.links.pop() else {
            return;
        };
        let words = self.out.get(start..).unwrap_or_default();
        let shown = words == url || url.strip_prefix("mailto:") == Some(words);
        if !shown && !url.is_empty() {
            self.out.push_str(" (");
            self.out.push_str(&url);
            self.out.push(')');
        }
    }

    fn item(&mut self) {
        if self.after_bullet {
            self.after_bullet = false;
        } else {
            self.line();
        }
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                let bullet = format!("{number}. ");
                *number = number.saturating_add(1);
                bullet
            }
            _ => "- ".to_owned(),
        };
        self.out.push_str(&bullet);
        self.margins.push("  ");
        self.after_bullet = true;
    }

    /// Leaves an empty line before a block, unless nothing stands before it on its line but a bullet.
    fn block(&mut self) {
        if std::mem::take(&mut self.after_bullet) || self.out.is_empty() {
            return;
        }
        while self.out.ends_with(['\n', ' ']) {
            self.out.pop();
        }
        self.out.push('\n');
        self.line();
    }

    fn line(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        for margin in &self.margins {
            self.out.push_str(margin);
        }
    }

    fn words(&mut self, text: &str) {
        self.after_bullet = false;
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.line();
            }
            self.out.push_str(line.trim_end_matches('\r'));
        }
    }
}

/// The words of a piece of HTML that a template's author wrote.
fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::markdown::Body;
    use crate::markdown::Fragment::{Link, Markdown, Value};

    #[test]
    fn the_text_part_reads_like_a_letter() {
        let body = Body::new([
            Markdown("# 안녕하세요, "),
            Value("<민지>"),
            Markdown("님\n\n담아 두신 **상품**이\n기다려요. [장바구니 보기]("),
            Link("https://shop.example/c1"),
            Markdown(
                ").\n\n- 홍삼\n- 비타민\n  두 병\n\n1. 첫째\n2. 둘째\n\n> 인용\n> 문장\n\n---\n\n",
            ),
            Link("https://shop.example/stop"),
        ]);
        assert_eq!(
            body.written().text,
            "안녕하세요, <민지>님\n\n담아 두신 상품이\n기다려요. 장바구니 보기 (https://shop.example/c1).\n\n- 홍삼\n- 비타민\n  두 병\n\n\
             1. 첫째\n2. 둘째\n\n> 인용\n> 문장\n\n---\n\nhttps://shop.example/stop\n"
        );
    }

    #[test]
    fn tables_and_html_lose_their_markup_only() {
        let body = Body::new([Markdown(
            "| 상품 | 가격 |\n| --- | --- |\n| 홍삼 | 5만원 |\n\n<p>작은 <b>글씨</b></p>\n",
        )]);
        assert_eq!(
            body.written().text,
            "상품  가격\n홍삼  5만원\n\n작은 글씨\n"
        );
    }
}
