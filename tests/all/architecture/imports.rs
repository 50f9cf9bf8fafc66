//! The rule that modules import only to their left, whichever way the path is written.

use super::ORDER;
use super::code::{closing, regex, squeezed};
use super::rules::Source;

/// Every path that starts at the crate root, by `crate::` or by enough `super::`, must lead to the left or to itself.
pub(super) fn check(source: &Source) -> Vec<(usize, String)> {
    // lib.rs lists the modules, and is checked for that.
    if source.module == "lib" {
        return Vec::new();
    }
    let code = &source.code.0;
    let root = regex(r"\bcrate\s*(::|\bas\b)|\b(super\s*::\s*)+");
    let mut found = Vec::new();
    for start in root.find_iter(code) {
        let n_super = start.as_str().matches("super").count();
        let rest = &code[start.end()..];
        let group = rest.trim_start().strip_prefix('{').map(|_| &rest[..closing(rest, rest.find('{').unwrap_or(0))]);
        let problem = if n_super == 0 && start.as_str().ends_with("as") {
            Some("`crate` renamed".to_owned())
        } else if n_super > 0 && group.is_some_and(|group| regex(r"\bsuper\b").is_match(group)) {
            Some("`super` inside a group: write the path out".to_owned())
        } else if n_super == 0 || n_super >= source.depth + inline_depth(code, start.start()) {
            targets(group.unwrap_or(rest), group.is_some()).into_iter().find_map(|target| problem_with(source, &target))
        } else {
            None
        };
        found.extend(problem.map(|problem| (source.code.line_of(start.start()), problem)));
    }
    found
}

/// The first names of the paths that follow the crate root.
fn targets(rest: &str, is_group: bool) -> Vec<String> {
    if !is_group {
        let name = regex(r"^\s*(\w+|\*)");
        return vec![name.captures(rest).map_or_else(|| squeezed(&rest[..rest.len().min(20)]), |found| found[1].to_owned())];
    }
    let (mut depth, mut names, mut word) = (0_usize, Vec::new(), String::new());
    for c in rest.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 1 && c != ',' && c != '{' {
            word.push(c);
        } else if depth <= 1 && (c == ',' || c == '}') {
            names.push(std::mem::take(&mut word));
        }
    }
    let first = |path: &String| path.split("::").next().unwrap_or_default().split_whitespace().next().map(str::to_owned);
    names.iter().filter_map(first).filter(|name| name != "}").collect()
}

/// Why `source` may not import from `target`.
fn problem_with(source: &Source, target: &str) -> Option<String> {
    let place = |name: &str| ORDER.iter().position(|module| *module == name);
    match (place(target), place(&source.module)) {
        (None, _) => Some(format!("`{target}` is not a module of the order")),
        (_, None) => Some(format!("`{}` has no place in the order", source.module)),
        (Some(to), Some(from)) if to > from => Some(format!("`{}` imports `{target}`, which is to its right", source.module)),
        _ => None,
    }
}

/// How many inline modules enclose the byte.
fn inline_depth(code: &str, at: usize) -> usize {
    let opening = regex(r"\bmod\s+\w+\s*\{");
    opening.find_iter(code).filter(|found| found.start() < at && closing(code, found.end() - 1) > at).count()
}
