//! One case, told so that a stranger understands it: why an item has the score and the treatment that it has (DESIGN.md §7).
//!
//! Input: what `run` gathered of one item, of the same builder and scorer as the nightly run. Output: a [`Case`], and its renderings
//! as text for a terminal and as a page. Nothing in a rendering acts: what a seller wrote is escaped, control and bidirectional
//! characters are spelt out, contact details masked unless asked for (DESIGN.md §11, promises 4 and 7). Deliberately not here: reading
//! data, scoring, files.

mod case;
mod credit;
mod document;
mod page;
mod policy_case;
mod spans;
mod story;
mod terminal;
mod visible;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use case::{
    CASE_SCHEMA, Case, Change, ChangeCase, CopyCase, CopyMember, Count, EngagementLine, EventLine, Fact, FeaturePart, ItemCase,
    LabelCase, LabelScore, NO_TEXT, ReportCase, RingCase, ScoreCase, SellerCase, SharedContact,
};
pub use policy_case::{PolicyCase, PolicySummary, ReadValue};
pub use spans::{ContactPolicy, TextCase, TextPart, TextSegment, TextSpan, TextTrait};
pub use terminal::TerminalStyle;
pub use visible::{is_hidden, shortened, visible};

/// What a feature measures and its value as a person reads them: `ln(1 + pictures)` of 2.2 is 8 `pictures`.
#[must_use]
pub fn natural_value(what: &str, value: Option<f32>) -> (String, String) {
    story::natural(what, value)
}

/// The most copies, sellers of a ring or shared contacts that are listed.
pub const MOST_MEMBERS: usize = 12;

impl Case {
    /// The case as lines of text.
    #[must_use]
    pub fn text(&self, style: TerminalStyle) -> String {
        terminal::text_of(&story::document_of(self), style)
    }

    /// The case as a page of HTML that needs nothing else.
    ///
    /// # Errors
    /// When the template fails, which no case can bring about.
    pub fn html(&self) -> Result<String, askama::Error> {
        page::page_of(&story::document_of(self))
    }
}
