//! `${NAME}` and `${NAME:-fallback}` in paths.

use std::collections::BTreeMap;

/// Why a text could not be filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// The variable is not set and there is no fallback.
    NotSet(String),
    /// `${` without `}`, or without a name.
    Malformed,
}

/// Replaces every `${…}` by the variable's value. As in a shell, the fallback of `:-` also stands in for an empty value. A `$`
/// without a brace is itself; values are not filled in again.
pub(super) fn fill(text: &str, environment: &BTreeMap<String, String>) -> Result<String, Unfilled> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, tail) = after.split_once('}').ok_or(Unfilled::Malformed)?;
        let (name, fallback) = inside.split_once(":-").map_or((inside, None), |(name, fallback)| (name, Some(fallback)));
        if !is_name(name) {
            return Err(Unfilled::Malformed);
        }
        out.push_str(before);
        match (environment.get(name), fallback) {
            (Some(value), None) => out.push_str(value),
            (Some(value), Some(_)) if !value.is_empty() => out.push_str(value),
            (_, Some(fallback)) => out.push_str(fallback),
            (None, None) => return Err(Unfilled::NotSet(name.to_owned())),
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Letters, digits and underscores, not starting with a digit.
fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, Unfilled>) {
        let environment = BTreeMap::from([("DATA".to_owned(), "/lake".to_owned()), ("EMPTY".to_owned(), String::new())]);
        assert_eq!(fill(text, &environment), expect.map(str::to_owned));
    }

    #[test]
    fn variables_are_filled_in_as_a_shell_does() {
        check("${DATA}/a.csv", Ok("/lake/a.csv"));
        check("${DATA:-x}/${NONE:-../b}", Ok("/lake/../b"));
        check("${EMPTY:-x}|${EMPTY}|${NONE:-}", Ok("x||"));
        check("cost$5 $DATA {x}", Ok("cost$5 $DATA {x}"));
        check("${NONE}", Err(Unfilled::NotSet("NONE".to_owned())));
        check("${DATA", Err(Unfilled::Malformed));
        check("${}", Err(Unfilled::Malformed));
        check("${1A:-x}", Err(Unfilled::Malformed));
    }
}
