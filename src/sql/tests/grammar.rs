//! Ten thousand expressions drawn from a grammar, over the columns that a policy may read: sound ones, damaged ones and hostile ones.
//!
//! That none of them reads a file, opens a connection or sees another table follows from how an expression is made: `lower` builds
//! column, literal, operator and row-function nodes alone, over columns that the caller lists, and no path is ever handed to a reader.
//! The canary shows it: a named pipe, whose writer wakes when anybody opens it to read.

use std::collections::BTreeSet;

use polars::prelude::Expr;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::robustness::compiles_or_points;
use crate::sql::dialect::ExpressionDialect;
use crate::sql::{Compiled, SqlColumn, SqlError, SqlType, TextColumn, compile_condition, evaluate_conditions};

/// Columns that a policy may read, of every type that they have.
const COLUMNS: [(&str, SqlType); 12] = [
    ("p_gambling", SqlType::Number),
    ("abuse", SqlType::Number),
    ("price", SqlType::Number),
    ("urls", SqlType::Number),
    ("labels_scored", SqlType::Integer),
    ("day_views", SqlType::Integer),
    ("title", SqlType::Text),
    ("body", SqlType::Text),
    ("market", SqlType::Text),
    ("tier", SqlType::Text),
    ("published_at", SqlType::Timestamp),
    ("as_of", SqlType::Timestamp),
];

/// Expressions drawn.
const N_DRAWN: usize = 10_000;
/// Expressions evaluated side by side.
const AT_ONCE: usize = 250;

/// Random choices: SplitMix64 (Steele, Lea and Flood, 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn column(&mut self, types: &[SqlType]) -> String {
        let fitting: Vec<&str> = COLUMNS.iter().filter(|(_, ty)| types.contains(ty)).map(|(name, _)| *name).collect();
        let name = self.of(&fitting);
        if self.below(8) == 0 { format!("\"{name}\"") } else { name.to_owned() }
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.of(&["p_gambling >= 0.5", "market = 'TH'", "title IS NULL", "TRUE", "NULL"]).to_owned();
        }
        let d = depth - 1;
        let not = self.of(&["", "", "NOT "]);
        match self.below(13) {
            0 | 1 => {
                let op = self.of(&[" AND ", " OR ", "\nAND ", " or -- so\n"]);
                (0..2 + self.below(3)).map(|_| format!("({})", self.condition(d))).collect::<Vec<_>>().join(op)
            }
            2 => format!("NOT ({})", self.condition(d)),
            3 => format!("({}) IS {not}NULL", self.condition(d)),
            4 | 5 => format!("{} {} {}", self.number(d), self.of(&["=", "<>", "!=", "<", "<=", ">", ">="]), self.number(d)),
            6 => format!("{} {} {}", self.text(d), self.of(&["=", "<>", "<", ">="]), self.text(d)),
            7 => format!("{} {} {}", self.time(d), self.of(&["=", "<", ">="]), self.time(d)),
            8 => format!("{} {not}BETWEEN {} AND {}", self.number(d), self.number(d), self.number(d)),
            9 => {
                let items: Vec<&str> =
                    (0..1 + self.below(6)).map(|_| self.of(&["'TH'", "'ð'", "''", "NULL", "'it''s'"])).collect();
                format!("{} {not}IN ({})", self.text(d), items.join(", "))
            }
            10 => {
                let like = self.of(&["LIKE", "ILIKE"]);
                let pattern = self.of(&["'%'", "'%sale%'", "'_a%'", "''", "'50!%' ESCAPE '!'", "'%a%b%c%'", "'ð_'"]);
                format!("{} {not}{like} {pattern}", self.text(d))
            }
            11 => format!("CASE WHEN {} THEN {} ELSE {} END", self.condition(d), self.condition(d), self.condition(d)),
            _ => {
                let call = self.of(&["STARTS_WITH", "ends_with", "CONTAINS"]);
                format!("COALESCE({call}({}, {}), {})", self.text(d), self.text(d), self.condition(d))
            }
        }
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.below(3) == 0 {
            return match self.below(4) {
                0 => self.of(&["0", "0.5", "1e300", "9223372036854775807", "1e-320", "NULL", ".5"]).to_owned(),
                _ => self.column(&[SqlType::Number, SqlType::Integer]),
            };
        }
        let d = depth - 1;
        match self.below(7) {
            0 | 1 => format!("({} {} {})", self.number(d), self.of(&["+", "-", "*", "/", "%"]), self.number(d)),
            2 => format!("- {}", self.number(d)),
            3 => format!("{}({})", self.of(&["ABS", "ROUND", "FLOOR", "CEIL", "CEILING"]), self.number(d)),
            4 => format!("{}({}, {})", self.of(&["LEAST", "GREATEST", "COALESCE", "NULLIF"]), self.number(d), self.number(d)),
            5 => format!("{}({})", self.of(&["LENGTH", "CHAR_LENGTH"]), self.text(d)),
            _ => format!("TRY_CAST({} AS {})", self.text(d), self.of(&["DOUBLE", "BIGINT", "REAL"])),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 || self.below(3) == 0 {
            return match self.below(4) {
                0 => self.of(&["''", "'sale'", "'it''s'", "'\u{202e}ð'", "'100%'", "NULL"]).to_owned(),
                _ => self.column(&[SqlType::Text]),
            };
        }
        let d = depth - 1;
        match self.below(7) {
            0 => format!("{}({})", self.of(&["LOWER", "UPPER", "TRIM"]), self.text(d)),
            1 => format!("({} || {})", self.text(d), self.number(d)),
            2 => {
                format!("SUBSTR({}, {})", self.text(d), self.of(&["1", "-3", "0, 2", "9223372036854775807, 9223372036854775807"]))
            }
            3 => format!("REPLACE({}, {}, {})", self.text(d), self.text(d), self.text(d)),
            4 => format!("CONCAT({}, {}, {})", self.text(d), self.number(d), self.time(d)),
            5 => format!("SPLIT_PART({}, {}, {})", self.text(d), self.text(d), self.of(&["1", "-1", "0", "labels_scored"])),
            _ => format!("CASE market WHEN {} THEN {} END", self.text(d), self.text(d)),
        }
    }

    fn time(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 => "TIMESTAMP '2026-11-01 08:30:00'".to_owned(),
            1 => self.of(&["DATE '2026-02-29'", "DATE '2026-11-01'", "'2026-11-01'", "'soon'"]).to_owned(),
            2 if depth > 0 => format!("TO_TIMESTAMP({})", self.number(depth - 1)),
            _ => self.column(&[SqlType::Timestamp]),
        }
    }

    /// `sql` with one to four pieces cut, doubled, moved or put in; at times with a call that has an argument too many.
    fn damaged(&mut self, sql: &str) -> String {
        if self.below(20) == 0 {
            return format!("ABS(urls, 1) > 1 AND ({sql})");
        }
        let mut chars: Vec<char> = sql.chars().collect();
        for _ in 0..1 + self.below(4) {
            let from = self.below(chars.len() + 1);
            let to = (from + self.below(12)).min(chars.len());
            match self.below(4) {
                0 => drop(chars.drain(from..to)),
                1 => {
                    let piece: Vec<char> = chars[from..to].to_vec();
                    let at = self.below(chars.len() + 1);
                    chars.splice(at..at, piece);
                }
                2 => chars.truncate(to),
                _ => {
                    let piece = self.of(PIECES);
                    chars.splice(from..from, piece.chars());
                }
            }
        }
        chars.into_iter().collect()
    }

    /// Attempts at `path`, other tables, and other parts of SQL, beside something sound.
    fn hostile(&mut self, path: &str) -> String {
        let attempts: Vec<&str> = ATTEMPTS.lines().collect();
        let attempt = self.of(&attempts).replace("{path}", path);
        let sound = self.condition(1);
        match self.below(5) {
            0 => attempt,
            1 => format!("{sound} AND {attempt}"),
            2 => format!("{sound}; {attempt}"),
            3 => format!("({sound}) OR COALESCE({attempt}, TRUE)"),
            _ => format!("CASE WHEN {sound} THEN {attempt} ELSE FALSE END"),
        }
    }

    /// Nests, chains and lists of any size, also beyond the bounds.
    fn large(&mut self) -> String {
        let n = self.of(&[10, 60, 63, 64, 65, 200, 400, 1_000, 2_500]);
        let nested = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
        match self.below(12) {
            0 => nested("(", "urls > 1", ")"),
            1 => nested("NOT ", "urls > 1", ""),
            2 => nested("- ", "urls", " > 1"),
            3 => nested("REPLACE(", "title", ", 'a', 'aaaaaaaa')") + " = 'a'",
            4 => nested("CASE WHEN ", "urls > 1", " THEN TRUE END"),
            5 => nested("COALESCE(NULL, ", "urls > 1", ")"),
            6 => vec!["urls > 1"; n].join(self.of(&[" AND ", " OR ", " = ", " OR NOT "])),
            7 => format!("title IN ({})", (0..n).map(|k| format!("'{k}'")).collect::<Vec<_>>().join(",")),
            8 => format!("title LIKE '{}'", "%a_".repeat(n)),
            9 => format!("{} = ''", vec!["title"; n].join(self.of(&["||", " || body || "]))),
            10 => format!("GREATEST({}) > 1", vec!["urls"; n].join(", ")),
            _ => nested(self.of(&["CASE ", "CAST(", "x IN (", "f(", "TRIM(", "STRUCT<", "/*"]), "urls", ""),
        }
    }
}

/// What damage puts in.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "(",
    ")",
    ";",
    "--",
    "/*",
    "*/",
    "\0",
    "\r\n",
    "\t",
    "\u{202e}",
    "\u{feff}",
    "🙂",
    ".",
    "::",
    "->",
    "[0]",
    "{",
    "@x",
    "$1",
    "?",
    ":name",
    "\\",
    "`",
    "E'\\n'",
    "x'00'",
    "N'a'",
    "$$a$$",
    "1e999",
    "99999999999999999999",
    "SELECT",
    " OVER ()",
    " FILTER (WHERE TRUE)",
    " COLLATE \"C\"",
    " AT TIME ZONE 'UTC'",
    "INTERVAL '1' DAY",
    "DISTINCT ",
    "EXISTS",
    "*",
    ", ",
    "||",
    "NOT ",
    "NULL",
    "=",
    "CAST(",
    " AS ",
];

/// Ways out of the row, one a line; `{path}` is a file that is there. Each alone is refused.
const ATTEMPTS: &str = include_str!("attempts.txt");

fn columns() -> Vec<(String, SqlType)> {
    COLUMNS.iter().map(|(name, ty)| ((*name).to_owned(), *ty)).collect()
}

/// `n_rows` rows: ordinary, extreme and missing cells by turns.
fn rows(n_rows: usize) -> Vec<(&'static str, SqlColumn)> {
    let texts = [Some("sale"), Some("\u{202e}ð 100% a,b"), Some(""), None];
    let cells = |ty| match ty {
        SqlType::Number => {
            SqlColumn::Number((0..n_rows).map(|n| [Some(0.7), Some(-1e308), Some(f64::NAN), None][n % 4]).collect())
        }
        SqlType::Integer => SqlColumn::Integer((0..n_rows).map(|n| [Some(3), Some(i64::MIN), Some(0), None][n % 4]).collect()),
        SqlType::Timestamp => {
            SqlColumn::Timestamp((0..n_rows).map(|n| [Some(0), Some(-1), Some(1 << 50), None][n % 4]).collect())
        }
        _ => {
            let mut cells = TextColumn::default();
            (0..n_rows).for_each(|n| cells.push(texts[n % 4]));
            SqlColumn::Text(cells)
        }
    };
    COLUMNS.iter().map(|(name, ty)| (*name, cells(*ty))).collect()
}

/// What each of `conditions` says of `n_rows` rows. An engine that panics or refuses fails here.
fn answers(conditions: &[(String, Compiled)], n_rows: usize) -> Vec<Vec<Option<bool>>> {
    let rows = rows(n_rows);
    let columns: Vec<(&str, &SqlColumn)> = rows.iter().map(|(name, cells)| (*name, cells)).collect();
    let compiled: Vec<&Compiled> = conditions.iter().map(|(_, compiled)| compiled).collect();
    let answers = evaluate_conditions(&compiled, &columns, n_rows).unwrap();
    assert!(answers.iter().all(|of_one| of_one.len() == n_rows));
    answers
}

/// Nodes of the engine's tree: each is worked once a row.
fn n_nodes(expr: &Expr) -> usize {
    expr.into_iter().count()
}

/// What compiles is within the bounds of the module's page, counted here by other means; what it costs a row is too.
fn is_within_bounds(sql: &str, compiled: &Compiled) {
    assert!(sql.chars().count() <= 10_000, "{sql}");
    let tokens = Tokenizer::new(&ExpressionDialect, sql).tokenize().unwrap();
    let (mut open, mut deepest, mut operands) = (0_i32, 0, 0);
    for token in &tokens {
        match token {
            Token::LParen => open += 1,
            Token::RParen => open -= 1,
            Token::Number(..) | Token::SingleQuotedString(_) => operands += 1,
            Token::Word(word) if COLUMNS.iter().any(|(name, _)| *name == word.value) => operands += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    assert!(deepest <= 64 && operands <= 2_000, "{deepest} levels, {operands} names and literals: {sql}");
    // A number column is asked whether it is NaN before it is read: eleven nodes, and an operation above it.
    let (nodes, words) = (n_nodes(&compiled.expr), tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count());
    assert!(nodes <= 12 * words, "{nodes} nodes for {words} words and signs: {sql}");
}

/// A named pipe, and whether anybody has opened it to read.
#[cfg(unix)]
struct Canary {
    folder: tempfile::TempDir,
    writer: std::thread::JoinHandle<()>,
}

#[cfg(unix)]
impl Canary {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("canary.csv");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        // Sleeps until the other end is opened.
        let writer = std::thread::spawn(move || drop(std::fs::OpenOptions::new().write(true).open(path).unwrap()));
        Self { folder, writer }
    }

    fn path(&self) -> String {
        self.folder.path().join("canary.csv").display().to_string()
    }

    /// Fails if the pipe has been opened; and shows that it would have been noticed.
    fn assert_untouched(self) {
        assert!(!self.writer.is_finished(), "somebody has opened the file that an expression names");
        drop(std::fs::File::open(self.path()).unwrap());
        self.writer.join().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn ten_thousand_expressions_of_a_grammar() {
    let canary = Canary::new();
    let (columns, path) = (columns(), canary.path());
    let mut draw = Draw(20_261_122);
    let (mut waiting, mut n_compiled, mut kinds) = (Vec::new(), 0, BTreeSet::new());
    let mut said = [0_usize; 3];
    for n in 0..N_DRAWN {
        // The engine takes most of the time, and of that the large ones: one in forty.
        let sql = match n % 40 {
            0 => draw.large(),
            1..=12 => {
                let sound = draw.condition(2);
                draw.damaged(&sound)
            }
            13..=20 => draw.hostile(&path),
            _ => {
                let depth = 1 + draw.below(3);
                draw.condition(depth)
            }
        };
        match compile_condition(&sql, &columns) {
            Ok(compiled) => {
                is_within_bounds(&sql, &compiled);
                n_compiled += 1;
                waiting.push((sql, compiled));
            }
            Err(error) => {
                compiles_or_points(&sql, &columns);
                kinds.insert(kind(&error));
            }
        }
        if waiting.len() == AT_ONCE || n + 1 == N_DRAWN {
            for answer in answers(&waiting, 4).into_iter().flatten() {
                said[answer.map_or(2, usize::from)] += 1;
            }
            waiting.clear();
        }
    }
    canary.assert_untouched();
    // The draw is worth something: a third and more compiles, every kind of error is met, every answer is given.
    assert!((3_500..8_000).contains(&n_compiled), "{n_compiled}");
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert!(said.iter().all(|n| *n > 1_000), "{said:?}");
}

fn kind(error: &SqlError) -> &'static str {
    match error {
        SqlError::Syntax { .. } => "syntax",
        SqlError::UnknownColumn { .. } => "unknown column",
        SqlError::UnknownFunction { .. } => "unknown function",
        SqlError::NotAllowed { .. } => "not allowed",
        SqlError::TypeMismatch { .. } => "type",
        SqlError::TooLong { .. } => "too long",
        SqlError::TooDeep { .. } => "too deep",
        SqlError::WrongArguments { .. } => "arguments",
    }
}

#[cfg(unix)]
#[test]
fn every_way_out_of_the_row_is_refused() {
    let canary = Canary::new();
    let (columns, path) = (columns(), canary.path());
    for attempt in ATTEMPTS.lines() {
        let sql = attempt.replace("{path}", &path);
        assert!(compile_condition(&sql, &columns).is_err(), "{sql}");
        compiles_or_points(&sql, &columns);
    }
    canary.assert_untouched();
}

/// The dearest expressions that the bounds allow, over 1,000 rows.
#[test]
fn the_dearest_expressions_stay_within_the_bounds() {
    let many = |n: usize, part: &str, by: &str| vec![part; n].join(by);
    let bomb = format!("{}title{} = 'a'", "REPLACE(".repeat(60), ", 'a', 'aaaaaaaaaa')".repeat(60));
    let dearest = [
        many(650, "urls > 1", " OR "),
        format!("title IN ({})", (0..1_300).map(|k| format!("'{k}'")).collect::<Vec<_>>().join(",")),
        format!("GREATEST({}) > 1", many(1_900, "urls", ",")),
        format!("{} = 'a'", many(1_300, "body", "||")),
        format!("CASE {} END", many(300, "WHEN urls > 1 THEN urls < 2", " ")),
        format!("{}urls{} > 1", "ABS(".repeat(60), ")".repeat(60)),
        format!("title LIKE '{}'", "%a_b".repeat(400)),
    ];
    let columns = columns();
    let compiled: Vec<(String, Compiled)> = dearest
        .into_iter()
        .map(|sql| (sql.clone(), compile_condition(&sql, &columns).unwrap_or_else(|e| panic!("{e}"))))
        .collect();
    compiled.iter().for_each(|(sql, compiled)| is_within_bounds(sql, compiled));
    answers(&compiled, 1_000);
    // A cell that would outgrow its bound is null: ten to the power of sixty bytes are never asked for.
    let bomb = [(bomb.clone(), compile_condition(&bomb, &columns).unwrap())];
    assert_eq!(answers(&bomb, 4)[0], [None, None, Some(false), None]);
}
