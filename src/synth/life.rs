//! An item's life, day by day: impressions decay from publication, people react, honest and foul reports come in, the desk takes
//! it up, and treatment takes traffic away from then on. Days are UTC days, the default of `[time] zone`.

use crate::tables::{AfterSalesRow, EngagementRow, ReportRow};
use crate::units::{AfterSalesKind, ContentType, Day, Id, Timestamp};

use super::block::{BRIGADE_SIZE, Block, Violating};
use super::desk::Desk;
use super::ids::{Kind, id};
use super::labels::Label;
use super::random::{Domain, Rng};
use super::reaction::{LATE_KINDS, Reaction};
use super::seller::Seller;
use super::treatment::Book;
use super::versions::Item;
use super::{DAY_US, World};

/// No item is followed longer than this many days.
const MAX_AGE: u32 = 60;
/// Days with fewer expected impressions than this end its life.
const NEGLIGIBLE: f64 = 0.04;
/// Traffic by weekday, Monday first; the mean is 1.
const WEEKDAYS: [f64; 7] = [0.92, 0.92, 0.95, 0.97, 1.04, 1.12, 1.08];

/// Rows of one seller's items, and the counters of their ids.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) engagement: Vec<EngagementRow>,
    pub(super) reports: Vec<ReportRow>,
    pub(super) after_sales: Vec<AfterSalesRow>,
    n_reports: u64,
    n_events: u64,
}

/// What an item's life came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) views: u64,
    pub(super) views_untreated: u64,
    pub(super) bad_faith_reports: u64,
}

/// Lives `item` through the window.
pub(super) fn live(
    world: &World,
    block: &Block,
    seller: &Seller,
    item: &Item,
    (ledger, book): (&mut Ledger, &mut Book),
) -> Tally {
    let plan = &item.plan;
    let mut rng = Rng::new(world.seed, Domain::Life, seller.index, plan.index);
    let reaction = Reaction::draw(plan, item.version_at(plan.at).duration_s, &mut rng);
    let desk_rng = Rng::new(world.seed, Domain::Life, seller.index, plan.index | (1 << 32));
    let mut desk = Desk::open((world, block), (seller, plan), &item.id, book, desk_rng);
    let mut tally = Tally::default();
    let first = (plan.at - world.start) / DAY_US;
    let mut n_reports = 0;
    for age in 0..MAX_AGE {
        let day = first + i64::from(age);
        let (from, until) = ((world.start + day * DAY_US).max(plan.at), world.start + (day + 1) * DAY_US);
        let lived = ((from - plan.at) as f64 / DAY_US as f64, (until - plan.at) as f64 / DAY_US as f64);
        let left = |t: f64| libm::exp(-t / reaction.life_days);
        let expected = reaction.impressions * (left(lived.0) - left(lived.1));
        if day >= i64::from(world.days) || (expected < NEGLIGIBLE && age > 0) {
            break;
        }
        let weekday = (i64::from(world.first_day.0) + day + 3).rem_euclid(7) as usize;
        let mood = rng.log_normal(-0.045, 0.3);
        let natural = rng.poisson(expected * WEEKDAYS[weekday] * mood);
        let natural_views = rng.binomial(natural, reaction.view_rate);
        let share = desk.share_of_traffic(from, until);
        let impressions = if share >= 1.0 { natural } else { rng.binomial(natural, share) };
        let views = if share >= 1.0 { natural_views } else { rng.binomial(natural_views, share).min(impressions) };
        tally.views += views;
        tally.views_untreated += natural_views;
        let mut today = Today { world, block, seller, item, from, until, rng: &mut rng, ledger };
        let foul = if impressions > 0 { today.foul_reports() } else { 0 };
        let fair = if views > 0 { today.fair_reports(views, reaction.reports) } else { 0 };
        tally.bad_faith_reports += foul;
        n_reports += foul + fair;
        if impressions > 0 {
            today.engagement(&reaction, Counts { day, impressions, views, reports: foul + fair });
        }
        if item.versions.iter().skip(1).any(|(at, _)| (from..until).contains(at)) {
            desk.edited(until);
        }
        desk.end_of_day(age, until, tally.views, n_reports);
    }
    tally
}

/// What was counted before the reactions of a day.
struct Counts {
    day: i64,
    impressions: u64,
    views: u64,
    reports: u64,
}

/// One day of one item.
struct Today<'a> {
    world: &'a World,
    block: &'a Block,
    seller: &'a Seller,
    item: &'a Item,
    from: i64,
    until: i64,
    rng: &'a mut Rng,
    ledger: &'a mut Ledger,
}

impl Today<'_> {
    fn engagement(&mut self, r: &Reaction, c: Counts) {
        let rng = &mut *self.rng;
        let draft = self.item.version_at(self.from);
        let clicks = rng.binomial(c.views, r.clicks);
        let orders = rng.binomial(clicks, r.orders);
        let film = matches!(self.item.plan.kind, ContentType::Video | ContentType::Live);
        let sells = film || self.item.plan.kind == ContentType::Listing;
        let gmv = orders as f64 * self.seller.place().price(draft.price);
        let watch = r.watch_s.map(|s| (c.views as f64 * s * rng.log_normal(-0.02, 0.2) * 10.0).round() / 10.0);
        self.ledger.engagement.push(EngagementRow {
            content_id: self.item.id.clone(),
            day: Day(self.world.first_day.0 + c.day as i32),
            impressions: Some(c.impressions),
            views: Some(c.views),
            watch_s: watch,
            likes: Some(rng.binomial(c.views, r.likes)),
            comments: Some(rng.binomial(c.views, r.comments)),
            shares: Some(rng.binomial(c.views, r.shares)),
            clicks: sells.then_some(clicks),
            orders: sells.then_some(orders),
            refunds: sells.then(|| rng.binomial(orders, r.refunds)),
            gmv: sells.then_some((gmv * 100.0).round() / 100.0),
            reports: Some(c.reports),
            hides: Some(rng.binomial(c.views, r.hides)),
            ingested_at: None,
        });
        for _ in 0..orders {
            self.after_sale(r.late);
        }
    }

    /// An order may come back three to thirty days later, if the window lasts that long.
    fn after_sale(&mut self, late: f64) {
        if !self.rng.chance(late) {
            return;
        }
        let at = self.moment() + (self.rng.between(3.0, 30.0) * DAY_US as f64) as i64;
        let labels = self.item.plan.labels;
        let not_described = 0.2 + 0.35 * labels.flag(Label::Counterfeit) + 0.4 * labels.flag(Label::SwitchedListing);
        let kind = LATE_KINDS[self.rng.weighted(&[0.4, not_described, 0.25, 0.2])];
        if at >= self.world.end {
            return;
        }
        let reasons: &[&'static str] = match kind {
            AfterSalesKind::NotAsDescribed => &["different_item", "poor_quality", "suspected_fake", "wrong_colour"],
            AfterSalesKind::LowRating => &["one_star", "two_stars"],
            AfterSalesKind::Refund | AfterSalesKind::Return => {
                &["defective", "changed_mind", "wrong_size", "poor_quality", "late"]
            }
        };
        let event_id = id(Kind::AfterSales, self.seller.index, self.ledger.n_events);
        self.ledger.n_events += 1;
        self.ledger.after_sales.push(AfterSalesRow {
            event_id,
            content_id: Some(self.item.id.clone()),
            seller_id: Some(self.seller.id.clone()),
            occurred_at: Timestamp(at),
            kind,
            reason: self.rng.pick(reasons).map(|r| Id::const_new(r)),
            ingested_at: None,
        });
    }

    fn moment(&mut self) -> i64 {
        self.from + (self.rng.uniform() * (self.until - self.from) as f64) as i64
    }

    fn fair_reports(&mut self, views: u64, rate: f64) -> u64 {
        let n = self.rng.binomial(views, rate);
        let plan = &self.item.plan;
        let violating = if plan.labels.is_empty() { Violating::No } else { Violating::Yes };
        for _ in 0..n {
            let reporter = self.block.reporter_of(self.world, self.seller.place_idx, violating, self.rng);
            let reason = match plan.labels.iter().next() {
                Some(label) if self.rng.chance(0.6) => reason_of(label),
                _ => self.rng.pick(&REASONS).copied().unwrap_or("other"),
            };
            self.report(reporter, reason);
        }
        n
    }

    /// A brigade's accounts report whatever of their victim is being shown.
    fn foul_reports(&mut self) -> u64 {
        let Some(brigade) = self.seller.brigade.and_then(|b| self.block.brigades.get(b)) else { return 0 };
        let day = self.world.day_of(self.from);
        if !(brigade.from..brigade.until).contains(&day) || !self.rng.chance(0.6) {
            return 0;
        }
        let n = 1 + self.rng.below(BRIGADE_SIZE / 2);
        let start = self.rng.below(BRIGADE_SIZE);
        for k in 0..n {
            let account = self.block.brigade_account(brigade, (start + k) % BRIGADE_SIZE);
            let reason = ["counterfeit", "scam"][usize::from(self.rng.chance(0.4))];
            self.report(account, reason);
        }
        n as u64
    }

    fn report(&mut self, reporter: Id, reason: &'static str) {
        let at = self.moment();
        let report_id = id(Kind::Report, self.seller.index, self.ledger.n_reports);
        self.ledger.n_reports += 1;
        self.ledger.reports.push(ReportRow {
            report_id,
            content_id: self.item.id.clone(),
            reporter_id: Some(reporter),
            reported_at: Timestamp(at),
            reason: Some(Id::const_new(reason)),
            ingested_at: None,
        });
    }
}

const REASONS: [&str; 7] = ["counterfeit", "scam", "misleading", "spam", "offensive", "wrong_category", "other"];

/// The reason that a user would choose for a label.
fn reason_of(label: Label) -> &'static str {
    match label {
        Label::Counterfeit => "counterfeit",
        Label::TrafficRedirect => "scam",
        Label::Gambling | Label::EngagementBait | Label::KeywordSpam | Label::LowInfoReview => "spam",
        Label::TitleUnclear => "wrong_category",
        Label::MisleadingClaim | Label::FalseDiscount | Label::SwitchedListing | Label::FakeReview | Label::CopiedListing => {
            "misleading"
        }
    }
}
