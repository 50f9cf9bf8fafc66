//! The invented phrases of seven languages, one small text file each under `words/`: a line is a section, its phrases
//! separated by ` | `. Sections that carry a trace of abuse run from the most telling phrase to the most innocent one, because
//! honest sellers use the same lists from the other end.

use super::SynthError;
use super::random::Rng;

/// Categories in the order of the noun lines.
pub(super) const CATEGORIES: [&str; 12] = [
    "women_fashion",
    "men_fashion",
    "shoes_bags",
    "beauty",
    "phones",
    "electronics",
    "home",
    "baby",
    "food",
    "sports",
    "toys",
    "watches_jewelry",
];

/// Phrase lists that are not nouns, named as in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Adj,
    Feat,
    Ship,
    Pos,
    Neg,
    Mid,
    Low,
    Praise,
    Caption,
    Live,
    Comment,
    Urge,
    Redir,
    Claim,
    Fake,
    Gamble,
    Bait,
    Hype,
    Vague,
}

const SECTIONS: [&str; 19] = [
    "adj", "feat", "ship", "pos", "neg", "mid", "low", "praise", "caption", "live", "comment", "urge", "redir", "claim", "fake",
    "gamble", "bait", "hype", "vague",
];

/// A language of the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Indonesian,
    Malay,
    Thai,
    Vietnamese,
    Filipino,
    Chinese,
}

impl Language {
    /// BCP 47.
    pub(super) fn tag(self) -> &'static str {
        ["en", "id", "ms", "th", "vi", "fil", "zh"][self as usize]
    }

    /// What stands between words.
    pub(super) fn word_gap(self) -> &'static str {
        if matches!(self, Self::Thai | Self::Chinese) { "" } else { " " }
    }
}

const SOURCES: [(Language, &str); 7] = [
    (Language::English, include_str!("words/en.txt")),
    (Language::Indonesian, include_str!("words/id.txt")),
    (Language::Malay, include_str!("words/ms.txt")),
    (Language::Thai, include_str!("words/th.txt")),
    (Language::Vietnamese, include_str!("words/vi.txt")),
    (Language::Filipino, include_str!("words/fil.txt")),
    (Language::Chinese, include_str!("words/zh.txt")),
];

/// The phrases of one language.
#[derive(Debug)]
pub(super) struct Lexicon {
    nouns: Vec<Vec<&'static str>>,
    sections: Vec<Vec<&'static str>>,
    /// The ten digits spelt out.
    pub(super) digits: Vec<&'static str>,
}

impl Lexicon {
    fn parse(language: Language, text: &'static str) -> Result<Self, SynthError> {
        let line = |name: &'static str| {
            let found = text.lines().filter_map(|l| l.split_once(" = ")).find(|(n, _)| *n == name).map(|(_, list)| list);
            found.ok_or(SynthError::Words { language: language.tag(), section: name })
        };
        let phrases = |name| line(name).map(|list| list.split(" | ").collect::<Vec<_>>());
        Ok(Self {
            nouns: CATEGORIES.into_iter().map(phrases).collect::<Result<_, _>>()?,
            sections: SECTIONS.into_iter().map(phrases).collect::<Result<_, _>>()?,
            digits: line("digits")?.split(' ').collect(),
        })
    }

    pub(super) fn nouns(&self, category: usize) -> &[&'static str] {
        self.nouns.get(category).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of(&self, section: Section) -> &[&'static str] {
        self.sections.get(section as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn any(&self, section: Section, rng: &mut Rng) -> &'static str {
        rng.pick(self.of(section)).copied().unwrap_or("")
    }
}

/// All lexicons, indexed by [`Language`].
#[derive(Debug)]
pub(super) struct Lexicons(Vec<Lexicon>);

impl Lexicons {
    /// Reads the built-in lists.
    ///
    /// # Errors
    /// When a list is missing: a fault of the build.
    pub(super) fn load() -> Result<Self, SynthError> {
        SOURCES.into_iter().map(|(language, text)| Lexicon::parse(language, text)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn of(&self, language: Language) -> &Lexicon {
        &self.0[language as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_list() {
        let all = Lexicons::load().unwrap();
        for (language, _) in SOURCES {
            let words = all.of(language);
            assert_eq!(words.digits.len(), 10, "{language:?}");
            assert!((0..12).all(|c| words.nouns(c).len() >= 7), "{language:?}");
            assert!(words.of(Section::Redir).iter().all(|p| p.contains("{h}")), "{language:?}");
            let n: usize = words.nouns.iter().chain(&words.sections).map(Vec::len).sum();
            assert!(n > 280, "{language:?} has {n} phrases");
        }
    }
}
