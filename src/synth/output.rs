//! Rows of one neighbourhood and one seller, in order, into the sink, counted on the way.

use crate::tables::TableRow;
use crate::units::Timestamp;

use super::block::Block;
use super::labels::Label;
use super::life::{self, Ledger, Tally};
use super::plan::Plan;
use super::seller::Seller;
use super::treatment::Book;
use super::truth::{ContentTruth, SellerTruth, TruthRow};
use super::versions::Item;
use super::{SynthError, SynthSink, SynthSummary, World};

/// The sink with its counts.
pub(super) struct Output<'a> {
    pub(super) sink: &'a mut dyn SynthSink,
    pub(super) summary: SynthSummary,
}

impl Output<'_> {
    pub(super) fn block(&mut self, world: &World, block: &Block) -> Result<(), SynthError> {
        for truth in block.campaign_truths(world) {
            self.truth(TruthRow::Campaign(truth))?;
        }
        for truth in block.reporter_truths(world) {
            self.truth(TruthRow::Reporter(truth))?;
        }
        Ok(())
    }

    pub(super) fn seller(&mut self, world: &World, block: &Block, seller: &Seller, n_items: u64) -> Result<(), SynthError> {
        self.summary.sellers += 1;
        for row in seller.rows(world)? {
            self.row(TableRow::Sellers(row))?;
        }
        self.truth(TruthRow::Seller(SellerTruth {
            seller_id: seller.id.clone(),
            honesty: seller.honesty,
            ring_id: seller.ring.map(|r| block.ring_id(r)),
            campaign_ids: seller.joined.iter().map(|c| block.campaigns[*c].id.clone()).collect(),
            brigade_victim: seller.brigade.is_some(),
        }))?;
        let mut plans: Vec<Plan> = (0..n_items).map(|i| Plan::draw(world, block, seller, i)).collect();
        plans.sort_by_key(|p| (p.at, p.index));
        let (mut ledger, mut book) = (Ledger::default(), Book::default());
        for plan in plans {
            let item = Item::write(world, block, seller, plan);
            let tally = life::live(world, block, seller, &item, (&mut ledger, &mut book));
            self.item(block, seller, &item, tally)?;
            self.ledger(&mut ledger)?;
        }
        book.decisions.sort_by(|a, b| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
        book.actions.sort_by(|a, b| (a.started_at, &a.action_id).cmp(&(b.started_at, &b.action_id)));
        for row in book.decisions {
            self.row(TableRow::Decisions(row))?;
        }
        for row in book.actions {
            self.row(TableRow::Actions(row))?;
        }
        Ok(())
    }

    pub(super) fn item(&mut self, block: &Block, seller: &Seller, item: &Item, tally: Tally) -> Result<(), SynthError> {
        self.summary.content += 1;
        for row in item.rows(seller)? {
            self.row(TableRow::Content(Box::new(row)))?;
        }
        let plan = &item.plan;
        let only_switched = plan.labels.iter().eq([Label::SwitchedListing]);
        let since = if only_switched { plan.switched_at } else { (!plan.labels.is_empty()).then_some(plan.at) };
        self.truth(TruthRow::Content(Box::new(ContentTruth {
            content_id: item.id.clone(),
            labels: plan.labels.iter().map(|l| l.spec().id).collect(),
            violating_since: since.map(Timestamp),
            switched_at: plan.switched_at.map(Timestamp),
            campaign_id: plan.campaign.map(|c| block.campaigns[c].id.clone()),
            ring_id: seller.ring.map(|r| block.ring_id(r)),
            copied_from: item.copied_from.clone(),
            disguise: plan.disguise,
            views_total: tally.views,
            views_untreated: tally.views_untreated,
            bad_faith_reports: tally.bad_faith_reports,
        })))
    }

    pub(super) fn ledger(&mut self, ledger: &mut Ledger) -> Result<(), SynthError> {
        for row in ledger.engagement.drain(..) {
            self.row(TableRow::Engagement(row))?;
        }
        for row in ledger.reports.drain(..) {
            self.row(TableRow::Reports(row))?;
        }
        for row in ledger.after_sales.drain(..) {
            self.row(TableRow::AfterSales(row))?;
        }
        Ok(())
    }

    pub(super) fn row(&mut self, row: TableRow) -> Result<(), SynthError> {
        let n = match &row {
            TableRow::Content(_) => &mut self.summary.content_rows,
            TableRow::Engagement(_) => &mut self.summary.engagement_rows,
            TableRow::Sellers(_) => &mut self.summary.seller_rows,
            TableRow::Decisions(_) => &mut self.summary.decision_rows,
            TableRow::Actions(_) => &mut self.summary.action_rows,
            TableRow::Reports(_) => &mut self.summary.report_rows,
            TableRow::AfterSales(_) => &mut self.summary.after_sales_rows,
        };
        *n += 1;
        self.sink.row(row).map_err(|source| SynthError::Sink { source })
    }

    pub(super) fn truth(&mut self, row: TruthRow) -> Result<(), SynthError> {
        self.sink.truth(row).map_err(|source| SynthError::Sink { source })
    }
}
