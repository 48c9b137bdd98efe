//! Statements and blocks to lines: indentation, blank lines and comments. What does not fit on its line is broken in
//! `layout.rs`.

use super::layout::{self, Layout};
use super::outline::{Block, BlockKind, Content, Item, Part, Statement};
use super::tokens::Token;

/// How many columns a block stands deeper than the line that opens it.
const INDENT: usize = 2;

/// Prints a whole file.
pub(super) fn file(block: &Block<'_>) -> String {
    let printed: Vec<String> = block.items.iter().map(|item| top_level(item)).collect();
    let mut text = String::new();
    for (index, item) in printed.iter().enumerate() {
        if index > 0 && is_apart(&block.items, &printed, index) {
            text.push('\n');
        }
        text.push_str(item);
        text.push('\n');
    }
    text
}

fn top_level(item: &Item<'_>) -> String {
    let mut printer = Printer::default();
    printer.item(item, BlockKind::File, 0);
    printer.layout.text
}

/// Tells whether a blank line stands before an item at the top of the file: somewhere between two declarations, unless
/// both are of one line and of one kind, and the author put them together.
fn is_apart(items: &[Item<'_>], printed: &[String], index: usize) -> bool {
    let (Some(item), Some(previous)) = (items.get(index), items.get(index - 1)) else {
        return false;
    };
    let Content::Statement(above) = &previous.content else {
        return item.blank;
    };
    let mut between = items.iter().enumerate().skip(index);
    let next = between.find(|(_, item)| !matches!(item.content, Content::Comment(_)));
    let Some((at, Content::Statement(below))) = next.map(|(at, item)| (at, &item.content)) else {
        return item.blank;
    };
    let gap = items.get(index..=at).unwrap_or_default();
    if gap.iter().any(|item| item.blank) {
        return item.blank;
    }
    let is_one_line = |at: usize| printed.get(at).is_some_and(|text| !text.contains('\n'));
    let belong_together = at == index
        && above.first_word() == below.first_word()
        && is_one_line(index - 1)
        && is_one_line(index);
    !belong_together
}

#[derive(Default)]
struct Printer {
    layout: Layout,
}

impl Printer {
    fn item(&mut self, item: &Item<'_>, kind: BlockKind, indent: usize) {
        match &item.content {
            Content::Comment(comment) => self.layout.word(comment, true),
            Content::Kept(lines) => self.layout.word(lines, true),
            Content::Statement(statement) => {
                self.statement(statement, kind, indent);
                if let Some(comment) = statement.end_comment {
                    self.layout.word(comment, false);
                }
            }
        }
    }

    fn statement(&mut self, statement: &Statement<'_>, kind: BlockKind, indent: usize) {
        if let Some(flat) = flat(statement)
            && self.layout.fits(&flat)
        {
            return self.layout.word(&flat, true);
        }
        let hang = hang(statement, kind, indent);
        let mut after_comment = false;
        for (index, part) in statement.parts.iter().enumerate() {
            match part {
                Part::Run(run) => {
                    let opens = matches!(statement.parts.get(index + 1), Some(Part::Block(_)));
                    self.run(run, if index == 0 { hang } else { indent }, hang, opens);
                    after_comment = run.last().is_some_and(Token::is_comment);
                }
                Part::Block(block) => {
                    // A brace cannot stand behind a comment.
                    if after_comment {
                        self.layout.new_line(indent);
                    }
                    self.block(block, indent);
                }
            }
        }
    }

    /// Prints words up to a block. With a comment among them, their lines stay as they are. `first_hang` is for lines
    /// before the first word.
    fn run(&mut self, run: &[Token<'_>], first_hang: usize, hang: usize, opens: bool) {
        if !run.iter().any(Token::is_comment) {
            let room = if opens { " {".len() } else { 0 };
            return self.layout.sequence(&layout::pieces(run), hang, room);
        }
        self.layout.as_written(run, first_hang, hang);
    }

    fn block(&mut self, block: &Block<'_>, indent: usize) {
        if block.items.is_empty() && block.opening.is_none() {
            return self.layout.word("{}", false);
        }
        self.layout.word("{", false);
        if let Some(comment) = block.opening {
            self.layout.word(comment, false);
        }
        for (index, item) in block.items.iter().enumerate() {
            if index > 0 && item.blank {
                self.layout.blank_line();
            }
            self.layout.new_line(indent + INDENT);
            self.item(item, block.kind, indent + INDENT);
        }
        self.layout.new_line(indent);
        self.layout.word("}", false);
    }
}

/// Returns the indentation of the second and later lines of a statement. Before a block they stand deeper than the
/// block, so that they do not look like it; a segment is all condition, and its lines stand below each other.
fn hang(statement: &Statement<'_>, kind: BlockKind, indent: usize) -> usize {
    match kind {
        BlockKind::Segment => indent,
        _ if statement.has_block() => indent + 2 * INDENT,
        _ => indent + INDENT,
    }
}

/// Returns a statement on one line, if it may stand there: it was written so, or has no block. The blocks of `if` never
/// do, and no block inside of another.
fn flat(statement: &Statement<'_>) -> Option<String> {
    let is_if = statement.first_word() == "if";
    let mut layout = Layout::default();
    for part in &statement.parts {
        match part {
            Part::Run(run) => {
                if run.iter().any(Token::is_comment) {
                    return None;
                }
                let pieces = layout::pieces(run);
                if layout::is_forced(&pieces) {
                    return None;
                }
                layout.flat(&pieces);
            }
            Part::Block(block) if block.items.is_empty() && block.opening.is_none() => {
                layout.word("{}", false);
            }
            Part::Block(block) if block.one_line && !is_if => {
                layout.word(&flat_block(block)?, false);
            }
            Part::Block(_) => return None,
        }
    }
    Some(layout.text)
}

fn flat_block(block: &Block<'_>) -> Option<String> {
    let mut lines = Vec::with_capacity(block.items.len());
    for item in &block.items {
        match &item.content {
            Content::Statement(statement) if !statement.has_block() => {
                lines.push(flat(statement)?);
            }
            Content::Statement(_) | Content::Comment(_) | Content::Kept(_) => return None,
        }
    }
    Some(format!("{{ {} }}", lines.join(", ")))
}
