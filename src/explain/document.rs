//! A text in pieces that both renderings share, so that terminal and page say the same words.

/// A case told in words.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Document {
    /// The heading of the whole.
    pub title: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(Vec<Piece>),
    /// A list; each entry has a label, which may be empty, and what it says.
    Items(Vec<(String, Vec<Piece>)>),
    /// A table.
    Table {
        /// Names of the columns.
        head: Vec<String>,
        /// Rows of as many cells.
        rows: Vec<Vec<String>>,
    },
    /// What somebody wrote, as it was written.
    Quote {
        /// What it is: `title`, `body`.
        name: String,
        /// The text, line breaks among it.
        pieces: Vec<Piece>,
    },
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub style: Style,
}

/// How a stretch of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As the rest.
    Plain,
    /// What matters.
    Strong,
    /// A name or condition as it stands in files.
    Code,
    /// A marked place that raises the score, with its number.
    Raises(usize),
    /// A marked place that lowers it, with its number.
    Lowers(usize),
}

impl Piece {
    fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// Text as the rest.
pub(super) fn plain(text: impl Into<String>) -> Piece {
    Piece::new(text, Style::Plain)
}

/// Text that matters.
pub(super) fn strong(text: impl Into<String>) -> Piece {
    Piece::new(text, Style::Strong)
}

/// A name as it stands in files.
pub(super) fn code(text: impl Into<String>) -> Piece {
    Piece::new(text, Style::Code)
}

impl Document {
    /// A heading.
    pub(super) fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    /// A paragraph of one style.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(vec![plain(text)]));
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, pieces: Vec<Piece>) {
        self.blocks.push(Block::Paragraph(pieces));
    }

    /// A list, unless it is empty.
    pub(super) fn items(&mut self, items: Vec<(String, Vec<Piece>)>) {
        if !items.is_empty() {
            self.blocks.push(Block::Items(items));
        }
    }

    /// A table, unless it has no rows.
    pub(super) fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table { head: head.iter().map(|name| (*name).to_owned()).collect(), rows });
        }
    }
}
