//! Rust source text without what no rule should read: comments, the contents of literals, test code.
//!
//! A lexer, not a parser: it knows where comments and literals begin and end, and matches braces. Lines keep their numbers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use regex::Regex;

/// What stands for each character of a literal: no rule matches it, yet the line is not empty.
const IN_LITERAL: char = '¤';

/// Source text of which only code is left.
pub(super) struct Code(pub(super) String);

impl Code {
    pub(super) fn of(text: &str) -> Self {
        let mut code = without_comments_and_literals(text);
        for item in test_items(&code) {
            let blanked: String = code[item.clone()].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
            code.replace_range(item, &blanked);
        }
        Self(code)
    }

    /// Line numbers and texts of what `pattern` matches.
    pub(super) fn find(&self, pattern: &str) -> Vec<(usize, String)> {
        regex(pattern).find_iter(&self.0).map(|found| (self.line_of(found.start()), squeezed(found.as_str()))).collect()
    }

    /// The number of the line that the byte stands in, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.0[..at].matches('\n').count() + 1
    }

    /// Lines that are not empty.
    pub(super) fn n_lines(&self) -> usize {
        self.0.lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// The names in `mod name;` lines.
    pub(super) fn declared_modules(&self) -> Vec<String> {
        regex(r"\bmod\s+(\w+)\s*;").captures_iter(&self.0).map(|found| found[1].to_owned()).collect()
    }

    /// Whether the crate, or one whose name starts with its name and `_`, is used.
    pub(super) fn mentions_crate(&self, name: &str) -> bool {
        !self.find(&format!(r"\b{name}(_\w+)?\s*::|\buse\s+{name}\b")).is_empty()
    }
}

/// Paths below `src`, without `.rs`, of the modules that the file declares for tests only.
pub(super) fn test_modules(path: &str, text: &str) -> Vec<String> {
    let code = without_comments_and_literals(text);
    let declaration = regex(r"\bmod\s+(\w+)\s*;\s*$");
    let stem = path.trim_end_matches(".rs");
    // The modules below `a/mod.rs`, `lib.rs` and `main.rs` are their neighbours, those below `a/b.rs` stand in `a/b/`.
    let is_root = matches!(Path::new(stem).file_name().and_then(|n| n.to_str()), Some("mod" | "lib" | "main"));
    let folder = if is_root { stem.rsplit_once('/').map_or("", |(folder, _)| folder) } else { stem };
    let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    test_items(&code).into_iter().filter_map(|item| declaration.captures(&code[item]).map(|found| below(&found[1]))).collect()
}

/// The compiled pattern. Each is compiled once, which otherwise would take most of the time.
pub(super) fn regex(pattern: &str) -> Regex {
    static COMPILED: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap();
    compiled.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap()).clone()
}

/// The byte after the brace that closes the one at `open`.
pub(super) fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Text on one line.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The items behind `#[cfg(test)]`, each from its attribute to its closing brace or semicolon.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let attribute = regex(r"#\[cfg\(test\)\]");
    let mut items: Vec<Range<usize>> = Vec::new();
    for found in attribute.find_iter(code) {
        if items.last().is_some_and(|item| item.contains(&found.start())) {
            continue;
        }
        let end = code[found.end()..].find(['{', ';']).map_or(code.len(), |at| {
            let at = found.end() + at;
            if code.as_bytes()[at] == b'{' { closing(code, at) } else { at + 1 }
        });
        items.push(found.start()..end);
    }
    items
}

/// The text with comments turned to spaces and the contents of literals to [`IN_LITERAL`].
fn without_comments_and_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
        let (length, fill) = match rest {
            ['/', '/', ..] => (rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), ' '),
            ['/', '*', ..] => (comment_length(rest), ' '),
            ['"', ..] => (string_length(rest), IN_LITERAL),
            ['\'', ..] => (char_length(rest), IN_LITERAL),
            ['r', ..] if !after_word || at > 0 && matches!(chars[at - 1], 'b' | 'c') => (raw_string_length(rest), IN_LITERAL),
            _ => (0, ' '),
        };
        if length == 0 {
            out.push(rest[0]);
            at += 1;
            continue;
        }
        for (i, c) in rest[..length].iter().enumerate() {
            let keep = *c == '\n' || fill == IN_LITERAL && *c == '"' && (i == 0 || i + 1 == length);
            out.push(if keep { *c } else { fill });
        }
        at += length;
    }
    out
}

/// Characters of a block comment, with those nested in it.
fn comment_length(text: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match &text[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// Characters of a string literal from quote to quote.
fn string_length(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// Characters of a character literal; 0 for a lifetime.
fn char_length(text: &[char]) -> usize {
    match text {
        ['\'', '\\', _, rest @ ..] => rest.iter().position(|c| *c == '\'').map_or(0, |end| end + 4),
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

/// Characters of a raw string literal from its `r`; 0 for a raw identifier or a plain word.
fn raw_string_length(text: &[char]) -> usize {
    let hashes = text[1..].iter().take_while(|c| **c == '#').count();
    let start = 1 + hashes;
    if text.get(start) != Some(&'"') {
        return 0;
    }
    let ends = |at: &usize| text[*at] == '"' && text[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    (start + 1..text.len()).find(ends).map_or(text.len(), |at| at + 1 + hashes)
}
