//! Markets: ISO 3166 alpha-2 country codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An ISO 3166 alpha-2 code in upper case, for instance `SG`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Market([u8; 2]);

/// The text is not two ASCII letters.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a market: expected two letters of ISO 3166 alpha-2, for instance SG")]
pub struct MarketError {
    /// The text that was given.
    pub text: String,
}

impl Market {
    /// The first of all in their order.
    pub const FIRST: Self = Self(*b"AA");

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for Market {
    type Err = MarketError;

    /// Case does not matter and surrounding white space is dropped.
    fn from_str(text: &str) -> Result<Self, MarketError> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(MarketError { text: text.chars().take(40).collect() }),
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
