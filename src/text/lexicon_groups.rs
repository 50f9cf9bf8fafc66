//! What the groups of the lexicons hold, and the features that their hits become.
//!
//! Input: group names, counts. Output: doc blocks and values. Deliberately not here: terms.

/// Groups that the tone is made of.
pub(super) const PRAISE: &str = "praise";
pub(super) const COMPLAINT: &str = "complaint";
/// What the tone is called; no group may be.
pub(super) const TONE: &str = "tone";

/// A group of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconGroup {
    /// Lower snake case.
    pub name: String,
    /// What its terms have in common.
    pub what: String,
}

/// The doc block of a feature that lexicons declare; the same parts as that of a registered feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconDoc {
    /// `lex_` and the group's name.
    pub name: String,
    /// What is measured, with its unit.
    pub what: String,
    /// Why it tells abuse or poor quality apart.
    pub why: String,
    /// Values it can take.
    pub range: String,
    /// How somebody who knows it gets around it.
    pub evaded_by: String,
}

/// Name, what it holds, why it predicts, how it is evaded; sorted by name.
const KNOWN: [(&str, &str, &str, &str); 13] = [
    ("adult", "sexual services and goods", "most markets forbid them, and buyers do not want to meet them", "euphemisms, emoji"),
    (
        COMPLAINT,
        "words of dissatisfaction in reviews",
        "what buyers found wrong is the plainest sign of poor quality",
        "complaining politely",
    ),
    (
        "counterfeit_cue",
        "words for copies and unlicensed goods",
        "who sells a copy has to let buyers know",
        "pictures of the logo, new jargon",
    ),
    (
        "engagement_bait",
        "requests for likes, shares, tags and follows",
        "bait earns reach that the content does not",
        "asking aloud or in the picture",
    ),
    (
        "foreign_platform",
        "other marketplaces, messengers and deals outside",
        "who leads buyers away avoids fees and protection",
        "nicknames of the platforms",
    ),
    (
        "gambling",
        "betting, lotteries, casino games and their jargon",
        "promotion of gambling repeats few words",
        "brand names alone, new jargon",
    ),
    ("insult", "insults and swear words", "abusive texts use them", "irony, new spellings"),
    (
        "medical_claim",
        "promises of cures and bodily change",
        "such claims are forbidden and often dangerous",
        "before and after pictures",
    ),
    (PRAISE, "words of satisfaction in reviews", "with complaints, the tone of a text", "praising without adjectives"),
    ("review_trade", "rewards for reviews, bought reviews", "bought praise misleads buyers", "a card in the parcel"),
    (
        "scam_bait",
        "easy jobs, prizes, loans and investments",
        "fraud begins with an offer too good to be true",
        "starting with small talk",
    ),
    ("urgency", "pressure to buy now", "pressure replaces reasons", "a countdown in the picture"),
    ("weapon_drug", "weapons, drugs and restricted medicine", "most of them may not be sold", "emoji, street names"),
];

impl LexiconGroup {
    /// The group `name`; `what` is for one that is not built in.
    pub(super) fn new(name: String, what: Option<String>) -> Self {
        let known = known(&name).map(|known| known.1.to_owned());
        let what = what.or(known).unwrap_or_else(|| format!("terms that the project lists as {name}"));
        Self { name, what }
    }
}

fn known(name: &str) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    KNOWN.iter().find(|known| known.0 == name)
}

/// The doc blocks of the features of `groups`, then that of the tone.
pub(super) fn docs(groups: &[LexiconGroup]) -> Vec<LexiconDoc> {
    let hits = groups.iter().map(|group| {
        let (why, evaded_by) = known(&group.name).map_or(("the project says so", "other words"), |known| (known.2, known.3));
        LexiconDoc {
            name: format!("lex_{}", group.name),
            what: format!("ln(1 + hits of the lexicon group {}: {})", group.name, group.what),
            why: why.to_owned(),
            range: "0 and up".to_owned(),
            evaded_by: evaded_by.to_owned(),
        }
    });
    let tone = LexiconDoc {
        name: format!("lex_{TONE}"),
        what: "(praise − complaint) / (praise + complaint + 1) in hits of those lexicon groups".to_owned(),
        why: "stars that disagree with the words, and words that overdo it, are signs of a bought or a wrongly scored review"
            .to_owned(),
        range: "above −1 to below 1".to_owned(),
        evaded_by: "irony, negation of another kind".to_owned(),
    };
    hits.chain([tone]).collect()
}

/// The tone of hits of `groups`; `None` without praise or complaint.
pub(super) fn tone(groups: &[LexiconGroup], counts: &[u32]) -> Option<f32> {
    let hits = |name: &str| groups.iter().zip(counts).find(|(group, _)| group.name == name).map_or(0.0, |(_, n)| f64::from(*n));
    let (praise, complaint) = (hits(PRAISE), hits(COMPLAINT));
    (praise + complaint > 0.0).then(|| ((praise - complaint) / (praise + complaint + 1.0)) as f32)
}

/// Appends ln(1 + hits) for each of `groups`, then the tone, which is 0 without either group.
pub(super) fn values(groups: &[LexiconGroup], counts: &[u32], out: &mut Vec<f32>) {
    out.extend(counts.iter().map(|n| libm::log1p(f64::from(*n)) as f32));
    out.push(tone(groups, counts).unwrap_or(0.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_docs() {
        let groups: Vec<LexiconGroup> =
            [COMPLAINT, "own", PRAISE].iter().map(|n| LexiconGroup::new((*n).to_owned(), None)).collect();
        let mut values = Vec::new();
        super::values(&groups, &[1, 0, 3], &mut values);
        assert_eq!(values, [2.0_f32.ln(), 0.0, 4.0_f32.ln(), 0.4]);
        let names: Vec<String> = docs(&groups).into_iter().map(|doc| doc.name).collect();
        assert_eq!(names, ["lex_complaint", "lex_own", "lex_praise", "lex_tone"]);
        assert!(KNOWN.is_sorted());
    }
}
