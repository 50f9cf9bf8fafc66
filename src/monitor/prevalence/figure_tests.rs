//! Whole nights: what is drawn on many nights becomes one rate of tonight's views.

use std::collections::BTreeMap;

use super::*;
use crate::monitor::{Family, Figure, Unit};
use crate::units::{ContentType, Day, Id, Market, SplitMix};

const LIMITS: PrevalenceLimits = PrevalenceLimits { min_labelled: 50, min_positives: 30, min_golden: 50 };

/// A night of one label that is an abuse.
struct Night {
    tally: PrevalenceTally,
    items: Vec<SampledItem>,
    golden: BTreeMap<Id, GoldenCounts>,
}

impl Night {
    fn figures(&self) -> Vec<Figure> {
        prevalence_figures(&PrevalenceInput {
            day: "2026-11-02".parse::<Day>().unwrap(),
            labels: &["scam".into()],
            tally: &self.tally,
            items: &self.items,
            golden: &self.golden,
            limits: LIMITS,
        })
    }
}

/// An item with its truth.
struct Made {
    item: SampledItem,
    violating: bool,
}

fn made(n: usize, market: &str, (views, said, violating): (u64, f64, bool)) -> Made {
    let said = Said::Probability(said);
    let item = SampledItem {
        content_id: format!("{market}{n:06}").into(),
        market: market.parse::<Market>().unwrap(),
        content_type: ContentType::Listing,
        category: Some("shoes".into()),
        cluster: n as u64,
        age: 2,
        views: Views { week: views, day: views / 7 },
        said: vec![said, said],
        draws: Vec::new(),
    };
    Made { item, violating }
}

fn drawn(of: &Made, days_ago: i32, inclusion: f64) -> SampledDraw {
    SampledDraw { days_ago, inclusion, is_fresh: true, found: vec![Some(of.violating); 2] }
}

fn night(made: Vec<Made>) -> Night {
    let mut tally = PrevalenceTally::new(2);
    for Made { item, .. } in &made {
        let SampledItem { market, content_type, age, views, .. } = *item;
        tally.add(&PopulationRow { market, content_type, category: item.category.as_ref(), age, views, said: &item.said });
    }
    let items = made.into_iter().map(|made| made.item).filter(|item| !item.draws.is_empty()).collect();
    Night { tally, items, golden: BTreeMap::new() }
}

fn find<'f>(figures: &'f [Figure], metric: &str, market: Option<&str>, label: Option<&str>) -> Vec<&'f Figure> {
    let of = |figure: &&Figure| {
        figure.metric == metric
            && figure.segment.market.map(|m| m.as_str().to_owned()).as_deref() == market
            && figure.segment.label.as_deref() == label
            && figure.segment.category.is_none()
            && figure.segment.content_type.is_none()
    };
    figures.iter().filter(of).collect()
}

/// Ten thousand items in SG of which one in 20 violates and 400 were drawn, and ten viewed ones in MY, all unlabelled.
fn two_markets() -> Night {
    let mut all: Vec<Made> =
        (0..10_000).map(|i| made(i, "SG", (70, if i % 20 == 0 { 0.5 } else { 0.02 }, i % 20 == 0))).collect();
    // Of 27 items one is drawn: not in step with the truth.
    for (i, of) in all.iter_mut().enumerate() {
        if i % 27 == 0 {
            of.item.draws = vec![drawn(of, 10, 1.0 / 27.0)];
        }
    }
    all.extend((0..10).map(|i| made(i, "MY", (7, 0.5, true))));
    night(all)
}

#[test]
fn every_part_has_its_figure_with_method_and_n() {
    let mut night = two_markets();
    let figures = night.figures();
    for label in [Some("scam"), None] {
        let sg = find(&figures, "violative_view_rate", Some("SG"), label);
        let [sg] = sg[..] else { panic!("{sg:?}") };
        assert_eq!((sg.family, sg.unit, sg.n), (Family::Prevalence, Unit::PerTenThousand, 371));
        let (value, interval) = (sg.value.unwrap(), sg.interval.unwrap());
        assert!((value - 0.05).abs() < 0.02 && interval.low < 0.05 && 0.05 < interval.high, "{sg:?}");
        assert!(sg.note.as_ref().unwrap().contains("views of 7 days to 2026-11-01; items drawn and decided within 28 days"));
        // What scores of one half held in SG.
        let my = find(&figures, "violative_view_rate", Some("MY"), label);
        assert_eq!((my[0].method, my[0].value, my[0].n), ("surrogate", Some(1.0), 371));
        // No draw of the last 7 days: no figure of a day.
        assert!(find(&figures, "violative_view_rate_day", Some("SG"), label).is_empty());
        assert_eq!(find(&figures, "calibration_gap", Some("SG"), label).len(), 1);
    }
    let of_category = figures.iter().find(|f| f.segment.category.as_deref() == Some("shoes")).unwrap();
    assert_eq!((of_category.segment.market, of_category.n), (None, 371));
    // Golden cases tell what reviewers get wrong; of any abuse there are none.
    assert!(find(&figures, "violative_view_rate_corrected", Some("SG"), Some("scam")).is_empty());
    night.golden.insert("scam".into(), GoldenCounts { found: 90, violating: 100, cleared: 99, compliant: 100 });
    let figures = night.figures();
    let corrected = find(&figures, "violative_view_rate_corrected", Some("SG"), Some("scam"));
    let raw = find(&figures, "violative_view_rate", Some("SG"), Some("scam"));
    assert_eq!(corrected[0].method, "rogan-gladen");
    assert!((corrected[0].value.unwrap() - (raw[0].value.unwrap() - 0.01) / 0.89).abs() < 1e-12);
}

#[test]
fn nothing_found_and_nothing_drawn() {
    let mut all: Vec<Made> = (0..1000).map(|i| made(i, "SG", (7, 0.01, false))).collect();
    assert!(night(std::mem::take(&mut all)).figures().is_empty());
    let mut all: Vec<Made> = (0..1000).map(|i| made(i, "SG", (7, 0.01, false))).collect();
    for of in all.iter_mut().step_by(5) {
        of.item.draws = vec![drawn(of, 3, 0.2)];
    }
    let figures = night(all).figures();
    let found = find(&figures, "violative_view_rate", Some("SG"), Some("scam"));
    assert_eq!((found[0].value, found[0].positives, found[0].n), (Some(0.0), Some(0), 200));
    // The rule of three: 3 ÷ 200.
    assert!((0.012..0.025).contains(&found[0].interval.unwrap().high), "{:?}", found[0]);
}

/// Items of 0 to 40 days, whose views fall and whose violations are rarer with age, drawn each of 28 nights on which they were there.
fn market_of_many_nights(seed: u64) -> (Night, f64) {
    let mut random = SplitMix(seed.wrapping_mul(0xD134_2543_DE82_EF95));
    let mut all = Vec::new();
    for i in 0..6000 {
        let days = 41.0 * random.uniform();
        let p = libm::pow(random.uniform(), 3.0) * if days < 7.0 { 0.2 } else { 0.05 };
        let views = (1.0 + 400.0 * libm::exp(-days / 12.0) * libm::exp(3.0 * random.uniform() - 1.5)) as u64;
        let mut of = made(i, "SG", (views, p, random.uniform() < p));
        of.item.age = age_group(days);
        of.item.cluster = (i / 3) as u64;
        let inclusion = (0.0008 * libm::sqrt(views as f64) * (0.3 + 10.0 * p)).min(1.0);
        for days_ago in 1..=28 {
            if days >= f64::from(days_ago) && random.uniform() < inclusion {
                of.item.draws.push(drawn(&of, days_ago, inclusion));
            }
        }
        all.push(of);
    }
    let views = |of: &Made| of.item.views.week as f64;
    let violating: f64 = all.iter().filter(|of| of.violating).map(views).sum();
    let truth = violating / all.iter().map(views).sum::<f64>();
    (night(all), truth)
}

/// An old item had 28 chances and a new one few: without weighting ages to tonight's views the rate would be that of old items.
#[test]
fn many_nights_are_one_rate_of_tonights_views() {
    let (mut held, mut bias, mut unweighted) = (0, 0.0, 0.0);
    let n_samples = 200_u32;
    for seed in 1..=u64::from(n_samples) {
        let (night, truth) = market_of_many_nights(seed);
        let figures = night.figures();
        let found = find(&figures, "violative_view_rate", Some("SG"), Some("scam"))[0];
        let interval = found.interval.unwrap();
        held += u32::from(interval.low <= truth && truth <= interval.high);
        bias += (found.value.unwrap() / truth - 1.0) / f64::from(n_samples);
        let (mut part, mut whole) = (0.0, 0.0);
        for item in &night.items {
            for draw in item.draws.iter() {
                whole += item.views.week as f64 / draw.inclusion;
                part += if draw.found[0] == Some(true) { item.views.week as f64 / draw.inclusion } else { 0.0 };
            }
        }
        unweighted += (part / whole / truth - 1.0) / f64::from(n_samples);
    }
    let held = f64::from(held) / f64::from(n_samples);
    println!("held {held:.3}, bias {bias:.3}, unweighted {unweighted:.3}");
    assert!((0.92..=0.985).contains(&held), "{held}");
    assert!(bias.abs() < 0.06 && unweighted.abs() > 0.2, "{bias} {unweighted}");
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    let (mut night, _) = market_of_many_nights(7);
    let figures = night.figures();
    let (again, _) = market_of_many_nights(7);
    night.tally = again.tally;
    assert_eq!(night.figures(), figures);
    // Added from the back.
    let forth = [(3, 0.1), (5, 0.2), (7, 0.7)];
    let tally = |rows: &mut dyn Iterator<Item = &(u64, f64)>| {
        let mut tally = PrevalenceTally::new(2);
        for (views, said) in rows {
            let Made { item, .. } = made(0, "SG", (*views, *said, false));
            let SampledItem { market, content_type, age, views, .. } = item;
            tally.add(&PopulationRow { market, content_type, category: None, age, views, said: &item.said });
        }
        let number = tally.number(&tally::Cut::default()).unwrap();
        *tally.cell(number, 0, tally::ViewWindow::Week).unwrap()
    };
    assert_eq!(tally(&mut forth.iter()), tally(&mut forth.iter().rev()));
}

#[test]
fn only_the_most_viewed_categories_are_told() {
    let mut all: Vec<Made> = (0..12_000).map(|i| made(i, "SG", (7 + i as u64 % 120, 0.1, i % 7 == 0))).collect();
    for (i, of) in all.iter_mut().enumerate() {
        of.item.category = Some(format!("{:03}", i % 120).into());
        of.item.draws = vec![drawn(of, 3, 0.5)];
    }
    let figures = night(all).figures();
    let told: Vec<&str> =
        figures.iter().filter(|f| f.segment.label.is_none()).filter_map(|f| f.segment.category.as_deref()).collect();
    assert_eq!((told.len(), told[0], told[99]), (100, "020", "119"));
}
