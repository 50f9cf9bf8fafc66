//! The document as one page of HTML: no script, nothing loaded, everything escaped by the template.
//!
//! A number is drawn as `<data value data-figure data-n>`: `data-figure` is the JSON pointer of the number in `report.json`, `value` its
//! exact value.

use askama::Template;

use super::document::{Block, Cell, Document, Item, Lines, Section, Series, Status, Table, Tile, Tone};
use super::draw::{BarShape, LineShape, bar_shapes, line_box, line_shape};
use super::format::{Written, exact, written};
use super::number::Number;

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    document: &'a Document,
    sections: Vec<SectionView<'a>>,
}

struct SectionView<'a> {
    section: &'a Section,
    blocks: Vec<BlockView<'a>>,
}

/// A block as the template takes it.
enum BlockView<'a> {
    Note((&'static str, &'a str)),
    Tiles(Vec<TileView<'a>>),
    Table(TableView<'a>),
    Lines(LinesView<'a>),
    Bars(BarsView<'a>),
    List(ListView<'a>),
}

/// A number, ready to print.
struct NumberView {
    pointer: String,
    value: String,
    n: String,
    written: Written,
}

struct TileView<'a> {
    label: &'a str,
    tone: &'static str,
    number: NumberView,
}

struct TableView<'a> {
    id: String,
    caption: &'a str,
    columns: &'a [String],
    rows: Vec<Vec<CellView<'a>>>,
    left_out: Option<NumberView>,
}

enum CellView<'a> {
    Empty,
    Text((&'static str, &'a str)),
    Code(&'a str),
    Number(NumberView),
    Status((&'static str, &'a str)),
    Case((u32, &'a str)),
}

struct LinesView<'a> {
    id: String,
    lines: &'a Lines,
    view_box: String,
    series: Vec<SeriesView<'a>>,
    left_out: Option<NumberView>,
}

struct SeriesView<'a> {
    id: String,
    series: &'a Series,
    shape: LineShape,
    high: NumberView,
    points: Vec<(&'a str, NumberView)>,
    last: Option<NumberView>,
}

struct BarsView<'a> {
    id: String,
    caption: &'a str,
    bars: Vec<(&'a str, BarShape, NumberView)>,
    left_out: Option<NumberView>,
}

struct ListView<'a> {
    id: String,
    caption: &'a str,
    items: Vec<ItemView<'a>>,
    left_out: Option<NumberView>,
}

struct ItemView<'a> {
    item: &'a Item,
    tone: &'static str,
    numbers: Vec<TileView<'a>>,
}

impl Tone {
    /// Its class in the style sheet.
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// The document as a page.
///
/// # Errors
/// When the template fails, which none of its values can bring about.
pub(super) fn page_of(document: &Document) -> Result<String, askama::Error> {
    let section = |(at, section)| section_view(section, at);
    let sections = document.sections.iter().enumerate().map(section).collect();
    Page { document, sections }.render()
}

fn section_view(section: &Section, at: usize) -> SectionView<'_> {
    let block = |(block_at, block)| block_view(block, &format!("/sections/{at}/blocks/{block_at}"), format!("b{at}-{block_at}"));
    SectionView { section, blocks: section.blocks.iter().enumerate().map(block).collect() }
}

fn block_view<'a>(block: &'a Block, pointer: &str, id: String) -> BlockView<'a> {
    let more = |number: Option<&Number>| number.map(|number| number_view(number, format!("{pointer}/left_out")));
    match block {
        Block::Note(note) => BlockView::Note((note.tone.class(), &note.text)),
        Block::Tiles(tiles) => BlockView::Tiles(tile_views(&tiles.tiles, &format!("{pointer}/tiles"))),
        Block::Table(table) => BlockView::Table(table_view(table, pointer, id)),
        Block::Lines(lines) => BlockView::Lines(lines_view(lines, pointer, id)),
        Block::Bars(bars) => {
            let shapes = bar_shapes(bars).into_iter().zip(&bars.bars).enumerate();
            let bar = |(at, (shape, bar)): (usize, (BarShape, &'a super::Bar))| {
                (bar.label.as_str(), shape, number_view(&bar.number, format!("{pointer}/bars/{at}/number")))
            };
            BlockView::Bars(BarsView {
                id,
                caption: &bars.caption,
                bars: shapes.map(bar).collect(),
                left_out: more(bars.left_out.as_ref()),
            })
        }
        Block::List(list) => {
            let item = |(at, item): (usize, &'a Item)| ItemView {
                item,
                tone: item.status.tone.class(),
                numbers: tile_views(&item.numbers, &format!("{pointer}/items/{at}/numbers")),
            };
            let items = list.items.iter().enumerate().map(item).collect();
            BlockView::List(ListView { id, caption: &list.caption, items, left_out: more(list.left_out.as_ref()) })
        }
    }
}

fn number_view(number: &Number, pointer: String) -> NumberView {
    let n = number.n.map(|n| n.to_string()).unwrap_or_default();
    NumberView { pointer, value: exact(number.value), n, written: written(number) }
}

fn tile_views<'a>(tiles: &'a [Tile], pointer: &str) -> Vec<TileView<'a>> {
    let view = |(at, tile): (usize, &'a Tile)| TileView {
        label: &tile.label,
        tone: tile.tone.class(),
        number: number_view(&tile.number, format!("{pointer}/{at}/number")),
    };
    tiles.iter().enumerate().map(view).collect()
}

fn table_view<'a>(table: &'a Table, pointer: &str, id: String) -> TableView<'a> {
    let cell = |cell: &'a Cell, at: [usize; 2]| match cell {
        Cell::Empty => CellView::Empty,
        Cell::Text { text } => CellView::Text((if text.chars().count() > 24 { "long" } else { "short" }, text)),
        Cell::Code { text } => CellView::Code(text),
        Cell::Number(number) => CellView::Number(number_view(number, format!("{pointer}/rows/{}/{}", at[0], at[1]))),
        Cell::Status(Status { tone, text }) => CellView::Status((tone.class(), text)),
        Cell::Case { text, page } => CellView::Case((*page, text)),
    };
    let row = |(row_at, cells): (usize, &'a Vec<Cell>)| {
        cells.iter().enumerate().map(|(at, one)| cell(one, [row_at, at])).collect::<Vec<_>>()
    };
    TableView {
        id,
        caption: &table.caption,
        columns: &table.columns,
        rows: table.rows.iter().enumerate().map(row).collect(),
        left_out: table.left_out.as_ref().map(|number| number_view(number, format!("{pointer}/left_out"))),
    }
}

fn lines_view<'a>(lines: &'a Lines, pointer: &str, id: String) -> LinesView<'a> {
    let nights = lines.series.iter().flat_map(|series| &series.points).map(|point| point.nights).max().unwrap_or_default();
    let series = |(at, series): (usize, &'a Series)| {
        let here = format!("{pointer}/series/{at}");
        let point = |(at, point): (usize, &'a super::Point)| {
            (point.day.as_str(), number_view(&point.number, format!("{here}/points/{at}/number")))
        };
        SeriesView {
            id: format!("{id}-{at}"),
            series,
            shape: line_shape(series, nights),
            high: number_view(&series.axis[1], format!("{here}/axis/1")),
            points: series.points.iter().enumerate().map(point).collect(),
            last: series.points.iter().enumerate().map(point).next_back().map(|(_, number)| number),
        }
    };
    LinesView {
        lines,
        view_box: line_box(),
        series: lines.series.iter().enumerate().map(series).collect(),
        left_out: lines.left_out.as_ref().map(|number| number_view(number, format!("{pointer}/left_out"))),
        id,
    }
}
