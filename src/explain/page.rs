//! A document as one page of HTML: no script, nothing loaded, everything escaped by the template.

use askama::Template;

use super::document::{Block, Document, Piece, Style};
use super::visible::{push_visible, visible};

/// The page; its fields are safe to show.
#[derive(Template)]
#[template(path = "case.html")]
struct Page {
    title: String,
    blocks: Vec<BlockView>,
}

/// A block as the template takes it.
enum BlockView {
    Heading(String),
    Paragraph(Vec<Piece>),
    Items(Vec<(String, Vec<Piece>)>),
    Table((Vec<String>, Vec<Vec<String>>)),
    Quote((String, Vec<Piece>)),
}

/// The document as a page.
///
/// # Errors
/// When the template fails, which none of its values can bring about.
pub(super) fn page_of(document: &Document) -> Result<String, askama::Error> {
    let cells = |row: &[String]| -> Vec<String> { row.iter().map(|cell| visible(cell)).collect() };
    let blocks = document.blocks.iter().map(|block| match block {
        Block::Heading(text) => BlockView::Heading(visible(text)),
        Block::Paragraph(pieces) => BlockView::Paragraph(safe(pieces)),
        Block::Items(items) => BlockView::Items(items.iter().map(|(label, pieces)| (visible(label), safe(pieces))).collect()),
        Block::Table { head, rows } => BlockView::Table((cells(head), rows.iter().map(|row| cells(row)).collect())),
        Block::Quote { name, pieces } => BlockView::Quote((visible(name), safe(pieces))),
    });
    Page { title: visible(&document.title), blocks: blocks.collect() }.render()
}

/// The pieces with hidden characters spelt out; line breaks stay, for quotes keep them and others show them as spaces.
fn safe(pieces: &[Piece]) -> Vec<Piece> {
    let shown = |piece: &Piece| {
        let mut text = String::with_capacity(piece.text.len());
        piece.text.chars().for_each(|c| if c == '\n' { text.push('\n') } else { push_visible(c, &mut text) });
        Piece { text, style: piece.style }
    };
    pieces.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::super::document::{code, plain, strong};
    use super::*;

    /// The names of all elements of a page.
    fn elements(page: &str) -> BTreeSet<String> {
        let tag = Regex::new(r"<(/?)([a-zA-Z!][^\s>]*)").unwrap();
        tag.captures_iter(page).map(|found| found[2].to_lowercase()).collect()
    }

    fn page(text: &str) -> String {
        let text = text.to_owned();
        let mark = |style| Piece { text: text.clone(), style };
        let blocks = vec![
            Block::Heading(text.clone()),
            Block::Paragraph(vec![plain(&text), strong(&text), code(&text)]),
            Block::Items(vec![(text.clone(), vec![plain(&text)])]),
            Block::Table { head: vec![text.clone()], rows: vec![vec![text.clone()]] },
            Block::Quote { name: text.clone(), pieces: vec![mark(Style::Raises(1)), mark(Style::Lowers(2))] },
        ];
        page_of(&Document { title: text, blocks }).unwrap()
    }

    #[test]
    fn hostile_text_adds_no_element_and_no_attribute() {
        let expect = elements(&page("harmless"));
        for hostile in [
            "<script>alert(1)</script>",
            "</title><img src=x onerror=alert(1)>",
            "\"><svg/onload=alert(1)>",
            "</style><style>*{display:none}",
            "<!--",
            "--><a href='javascript:alert(1)'>",
            "{{ 7 * 7 }}{% raw %}",
            "&lt;b&gt; &#60;b&#62;",
            "\u{202e}\u{0}<b>\u{1b}[2J",
        ] {
            let page = page(hostile);
            assert_eq!(elements(&page), expect, "{hostile}");
            assert!(!page.contains("onerror=alert(1)>") || page.contains("onerror=alert(1)&#62;"), "{hostile}");
            assert!(!page.chars().any(|c| c != '\n' && super::super::is_hidden(c)), "{hostile}");
        }
    }

    #[test]
    fn every_element_is_closed_and_nothing_is_loaded() {
        let page = page("x");
        for name in [
            "html",
            "head",
            "body",
            "title",
            "style",
            "h1",
            "h2",
            "p",
            "dl",
            "dt",
            "dd",
            "table",
            "tr",
            "td",
            "blockquote",
            "mark",
        ] {
            let count = |pattern: String| Regex::new(&pattern).unwrap().find_iter(&page).count();
            let (open, close) = (count(format!(r"<{name}[ >]")), count(format!("</{name}>")));
            assert!(open > 0 && open == close, "{name}: {open} {close}");
        }
        assert!(page.contains("default-src 'none'"));
        assert!(
            !Regex::new(r#"(?i)(src|href|url\(|@import|<script|<link|<iframe)"#)
                .unwrap()
                .is_match(&page.replace("default-src", "").replace("style-src", ""))
        );
    }

    #[test]
    fn marks_carry_their_number() {
        let page = page("gacor");
        assert!(page.contains("<mark>gacor<sup>1</sup></mark><mark class=\"less\">gacor<sup>2</sup></mark>"), "{page}");
    }
}
