//! Tables that read as well in a terminal as in Markdown.

/// A Markdown table whose columns are padded to one width; numbers stand on the right. Empty without rows.
#[must_use]
pub(super) fn text_table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(String::new(), |text| harmless(text));
    let width = |at: usize| rows.iter().map(|row| columns(&cell(row, at))).chain([columns(head[at])]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let is_number =
        |at: usize| rows.iter().all(|row| cell(row, at).starts_with(|c: char| c.is_ascii_digit() || "+-–".contains(c)));
    let numeric: Vec<bool> = (0..head.len()).map(is_number).collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().enumerate().map(|(at, text)| {
            let space = " ".repeat(widths[at].saturating_sub(columns(text)));
            if numeric[at] { format!("{space}{text}") } else { format!("{text}{space}") }
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let mut table = line(head.iter().map(ToString::to_string).collect());
    let rule = |at: usize| if numeric[at] { format!("{}:", "-".repeat(widths[at] + 1)) } else { "-".repeat(widths[at] + 2) };
    table.push_str(&format!("|{}|\n", (0..head.len()).map(rule).collect::<Vec<_>>().join("|")));
    for row in rows {
        table.push_str(&line((0..head.len()).map(|at| cell(row, at)).collect()));
    }
    table
}

/// Terminal columns, as far as characters tell: most scripts of the markets take one each.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// A cell that ends neither the table's cell nor its line, makes no link or tag, and hides nothing: invisible characters and those that
/// turn the direction of writing are shown by their numbers.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '|' => safe.push('¦'),
            '<' if chars.peek().is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '!')) => safe.push('‹'),
            '[' => safe.push('('),
            ']' => safe.push(')'),
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                safe.extend(c.escape_unicode());
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Three digits after the point; `–` for what is undefined.
#[must_use]
pub(super) fn shown(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.3}"))
}

/// The value and its interval.
#[must_use]
pub(super) fn with_interval(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    match low.zip(high) {
        Some((low, high)) => format!("{} ({low:.3} to {high:.3})", shown(value)),
        None => shown(value),
    }
}

/// A difference and its interval, signed.
#[must_use]
pub(super) fn signed(value: f64, low: Option<f64>, high: Option<f64>) -> String {
    match low.zip(high) {
        Some((low, high)) => format!("{value:+.3} ({low:+.3} to {high:+.3})"),
        None => format!("{value:+.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_padded_and_numbers_stand_on_the_right() {
        let rows = [vec!["scam".to_owned(), "0.5".to_owned()], vec!["a|b\nc".to_owned(), "–".to_owned()]];
        assert_eq!(text_table(&["label", "n"], &rows), "| label |   n |\n|-------|----:|\n| scam  | 0.5 |\n| a¦b c |   – |\n");
        assert_eq!(text_table(&["label"], &[]), "");
    }

    #[test]
    fn a_cell_hides_nothing_and_makes_no_link() {
        assert_eq!(harmless("a\u{202e}b [x](y) <b> <= |\n"), "a\\u{202e}b (x)(y) ‹b> <= ¦ ");
        assert_eq!(harmless("ไลน์ shop99 🔥"), "ไลน์ shop99 🔥");
    }

    #[test]
    fn what_is_undefined_is_a_dash() {
        assert_eq!(with_interval(None, None, None), "–");
        assert_eq!(with_interval(Some(0.5), Some(0.25), Some(0.75)), "0.500 (0.250 to 0.750)");
        assert_eq!(signed(-0.5, None, None), "-0.500");
    }
}
