//! Small cells: figures that rest on few people's decisions are not shown, nor what would give them away.
//!
//! A figure with 0 < n < k is suppressed. Where figures of one metric add up to a total that is published too (the parts of one
//! dimension), one suppressed part alone could be worked out from the others, so the part with the next smallest n is withheld as well, and
//! where there is no other part, the total (complementary suppression: Willenborg & de Waal, *Elements of Statistical Disclosure
//! Control*, 2001, §1.5).

use std::collections::BTreeMap;

use super::number::{Number, Suppression};
use crate::monitor::{Family, Figure, Segment};

/// A figure, and what of it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShownFigure<'a> {
    pub figure: &'a Figure,
    pub number: Number,
}

impl ShownFigure<'_> {
    /// What a reader has to know beside it; nothing where it would tell what isn't shown.
    pub(super) fn note(&self) -> Option<&str> {
        self.figure.note.as_deref().filter(|_| self.number.suppressed.is_none())
    }
}

/// Whether a figure rests on what people decided or did.
fn is_about_people(figure: &Figure) -> bool {
    match figure.family {
        Family::Prevalence => figure.method != "surrogate",
        Family::Calibration | Family::Outcome | Family::PainPoint | Family::Operations | Family::Seller => true,
        Family::Volume | Family::Drift | Family::Policy | Family::Trend | Family::Target | Family::Run => false,
    }
}

/// `figures` as they may be shown where cells below `smallest` may not.
pub(super) fn shown_figures(figures: &[Figure], smallest: u64) -> Vec<ShownFigure<'_>> {
    let mut why: Vec<Option<Suppression>> = figures
        .iter()
        .map(|f| (is_about_people(f) && f.n > 0 && f.n < smallest).then_some(Suppression::Below(smallest)))
        .collect();
    if why.iter().any(Option::is_some) {
        complement(figures, &mut why);
    }
    let number = |(figure, why): (&Figure, Option<Suppression>)| {
        let number = Number::of_figure(figure);
        why.map_or(number.clone(), |why| number.withheld(why))
    };
    figures.iter().zip(why).map(|pair| ShownFigure { figure: pair.0, number: number(pair) }).collect()
}

/// Figures that add up: parts by one dimension, and their totals.
#[derive(Default)]
struct Sum {
    parts: Vec<usize>,
    totals: Vec<usize>,
}

/// Withholds more until nothing can be worked out.
fn complement(figures: &[Figure], why: &mut [Option<Suppression>]) {
    let sums = sums_of(figures);
    loop {
        let mut is_changed = false;
        for sum in &sums {
            let hidden = |at: &usize| why.get(*at).is_some_and(Option::is_some);
            if sum.parts.iter().filter(|at| hidden(at)).count() != 1 || sum.totals.iter().all(hidden) {
                continue;
            }
            let n_of = |at: &usize| figures.get(*at).map_or(0, |f| f.n);
            let next = sum.parts.iter().filter(|at| !hidden(at) && n_of(at) > 0).min_by_key(|at| (n_of(at), **at)).copied();
            let withheld = next.map_or_else(|| sum.totals.clone(), |at| vec![at]);
            for at in withheld {
                if let Some(cell @ None) = why.get_mut(at) {
                    *cell = Some(Suppression::Complement);
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            return;
        }
    }
}

fn sums_of(figures: &[Figure]) -> Vec<Sum> {
    let mut sums: BTreeMap<(usize, Family, &str, Segment), Sum> = BTreeMap::new();
    for (at, figure) in figures.iter().enumerate().filter(|(_, figure)| is_about_people(figure)) {
        for dimension in 0..6 {
            let mut rest = figure.segment.clone();
            let is_part = match dimension {
                0 => rest.market.take().is_some(),
                1 => rest.label.take().is_some(),
                2 => rest.category.take().is_some(),
                3 => rest.content_type.take().is_some(),
                4 => rest.tier.take().is_some(),
                _ => rest.subject.take().is_some(),
            };
            let sum = sums.entry((dimension, figure.family, figure.metric.as_str(), rest)).or_default();
            if is_part { sum.parts.push(at) } else { sum.totals.push(at) }
        }
    }
    sums.into_values().filter(|sum| !sum.parts.is_empty() && !sum.totals.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Unit;

    fn figure(family: Family, market: Option<&str>, n: u64) -> Figure {
        let market = market.map(|market| market.parse().unwrap());
        let segment = Segment { market, ..Segment::default() };
        Figure { value: Some(n as f64), n, ..Figure::new(family, "cases", segment, Unit::Count) }
    }

    /// Whether each is shown (`.`), below (`<`) or withheld (`w`).
    fn check(family: Family, ns: &[(Option<&str>, u64)], expect: &str) {
        let figures: Vec<Figure> = ns.iter().map(|(market, n)| figure(family, *market, *n)).collect();
        let letter = |shown: &ShownFigure<'_>| match shown.number.suppressed {
            None => '.',
            Some(Suppression::Below(10)) => '<',
            Some(_) => 'w',
        };
        let shown = shown_figures(&figures, 10);
        assert_eq!(shown.iter().map(letter).collect::<String>(), expect, "{ns:?}");
        assert!(shown.iter().all(|s| s.number.suppressed.is_none() || (s.number.value.is_none() && s.number.n.is_none())));
    }

    #[test]
    fn a_small_cell_takes_the_next_smallest_with_it() {
        let total = None;
        check(Family::PainPoint, &[(total, 112), (Some("SG"), 4), (Some("TH"), 60), (Some("VN"), 48)], ".<.w");
        check(Family::PainPoint, &[(total, 60), (Some("SG"), 4), (Some("TH"), 6), (Some("VN"), 50)], ".<<.");
        check(Family::PainPoint, &[(Some("SG"), 4), (Some("TH"), 60)], "<.");
        check(Family::PainPoint, &[(total, 12), (Some("SG"), 3)], "w<");
        check(Family::PainPoint, &[(total, 14), (Some("SG"), 14), (Some("TH"), 0)], "...");
        check(Family::PainPoint, &[(total, 14), (Some("SG"), 10), (Some("TH"), 4), (Some("VN"), 0)], ".w<.");
    }

    #[test]
    fn content_is_not_people() {
        check(Family::Volume, &[(None, 112), (Some("SG"), 4)], "..");
        let figures = [Figure { method: "surrogate", ..figure(Family::Prevalence, Some("SG"), 4) }];
        assert_eq!(shown_figures(&figures, 10)[0].number.suppressed, None);
    }
}
