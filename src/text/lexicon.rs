//! Lexicons: lists of terms by group and market, found in normalised text.
//!
//! Input: the built-in files of `config/lexicons/`, the texts of a project's own files, then normalised texts. Output: hits by group.
//! A term is normalised as texts are, so one spelling stands for its disguises. Terms of scripts with spaces must stand as words; terms
//! of Thai, Chinese and the like are found anywhere. Deliberately not here: opening files, and what a hit is worth.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use unicode_normalization::char::decompose_canonical;

use super::lexicon_file::{LexiconError, LexiconFile, Terms, read};
use super::lexicon_groups::{LexiconDoc, LexiconGroup};
use super::{alphabet, lexicon_groups};
use crate::units::Market;

/// The built-in files.
const BUILT_IN: [LexiconFile<'static>; 7] = [
    LexiconFile { name: "config/lexicons/common.toml", text: include_str!("../../config/lexicons/common.toml") },
    LexiconFile { name: "config/lexicons/sg.toml", text: include_str!("../../config/lexicons/sg.toml") },
    LexiconFile { name: "config/lexicons/my.toml", text: include_str!("../../config/lexicons/my.toml") },
    LexiconFile { name: "config/lexicons/th.toml", text: include_str!("../../config/lexicons/th.toml") },
    LexiconFile { name: "config/lexicons/vn.toml", text: include_str!("../../config/lexicons/vn.toml") },
    LexiconFile { name: "config/lexicons/ph.toml", text: include_str!("../../config/lexicons/ph.toml") },
    LexiconFile { name: "config/lexicons/id.toml", text: include_str!("../../config/lexicons/id.toml") },
];
/// Shortest Vietnamese term, in characters, that is also found without its marks: shorter ones become other words.
const SHORTEST_UNMARKED: usize = 6;

/// Groups of terms, ready to search.
#[derive(Debug)]
pub struct Lexicons {
    groups: Vec<LexiconGroup>,
    common: Matcher,
    /// The common terms together with the market's own.
    markets: BTreeMap<Market, Matcher>,
    fingerprint: String,
}

/// A hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LexiconSpan {
    /// Index of the group in [`Lexicons::groups`].
    pub group: usize,
    /// First byte of the hit in the normalised text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// Terms of one market as built: term → groups.
type Vocabulary = BTreeMap<String, BTreeSet<usize>>;

impl Lexicons {
    /// The built-in lexicons.
    #[must_use]
    pub fn built_in() -> Self {
        // A test proves that the built-in files are good; without them nothing would be found.
        Self::new(&[]).unwrap_or_else(|_| Self {
            groups: Vec::new(),
            common: Matcher::default(),
            markets: BTreeMap::new(),
            fingerprint: String::new(),
        })
    }

    /// The built-in lexicons and a project's own `files`.
    ///
    /// # Errors
    /// At the first file that is not a lexicon, or term that could not be found or would be found everywhere.
    pub fn new(files: &[LexiconFile<'_>]) -> Result<Self, LexiconError> {
        Self::with(files, &[], "")
    }

    /// Like [`Lexicons::new`], without the groups named in `disabled`, which is written at `place`.
    ///
    /// # Errors
    /// As [`Lexicons::new`], and at a disabled group that no file has.
    pub fn with(files: &[LexiconFile<'_>], disabled: &[String], place: &str) -> Result<Self, LexiconError> {
        let read: Vec<Terms> = BUILT_IN.iter().chain(files).map(read).collect::<Result<_, _>>()?;
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        for (group, what) in read.iter().flat_map(|file| &file.groups) {
            let known = names.entry(group.clone()).or_default();
            *known = known.take().or_else(|| what.clone());
        }
        if let Some(group) = disabled.iter().find(|group| !names.contains_key(*group)) {
            let nearest = names.keys().min_by_key(|name| strsim::damerau_levenshtein(group, name)).cloned().unwrap_or_default();
            let known = names.into_keys().collect::<Vec<_>>().join(", ");
            return Err(LexiconError::UnknownGroup { place: place.to_owned(), group: group.clone(), nearest, known });
        }
        names.retain(|name, _| !disabled.contains(name));
        let groups: Vec<LexiconGroup> = names.into_iter().map(|(name, what)| LexiconGroup::new(name, what)).collect();
        let index = |name: &str| groups.binary_search_by(|group| group.name.as_str().cmp(name)).ok();

        let mut vocabularies: BTreeMap<Option<Market>, Vocabulary> = BTreeMap::new();
        for file in &read {
            let vocabulary = vocabularies.entry(file.market).or_default();
            for (group, term) in file.terms.iter().filter_map(|(group, term)| Some((index(group)?, term))) {
                vocabulary.entry(term.clone()).or_default().insert(group);
                if let Some(bare) = unmarked(term).filter(|_| file.market.is_some_and(|m| m.as_str() == "VN")) {
                    vocabulary.entry(bare).or_default().insert(group);
                }
            }
        }
        let fingerprint = fingerprint(&groups, &vocabularies);
        let shared = vocabularies.remove(&None).unwrap_or_default();
        let markets = vocabularies.into_iter().filter_map(|(market, own)| Some((market?, own)));
        let markets = markets.map(|(market, mut own)| {
            for (term, groups) in &shared {
                own.entry(term.clone()).or_default().extend(groups);
            }
            Matcher::new(own).map(|matcher| (market, matcher))
        });
        let markets = markets.collect::<Result<_, _>>()?;
        Ok(Self { groups, common: Matcher::new(shared)?, markets, fingerprint })
    }

    /// The groups, sorted by name.
    #[must_use]
    pub fn groups(&self) -> &[LexiconGroup] {
        &self.groups
    }

    /// Replaces `out` with the hits in `normalised`, one count for each of [`Lexicons::groups`]. A market without terms of its own has the
    /// common ones.
    pub fn count(&self, normalised: &str, market: Market, out: &mut Vec<u32>) {
        out.clear();
        out.resize(self.groups.len(), 0);
        for span in self.spans(normalised, market) {
            if let Some(count) = out.get_mut(span.group) {
                *count += 1;
            }
        }
    }

    /// The hits in `normalised`, by group, then place. Hits of one group do not overlap: the leftmost, and of those the longest, stays.
    /// Praise that begins in a complaint (`not recommended`) is none.
    #[must_use]
    pub fn spans(&self, normalised: &str, market: Market) -> Vec<LexiconSpan> {
        let mut spans = Vec::new();
        self.markets.get(&market).unwrap_or(&self.common).find(normalised, &mut spans);
        if spans.len() < 2 {
            return spans;
        }
        spans.sort_unstable_by_key(|s| (s.group, s.start, std::cmp::Reverse(s.end)));
        let mut last: Option<LexiconSpan> = None;
        spans.retain(|span| {
            let free = last.is_none_or(|last| last.group != span.group || last.end <= span.start);
            last = if free { Some(*span) } else { last };
            free
        });
        self.drop_denied_praise(&mut spans);
        spans
    }

    fn drop_denied_praise(&self, spans: &mut Vec<LexiconSpan>) {
        let index = |name: &str| self.groups.iter().position(|group| group.name == name);
        let (Some(praise), Some(complaint)) = (index(lexicon_groups::PRAISE), index(lexicon_groups::COMPLAINT)) else { return };
        let complaints: Vec<LexiconSpan> = spans.iter().filter(|s| s.group == complaint).copied().collect();
        if !complaints.is_empty() {
            let denied = |s: &LexiconSpan| {
                let next = complaints.partition_point(|c| c.end <= s.start);
                complaints.get(next).is_some_and(|c| c.start <= s.start)
            };
            spans.retain(|s| s.group != praise || !denied(s));
        }
    }

    /// Identity of all terms, as hex: for the manifest of a model.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The features that hits become, in the order of [`Lexicons::values`]: one for each group, then the tone.
    #[must_use]
    pub fn docs(&self) -> Vec<LexiconDoc> {
        lexicon_groups::docs(&self.groups)
    }

    /// (praise − complaint) / (praise + complaint + 1) of `counts`; `None` where no word tells.
    #[must_use]
    pub fn tone(&self, counts: &[u32]) -> Option<f32> {
        lexicon_groups::tone(&self.groups, counts)
    }

    /// Appends the values of the features for `counts` as `count` gave them: ln(1 + hits), then the tone.
    pub fn values(&self, counts: &[u32], out: &mut Vec<f32>) {
        lexicon_groups::values(&self.groups, counts, out);
    }
}

/// A Vietnamese term without its marks, if it has any and is long enough.
fn unmarked(term: &str) -> Option<String> {
    if term.is_ascii() || term.chars().count() < SHORTEST_UNMARKED {
        return None;
    }
    let mut bare = String::with_capacity(term.len());
    for c in term.chars() {
        match c {
            'đ' => bare.push('d'),
            _ => decompose_canonical(c, |part| {
                if !unicode_normalization::char::is_combining_mark(part) {
                    bare.push(part);
                }
            }),
        }
    }
    (bare != term).then_some(bare)
}

fn fingerprint(groups: &[LexiconGroup], vocabularies: &BTreeMap<Option<Market>, Vocabulary>) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    };
    for (market, vocabulary) in vocabularies {
        part(market.as_ref().map_or("", Market::as_str));
        for (term, in_groups) in vocabulary {
            part(term);
            in_groups.iter().filter_map(|group| groups.get(*group)).for_each(|group| part(&group.name));
            part("");
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// The search for one market's terms.
#[derive(Debug, Default)]
struct Matcher {
    automaton: Option<AhoCorasick>,
    terms: Vec<Term>,
}

/// What is known of a term beside its letters.
#[derive(Debug)]
struct Term {
    groups: Vec<usize>,
    /// Which kind of word its first and last character continue.
    first: Edge,
    last: Edge,
}

/// What a character can be the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// A word of letters in a script with spaces.
    Letters,
    /// A number.
    Digits,
    /// Neither, or a script without spaces.
    Free,
}

impl Edge {
    fn of(c: Option<char>) -> Self {
        match c {
            Some(c) if c.is_ascii_digit() => Self::Digits,
            Some(c) if alphabet::is_latin(c) => Self::Letters,
            Some(c) if c.is_alphabetic() && !is_spaceless(c) => Self::Letters,
            _ => Self::Free,
        }
    }

    /// Whether a word or number goes on from one character to the next.
    fn joins(self, other: Self) -> bool {
        self == other && self != Self::Free
    }
}

/// A letter of Thai, Lao, Myanmar, Khmer, or East Asian writing.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{20000}'..='\u{3ffff}')
}

impl Matcher {
    fn new(vocabulary: Vocabulary) -> Result<Self, LexiconError> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            // Thai letters begin with the same two bytes: the states behind those have many ways on and are met all the time.
            .dense_depth(3)
            .build(vocabulary.keys())
            .map_err(|error| LexiconError::TooMany { n_terms: vocabulary.len(), message: error.to_string() })?;
        let terms = vocabulary.into_iter().map(|(term, groups)| Term {
            groups: groups.into_iter().collect(),
            first: Edge::of(term.chars().next()),
            last: Edge::of(term.chars().next_back()),
        });
        Ok(Self { terms: terms.collect(), automaton: Some(automaton) })
    }

    /// Adds every hit in `text`, those that overlap among them.
    fn find(&self, text: &str, spans: &mut Vec<LexiconSpan>) {
        let Some(automaton) = &self.automaton else { return };
        for found in automaton.find_overlapping_iter(text) {
            let Some(term) = self.terms.get(found.pattern().as_usize()) else { continue };
            let (start, end) = (found.start(), found.end());
            let before = text.get(..start).and_then(|t| t.chars().next_back());
            let after = text.get(end..).and_then(|t| t.chars().next());
            if !Edge::of(before).joins(term.first) && !Edge::of(after).joins(term.last) {
                spans.extend(term.groups.iter().map(|group| LexiconSpan { group: *group, start, end }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise;

    fn hits(lexicons: &Lexicons, text: &str, market: &str) -> Vec<(String, u32)> {
        let mut counts = Vec::new();
        lexicons.count(&normalise(text), market.parse().unwrap(), &mut counts);
        let named = lexicons.groups().iter().zip(counts).filter(|(_, n)| *n > 0);
        named.map(|(group, n)| (group.name.clone(), n)).collect()
    }

    fn check(text: &str, market: &str, expect: &[(&str, u32)]) {
        let lexicons = Lexicons::built_in();
        let expect: Vec<(String, u32)> = expect.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        assert_eq!(hits(&lexicons, text, market), expect, "{text}");
    }

    #[test]
    fn terms_are_found_in_their_disguises() {
        check("SL0T G4COR di sini", "ID", &[("gambling", 1)]);
        check("𝐬𝐥𝐨𝐭 𝐠𝐚𝐜𝐨𝐫, togel", "ID", &[("gambling", 2)]);
        check("nhà cái uy tín", "VN", &[("gambling", 1)]);
        check("nha cai uy tin", "VN", &[("gambling", 1)]);
        check("เว็บสล็อตแตกง่าย", "TH", &[("gambling", 1)]);
        check("高仿包包", "SG", &[("counterfeit_cue", 1)]);
    }

    #[test]
    fn words_are_whole() {
        check("togelan gacorkan", "ID", &[]);
        check("togel88", "ID", &[("gambling", 1)]);
        check("11:1 copy", "SG", &[]);
        check("togel", "US", &[]);
        check("online casino", "US", &[("gambling", 1)]);
    }

    #[test]
    fn longest_first_and_no_praise_in_a_complaint() {
        check("slot gacor", "ID", &[("gambling", 1)]);
        check("bad seller, not recommended seller", "SG", &[("complaint", 1)]);
        check("không nên mua", "VN", &[("complaint", 1)]);
    }

    #[test]
    fn a_project_adds_its_own() {
        let text =
            "market = \"SG\"\n[groups]\ngambling = [\"big  SWEEP\"]\nrival = [\"acme\"]\n[what]\nrival = \"the rival's names\"\n";
        let own = Lexicons::new(&[LexiconFile { name: "own.toml", text }]).unwrap();
        assert_eq!(hits(&own, "Acme big sweep", "SG"), [("gambling".to_owned(), 1), ("rival".to_owned(), 1)]);
        assert_eq!(hits(&own, "Acme big sweep", "MY"), []);
        assert_ne!(own.fingerprint(), Lexicons::built_in().fingerprint());
        assert_eq!(own.docs().len(), own.groups().len() + 1);
        let without = Lexicons::with(&[], &["gambling".to_owned()], "").unwrap();
        assert!(without.groups().iter().all(|g| g.name != "gambling"));
        assert_eq!(hits(&without, "togel", "ID"), []);
        let error = Lexicons::with(&[], &["gambing".to_owned()], "stallmark.toml:9").unwrap_err().to_string();
        let expect =
            "stallmark.toml:9: features.lexicons.disabled names group `gambing`, which no lexicon has; did you mean `gambling`?";
        assert!(error.starts_with(expect), "{error}");
    }

    #[test]
    fn the_built_in_files_are_good() {
        let built_in = Lexicons::new(&[]).unwrap();
        assert_eq!(built_in.groups().len(), 13);
        assert!(built_in.groups().windows(2).all(|w| w[0].name < w[1].name));
        assert_eq!(built_in.markets.len(), 6);
        assert_eq!(built_in.fingerprint(), Lexicons::built_in().fingerprint());
    }
}
