//! The SQL that the parser is told to accept, and parsing itself.
//!
//! In: text that `source` has let through. Out: the parser's tree of one whole expression.

use sqlparser::ast::Expr;
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token};

use super::error::SqlError;
use super::source::{MAX_DEPTH, Source, reword};

/// Calls of the parser within each other. One level of nesting takes several, one for each precedence.
const PARSER_DEPTH: usize = 8 * MAX_DEPTH;

/// Standard SQL and nothing else: `"x"` is a name, `'x'` is text without escapes, and no dialect's extensions.
#[derive(Debug)]
pub(super) struct ExpressionDialect;

impl Dialect for ExpressionDialect {
    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"'
    }

    /// Otherwise the parser reads a malformed `CASE` or `CAST` a second time as a name, and doubles its work at every level.
    fn is_reserved_for_identifier(&self, _: Keyword) -> bool {
        true
    }

    /// `POSITION(x IN y)`, which the parser would try twice at every level.
    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let is_position = matches!(&parser.peek_nth_token_ref(0).token, Token::Word(w) if w.quote_style.is_none() && w.keyword == Keyword::POSITION);
        if !is_position || parser.peek_nth_token_ref(1).token != Token::LParen {
            return None;
        }
        parser.advance_token();
        Some(self.position(parser))
    }
}

impl ExpressionDialect {
    fn position(&self, parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
        parser.expect_token(&Token::LParen)?;
        let expr = Box::new(parser.parse_subexpr(self.prec_value(Precedence::Between))?);
        parser.expect_keyword_is(Keyword::IN)?;
        let r#in = Box::new(parser.parse_expr()?);
        parser.expect_token(&Token::RParen)?;
        Ok(Expr::Position { expr, r#in })
    }
}

/// Parses all of `source` as one expression.
///
/// # Errors
/// When it is none, or one with something behind it.
pub(super) fn parse(source: &Source<'_>) -> Result<Expr, SqlError> {
    let read = |parser: Parser<'_>| -> Result<Expr, ParserError> {
        let mut parser = parser.with_recursion_limit(PARSER_DEPTH).try_with_sql(source.sql())?;
        let expr = parser.parse_expr()?;
        match parser.peek_token().token {
            Token::EOF => Ok(expr),
            _ => parser.expected("the end of the expression or an operator", parser.peek_token()),
        }
    };
    read(Parser::new(&ExpressionDialect)).map_err(|error| match error {
        ParserError::RecursionLimitExceeded => SqlError::TooDeep { limit: MAX_DEPTH, place: source.place(source.whole()) },
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            let (message, location) = split_location(&text);
            SqlError::Syntax { message: reword(message), place: source.place_at(location) }
        }
    })
}

/// The parser writes the place behind the message, ` at Line: 1, Column: 5`, and nothing at the end of the text.
fn split_location(text: &str) -> (&str, Option<Location>) {
    let found = text.rsplit_once(" at Line: ").and_then(|(message, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some((message, Location::new(line.trim().parse().ok()?, column.trim().parse().ok()?)))
    });
    found.map_or((text, None), |(message, location)| (message, Some(location)))
}
