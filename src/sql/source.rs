//! The expression's text as tokens with their places, within the bounds on length and nesting.
//!
//! In: the text. Out: tokens, addressed by index, from which any part of the expression can be underlined exactly; or an error
//! for what no expression may contain. Words and signs that open whole other parts of SQL are refused here, before the parser
//! sees them: the place is then exact, and the parser's attempts to make sense of them cost nothing.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Token, Tokenizer, Whitespace, Word};

use super::dialect::ExpressionDialect;
use super::error::SqlError;
use super::place::Place;

/// Characters that an expression may have.
pub(super) const MAX_CHARACTERS: usize = 10_000;
/// Tokens that an expression may have. Bounds the height of the parser's tree, which is dropped recursively.
const MAX_TOKENS: usize = 4_000;
/// Levels of nesting that an expression may have.
pub(super) const MAX_DEPTH: usize = 64;

/// One token, and the characters it takes up.
#[derive(Debug, Clone)]
struct Lexeme {
    token: Token,
    start: usize,
    end: usize,
}

/// Tokens `first..=last`, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Extent {
    /// From the beginning of `self` to the end of `other`.
    pub(super) fn to(self, other: Self) -> Self {
        Self { first: self.first, last: other.last }
    }
}

/// The text and its tokens, without white space and comments.
#[derive(Debug)]
pub(super) struct Source<'a> {
    sql: &'a str,
    lexemes: Vec<Lexeme>,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    /// Splits `sql` into tokens.
    ///
    /// # Errors
    /// When the text breaks off inside a token, passes a bound, or holds a token that no expression may contain. `is_column`
    /// tells which words are columns and so mean nothing else.
    pub(super) fn read(sql: &'a str, is_column: impl Fn(&str) -> bool) -> Result<Self, SqlError> {
        let mut line_starts = vec![0];
        for (idx, c) in sql.chars().enumerate() {
            if idx == MAX_CHARACTERS {
                let place = Place::new(sql, idx, idx + 1);
                return Err(SqlError::TooLong { limit: MAX_CHARACTERS, unit: "characters", place });
            }
            if c == '\n' {
                line_starts.push(idx + 1);
            }
        }
        let mut source = Self { sql, lexemes: Vec::new(), line_starts };
        let tokens = Tokenizer::new(&ExpressionDialect, sql).tokenize_with_location().map_err(|error| {
            let start = source.offset(error.location);
            SqlError::Syntax { message: reword(&error.message), place: Place::new(sql, start, start + 1) }
        })?;
        for token in tokens {
            if !matches!(token.token, Token::Whitespace(_) | Token::EOF) {
                let (start, end) = (source.offset(token.span.start), source.offset(token.span.end));
                source.lexemes.push(Lexeme { token: token.token, start, end });
            } else if let Token::Whitespace(Whitespace::MultiLineComment(comment)) = &token.token
                && comment.starts_with('!')
            {
                let (start, end) = (source.offset(token.span.start), source.offset(token.span.end));
                let what = "a comment that a server would execute is not allowed".to_owned();
                return Err(SqlError::NotAllowed { what, place: Place::new(sql, start, end) });
            }
        }
        if source.lexemes.is_empty() {
            return Err(SqlError::Syntax { message: "there is nothing in it".to_owned(), place: Place::new(sql, 0, 0) });
        }
        source.check(is_column)?;
        Ok(source)
    }

    /// The text.
    pub(super) fn sql(&self) -> &'a str {
        self.sql
    }

    /// The place of `extent`.
    pub(super) fn place(&self, extent: Extent) -> Place {
        let start = self.lexemes.get(extent.first).map_or(0, |l| l.start);
        let end = self.lexemes.get(extent.last).map_or(start, |l| l.end);
        Place::new(self.sql, start, end)
    }

    /// The text of `extent`.
    pub(super) fn text(&self, extent: Extent) -> String {
        let start = self.lexemes.get(extent.first).map_or(0, |l| l.start);
        let end = self.lexemes.get(extent.last).map_or(start, |l| l.end);
        self.sql.chars().skip(start).take(end - start).collect()
    }

    /// All of the expression.
    pub(super) fn whole(&self) -> Extent {
        Extent { first: 0, last: self.lexemes.len().saturating_sub(1) }
    }

    /// The token that stands at `location`, or where the text ends.
    pub(super) fn place_at(&self, location: Option<Location>) -> Place {
        let end = self.lexemes.last().map_or(0, |l| l.end);
        let start = location.filter(|l| l.line > 0).map_or(end, |l| self.offset(l));
        let found = self.lexemes.iter().find(|l| (l.start..l.end).contains(&start));
        Place::new(self.sql, start, found.map_or(start + 1, |l| l.end))
    }

    /// The token that begins at `location`.
    pub(super) fn token_at(&self, location: Location) -> Extent {
        let start = self.offset(location);
        let idx = self.lexemes.partition_point(|l| l.start < start).min(self.whole().last);
        Extent { first: idx, last: idx }
    }

    /// The parenthesis that closes the one at token `open` or, where there is none, the last token.
    pub(super) fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (idx, lexeme) in self.lexemes.iter().enumerate().skip(open) {
            match lexeme.token {
                Token::LParen => depth += 1,
                Token::RParen if depth <= 1 => return idx,
                Token::RParen => depth -= 1,
                _ => {}
            }
        }
        self.whole().last
    }

    /// The first token after `idx` that is an opening parenthesis.
    pub(super) fn next_open(&self, idx: usize) -> usize {
        let rest = self.lexemes.iter().enumerate().skip(idx + 1);
        rest.filter(|(_, l)| l.token == Token::LParen).map(|(idx, _)| idx).next().unwrap_or(self.whole().last)
    }

    /// Characters before `location`, at most all of them.
    fn offset(&self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(1).max(1) - 1;
        let column = usize::try_from(location.column).unwrap_or(1).max(1) - 1;
        self.line_starts.get(line).or(self.line_starts.last()).map_or(0, |start| start + column)
    }

    /// Refuses what no expression may contain.
    fn check(&self, is_column: impl Fn(&str) -> bool) -> Result<(), SqlError> {
        let mut depth = 0_usize;
        for (idx, lexeme) in self.lexemes.iter().enumerate() {
            let place = || self.place(Extent { first: idx, last: idx });
            let before = idx.checked_sub(1).and_then(|i| self.lexemes.get(i)).map(|l| &l.token);
            let after = self.lexemes.get(idx + 1).map(|l| &l.token);
            if idx == MAX_TOKENS {
                return Err(SqlError::TooLong { limit: MAX_TOKENS, unit: "words and signs", place: place() });
            }
            let refusal = match &lexeme.token {
                Token::LParen => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(SqlError::TooDeep { limit: MAX_DEPTH, place: place() });
                    }
                    None
                }
                Token::RParen => {
                    depth = depth.saturating_sub(1);
                    None
                }
                Token::Word(word) => refused_word(word, before, after, &is_column),
                token => refused_sign(token),
            };
            if let Some(what) = refusal {
                return Err(SqlError::NotAllowed { what: what.to_owned(), place: place() });
            }
        }
        Ok(())
    }
}

/// Why `word` may not stand between `before` and `after`, if it may not.
fn refused_word(
    word: &Word,
    before: Option<&Token>,
    after: Option<&Token>,
    is_column: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    if word.quote_style.is_some() {
        return None;
    }
    let call = after == Some(&Token::LParen);
    match word.keyword {
        Keyword::SELECT | Keyword::EXISTS | Keyword::UNNEST => Some("a query inside an expression is not allowed"),
        Keyword::INTERVAL => Some("an interval is not allowed (a column of this name is written \"interval\")"),
        Keyword::ARRAY => Some("an array is not allowed (a column of this name is written \"array\")"),
        _ if is_column(&word.value) && !call => None,
        Keyword::OVER if before == Some(&Token::RParen) => Some("a window function is not allowed: an expression sees one row"),
        Keyword::FILTER | Keyword::WITHIN if before == Some(&Token::RParen) => {
            Some("an aggregate is not allowed: an expression sees one row")
        }
        Keyword::DISTINCT => Some("DISTINCT is not allowed: compare with =, or test with IS NULL"),
        Keyword::ANY | Keyword::ALL | Keyword::SOME if call => Some("ANY, ALL and SOME are not allowed: write IN (…) or OR"),
        Keyword::SIMILAR | Keyword::REGEXP | Keyword::RLIKE => {
            Some("regular expressions are not allowed: write LIKE, ILIKE or CONTAINS")
        }
        Keyword::CONVERT | Keyword::TRY_CONVERT if call => Some("CONVERT is not allowed: write CAST(x AS type)"),
        Keyword::SAFE_CAST if call => Some("SAFE_CAST is not allowed: write TRY_CAST(x AS type)"),
        Keyword::EXTRACT | Keyword::OVERLAY if call => Some("this function is not allowed"),
        Keyword::COLLATE => Some("COLLATE is not allowed: text is compared by its bytes"),
        Keyword::XOR => Some("XOR is not allowed: write <>"),
        Keyword::OVERLAPS | Keyword::OPERATOR | Keyword::DIV | Keyword::MEMBER => Some("this operator is not allowed"),
        Keyword::AT if matches!(after, Some(Token::Word(w)) if w.keyword == Keyword::TIME) => {
            Some("AT TIME ZONE is not allowed: timestamps are in UTC")
        }
        _ => None,
    }
}

/// Why `token` may not stand in an expression, if it may not.
fn refused_sign(token: &Token) -> Option<&'static str> {
    match token {
        Token::Number(_, false) | Token::SingleQuotedString(_) | Token::Comma | Token::LParen | Token::RParen => None,
        Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => None,
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => None,
        Token::Period => {
            Some("a qualified name is not allowed: a column whose name has a dot is written in double quotes, \"a.b\"")
        }
        Token::LBracket | Token::RBracket => Some("arrays and subscripts are not allowed"),
        Token::LBrace | Token::RBrace => Some("structs and maps are not allowed"),
        Token::DoubleColon => Some("`::` is not allowed: write CAST(x AS type)"),
        Token::Arrow | Token::LongArrow | Token::Colon | Token::RArrow => Some("lambdas and paths into values are not allowed"),
        Token::SemiColon => Some("an expression ends without `;`"),
        Token::Placeholder(_) => Some("placeholders are not allowed"),
        Token::Number(_, true) => Some("a number has no suffix"),
        _ => Some("this operator or kind of literal is not allowed"),
    }
}

/// The parser's message as a fragment of ours.
pub(super) fn reword(message: &str) -> String {
    let message = message.trim_end_matches('.').replace("Expected: ", "Expected ");
    let message = message.replace("found: EOF", "but the expression ends here").replace("found: ", "found ");
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
