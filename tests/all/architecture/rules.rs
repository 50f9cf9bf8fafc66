//! The rules that one file can break by itself.

use super::code::Code;
use super::imports;

/// A source file.
pub(super) struct Source {
    /// Path below `src`.
    pub(super) path: String,
    /// The top-level module that it belongs to; `lib` and `main` for those files.
    pub(super) module: String,
    /// How many `super::` lead from the file to the crate root.
    pub(super) depth: usize,
    pub(super) code: Code,
}

/// A rule: its name, and what finds line and text of each violation.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) check: fn(&Source) -> Vec<(usize, String)>,
}

/// All of them.
pub(super) const RULES: &[Rule] = &[
    Rule { name: "imports only to the left", check: imports::check },
    Rule { name: "only files touches the file system", check: file_system },
    Rule { name: "only run reads clock, environment and entropy", check: rim },
    Rule { name: "Polars stops at tables, sql and publish", check: polars },
    Rule { name: "exp, ln and the like come from libm", check: transcendental },
    Rule { name: "sums run in a fixed order", check: unordered_sums },
    Rule { name: "at most 400 lines of code", check: length },
    Rule { name: "no panics outside tests", check: panics },
];

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let stem = path.trim_end_matches(".rs");
        let parts: Vec<&str> = stem.split('/').filter(|part| *part != "mod").collect();
        Self { path: path.to_owned(), module: parts[0].to_owned(), depth: parts.len(), code: Code::of(text) }
    }

    /// What `pattern` matches, unless the file belongs to one of `modules`.
    fn find_outside(&self, modules: &[&str], pattern: &str) -> Vec<(usize, String)> {
        if modules.contains(&self.module.as_str()) { Vec::new() } else { self.code.find(pattern) }
    }
}

/// `tables` may open the sources that it streams.
fn file_system(source: &Source) -> Vec<(usize, String)> {
    let named = r"\bstd\s*::\s*(os\s*::\s*\w+\s*::\s*)?fs\b|\btokio\s*::\s*fs\b|\b(fs4|tempfile)\s*::";
    let grouped = r"\bstd\s*::\s*\{[^;]*\bfs\b[^;]*;";
    source.find_outside(&["files", "tables"], &format!("{named}|{grouped}"))
}

fn rim(source: &Source) -> Vec<(usize, String)> {
    let environment = r"\bstd\s*::\s*env\b|\benv\s*::\s*\w+|\bstd\s*::\s*\{[^;]*\benv\b[^;]*;";
    let clock = r"\b(SystemTime|Instant|Utc|Local)\s*::\s*now\b";
    let entropy = r"\bRandomState\s*::\s*new\b|\b(thread_rng|from_entropy|from_os_rng|OsRng|getrandom)\b|\brand\s*::\s*rng\b";
    source.find_outside(&["run", "cli", "main"], &format!("{environment}|{clock}|{entropy}"))
}

fn polars(source: &Source) -> Vec<(usize, String)> {
    source.find_outside(&["tables", "sql", "publish"], r"\bpolars\w*\s*::|\buse\s+polars\b")
}

/// Platforms differ in the last bits of these, or fuse them; sqrt is exact everywhere (IEEE 754).
fn transcendental(source: &Source) -> Vec<(usize, String)> {
    let names =
        "exp|exp2|exp_m1|ln|ln_1p|log|log2|log10|powf|powi|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot|mul_add";
    source.code.find(&format!(r"\.\s*({names})\s*\(|\bf(32|64)\s*::\s*({names})\b"))
}

/// Floats in a hash map, whose order differs per process, and parallel reductions, whose shape differs per thread count.
fn unordered_sums(source: &Source) -> Vec<(usize, String)> {
    let hashed = r"\bHashMap\s*<[^;={}]*\bf(32|64)\b[^;={}]*>";
    let bridged = r"\.\s*par_bridge\s*\(";
    let mut found = source.code.find(bridged);
    found.extend(source.code.find(hashed).into_iter().filter(|(_, text)| floats_inside(text)));
    found.extend(parallel_reductions(source));
    found
}

/// Whether a float stands inside the angle brackets that the text opens first.
fn floats_inside(text: &str) -> bool {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if depth == 1 => return text[..at].contains("f32") || text[..at].contains("f64"),
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Reductions in the method chain of a parallel iterator itself; those inside its closures are sequential.
fn parallel_reductions(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let code = &source.code.0;
    for (start, _) in code.match_indices("par_").filter(|(at, _)| is_parallel_call(&code[..*at], &code[*at..])) {
        let chain = own_chain(&code[start..]);
        let reduces = ["reduce(", "reduce_with(", "product(", "sum("].iter().any(|call| chain.contains(&format!(".{call}")));
        let floats = [".sum::<f32>", ".sum::<f64>", ".product::<f"].iter().any(|call| chain.contains(call));
        if reduces || floats {
            found.push((source.code.line_of(start), "a parallel reduction".to_owned()));
        }
    }
    found
}

/// Whether `after` starts the name of a method that makes a parallel iterator (`par_iter`, `into_par_iter`, `par_chunks`, …).
fn is_parallel_call(before: &str, after: &str) -> bool {
    let is_method = before.ends_with('.') || before.ends_with(".into_");
    is_method && ["par_iter", "par_chunks", "par_windows", "par_split", "par_drain"].iter().any(|name| after.starts_with(name))
}

/// The chain of method calls without white space and without what stands in their parentheses.
fn own_chain(code: &str) -> String {
    let (mut chain, mut depth) = (String::new(), 0_usize);
    for c in code.chars() {
        match c {
            ')' | ']' | '}' if depth == 0 => break,
            ';' | ',' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && !c.is_whitespace() {
            chain.push(c);
        }
        if matches!(c, '(' | '[' | '{') {
            depth += 1;
        }
    }
    chain
}

fn length(source: &Source) -> Vec<(usize, String)> {
    let n_lines = source.code.n_lines();
    if n_lines > 400 { vec![(1, format!("{n_lines} lines"))] } else { Vec::new() }
}

/// A parser's own `expect` takes no text, so only an `expect` with one is the panicking kind.
fn panics(source: &Source) -> Vec<(usize, String)> {
    source.code.find(r#"\.\s*unwrap\s*\(\s*\)|\.\s*expect\s*\(\s*"|\b(panic|todo|unimplemented|unreachable)!"#)
}
