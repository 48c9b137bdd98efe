//! Tokens to statements and blocks. Where a statement ends follows from the ends of lines, as in the grammar: a line
//! goes on inside parentheses, after a comma, before and after `and` and `or`, before `{`, and with `otherwise`.

use super::tokens::{Kind, Token};

/// What stands between two braces, or in the whole file.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: BlockKind,
    /// The comment after the opening brace.
    pub(super) opening: Option<&'a str>,
    pub(super) items: Vec<Item<'a>>,
    /// Both braces stood on the same line.
    pub(super) one_line: bool,
}

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// The whole file.
    File,
    /// The condition of a segment.
    Segment,
    /// The lines of a test.
    Test,
    /// `{ email: "…", sex: 여성 }`, whose entries end with a comma or with their line.
    Record,
    /// Everything else.
    Lines,
}

/// One thing in a block.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// A blank line stood before it.
    pub(super) blank: bool,
    pub(super) content: Content<'a>,
}

/// What stands in a block.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// A comment on its own line.
    Comment(&'a str),
    /// A statement, or at the top of the file a declaration.
    Statement(Statement<'a>),
    /// Lines that are left as they were.
    Kept(&'a str),
}

/// A statement with its blocks.
#[derive(Debug, Default)]
pub(super) struct Statement<'a> {
    pub(super) parts: Vec<Part<'a>>,
    /// The comment at the end of its last line.
    pub(super) end_comment: Option<&'a str>,
}

/// A piece of a statement.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Words up to the next block.
    Run(Vec<Token<'a>>),
    /// A block.
    Block(Block<'a>),
}

impl<'a> Statement<'a> {
    /// Returns the keyword it begins with.
    pub(super) fn first_word(&self) -> &'a str {
        match self.parts.first() {
            Some(Part::Run(run)) => run.first().map_or("", |token| token.text),
            Some(Part::Block(_)) | None => "",
        }
    }

    pub(super) fn has_block(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Block(_)))
    }

    fn push(&mut self, token: Token<'a>) {
        match self.parts.last_mut() {
            Some(Part::Run(run)) => run.push(token),
            Some(Part::Block(_)) | None => self.parts.push(Part::Run(vec![token])),
        }
    }
}

/// Reads the tokens of a whole file.
pub(super) fn file<'a>(tokens: &[Token<'a>]) -> Block<'a> {
    let mut outliner = Outliner { tokens, at: 0 };
    let mut block = outliner.block(BlockKind::File);
    // Without errors every brace has its partner, so nothing is left over.
    while outliner.at < tokens.len() {
        outliner.at += 1;
        block.items.extend(outliner.block(BlockKind::File).items);
    }
    block
}

struct Outliner<'a, 'b> {
    tokens: &'b [Token<'a>],
    at: usize,
}

impl<'a> Outliner<'a, '_> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    /// Reads up to the closing brace, which is not taken.
    fn block(&mut self, kind: BlockKind) -> Block<'a> {
        let start = self.at;
        let mut block = Block {
            kind,
            opening: None,
            items: Vec::new(),
            one_line: false,
        };
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::CloseBlock => break,
                Kind::Comment | Kind::EndComment => {
                    self.at += 1;
                    block.add_comment(token);
                }
                Kind::Kept => {
                    self.at += 1;
                    block.add(token, Content::Kept(token.text));
                }
                _ => {
                    let statement = self.statement(kind);
                    block.add(token, Content::Statement(statement));
                }
            }
        }
        let inside = self.tokens.get(start..=self.at).unwrap_or_default();
        block.one_line = inside.iter().all(|token| token.breaks == 0);
        block
    }

    fn statement(&mut self, kind: BlockKind) -> Statement<'a> {
        let mut statement = Statement::default();
        let mut depth = 0_usize;
        let mut last: Option<Token<'a>> = None;
        while let Some(token) = self.peek() {
            if depth == 0 && self.ends_before(kind, &statement, last) {
                break;
            }
            self.at += 1;
            match token.kind {
                Kind::Comma if depth == 0 && kind == BlockKind::Record && !self.opens_block() => {
                    break;
                }
                Kind::OpenGroup => depth += 1,
                Kind::CloseGroup => depth = depth.saturating_sub(1),
                _ => {}
            }
            if token.kind == Kind::OpenBlock {
                let inner = self.block(inner_kind(kind, statement.first_word()));
                statement.parts.push(Part::Block(inner));
                last = self.peek();
                self.at += 1;
                continue;
            }
            statement.push(token);
            if token.is_comment() {
                self.comments(&mut statement);
            } else {
                last = Some(token);
            }
        }
        statement
    }

    /// Tells whether the next token that is no comment opens a block.
    fn opens_block(&self) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let next = rest.iter().find(|token| !token.is_comment());
        next.is_some_and(|token| token.kind == Kind::OpenBlock)
    }

    /// Takes the other comments before the next word: where a statement goes on was looked at for all of them.
    fn comments(&mut self, statement: &mut Statement<'a>) {
        while let Some(comment) = self.peek().filter(Token::is_comment) {
            statement.push(comment);
            self.at += 1;
        }
    }

    /// Tells whether a statement ends before the next token. `last` is its last token that is no comment.
    fn ends_before(
        &self,
        kind: BlockKind,
        statement: &Statement<'a>,
        last: Option<Token<'a>>,
    ) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let comments = rest.iter().take_while(|token| token.is_comment()).count();
        let Some(next) = rest.get(comments) else {
            return true;
        };
        let Some(last) = last else {
            return false;
        };
        if matches!(next.kind, Kind::CloseBlock | Kind::Kept) {
            return true;
        }
        if comments == 0 && next.breaks == 0 {
            return false;
        }
        let goes_on = matches!(next.kind, Kind::OpenBlock | Kind::Connective)
            || last.kind == Kind::Connective
            || last.kind == Kind::Comma && kind != BlockKind::Record
            || last.kind == Kind::CloseBlock
                && next.text == "otherwise"
                && matches!(statement.first_word(), "if" | "every");
        !goes_on
    }
}

impl<'a> Block<'a> {
    fn add(&mut self, first: Token<'a>, content: Content<'a>) {
        self.items.push(Item {
            blank: first.breaks > 1,
            content,
        });
    }

    fn add_comment(&mut self, comment: Token<'a>) {
        if comment.kind == Kind::EndComment {
            let place = match self.items.last_mut() {
                Some(Item {
                    content: Content::Statement(statement),
                    ..
                }) => &mut statement.end_comment,
                Some(_) | None => &mut self.opening,
            };
            if place.is_none() {
                *place = Some(comment.text);
                return;
            }
        }
        self.add(comment, Content::Comment(comment.text));
    }
}

fn inner_kind(outer: BlockKind, first_word: &str) -> BlockKind {
    match (outer, first_word) {
        (BlockKind::File, "segment") => BlockKind::Segment,
        (BlockKind::File, "test") => BlockKind::Test,
        (BlockKind::Test | BlockKind::Record, _) => BlockKind::Record,
        _ => BlockKind::Lines,
    }
}
