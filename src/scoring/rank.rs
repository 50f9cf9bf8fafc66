//! The rank multiplier: what ranking multiplies an item's own score by, and the band that goes with it (docs/ranking.md).
//!
//! m = max(floor, quality^a · (1 − abuse)^b) · least factor of the treatments that apply. It lies in [0, 1] and never rises when
//! abuse rises, quality falls or a treatment is added. Deliberately not here: which treatments apply (`policy`), and what a reader
//! does with an item that has no row or an expired one, which is the contract's to say.

use super::row::ScoreRow;
use super::scorer::ScoredLabel;
use crate::config::{MultiplierConfig, TreatmentFactors};
use crate::units::{ContentType, LabelKind, Treatment};

/// How scores and treatments become a rank multiplier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankRules {
    /// Least that scores alone give, in [0, 1]: a poor item sinks, but only a treatment makes it vanish.
    pub floor: f64,
    /// Exponent of quality; 0 leaves quality out, also where it is missing.
    pub quality_exponent: f64,
    /// Exponent of 1 − abuse; 0 leaves abuse out, also where it is missing.
    pub abuse_exponent: f64,
    /// What a missing score counts as, in [0, 1].
    pub unscored: f64,
    /// What each treatment multiplies by, in [0, 1].
    pub treatments: TreatmentFactors,
    /// Whether items of a content type are asked for quality and for abuse at all, by the place of the type.
    asked: [(bool, bool); 5],
}

impl RankRules {
    /// The configured rules of a project's labels.
    #[must_use]
    pub fn new(config: &MultiplierConfig, labels: &[ScoredLabel]) -> Self {
        let covers = |kind, ty| labels.iter().any(|label| label.kind == kind && label.content_types.contains(&ty));
        let mut asked = [(false, false); 5];
        for (asked, ty) in asked.iter_mut().zip(ContentType::all()) {
            *asked = (covers(LabelKind::Quality, ty), covers(LabelKind::Abuse, ty));
        }
        Self {
            floor: config.floor,
            quality_exponent: config.quality_exponent,
            abuse_exponent: config.abuse_exponent,
            unscored: config.unscored,
            treatments: config.treatments,
            asked,
        }
    }

    /// The rules for items of a content type: a score that no label of the project gives to such items is left out, because its being
    /// missing says nothing of the item.
    #[must_use]
    pub fn of_type(&self, content_type: ContentType) -> Self {
        let place = ContentType::all().position(|ty| ty == content_type);
        let (quality, abuse) = place.and_then(|at| self.asked.get(at)).copied().unwrap_or((true, true));
        let kept = |asked, exponent| if asked { exponent } else { 0.0 };
        Self { quality_exponent: kept(quality, self.quality_exponent), abuse_exponent: kept(abuse, self.abuse_exponent), ..*self }
    }

    /// What a treatment multiplies by: as its policy says, else as configured.
    #[must_use]
    pub fn factor(&self, treatment: Treatment, of_policy: Option<f64>) -> f64 {
        of_policy.unwrap_or_else(|| self.treatments.of(treatment))
    }
}

/// The multiplier of an item, in [0, 1]. `factors` are those of the treatments that apply; the least counts. A missing score counts
/// as [`RankRules::unscored`], both missing as it once: an item of which not all is known never stands above one of which nothing is.
#[must_use]
pub fn rank_multiplier(rules: &RankRules, quality: Option<f64>, abuse: Option<f64>, factors: impl Iterator<Item = f64>) -> f32 {
    let of_scores = match (quality, abuse) {
        (None, None) => rules.unscored,
        _ => {
            let part = |score: Option<f64>, exponent: f64| match score {
                _ if exponent == 0.0 => 1.0,
                Some(score) => libm::pow(score.clamp(0.0, 1.0), exponent),
                None => rules.unscored,
            };
            let known = part(quality, rules.quality_exponent) * part(abuse.map(|p| 1.0 - p), rules.abuse_exponent);
            known.max(rules.floor)
        }
    };
    let least = factors.fold(1.0, f64::min);
    (of_scores * least).clamp(0.0, 1.0) as f32
}

/// The band of an item that treatments apply to: `withheld` where it is held, else `limited` where it is kept out of recommendations
/// or behind a gate, else the scores' own.
#[must_use]
pub fn treated_band(of_scores: &str, mut treatments: impl Iterator<Item = Treatment>) -> &str {
    treatments
        .try_fold(of_scores, |band, treatment| match treatment {
            Treatment::Hold => Err("withheld"),
            Treatment::NoRecommend | Treatment::Gate => Ok("limited"),
            Treatment::Allow | Treatment::Label | Treatment::Downrank | Treatment::Review | Treatment::Escalate => Ok(band),
        })
        .unwrap_or_else(|withheld| withheld)
}

impl ScoreRow {
    /// Sets multiplier and band by the row's published scores and the treatments that apply, each with the factor of its policy where
    /// that has one. To be called once a row: the band is built upon that of the scores.
    pub fn rank(&mut self, rules: &RankRules, applied: &[(Treatment, Option<f64>)]) {
        let factors = applied.iter().map(|(treatment, of_policy)| rules.factor(*treatment, *of_policy));
        // The published, rounded scores: a reader who computes the multiplier from them gets this one.
        let of_type = rules.of_type(self.content_type);
        self.rank_multiplier = rank_multiplier(&of_type, self.quality.map(f64::from), self.abuse.map(f64::from), factors);
        let band = treated_band(&self.band, applied.iter().map(|(treatment, _)| *treatment));
        if band != self.band {
            self.band = band.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};
    use crate::units::Severity;

    /// A label of listings.
    fn label(kind: LabelKind) -> ScoredLabel {
        let severity = Severity::new(3).unwrap();
        ScoredLabel { id: "x".into(), kind, severity, weight: 1.0, content_types: BTreeSet::from([ContentType::Listing]) }
    }

    /// The built-in rules of a project that has labels of both kinds.
    fn rules() -> RankRules {
        static RULES: LazyLock<RankRules> =
            LazyLock::new(|| RankRules::new(&built_in(), &[label(LabelKind::Abuse), label(LabelKind::Quality)]));
        *RULES
    }

    fn built_in() -> MultiplierConfig {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
        load(&project, &overlays, Path::new("/p")).unwrap().score.multiplier
    }

    fn of(quality: Option<f64>, abuse: Option<f64>, treatments: &[Treatment]) -> f32 {
        let rules = rules();
        rank_multiplier(&rules, quality, abuse, treatments.iter().map(|t| rules.factor(*t, None)))
    }

    #[test]
    fn hand_computed_multipliers() {
        use Treatment::{Allow, Downrank, Escalate, Gate, Hold, Label, NoRecommend, Review};
        assert_eq!(of(Some(0.5), Some(0.25), &[]), 0.375);
        assert_eq!(of(Some(0.5), Some(0.25), &[Allow, Label, Review, Escalate]), 0.375);
        assert_eq!(of(Some(0.5), Some(0.25), &[Downrank]), 0.1875);
        assert_eq!(of(Some(0.5), Some(0.25), &[Gate, Downrank]), 0.018_75);
        assert_eq!(of(Some(1.0), Some(0.0), &[Label, NoRecommend]), 0.0);
        assert_eq!(of(Some(1.0), Some(0.0), &[Hold]), 0.0);
        assert_eq!(of(Some(1.0), Some(0.0), &[]), 1.0);
        // The floor, and a treatment below it.
        assert_eq!(of(Some(0.01), Some(0.99), &[]), 0.1);
        assert_eq!(of(Some(0.01), Some(0.99), &[Downrank]), 0.05);
        // Exponents: 0.5² · 0.25^0.5.
        let other = RankRules { quality_exponent: 2.0, abuse_exponent: 0.5, floor: 0.0, ..rules() };
        assert_eq!(rank_multiplier(&other, Some(0.5), Some(0.75), std::iter::empty()), 0.125);
    }

    #[test]
    fn missing_is_not_safe() {
        assert_eq!(of(None, None, &[]), 0.5);
        assert_eq!(of(None, None, &[Treatment::Downrank]), 0.25);
        assert_eq!(of(None, Some(0.0), &[]), 0.5);
        assert_eq!(of(Some(1.0), None, &[]), 0.5);
    }

    #[test]
    fn a_score_that_no_label_gives_to_a_content_type_is_left_out() {
        let of = |labels: &[ScoredLabel], ty, quality, abuse| {
            rank_multiplier(&RankRules::new(&built_in(), labels).of_type(ty), quality, abuse, std::iter::empty())
        };
        let both = [label(LabelKind::Abuse), label(LabelKind::Quality)];
        assert_eq!(of(&both, ContentType::Listing, None, Some(0.25)), 0.375, "asked for, and missing");
        assert_eq!(of(&both[..1], ContentType::Listing, None, Some(0.25)), 0.75);
        assert_eq!(of(&both[1..], ContentType::Listing, Some(0.25), None), 0.25);
        // Nothing is asked of comments here, and nothing known: that is no score, not a good one.
        assert_eq!(of(&both, ContentType::Comment, None, None), 0.5);
    }

    #[test]
    fn a_policy_may_have_its_own_factor() {
        assert_eq!(rules().factor(Treatment::Downrank, Some(0.8)), 0.8);
        assert_eq!(rules().factor(Treatment::Downrank, None), 0.5);
    }

    #[test]
    fn bands_follow_the_treatments() {
        use Treatment::{Downrank, Escalate, Gate, Hold, NoRecommend};
        assert_eq!(treated_band("fair", [Downrank, Escalate].into_iter()), "fair");
        assert_eq!(treated_band("good", [NoRecommend].into_iter()), "limited");
        assert_eq!(treated_band("unscored", [Gate, Downrank].into_iter()), "limited");
        assert_eq!(treated_band("severe", [Gate, Hold, NoRecommend].into_iter()), "withheld");
        assert_eq!(treated_band("poor", std::iter::empty()), "poor");
    }

    fn share() -> impl Strategy<Value = f64> {
        prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0]
    }

    prop_compose! {
        fn any_rules()(floor in share(), quality in 0.0..=10.0, abuse in 0.0..=10.0, unscored in share()) -> RankRules {
            RankRules { floor, quality_exponent: quality, abuse_exponent: abuse, unscored, ..rules() }
        }
    }

    proptest! {
        #[test]
        fn bounded_and_monotone(
            rules in any_rules(),
            quality in proptest::option::of(share()),
            abuse in proptest::option::of(share()),
            worse in (share(), share()),
            factors in proptest::collection::vec(share(), 0..4),
            added in share(),
        ) {
            let of = |quality, abuse, factors: &[f64]| rank_multiplier(&rules, quality, abuse, factors.iter().copied());
            let m = of(quality, abuse, &factors);
            prop_assert!((0.0..=1.0).contains(&m));
            prop_assert!(of(quality.map(|q| q * worse.0), abuse, &factors) <= m, "quality fell");
            prop_assert!(of(quality, abuse.map(|p| p + (1.0 - p) * worse.1), &factors) <= m, "abuse rose");
            let more: Vec<f64> = factors.iter().copied().chain([added]).collect();
            prop_assert!(of(quality, abuse, &more) <= m, "a treatment was added");
            let reversed: Vec<f64> = factors.iter().rev().copied().collect();
            prop_assert_eq!(of(quality, abuse, &reversed), m, "the order of treatments does not matter");
        }

        /// With one of two scores missing an item never stands above one with none, unless the floor is higher than that.
        #[test]
        fn less_known_never_ranks_above_nothing_known(quality in share(), abuse in share()) {
            prop_assert!(of(Some(quality), None, &[]) <= of(None, None, &[]));
            prop_assert!(of(None, Some(abuse), &[]) <= of(None, None, &[]));
        }
    }
}
