//! The review desk: which items are taken up, when and why. A random slice has an exact inclusion probability, an importance slice a
//! recorded one; the incumbent model, its automatic decisions, policies and reports choose the rest, with a bias. Causes lie before
//! their effects: everything decided here acts later.

use crate::units::{ContentType, Id, SelectedBy, Verdict};

use super::block::Block;
use super::labels::{ALL, Label};
use super::plan::Plan;
use super::random::Rng;
use super::seller::Seller;
use super::treatment::Book;
use super::verdicts::Case;
use super::{DAY_US, World};

/// Probability with which any item is drawn into the random slice.
pub(super) const RANDOM_SHARE: f64 = 0.015;
pub(super) const HOUR_US: f64 = DAY_US as f64 / 24.0;

/// One item on the desk.
pub(super) struct Desk<'a> {
    pub(super) world: &'a World,
    pub(super) block: &'a Block,
    pub(super) seller: &'a Seller,
    pub(super) plan: &'a Plan,
    pub(super) content_id: &'a Id,
    pub(super) book: &'a mut Book,
    pub(super) rng: Rng,
    /// From, until and the share of traffic that is left.
    pub(super) treated: Vec<(i64, i64, f64)>,
    reported: bool,
}

impl<'a> Desk<'a> {
    /// Opens the item's file: the incumbent may decide at once and automatically.
    pub(super) fn open(
        (world, block): (&'a World, &'a Block),
        (seller, plan): (&'a Seller, &'a Plan),
        content_id: &'a Id,
        book: &'a mut Book,
        rng: Rng,
    ) -> Self {
        let mut desk = Self { world, block, seller, plan, content_id, book, rng, treated: Vec::new(), reported: false };
        desk.automatic();
        desk
    }

    /// The end of age day `age` (its last instant is `now`): who takes the item up, given views and reports so far?
    pub(super) fn end_of_day(&mut self, age: u32, now: i64, views: u64, reports: u64) {
        if age == 0 {
            if self.rng.chance(RANDOM_SHARE) {
                self.full_review(SelectedBy::Random, now, Some(RANDOM_SHARE));
            }
            if self.rng.chance(0.006) {
                self.golden(now);
            }
            self.suspicion(SelectedBy::Model, now, (2.2, 2.4));
            // Also on the first day: an item whose life is over must have had its chance.
            self.importance(now, views);
        }
        if age == 1 {
            self.suspicion(SelectedBy::Policy, now, (1.4, 2.75));
        }
        if !self.reported && (reports >= 2 || reports == 1 && self.rng.chance(0.25)) {
            self.reported = true;
            let label = self.most_suspect(2.0, now).0;
            self.targeted(SelectedBy::Report, now, label);
        }
    }

    /// An edit was made before `now`: a policy looks at what has become of the item.
    pub(super) fn edited(&mut self, now: i64) {
        self.suspicion(SelectedBy::Policy, now, (2.4, 2.0));
    }

    /// How visible the item's violations are to the incumbent: disguise hides them, and a campaign is unknown until noticed.
    fn visibility(&self) -> f64 {
        let unknown = self.plan.campaign.is_some_and(|c| self.world.day_of(self.plan.at) < self.block.campaigns[c].noticed);
        (1.0 - 0.6 * self.plan.disguise) * if unknown { 0.4 } else { 1.0 }
    }

    /// The label that the incumbent suspects most, and its score: `strength` for a true one, plus unit noise.
    pub(super) fn most_suspect(&mut self, strength: f64, now: i64) -> (Label, f64) {
        let seen = strength * self.visibility();
        let mut best = (Label::TrafficRedirect, f64::MIN);
        for label in ALL.into_iter().filter(|l| l.applies_to(self.plan.kind)) {
            let score = if self.plan.violates(label, now) { seen } else { 0.0 } + self.rng.normal();
            if score > best.1 {
                best = (label, score);
            }
        }
        best
    }

    fn suspicion(&mut self, by: SelectedBy, now: i64, (strength, cut): (f64, f64)) {
        let (label, score) = self.most_suspect(strength, now);
        // Reviews and comments have few labels, hence few chances of a high score by noise; the cut is lower for them.
        let few = matches!(self.plan.kind, ContentType::Review | ContentType::Comment | ContentType::Live);
        if score > if few { cut - 0.5 } else { cut } {
            self.targeted(by, now, label);
        }
    }

    fn importance(&mut self, now: i64, views: u64) {
        let (_, score) = self.most_suspect(1.5, now);
        let p = 0.0105 * libm::sqrt(views as f64 + 1.0) * libm::exp(0.5 * score.clamp(-1.0, 3.0));
        let p = (p.clamp(0.005, 0.9) * 1e6).round() / 1e6;
        if self.rng.chance(p) {
            self.full_review(SelectedBy::Importance, now, Some(p));
        }
    }

    /// A machine decides within the hour. It is biased: it distrusts newcomers and reads mixed language badly.
    fn automatic(&mut self) {
        let newcomer = self.plan.at - self.seller.registered < 60 * DAY_US;
        let mixed = self.seller.place().code == "PH" || self.seller.style.drops_marks;
        let (label, score) = self.most_suspect(2.0, self.plan.at);
        let known = !matches!(label, Label::Counterfeit | Label::CopiedListing | Label::SwitchedListing | Label::FakeReview);
        let score = score + if newcomer { 0.5 } else { 0.0 } + if mixed { 0.3 } else { 0.0 };
        if known && score > 3.2 {
            let at = self.plan.at + (self.rng.between(1.0, 50.0) * HOUR_US / 60.0) as i64;
            let case = Case { by: SelectedBy::Model, at, probability: None };
            if let Some(decision) = self.write(case, label, Verdict::Violating, None) {
                self.act(label, at, decision);
            }
        }
    }
}
