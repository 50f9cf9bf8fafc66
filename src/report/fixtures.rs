//! Inputs for tests: a marketplace's night as it may look, the same with hostile text in every field, and one too large for a page.

use std::collections::BTreeMap;

use super::{
    EscalationLine, GateLine, PolicyLine, QueueCase, ReportInputs, RunFacts, RunStatus, SellerLine, SourceLine, StageLine,
    TeamLine,
};
use crate::monitor::{Alarm, AlarmState, Family, Figure, Range, Segment, State, Trend, TrendExample, TrendKind, Unit};
use crate::units::{ContentType, Day, Market};

pub(super) const MARKETS: [&str; 6] = ["SG", "MY", "TH", "ID", "VN", "PH"];

fn market(code: &str) -> Market {
    code.parse().unwrap()
}

pub(super) fn tonight() -> Day {
    "2026-01-28".parse().unwrap()
}

fn segment(code: Option<&str>, label: Option<&str>) -> Segment {
    Segment { market: code.map(market), label: label.map(Into::into), ..Segment::default() }
}

fn about(code: Option<&str>, subject: &str) -> Segment {
    Segment { subject: Some(subject.to_owned()), ..segment(code, None) }
}

/// A number from 0 to 1 that looks drawn and is not.
fn noise(seed: u64) -> f64 {
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed << 7);
    (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / (1_u64 << 24) as f64
}

fn figure(family: Family, metric: &str, segment: Segment, unit: Unit, value: f64, spread: f64, n: u64) -> Figure {
    let interval = (spread > 0.0).then(|| Range { low: (value - spread).max(0.0), high: value + spread });
    Figure { value: Some(value), interval, n, ..Figure::new(family, metric, segment, unit) }
}

fn prevalence(night: u64) -> Vec<Figure> {
    let rate = |code: Option<&str>, label: Option<&str>, base: f64, seed: u64, n: u64| {
        let rise = if code == Some("VN") && night > 20 { 1.0 + 0.12 * (night - 20) as f64 } else { 1.0 };
        let value = base * rise * (0.9 + 0.2 * noise(seed * 100 + night));
        let half = value * 0.28;
        let at = segment(code, label);
        Figure { method: "ppi++", ..figure(Family::Prevalence, "violative_view_rate", at, Unit::PerTenThousand, value, half, n) }
    };
    let mut figures = vec![rate(None, None, 0.0021, 1, 5_210)];
    for (at, code) in MARKETS.iter().enumerate() {
        figures.push(rate(Some(code), None, 0.0012 + 0.0004 * at as f64, 2 + at as u64, 640 + 90 * at as u64));
    }
    for (at, label) in ["counterfeit", "scam", "off_platform", "prohibited"].iter().enumerate() {
        figures.push(rate(None, Some(label), 0.0003 * (at + 1) as f64, 20 + at as u64, 5_210));
        figures.push(rate(Some("VN"), Some(label), 0.0004 * (at + 1) as f64, 40 + at as u64, 880));
    }
    let mut thin = rate(Some("PH"), Some("scam"), 0.0006, 60, 120_400);
    (thin.method, thin.state) = ("surrogate", State::Unknown);
    thin.note = Some("no label was drawn here within 28 days".to_owned());
    figures.push(thin);
    figures
}

fn targets(night: u64) -> Vec<Figure> {
    let goal = |code: &str, value: f64, state, note: &str| {
        let at = Segment { subject: Some(format!("{}_scam", code.to_lowercase())), ..segment(Some(code), Some("scam")) };
        let made = figure(Family::Target, "violative_view_rate", at, Unit::PerTenThousand, value, value * 0.2, 880);
        Figure { state, note: Some(note.to_owned()), method: "ppi++", ..made }
    };
    vec![
        goal("SG", 0.0004 * (0.95 + 0.1 * noise(night)), State::Within, "at most 5 per 10,000 by 2026-06-30"),
        goal("VN", 0.0014 * (0.95 + 0.1 * noise(night + 9)), State::Warning, "at most 8 per 10,000 by 2026-06-30"),
        goal("PH", 0.0007 * (0.95 + 0.1 * noise(night + 5)), State::Unknown, "the interval holds the goal of 7 per 10,000"),
    ]
}

/// A night of a marketplace of six markets.
#[allow(clippy::too_many_lines, reason = "one literal night")]
pub(super) fn demo() -> ReportInputs {
    let day = tonight();
    let mut figures = prevalence(28);
    figures.extend(targets(28));
    for (at, name) in ["title_uppercase_share", "price_to_cell_median", "seller_tenure_days", "p_scam"].iter().enumerate() {
        let value = [0.31, 0.18, 0.06, 0.04][at];
        let mut psi = figure(Family::Drift, "psi", about(Some("VN"), name), Unit::Number, value, 0.0, 182_400);
        psi.state = [State::Warning, State::Warning, State::Within, State::Within][at];
        psi.note = Some("against the same weekday of the last week; limit 0.25".to_owned());
        figures.push(psi);
    }
    figures.push(figure(Family::Drift, "null_rate", about(None, "price"), Unit::Share, 0.0042, 0.0001, 10_012_344));
    for code in MARKETS {
        let n = 1_000_000 + (noise(u64::from(code.as_bytes()[0])) * 900_000.0) as u64;
        figures.push(figure(Family::Volume, "items", segment(Some(code), None), Unit::Count, n as f64, 0.0, n));
        let gap = 0.004 * noise(n);
        let mut made = figure(Family::Calibration, "calibration_gap", segment(Some(code), None), Unit::Share, gap, 0.01, 412);
        made.method = "hajek";
        made.state = State::Within;
        figures.push(made);
    }
    for (at, code) in MARKETS.iter().enumerate() {
        let team = |metric: &str, unit, value, spread, n| {
            figure(Family::Operations, metric, segment(Some(code), None), unit, value, spread, n)
        };
        figures.push(team("backlog", Unit::Count, 120.0 + 61.0 * at as f64, 0.0, 120 + 61 * at as u64));
        let mut time = team("time_to_decision_median", Unit::Minutes, 190.0 + 70.0 * at as f64, 25.0, 400 - 70 * at as u64);
        (time.state, time.method) = (if at > 4 { State::Warning } else { State::Within }, "order statistics");
        figures.push(time);
        figures.push(team("agreement", Unit::Number, 0.83 - 0.04 * at as f64, 0.05, if at == 2 { 6 } else { 80 }));
        figures.push(team("harm_per_hour", Unit::Harm, 41.0 - 4.0 * at as f64, 0.0, 120));
    }
    for (at, reason) in ["item not as described", "counterfeit", "never arrived", "asked to pay outside"].iter().enumerate() {
        let n = [812, 240, 96, 7][at];
        let at = Segment { category: Some("Fashion > Shoes".to_owned()), ..about(Some("VN"), reason) };
        figures.push(figure(Family::PainPoint, "cases", at.clone(), Unit::Count, n as f64, 0.0, n));
        figures.push(figure(Family::PainPoint, "growth", at, Unit::Number, 1.0 + noise(n), 0.2, n));
    }
    for (metric, value, state) in [("violative_views", -0.34, State::Within), ("orders", -0.012, State::Unknown)] {
        let mut made =
            figure(Family::Outcome, metric, about(Some("SG"), "contacts-off-platform"), Unit::Share, value, 0.0, 4_210);
        made.interval = Some(Range { low: value - 0.05, high: value + 0.04 });
        (made.state, made.method) = (state, "lin 2013, clustered by seller");
        made.note = Some("relative to held-back units; 1,900 more units are needed for a verdict on orders".to_owned());
        figures.push(made);
    }
    let mut precision =
        figure(Family::Policy, "precision", about(Some("SG"), "contacts-off-platform"), Unit::Share, 0.93, 0.03, 212);
    precision.method = "clopper-pearson";
    figures.push(precision);
    let past = (0..28).map(|night: u64| {
        let mut figures = prevalence(night);
        figures.extend(targets(night));
        (day.plus(night as i32 - 28), figures)
    });
    let alarm = |check: &str, segment, state, since: i32, message: &str, n| Alarm {
        check: check.to_owned(),
        segment,
        state,
        since: day.plus(since),
        message: message.to_owned(),
        n,
    };
    ReportInputs {
        run: RunFacts {
            project: "Mall of six markets".to_owned(),
            run_id: "5f1c9be2a7d04431".to_owned(),
            as_of: day,
            model_version: "2026-01-18-a41f".to_owned(),
            policy_version: "9be27a10".to_owned(),
            status: RunStatus::Published,
            status_reason: None,
            items: 10_012_344,
            warnings: vec![
                "policy flood-guard hit its cap of 5,000 items in VN and fell to shadow: look at its condition".to_owned(),
            ],
            gate: gate(),
            stages: ["check", "globals", "score", "decide", "queue", "publish"]
                .iter()
                .enumerate()
                .map(|(at, name)| StageLine { name: (*name).to_owned(), seconds: [41.2, 210.7, 1_310.4, 95.0, 33.1, 120.9][at] })
                .collect(),
            sources: [
                ("content", 10_020_114, 7_770),
                ("sellers", 412_331, 12),
                ("engagement", 290_441_020, 0),
                ("decisions", 88_120, 3),
            ]
            .map(|(table, rows, rejects)| SourceLine { table: table.to_owned(), rows, rejects })
            .to_vec(),
        },
        figures,
        past: past.collect(),
        alarms: vec![
            alarm(
                "cusum_prevalence",
                segment(Some("VN"), None),
                AlarmState::Raised,
                0,
                "violative view rate rises since 2026-01-21: 46 per 10,000 against 24 in the eight weeks before; CUSUM 6.1, limit 5",
                880,
            ),
            alarm("psi", about(Some("VN"), "title_uppercase_share"), AlarmState::Raised, 0, "PSI 0.31, limit 0.25", 182_400),
            alarm(
                "firing_rate",
                about(Some("TH"), "flood-guard"),
                AlarmState::Standing,
                -2,
                "fires on 2.1 % of items, 0.4 % expected",
                40_120,
            ),
            alarm("null_rate", about(Some("ID"), "price"), AlarmState::Cleared, -3, "price is back: 0.4 % null", 901_220),
        ],
        trends: trends(),
        policies: policies(),
        escalations: escalations(),
        teams: MARKETS
            .iter()
            .enumerate()
            .map(|(at, code)| TeamLine {
                team: format!("{code}/en/abuse"),
                cases: 200 - 20 * at as u64,
                minutes: 470.0 - 31.0 * at as f64,
                capacity: (at != 5).then_some(480.0),
                expected_harm: 910.5 - 120.0 * at as f64,
            })
            .collect(),
        cases: cases(),
        sellers: sellers(),
        ..ReportInputs::default()
    }
}

fn gate() -> Vec<GateLine> {
    let line = |name: &str, segment, value, limit, unit, n, state, reason: &str| GateLine {
        name: name.to_owned(),
        segment,
        value,
        limit,
        unit,
        n,
        state,
        reason: reason.to_owned(),
        movers: vec!["title_uppercase_share in VN: PSI 0.31".to_owned(), "price_to_cell_median in VN: PSI 0.18".to_owned()],
    };
    let all = Segment::default;
    vec![
        line(
            "volume",
            all(),
            Some(1.02),
            Some(0.5),
            Unit::Number,
            10_012_344,
            State::Within,
            "1.02 times the median of seven nights",
        ),
        line(
            "rejects",
            about(None, "content"),
            Some(0.0008),
            Some(0.05),
            Unit::Share,
            10_020_114,
            State::Within,
            "fewer than allowed",
        ),
        line("churn", all(), Some(0.021), Some(0.2), Unit::Share, 9_801_100, State::Within, "items that changed their band"),
        line(
            "drift",
            segment(Some("VN"), None),
            Some(0.31),
            Some(0.25),
            Unit::Number,
            182_400,
            State::Warning,
            "a feature moved",
        ),
        line(
            "calibration",
            segment(Some("PH"), None),
            None,
            Some(0.1),
            Unit::Share,
            4,
            State::Unknown,
            "too few fresh decisions",
        ),
    ]
}

fn trends() -> Vec<Trend> {
    let trend = |kind, name: &str, code: &str, items: u64, growth: f64, text: &str| Trend {
        kind,
        name: name.to_owned(),
        market: market(code),
        since: tonight().plus(-1),
        items,
        sellers: items / 9 + 4,
        views: items * 431,
        complaints: items / 3,
        growth,
        growth_interval: Range { low: growth * 0.6, high: growth * 1.7 },
        q_value: 0.0004,
        rank_score: 1.0,
        examples: (0..2)
            .map(|at| TrendExample { content_id: format!("item-{}", 88_100 + at).into(), text: text.to_owned() })
            .collect(),
        condition: Some(format!("LOWER(title) LIKE '%{name}%'")),
    };
    vec![
        trend(TrendKind::Term, "gacor slot", "ID", 214, 18.4, "Baju murah, bonus gacor slot hari ini, hubungi 08xx-xxxx-1234"),
        trend(TrendKind::Handle, "@sho•••ta", "TH", 96, 9.1, "ราคาพิเศษ แอดไลน์ @sho•••ta รับส่วนลดเพิ่ม"),
        trend(
            TrendKind::Cluster,
            "near-duplicates of item-90011",
            "VN",
            61,
            5.2,
            "Giày chính hãng giảm 90%, nhắn Zalo 09xx để đặt",
        ),
    ]
}

fn policies() -> Vec<PolicyLine> {
    let line = |id: &str, code: &str, treatment: &str, standing: &str, acted: u64, would_act: u64| PolicyLine {
        policy_id: id.to_owned(),
        owner: "trust-and-safety".to_owned(),
        treatment: treatment.to_owned(),
        standing: standing.to_owned(),
        standing_reason: (standing == "fallen").then(|| "8,112 items in VN, its cap is 5,000".to_owned()),
        market: market(code),
        in_scope: 1_201_332,
        held: acted + would_act + 40,
        acted,
        would_act,
        held_back: acted / 20,
        outside_rollout: 0,
        excepted: 2,
        unknown: 31,
        alone: acted / 3,
    };
    vec![
        line("contacts-off-platform", "SG", "review", "live", 1_840, 0),
        line("contacts-off-platform", "VN", "review", "live", 2_210, 0),
        line("counterfeit-luxury", "MY", "downrank", "shadow", 0, 733),
        line("flood-guard", "VN", "hold", "fallen", 0, 8_112),
        line("weapons", "PH", "escalate", "live", 3, 0),
    ]
}

fn escalations() -> Vec<EscalationLine> {
    let line = |code: &str, id: u64, policy: &str, is_urgent| EscalationLine {
        market: market(code),
        is_urgent,
        policy_id: policy.to_owned(),
        owner: "legal".to_owned(),
        content_id: format!("item-{id}"),
    };
    vec![line("PH", 70_011, "weapons", false), line("PH", 70_012, "weapons", false), line("SG", 12, "urgent-route", true)]
}

fn cases() -> Vec<QueueCase> {
    let labels = ["scam", "off_platform", "counterfeit", "prohibited"];
    (0..12_u64)
        .map(|at| QueueCase {
            rank: at / 6 + 1,
            market: market(MARKETS[at as usize % 6]),
            content_id: format!("item-{}", 40_000 + at * 7919),
            seller_id: Some(format!("seller-{}", 100 + at * 31)),
            slice: if at == 3 { "random" } else { "order" }.to_owned(),
            leading_label: Some(labels[at as usize % 4].to_owned()),
            leading_p: Some(0.97 - 0.03 * at as f64),
            expected_harm: Some(88.0 - 5.5 * at as f64),
            cluster_size: 1 + at % 3,
            why: "12.4 expected harm a minute: scam likely, 5,100 views expected in 7 days".to_owned(),
            page: (at < 8).then_some(at as u32 + 1),
        })
        .collect()
}

fn sellers() -> Vec<SellerLine> {
    let line = |at: u64, change: f64| SellerLine {
        seller_id: format!("seller-{}", 500 + at),
        market: market(MARKETS[at as usize % 6]),
        health: 0.5 + change / 2.0,
        change,
        band: if change < -0.2 { "at_risk" } else { "fair" }.to_owned(),
        driver: "three overdue refunds and two standing strikes for off_platform".to_owned(),
        items: 40 + at * 3,
    };
    (0..6).map(|at| line(at, -0.4 + 0.05 * at as f64)).chain((6..9).map(|at| line(at, 0.02 * at as f64))).collect()
}

/// What people wrote to break a page, each in its own way.
pub(super) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=alert(1) x=\"",
    "</style><style>*{display:none}",
    "</td></tr></table><table><tr><td>",
    "</svg><script>1</script>",
    "]]><![CDATA[",
    "<!--",
    "--!><a href='javascript:alert(1)'>x</a>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<details open ontoggle=alert(1)>",
    "<plaintext>",
    "<textarea>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "&lt;b&gt; &#60;b&#62; &amp;lt;",
    "\u{0}<b>\u{1b}[2J\u{9b}",
    "\u{202e}evil\u{2066}\u{200f}\u{feff}",
    "Z\u{30d}\u{351}\u{30f}\u{348}\u{33c}\u{345}\u{318}\u{317}\u{329}\u{32a}a\u{30d}\u{351}\u{30f}\u{348}\u{33c}\u{345}\u{318}lgo",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "x\" y='z' `w` = / > <",
    "=cmd|' /C calc'!A0",
    "\\\", injected=\"1\"} 1\n# TYPE x counter",
    "\u{ff1c}script\u{ff1e}",
    "a\r\n\r\nb\u{2028}c\u{85}d",
];

/// A night with `text` in every field that holds text.
pub(super) fn hostile_inputs(text: &str) -> ReportInputs {
    let own = || text.to_owned();
    // Names that are fixed in the program are hostile here as well; a test's process is short.
    let fixed = || -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let segment = || Segment {
        market: Some(market("SG")),
        label: Some(text.into()),
        category: Some(own()),
        content_type: Some(ContentType::Listing),
        tier: Some(own()),
        subject: Some(own()),
    };
    let families = [
        Family::Prevalence,
        Family::Volume,
        Family::Policy,
        Family::Outcome,
        Family::Trend,
        Family::PainPoint,
        Family::Operations,
        Family::Target,
        Family::Seller,
    ];
    let made = |family| {
        let mut figure = figure(family, text, segment(), Unit::Share, 0.25, 0.125, 40);
        (figure.state, figure.note, figure.method) = (State::Warning, Some(own()), fixed());
        if matches!(family, Family::Prevalence | Family::Target) {
            // Only what isn't cut by category is drawn over nights.
            (figure.segment.category, figure.segment.tier) = (None, None);
        }
        figure
    };
    let figures: Vec<Figure> = families.into_iter().map(made).collect();
    let base = demo();
    let mut gate = base.run.gate[3].clone();
    (gate.name, gate.segment, gate.reason, gate.movers) = (own(), segment(), own(), vec![own()]);
    let mut trend = base.trends[0].clone();
    (trend.name, trend.condition) = (own(), Some(own()));
    trend.examples = vec![TrendExample { content_id: text.into(), text: own() }];
    let mut policy = base.policies[0].clone();
    (policy.policy_id, policy.owner, policy.treatment) = (own(), own(), own());
    (policy.standing, policy.standing_reason) = (own(), Some(own()));
    let mut case = base.cases[0].clone();
    (case.content_id, case.seller_id, case.slice, case.leading_label, case.why) = (own(), Some(own()), own(), Some(own()), own());
    let unpaged = QueueCase { page: None, ..case.clone() };
    let mut seller = base.sellers[0].clone();
    (seller.seller_id, seller.band, seller.driver) = (own(), own(), own());
    ReportInputs {
        run: RunFacts {
            project: own(),
            run_id: own(),
            model_version: own(),
            policy_version: own(),
            status: RunStatus::Overridden,
            status_reason: Some(own()),
            warnings: vec![own()],
            gate: vec![gate],
            stages: vec![StageLine { name: own(), seconds: 1.5 }],
            sources: vec![SourceLine { table: own(), rows: 10, rejects: 1 }],
            ..base.run
        },
        past: BTreeMap::from([(tonight().plus(-1), figures.clone())]),
        figures,
        alarms: vec![Alarm {
            check: fixed().to_owned(),
            segment: segment(),
            state: AlarmState::Raised,
            since: tonight(),
            message: own(),
            n: 40,
        }],
        trends: vec![trend],
        policies: vec![policy],
        escalations: vec![EscalationLine {
            market: market("SG"),
            is_urgent: true,
            policy_id: own(),
            owner: own(),
            content_id: own(),
        }],
        teams: vec![TeamLine { team: own(), ..base.teams[0].clone() }],
        cases: vec![case, unpaged],
        sellers: vec![seller],
        ..ReportInputs::default()
    }
}

/// Far more than a page has room for, `n` of each, all of it long and costly to escape.
pub(super) fn huge_inputs(n: usize, text: &str) -> ReportInputs {
    let long = text.repeat(600 / text.len().max(1) + 1);
    let one = hostile_inputs(&long);
    let many = |figures: &[Figure], night: u64| -> Vec<Figure> {
        let copy = |at: usize| {
            figures.iter().map(move |figure| {
                let mut figure = figure.clone();
                figure.metric = format!("metric {}", at % 40);
                figure.segment.subject = Some(format!("{at} {}", figure.segment.subject.as_deref().unwrap_or_default()));
                figure.value = Some(noise(at as u64 + night));
                figure
            })
        };
        (0..n).flat_map(copy).collect()
    };
    let mut inputs = one.clone();
    inputs.figures = many(&one.figures, 0);
    let drawn: Vec<Figure> =
        one.figures.iter().filter(|f| matches!(f.family, Family::Prevalence | Family::Target)).cloned().collect();
    inputs.past = (1..=35).map(|night| (tonight().plus(-night), many(&drawn, night.unsigned_abs().into()))).collect();
    inputs.alarms = vec![one.alarms[0].clone(); n];
    inputs.trends = vec![one.trends[0].clone(); n];
    inputs.policies = vec![one.policies[0].clone(); n];
    inputs.escalations = vec![one.escalations[0].clone(); n];
    inputs.teams = vec![one.teams[0].clone(); n];
    inputs.cases = vec![one.cases[0].clone(); n];
    inputs.sellers = vec![one.sellers[0].clone(); n];
    inputs.run.warnings = vec![long.clone(); n];
    inputs.run.gate = vec![GateLine { movers: vec![long.clone(); 40], ..one.run.gate[0].clone() }; n];
    inputs.run.stages = vec![one.run.stages[0].clone(); n];
    inputs.run.sources = vec![one.run.sources[0].clone(); n];
    inputs
}
