//! The queue of one market, from its items in the order of their identifiers.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Cases};
use super::check::{CheckCase, CheckKind, Checks};
use super::draw::{Draws, Purpose};
use super::frame::{Frame, share_of};
use super::item::QueueItem;
use super::minutes::{MinutesTaken, THOUSANDTHS};
use super::order::{Place, priority};
use super::prefix::Prefix;
use super::row::{GoldenRow, QueueRow, Slice};
use super::staffing::{Staffing, StaffingCurve};
use super::team::{Skills, Teams};
use super::why::{of_case, ordinal, shown};
use crate::config::QueueConfig;
use crate::units::{AsOf, Id, Market, Timestamp};

/// What decides a night's queue beside its items.
#[derive(Debug)]
pub struct QueueRules<'a> {
    config: &'a QueueConfig,
    taken: MinutesTaken,
    skills: Skills,
}

/// The queue of one market.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketQueue {
    /// The rows by rank.
    pub rows: Vec<QueueRow>,
    /// The answers of the golden cases among them.
    pub golden: Vec<GoldenRow>,
    /// How far the minutes of each team went.
    pub teams: Vec<TeamResult>,
    /// What the minutes of each team prevent, and what others would.
    pub staffing: Vec<StaffingCurve>,
}

/// How far the minutes of a team went.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TeamResult {
    /// The team.
    pub team: String,
    /// Minutes that it has.
    pub capacity_minutes: f64,
    /// Minutes that its rows are expected to take. The last case may end after the capacity; drawn rows may too.
    pub planned_minutes: f64,
    /// Rows.
    pub rows: u64,
    /// Cases that wait and are not among them.
    pub left: u64,
    /// Of them, those that a policy or a report asks for.
    pub left_asked: u64,
}

impl<'a> QueueRules<'a> {
    /// The rules of `config` after reviews that took `taken`.
    #[must_use]
    pub fn new(config: &'a QueueConfig, taken: MinutesTaken) -> Self {
        Self { config, taken, skills: Skills::new(config) }
    }

    /// The thousandths of a minute that an item takes.
    fn minutes(&self, item: &QueueItem) -> u64 {
        if let Some(minutes) = item.minutes.filter(|_| !item.asked_by.is_empty()) {
            return ((minutes * THOUSANDTHS).round() as u64).max(1);
        }
        self.taken.expected(item.content_type, item.leading.as_ref().map(|leading| &leading.label), self.config)
    }

    fn skill(&self, item: &QueueItem) -> Id {
        self.skills.of(item.leading.as_ref().map(|leading| &leading.label))
    }

    /// Adds an item to the frame of its market. Items come in the order of their identifiers.
    pub fn frame(&self, frame: &mut Frame, item: &QueueItem) {
        let teams = Teams::of(item.market, &self.config.capacity);
        let team = teams.find(item.language.as_ref(), &self.skill(item));
        frame.add(item, self.minutes(item), team, self.config);
    }

    /// The queue of `market` at `as_of`: `items` in the order of their identifiers, those that `frame` was made of, and `checks`
    /// in any order.
    ///
    /// # Errors
    /// The first error of `items`.
    pub fn market<E>(
        &self,
        (market, as_of): (Market, AsOf),
        frame: &Frame,
        items: impl Iterator<Item = Result<QueueItem, E>>,
        checks: Vec<CheckCase>,
    ) -> Result<MarketQueue, E> {
        let mut draft = Draft::new(self, market, as_of, frame);
        let mut of_market = Checks::default();
        checks.into_iter().for_each(|case| of_market.add(case));
        let mut cases = Cases::default();
        for item in items {
            draft.item(item?, &mut cases);
        }
        cases.finish(self.config).for_each(|case| draft.offer(case));
        draft.checks(of_market);
        Ok(draft.finish())
    }
}

/// A team's cases, waiting to be chosen from.
struct Desk {
    by_order: Prefix<Place, Case>,
    by_age: Prefix<(Timestamp, Id), Case>,
    staffing: Staffing,
    /// Thousandths of a minute that are taken.
    used: u64,
    rows: u64,
    waiting: u64,
    asked: u64,
}

/// A market's queue as it comes together.
struct Draft<'a> {
    rules: &'a QueueRules<'a>,
    market: Market,
    as_of: AsOf,
    frame: &'a Frame,
    teams: Teams<'a>,
    draws: Draws,
    random: f64,
    desks: Vec<Desk>,
    drawn: BTreeMap<(u64, Id), QueueRow>,
    golden: Vec<GoldenRow>,
}

impl<'a> Draft<'a> {
    fn new(rules: &'a QueueRules<'a>, market: Market, as_of: AsOf, frame: &'a Frame) -> Self {
        let teams = Teams::of(market, &rules.config.capacity);
        let desk = |team| Desk {
            by_order: Prefix::new(teams.minutes(team)),
            by_age: Prefix::new(teams.minutes(team)),
            staffing: Staffing::new(teams.minutes(team)),
            used: 0,
            rows: 0,
            waiting: 0,
            asked: 0,
        };
        Self {
            desks: (0..teams.n()).map(desk).collect(),
            random: frame.random_probability(&teams, rules.config),
            draws: Draws::new(rules.config.key, as_of.day),
            drawn: BTreeMap::new(),
            golden: Vec::new(),
            rules,
            market,
            as_of,
            frame,
            teams,
        }
    }

    /// Draws the item, joins it to its near duplicates, or offers it to its team.
    fn item(&mut self, item: QueueItem, cases: &mut Cases) {
        let id = item.content_id.as_str();
        let important = self.frame.importance_probability(&item, &self.teams, self.rules.config);
        let by_chance = self.draws.is_drawn(Purpose::Random, id, self.random);
        let by_importance = self.draws.is_drawn(Purpose::Importance, id, important);
        let (cluster, minutes) = (item.cluster.filter(|_| self.rules.config.join_duplicates), self.rules.minutes(&item));
        if by_chance || by_importance {
            self.drawn_item(item, minutes, (by_chance, important));
        } else if !item.is_settled {
            let case = Case::of(item, minutes, self.as_of);
            match cluster {
                Some(cluster) => cases.add(cluster, case, self.rules.config),
                None => self.offer(case),
            }
        }
    }

    fn offer(&mut self, case: Case) {
        let item = &case.representative;
        let Some(team) = self.teams.find(item.language.as_ref(), &self.rules.skill(item)) else { return };
        let Some(desk) = self.desks.get_mut(team) else { return };
        desk.waiting += 1;
        desk.asked += u64::from(case.asked_since.is_some());
        let has_waited = |since: &Timestamp| self.as_of.instant.days_since(*since) > f64::from(self.rules.config.max_wait_days);
        if let Some(since) = case.asked_since.filter(has_waited) {
            desk.by_age.offer((since, item.content_id.clone()), case.minutes, case.clone());
        }
        let place = Place::of(&case, self.rules.config.order);
        desk.staffing.offer(place.clone(), case.minutes, case.harm);
        desk.by_order.offer(place, case.minutes, case);
    }

    fn drawn_item(&mut self, item: QueueItem, minutes: u64, (by_chance, important): (bool, f64)) {
        let case = Case::of(item, minutes, self.as_of);
        let slice = if by_chance { Slice::Random } else { Slice::Importance };
        let any = 1.0 - (1.0 - self.random) * (1.0 - important);
        let how = if by_chance { "like every item of the market" } else { "by its views and score" };
        let why =
            format!("drawn {how}: {} of {} items in scope, with probability {}", slice.as_str(), self.frame.items, shown(any));
        let row = QueueRow {
            inclusion_probability: Some(any),
            random_probability: by_chance.then_some(self.random),
            why,
            ..self.row(&case, slice)
        };
        self.place_drawn(row, minutes);
    }

    /// Puts a row among those whose order tells nothing.
    fn place_drawn(&mut self, row: QueueRow, minutes: u64) {
        if let Some(desk) = self.teams.find(row.language.as_ref(), &row.skill).and_then(|team| self.desks.get_mut(team)) {
            desk.used += minutes;
            desk.rows += 1;
        }
        self.drawn.insert((self.draws.bits(Purpose::Place, &row.content_id), row.content_id.clone()), row);
    }

    /// Draws second reviews and golden cases of items that no other slice drew.
    fn checks(&mut self, checks: Checks) {
        let (golden, qa) = checks.finish();
        let capacity = self.frame.capacity(&self.teams) as f64;
        let shares = self.rules.config.shares;
        for (cases, share, purpose) in [(golden, shares.golden, Purpose::Golden), (qa, shares.qa, Purpose::Qa)] {
            let minutes = |case: &CheckCase| self.rules.taken.expected(case.content_type, Some(&case.label), self.rules.config);
            let all: u64 = cases.iter().map(minutes).sum();
            let probability = share_of(share * capacity, all as f64);
            let taken: BTreeSet<Id> = self.drawn.keys().map(|(_, id)| id.clone()).collect();
            let free = |case: &&CheckCase| !taken.contains(&case.content_id);
            let drawn: Vec<(u64, CheckCase)> = (cases.iter().filter(free))
                .filter(|case| self.draws.is_drawn(purpose, &case.content_id, probability))
                .map(|case| (minutes(case), case.clone()))
                .collect();
            drawn.into_iter().for_each(|(minutes, case)| self.check(case, minutes));
        }
    }

    fn check(&mut self, case: CheckCase, minutes: u64) {
        let case_id = self.case_id(&case.content_id);
        if let CheckKind::Golden(answer) = &case.kind {
            self.golden.push(GoldenRow {
                market: self.market,
                case_id: case_id.clone(),
                content_id: case.content_id.clone(),
                decision_id: answer.decision_id.clone(),
                label: case.label.clone(),
                golden_verdict: answer.verdict,
            });
        }
        let skill = self.rules.skills.of(Some(&case.label));
        let team = self.teams.find(case.language.as_ref(), &skill).map(|team| self.teams.name(team));
        let row = QueueRow {
            market: self.market,
            rank: 0,
            case_id,
            members: vec![case.content_id.to_string()],
            content_id: case.content_id,
            content_type: case.content_type,
            seller_id: case.seller_id,
            language: case.language,
            skill,
            team,
            slice: Slice::Qa,
            inclusion_probability: None,
            random_probability: None,
            priority: None,
            expected_harm: None,
            forecast_views: None,
            minutes: minutes as f64 / THOUSANDTHS,
            leading_label: None,
            leading_p: None,
            cluster_size: 1,
            policy_ids: Vec::new(),
            waiting_days: None,
            why: "a second look at what has been decided, without what was said of it".to_owned(),
        };
        self.place_drawn(row, minutes);
    }

    fn case_id(&self, content_id: &Id) -> String {
        format!("{:016x}", self.draws.bits(Purpose::Case, content_id))
    }

    /// The row of a case, but for its rank, its place in words and what it was drawn with.
    fn row(&self, case: &Case, slice: Slice) -> QueueRow {
        let item = &case.representative;
        let skill = self.rules.skill(item);
        let team = self.teams.find(item.language.as_ref(), &skill).map(|team| self.teams.name(team));
        QueueRow {
            market: self.market,
            rank: 0,
            case_id: self.case_id(&item.content_id),
            content_id: item.content_id.clone(),
            content_type: item.content_type,
            seller_id: item.seller_id.clone(),
            language: item.language.clone(),
            skill,
            team,
            slice,
            inclusion_probability: None,
            random_probability: None,
            priority: Some(priority(case, self.rules.config.order)),
            expected_harm: Some(case.harm),
            forecast_views: item.views,
            minutes: case.minutes as f64 / THOUSANDTHS,
            leading_label: item.leading.as_ref().map(|leading| leading.label.clone()),
            leading_p: item.leading.as_ref().map(|leading| leading.p),
            cluster_size: case.size,
            members: case.members().map(ToString::to_string).collect(),
            policy_ids: case.asked_by.iter().cloned().collect(),
            waiting_days: Some(case.waiting_days),
            why: String::new(),
        }
    }

    fn finish(mut self) -> MarketQueue {
        let (mut rest, mut teams, mut staffing) = (Vec::new(), Vec::new(), Vec::new());
        for (team, desk) in std::mem::take(&mut self.desks).into_iter().enumerate() {
            let (chosen, result, curve) = self.choose(team, desk);
            let mut rows: Vec<QueueRow> = chosen.into_iter().map(|(slice, case)| self.explained(slice, &case)).collect();
            rows.sort_by(in_order);
            let n = rows.len();
            for (place, row) in (1..).zip(&mut rows) {
                row.why += &format!("; {} of {n} in {}", ordinal(place), self.teams.name(team));
            }
            rest.append(&mut rows);
            teams.extend(result);
            staffing.extend(curve);
        }
        rest.sort_by(in_order);
        let mut rows: Vec<QueueRow> = self.drawn.into_values().chain(rest).collect();
        (1..).zip(&mut rows).for_each(|(rank, row)| row.rank = rank);
        self.golden.sort_by(|a, b| a.case_id.cmp(&b.case_id));
        MarketQueue { rows, golden: self.golden, teams, staffing }
    }

    /// The row of a case that the order, a policy or its age brought here.
    fn explained(&self, slice: Slice, case: &Case) -> QueueRow {
        let cause = match slice {
            Slice::Policy => format!("asked for by {}; ", case.asked_by.iter().cloned().collect::<Vec<_>>().join(", ")),
            Slice::AgeOut => format!("asked for and undecided for more than {} days; ", self.rules.config.max_wait_days),
            _ => String::new(),
        };
        QueueRow { why: cause + &of_case(case, self.rules.config), ..self.row(case, slice) }
    }

    /// Fills what is left of a team's minutes: by the order but for the share of what waits too long, then the oldest of that, then by
    /// the order again if minutes are left. No result for a team without a case.
    fn choose(&self, team: usize, desk: Desk) -> (Vec<(Slice, Case)>, Option<TeamResult>, Option<StaffingCurve>) {
        let capacity = self.teams.minutes(team);
        let reserved = (self.rules.config.shares.age_out * capacity as f64).round() as u64;
        let Desk { by_order, by_age, staffing, mut used, rows, waiting, asked } = desk;
        let curve = staffing.curve(self.teams.name(team), used);
        let mut order: Vec<Case> = by_order.into_kept().map(|(_, _, case)| case).collect();
        let mut chosen: Vec<(Slice, Case)> = Vec::new();
        let mut known: BTreeSet<Id> = BTreeSet::new();
        let mut take = |cases: Vec<Case>, limit: u64, slice: Option<Slice>| {
            let mut left = Vec::new();
            for case in cases {
                let is_new = !known.contains(&case.representative.content_id);
                if used < limit && is_new {
                    used += case.minutes;
                    known.insert(case.representative.content_id.clone());
                    let asked = if case.asked_by.is_empty() { Slice::Order } else { Slice::Policy };
                    chosen.push((slice.unwrap_or(asked), case));
                } else if is_new {
                    left.push(case);
                }
            }
            left
        };
        order = take(order, capacity.saturating_sub(reserved), None);
        take(by_age.into_kept().map(|(_, _, case)| case).collect(), capacity, Some(Slice::AgeOut));
        take(order, capacity, None);
        let n = chosen.len() as u64;
        let reached = chosen.iter().filter(|(_, case)| case.asked_since.is_some()).count() as u64;
        let result = (waiting > 0 || rows > 0).then(|| TeamResult {
            team: self.teams.name(team),
            capacity_minutes: capacity as f64 / THOUSANDTHS,
            planned_minutes: used as f64 / THOUSANDTHS,
            rows: rows + n,
            left: waiting - n,
            left_asked: asked - reached,
        });
        (chosen, result, curve)
    }
}

/// What has waited too long, then by priority; a policy says that a case is looked at, not before which others.
fn in_order(a: &QueueRow, b: &QueueRow) -> std::cmp::Ordering {
    let has_waited = |row: &QueueRow| row.slice == Slice::AgeOut;
    let value = |row: &QueueRow| if has_waited(row) { row.waiting_days } else { row.priority }.unwrap_or(0.0);
    let by_value = || value(b).total_cmp(&value(a)).then_with(|| a.content_id.cmp(&b.content_id));
    has_waited(b).cmp(&has_waited(a)).then_with(by_value)
}
