//! A document as text for a terminal, a mail or a file.

use super::document::{Block, Document, Piece, Style};
use super::visible::{shortened, visible};

/// Columns of a line.
const WIDTH: usize = 100;
/// Characters of a cell of a table that are shown.
const MOST_CELL: usize = 60;

/// Whether lines may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalStyle {
    /// Text alone.
    Plain,
    /// Bold and coloured marks.
    Coloured,
}

/// The document as lines of text. Nothing in it is acted on by a terminal but the colours asked for.
pub(super) fn text_of(document: &Document, style: TerminalStyle) -> String {
    let mut out = Lines { text: String::new(), style };
    out.line(&[Piece { text: document.title.clone(), style: Style::Strong }], "", "");
    for block in &document.blocks {
        out.text.push('\n');
        match block {
            Block::Heading(text) => {
                let rule = "─".repeat(text.chars().count().min(WIDTH));
                out.line(&[Piece { text: text.to_uppercase(), style: Style::Strong }], "", "");
                out.text.push_str(&rule);
                out.text.push('\n');
            }
            Block::Paragraph(pieces) => out.line(pieces, "", ""),
            Block::Items(items) => items.iter().for_each(|(label, pieces)| out.item(items, label, pieces)),
            Block::Table { head, rows } => out.table(head, rows),
            Block::Quote { name, pieces } => out.quote(name, pieces),
        }
    }
    out.text
}

struct Lines {
    text: String,
    style: TerminalStyle,
}

impl Lines {
    /// Words in lines of at most `WIDTH`, the first after `first`, the others after `rest`. Lines break at spaces alone, whatever the
    /// pieces.
    fn line(&mut self, pieces: &[Piece], first: &str, rest: &str) {
        let indent = rest.chars().count();
        let mut width = first.chars().count();
        let mut word: Vec<(String, Style)> = Vec::new();
        let mut is_begun = false;
        self.text.push_str(first);
        let mut flush = |lines: &mut Self, word: &mut Vec<(String, Style)>| {
            let n: usize = word.iter().map(|(text, _)| text.chars().count()).sum();
            if n == 0 {
                word.clear();
                return;
            }
            if is_begun && width + 1 + n > WIDTH && width > indent {
                lines.text.push('\n');
                lines.text.push_str(rest);
                width = indent;
            } else if is_begun {
                lines.text.push(' ');
                width += 1;
            }
            word.drain(..).for_each(|(text, style)| lines.styled(&text, style));
            (width, is_begun) = (width + n, true);
        };
        for piece in pieces {
            for (i, part) in visible(&piece.text).split(' ').enumerate() {
                if i > 0 {
                    flush(self, &mut word);
                }
                word.push((part.to_owned(), piece.style));
            }
        }
        flush(self, &mut word);
        self.text.push('\n');
    }

    fn item(&mut self, all: &[(String, Vec<Piece>)], label: &str, pieces: &[Piece]) {
        let widest = all.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0).min(24);
        let label = shortened(label, 40);
        let first = format!("  {label:>widest$}{}", if widest > 0 { "  " } else { "- " });
        let rest = " ".repeat(if widest > 0 { widest + 4 } else { 4 });
        self.line(pieces, &first, &rest);
    }

    fn table(&mut self, head: &[String], rows: &[Vec<String>]) {
        let cells: Vec<Vec<String>> = std::iter::once(head)
            .chain(rows.iter().map(Vec::as_slice))
            .map(|row| row.iter().map(|c| shortened(c, MOST_CELL)).collect())
            .collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
            .collect();
        // Numbers stand under each other at the right.
        let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '<' | '–'));
        let right: Vec<bool> =
            (0..head.len()).map(|at| cells.iter().skip(1).filter_map(|row| row.get(at)).all(|cell| is_number(cell))).collect();
        for row in &cells {
            let mut line = String::from("  ");
            for ((cell, width), right) in row.iter().zip(&widths).zip(&right) {
                let filled = if *right { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
                line.push_str(&filled);
            }
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    fn quote(&mut self, name: &str, pieces: &[Piece]) {
        self.text.push_str(&format!("  {}:\n  │ ", visible(name)));
        for piece in pieces {
            for (i, line) in piece.text.split('\n').enumerate() {
                if i > 0 {
                    self.text.push_str("\n  │ ");
                }
                self.styled(&visible(line), piece.style);
            }
        }
        self.text.push('\n');
    }

    fn styled(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        let text = match style {
            Style::Plain | Style::Strong | Style::Code => text.to_owned(),
            Style::Raises(number) => format!("[[{number}: {text}]]"),
            Style::Lowers(number) => format!("(({number}: {text}))"),
        };
        let code = match style {
            Style::Plain | Style::Code => "",
            Style::Strong => "1",
            Style::Raises(_) => "1;31",
            Style::Lowers(_) => "32",
        };
        if self.style == TerminalStyle::Plain || code.is_empty() {
            self.text.push_str(&text);
        } else {
            self.text.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{code, plain, strong};
    use super::*;

    fn check(blocks: Vec<Block>, expect: &str) {
        let document = Document { title: "T".to_owned(), blocks };
        assert_eq!(text_of(&document, TerminalStyle::Plain), format!("T\n\n{expect}"));
    }

    #[test]
    fn blocks_become_lines() {
        check(vec![Block::Heading("The text".to_owned())], "THE TEXT\n────────\n");
        check(vec![Block::Paragraph(vec![plain("a “"), code("b"), strong("” c")])], "a “b” c\n");
        check(
            vec![Block::Items(vec![("+1.5".to_owned(), vec![plain("word")]), ("-10.25".to_owned(), vec![plain("other")])])],
            "    +1.5  word\n  -10.25  other\n",
        );
        let rows = vec![vec!["a".to_owned(), "10".to_owned()], vec!["bcd".to_owned(), "9".to_owned()]];
        check(vec![Block::Table { head: vec!["x".to_owned(), "n".to_owned()], rows }], "  x     n\n  a    10\n  bcd   9\n");
        let pieces = vec![plain("one\ntwo "), Piece { text: "three".to_owned(), style: Style::Raises(1) }];
        check(vec![Block::Quote { name: "body".to_owned(), pieces }], "  body:\n  │ one\n  │ two [[1: three]]\n");
    }

    #[test]
    fn long_lines_are_broken_between_words_and_hang() {
        let text = "word ".repeat(30);
        let out = text_of(
            &Document { title: String::new(), blocks: vec![Block::Items(vec![("1".to_owned(), vec![plain(text.trim())])])] },
            TerminalStyle::Plain,
        );
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH), "{out}");
        assert_eq!(out.matches("word").count(), 30);
        assert!(out.lines().last().unwrap().starts_with("     word"), "{out}");
    }

    #[test]
    fn nothing_reaches_the_terminal_but_the_colours_asked_for() {
        let hostile = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\r\u{8}";
        let blocks = || {
            vec![
                Block::Heading(hostile.to_owned()),
                Block::Paragraph(vec![strong(hostile)]),
                Block::Items(vec![(hostile.to_owned(), vec![plain(hostile)])]),
                Block::Table { head: vec![hostile.to_owned()], rows: vec![vec![hostile.to_owned()]] },
                Block::Quote {
                    name: hostile.to_owned(),
                    pieces: vec![Piece { text: hostile.to_owned(), style: Style::Raises(1) }],
                },
            ]
        };
        let document = Document { title: hostile.to_owned(), blocks: blocks() };
        let plain = text_of(&document, TerminalStyle::Plain);
        assert!(!plain.chars().any(|c| c != '\n' && super::super::is_hidden(c)), "{plain:?}");
        let coloured = text_of(&document, TerminalStyle::Coloured);
        let colours = coloured.replace("\u{1b}[1m", "").replace("\u{1b}[1;31m", "").replace("\u{1b}[0m", "");
        assert!(!colours.chars().any(|c| c != '\n' && super::super::is_hidden(c)), "{colours:?}");
    }
}
