//! The document: sections of blocks whose every number is a [`Number`]. Written as JSON it is `report.json`; the page is drawn from it
//! alone. Texts in it are shortened, and hidden characters spelt out.

use serde::Serialize;

use super::number::Number;

/// The form of `report.json`; raised when a reader of the earlier form would misread it.
pub const REPORT_SCHEMA: &str = "stallmark/report/1";

/// The report of a night.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// [`REPORT_SCHEMA`].
    pub schema: &'static str,
    /// What it is the report of.
    pub title: String,
    /// The night.
    pub as_of: String,
    /// How the run ended.
    pub status: Status,
    /// Versions and ids, by name.
    pub facts: Vec<Fact>,
    /// Sections, in reading order.
    pub sections: Vec<Section>,
}

/// What a badge says: a word, and how much it matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// How much it matters.
    pub tone: Tone,
    /// In a word or two.
    pub text: String,
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing is judged.
    Plain,
    /// As it should be.
    Good,
    /// It cannot be judged.
    Unknown,
    /// A person should look.
    Warning,
    /// It stops something.
    Bad,
}

/// A name and its value as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// As it is written.
    pub text: String,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Its anchor.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// How much of it needs a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Note(Note),
    /// A few numbers, large.
    Tiles(Tiles),
    /// A table.
    Table(Table),
    /// Numbers over nights.
    Lines(Lines),
    /// Numbers side by side.
    Bars(Bars),
    /// Findings, each with a state.
    List(List),
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// How much it matters.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// A few numbers, large.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tiles {
    /// They.
    pub tiles: Vec<Tile>,
}

/// A large number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The number.
    pub number: Number,
    /// How much it matters.
    pub tone: Tone,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Cells by row, as many as columns.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that the page has no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Number>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "cell", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing applies.
    Empty,
    /// Words.
    Text {
        /// They.
        text: String,
    },
    /// An id.
    Code {
        /// As it is written.
        text: String,
    },
    /// A number.
    Number(Number),
    /// A state.
    Status(Status),
    /// An id with a page of its own.
    Case {
        /// As it is written.
        text: String,
        /// The number of `case-<n>.html`.
        page: u32,
    },
}

/// Series over nights, drawn small and side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lines {
    /// What they show.
    pub caption: String,
    /// The first night and the last.
    pub days: [String; 2],
    /// The series.
    pub series: Vec<Series>,
    /// Series that the page has no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Number>,
}

/// A number over nights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Of what.
    pub name: String,
    /// What the drawing shows, in a sentence.
    pub description: String,
    /// The ends of the upright axis.
    pub axis: [Number; 2],
    /// Nights with a figure.
    pub points: Vec<Point>,
}

/// A number of one night.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The night.
    pub day: String,
    /// Nights since the first of the axis.
    pub nights: u32,
    /// The number.
    pub number: Number,
}

/// Numbers side by side, each with its interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bars {
    /// What they show.
    pub caption: String,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Bars that the page has no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Number>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Of what.
    pub label: String,
    /// The number.
    pub number: Number,
}

/// Findings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct List {
    /// What they are.
    pub caption: String,
    /// The findings.
    pub items: Vec<Item>,
    /// Those that the page has no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Number>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its state.
    pub status: Status,
    /// What it is about.
    pub name: String,
    /// What was found.
    pub text: String,
    /// Its numbers by name.
    pub numbers: Vec<Tile>,
    /// More, a line each: examples, movers.
    pub lines: Vec<String>,
}

impl Document {
    /// `report.json`.
    ///
    /// # Errors
    /// When a value has no JSON form, which none of a document has.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }

    /// The page.
    ///
    /// # Errors
    /// When the template fails, which no document can bring about.
    pub fn html(&self) -> Result<String, askama::Error> {
        super::page::page_of(self)
    }
}

impl Cell {
    /// Words, shortened.
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text { text: super::shown(text, 160) } }
    }

    /// An id, shortened.
    pub(super) fn code(text: &str) -> Self {
        Self::Code { text: super::shown(text, 60) }
    }

    /// A count.
    pub(super) fn count(count: u64) -> Self {
        Self::Number(Number::count(count))
    }
}

impl Block {
    /// A paragraph that says `text`.
    pub(super) fn note(tone: Tone, text: &str) -> Self {
        Self::Note(Note { tone, text: super::shown(text, 600) })
    }
}
