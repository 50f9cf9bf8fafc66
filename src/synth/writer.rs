//! Phrases put together: one writer per item version picks phrases of its language, fills in handles, disguises cues and applies
//! its seller's habits. Cue lists run from telling to innocent; the guilty draw from the front, the honest from the back, and
//! the two overlap, so that no phrase is proof.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::World;
use super::block::Block;
use super::disguise::disguise;
use super::labels::Label;
use super::lexicon::{Language, Lexicon, Section};
use super::place::Place;
use super::plan::Plan;
use super::random::{Domain, Rng};
use super::seller::Seller;

const EMOJI: [&str; 10] = ["🔥", "✨", "❤️", "👍", "🎁", "⭐", "📦", "😍", "💯", "🙏"];

/// Which end of a cue list a text draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Guilty,
    Innocent,
}

/// Writes one version of one item.
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) block: &'a Block,
    pub(super) seller: &'a Seller,
    pub(super) plan: &'a Plan,
    pub(super) rng: Rng,
    pub(super) language: Language,
}

impl<'a> Writer<'a> {
    /// A writer of version `version` (0 is the first).
    pub(super) fn new(world: &'a World, block: &'a Block, seller: &'a Seller, plan: &'a Plan, version: u64) -> Self {
        let mut rng = Rng::new(world.seed, Domain::Text, seller.index, plan.index | (version << 32));
        // One language an item: the version's stream is not used for it.
        let spoken = seller.place().languages;
        let mut steady = Rng::new(world.seed, Domain::Text, seller.index, plan.index | (99 << 32));
        let language = spoken[steady.weighted(&spoken.iter().map(|(_, w)| *w).collect::<Vec<_>>())].0;
        if let (Some(key), 0) = (plan.catalogue, version) {
            rng = Rng::new(world.seed, Domain::Catalogue, key, language as u64);
        }
        Self { world, block, seller, plan, rng, language }
    }

    pub(super) fn words(&self) -> &'a Lexicon {
        self.world.lexicons.of(self.language)
    }

    /// A phrase of a list; Filipino borrows one in five from English.
    pub(super) fn phrase(&mut self, section: Section) -> &'static str {
        let borrows = self.language == Language::Filipino && self.rng.chance(0.2);
        let words = if borrows { self.world.lexicons.of(Language::English) } else { self.words() };
        words.any(section, &mut self.rng)
    }

    pub(super) fn noun(&mut self, category: usize) -> &'static str {
        let nouns = self.words().nouns(category);
        self.rng.pick(nouns).copied().unwrap_or("")
    }

    /// A phrase of a cue list, its handle filled in and, if guilty, disguised.
    pub(super) fn cue(&mut self, label: Label, section: Section, intent: Intent) -> String {
        let list = self.words().of(section);
        let campaign = self.plan.campaign.map(|c| &self.block.campaigns[c]).filter(|c| c.label == label);
        let u = self.rng.uniform();
        let skewed = ((libm::pow(u, 2.0) * list.len() as f64) as usize).min(list.len() - 1);
        let i = match (intent, campaign) {
            // A campaign has its own template: one of the telling phrases, the same for all.
            (Intent::Guilty, Some(c)) if self.rng.chance(0.8) => (c.key % (list.len() as u64 / 2)) as usize,
            (Intent::Guilty, _) => skewed,
            (Intent::Innocent, _) => list.len() - 1 - skewed,
        };
        let handle = self.handle(label, intent);
        let text = list[i].replace("{h}", &handle);
        // A campaign's own word is new to everybody; it is disguised with the rest.
        let word = campaign.filter(|_| intent == Intent::Guilty && self.rng.chance(0.7));
        let text = word.map_or(text.clone(), |c| format!("{text} {}", Place::codeword(self.world.seed, c.key)));
        let level = if intent == Intent::Guilty { self.plan.disguise } else { self.seller.style.ornate };
        let mut text = disguise(&text, level, &self.words().digits, &mut self.rng);
        if let (Intent::Guilty, Some(c)) = (intent, campaign) {
            let closing = self.words().of(Section::Urge);
            text.push_str(self.language.word_gap());
            text.push_str(closing[(c.key >> 8) as usize % closing.len()]);
        }
        text
    }

    fn handle(&mut self, label: Label, intent: Intent) -> String {
        let hotline = (1 << 42) + self.seller.place_idx as u64;
        let key = match (intent, self.plan.campaign) {
            (Intent::Guilty, Some(c)) => self.block.campaigns[c].key ^ self.rng.below(3) as u64,
            (Intent::Guilty, None) if label == Label::Gambling => (1 << 43) + self.block.number * 8 + self.rng.below(6) as u64,
            (Intent::Guilty, None) => self.seller.contact_key(),
            (Intent::Innocent, _) if self.seller.ring.is_some() && self.rng.chance(0.6) => self.seller.contact_key(),
            (Intent::Innocent, _) if self.rng.chance(0.3) => hotline,
            (Intent::Innocent, _) => (1 << 41) + self.seller.index,
        };
        self.seller.place().handle(self.world.seed, key)
    }

    /// With probability `guilty` or `innocent` by whether the item violates `label`, a cue of `section`.
    pub(super) fn maybe_cue(&mut self, label: Label, section: Section, (guilty, innocent): (f64, f64)) -> Option<String> {
        let intent = if self.plan.labels.has(label) { Intent::Guilty } else { Intent::Innocent };
        let p = if intent == Intent::Guilty { guilty } else { innocent };
        self.rng.chance(p).then(|| self.cue(label, section, intent))
    }

    /// Words side by side, as the language writes them.
    pub(super) fn join_words(&self, words: &[&str]) -> String {
        words.iter().filter(|w| !w.is_empty()).copied().collect::<Vec<_>>().join(self.language.word_gap())
    }

    /// Phrases one after another, each once, in random order.
    pub(super) fn join_phrases(&mut self, drawn: Vec<String>) -> String {
        let mut phrases: Vec<String> = Vec::with_capacity(drawn.len());
        for phrase in drawn {
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        for i in (1..phrases.len()).rev() {
            phrases.swap(i, self.rng.below(i + 1));
        }
        let gap = match self.language {
            Language::Thai => " ",
            Language::Chinese => "，",
            _ => [", ", ". ", "\n", " "][self.rng.below(4)],
        };
        phrases.join(gap)
    }

    /// The writer's habits: dropped tone marks, capitals, emoji.
    pub(super) fn finish(&mut self, text: String) -> String {
        let mut text = text;
        if self.language == Language::Vietnamese && (self.seller.style.drops_marks || self.rng.chance(0.1)) {
            text = without_marks(&text);
        }
        if self.seller.style.shouts && self.rng.chance(0.6) {
            text = text.to_uppercase();
        }
        if self.rng.chance(if self.seller.style.emoji { 0.6 } else { 0.08 }) {
            text.push(' ');
            for _ in 0..=self.rng.below(3) {
                text.push_str(self.rng.pick(&EMOJI).copied().unwrap_or("✨"));
            }
        }
        text
    }
}

/// Vietnamese as many type it: letters without their marks.
fn without_marks(text: &str) -> String {
    let plain = |c: char| match c {
        'đ' => 'd',
        'Đ' => 'D',
        c => c,
    };
    text.nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::without_marks;

    #[test]
    fn vietnamese_loses_its_marks() {
        assert_eq!(without_marks("đầm dáng dài"), "dam dang dai");
    }
}
