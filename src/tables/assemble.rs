//! Checked cells → rows.
//!
//! Input: the cells of a table's columns in the order of the schema. Output: the row at a given place. Each cell is moved out,
//! so a row is taken once.

use crate::config::TableName;
use crate::units::{AfterSalesKind, ContentType, Day, DecidedBy, Id, Market, SelectedBy, Timestamp, Treatment, Verdict};

use super::cells::Cells;
use super::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow, TableRow};

/// The cells of one row, taken from left to right.
pub(super) struct RowCells<'a> {
    cells: std::slice::IterMut<'a, Cells>,
    row: usize,
}

/// Takes the next cell as one kind; another kind, which the schema rules out, reads as null.
macro_rules! take {
    ($($name:ident: $variant:ident -> $value:ty),+ $(,)?) => {$(
        fn $name(&mut self) -> Option<$value> {
            match self.cells.next() {
                Some(Cells::$variant(cells)) => cells.get_mut(self.row).and_then(Option::take),
                _ => None,
            }
        }
    )+};
}

impl RowCells<'_> {
    take! {
        id: Ids -> Id,
        text: Texts -> String,
        count: Counts -> u64,
        number: Numbers -> f64,
        time: Times -> Timestamp,
        day: Days -> Day,
        flag: Flags -> bool,
        market: Markets -> Market,
        list: Lists -> Vec<f32>,
        content_type: ContentTypes -> ContentType,
        verdict: Verdicts -> Verdict,
        decided_by: Deciders -> DecidedBy,
        selected_by: Selections -> SelectedBy,
        treatment: Treatments -> Treatment,
        after_sales: AfterSales -> AfterSalesKind,
    }

    fn small(&mut self) -> Option<f32> {
        self.number().map(|n| n as f32)
    }
}

/// The row of `table` at `row`, whose cells are in the order of the schema, `x_*` columns last. `None` when a required cell is
/// null.
pub(super) fn assemble(table: TableName, cells: &mut [Cells], row: usize) -> Option<TableRow> {
    let mut c = RowCells { cells: cells.iter_mut(), row };
    Some(match table {
        TableName::Content => TableRow::Content(Box::new(content(&mut c)?)),
        TableName::Sellers => TableRow::Sellers(seller(&mut c)?),
        TableName::Engagement => TableRow::Engagement(engagement(&mut c)?),
        TableName::Decisions => TableRow::Decisions(decision(&mut c)?),
        TableName::Actions => TableRow::Actions(action(&mut c)?),
        TableName::Reports => TableRow::Reports(report(&mut c)?),
        TableName::AfterSales => TableRow::AfterSales(after_sales(&mut c)?),
    })
}

// Fields are evaluated in the order written, which is the order of the schema.

fn content(c: &mut RowCells<'_>) -> Option<ContentRow> {
    Some(ContentRow {
        content_id: c.id()?,
        valid_from: c.time(),
        content_type: c.content_type()?,
        market: c.market()?,
        published_at: c.time()?,
        seller_id: c.id(),
        creator_id: c.id(),
        language: c.id(),
        category: c.id(),
        title: c.text(),
        body: c.text(),
        price: c.number(),
        list_price: c.number(),
        currency: c.id(),
        rating: c.small(),
        duration_s: c.number(),
        image_count: c.count(),
        media_hash: c.id(),
        embedding: c.list(),
        ingested_at: c.time(),
        extra: std::iter::from_fn(|| (c.cells.len() > 0).then(|| c.small())).collect(),
    })
}

fn seller(c: &mut RowCells<'_>) -> Option<SellerRow> {
    Some(SellerRow {
        seller_id: c.id()?,
        valid_from: c.time(),
        registered_at: c.time(),
        market: c.market(),
        tier: c.id(),
        kyc_verified: c.flag(),
        followers: c.count(),
        rating: c.small(),
        rating_count: c.count(),
        late_dispatch_rate: c.small(),
        cancel_rate: c.small(),
        ingested_at: c.time(),
    })
}

fn engagement(c: &mut RowCells<'_>) -> Option<EngagementRow> {
    Some(EngagementRow {
        content_id: c.id()?,
        day: c.day()?,
        impressions: c.count(),
        views: c.count(),
        watch_s: c.number(),
        likes: c.count(),
        comments: c.count(),
        shares: c.count(),
        clicks: c.count(),
        orders: c.count(),
        refunds: c.count(),
        gmv: c.number(),
        reports: c.count(),
        hides: c.count(),
        ingested_at: c.time(),
    })
}

fn decision(c: &mut RowCells<'_>) -> Option<DecisionRow> {
    Some(DecisionRow {
        decision_id: c.id()?,
        content_id: c.id()?,
        label: c.id()?,
        verdict: c.verdict()?,
        decided_at: c.time()?,
        reviewer_id: c.id(),
        decided_by: c.decided_by(),
        selected_by: c.selected_by(),
        inclusion_probability: c.number(),
        overturns: c.id(),
        golden_verdict: c.verdict(),
        minutes: c.number(),
        ingested_at: c.time(),
    })
}

fn action(c: &mut RowCells<'_>) -> Option<ActionRow> {
    Some(ActionRow {
        action_id: c.id()?,
        content_id: c.id(),
        seller_id: c.id(),
        treatment: c.treatment()?,
        policy_id: c.id(),
        started_at: c.time()?,
        ended_at: c.time(),
        reversed_by: c.id(),
        ingested_at: c.time(),
    })
}

fn report(c: &mut RowCells<'_>) -> Option<ReportRow> {
    Some(ReportRow {
        report_id: c.id()?,
        content_id: c.id()?,
        reporter_id: c.id(),
        reported_at: c.time()?,
        reason: c.id(),
        ingested_at: c.time(),
    })
}

fn after_sales(c: &mut RowCells<'_>) -> Option<AfterSalesRow> {
    Some(AfterSalesRow {
        event_id: c.id()?,
        content_id: c.id(),
        seller_id: c.id(),
        occurred_at: c.time()?,
        kind: c.after_sales()?,
        reason: c.id(),
        ingested_at: c.time(),
    })
}
