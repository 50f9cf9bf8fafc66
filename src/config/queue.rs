//! `[queue]`: whose minutes go to which items.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::checker::{Checker, is_segment};
use super::{ConfigError, Label};
use crate::units::{ContentType, Id, Market};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQueue {
    order: QueueOrder,
    horizon_days: i64,
    join_duplicates: bool,
    member_share: f64,
    max_members: i64,
    max_wait_days: i64,
    qa_days: i64,
    importance_power: f64,
    importance_floor: f64,
    minutes_prior_n: i64,
    key: String,
    minutes: BTreeMap<ContentType, f64>,
    shares: RawShares,
    skills: BTreeMap<String, Vec<String>>,
    capacity: Vec<RawCapacity>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawShares {
    random: f64,
    importance: f64,
    qa: f64,
    golden: f64,
    age_out: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawCapacity {
    /// A market, or "*" for every market, each of which then has the minutes.
    market: String,
    /// A language as content has it (`zh`, which also stands for `zh-Hans`), or "*".
    language: String,
    /// A skill of [queue.skills], "general", or "*".
    skill: String,
    /// Minutes of review a night, 0 to 10000000.
    minutes: f64,
}

/// What goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueOrder {
    /// The most expected harm per minute of review.
    ExpectedHarm,
    /// What has waited longest.
    Fifo,
    /// The highest probability of abuse.
    Score,
    /// The most unanswered reports.
    Reports,
}

/// The queue for reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueConfig {
    /// What goes first.
    pub order: QueueOrder,
    /// Days until an item's next chance of review, 1 to 60: expected harm counts their views.
    pub horizon_days: u32,
    /// Whether near duplicates of one market are one case.
    pub join_duplicates: bool,
    /// Minutes that each further member of a case takes, as a share of one review, in [0, 1].
    pub member_share: f64,
    /// Members of a case that are listed at most; at least 1.
    pub max_members: usize,
    /// Days after which what was asked for and is undecided has its own slice.
    pub max_wait_days: u32,
    /// Days before the midnight whose decisions are drawn for second reviews; at least 1.
    pub qa_days: u32,
    /// The power of an item's forecast views in its importance, in [0, 1].
    pub importance_power: f64,
    /// What is added to the probability of abuse in its importance, above 0.
    pub importance_floor: f64,
    /// Reviews that the configured minutes count as.
    pub minutes_prior_n: u32,
    /// Minutes of a review of each content type before any review, above 0.
    pub minutes: BTreeMap<ContentType, f64>,
    /// Shares of the capacity that are reserved.
    pub shares: QueueShares,
    /// The labels that a skill is needed for, by skill; no label has two.
    pub skills: BTreeMap<Id, Vec<Id>>,
    /// Who reviews how long, in the order of the configuration; no two of them of the same market, language and skill.
    pub capacity: Vec<Capacity>,
    /// What draws are keyed with.
    pub key: QueueKey,
}

/// Shares of the capacity, each in [0, 1], together below 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QueueShares {
    /// For items drawn with equal probability.
    pub random: f64,
    /// For items drawn by views and score.
    pub importance: f64,
    /// For second reviews.
    pub qa: f64,
    /// For cases with a known answer.
    pub golden: f64,
    /// For what has waited too long.
    pub age_out: f64,
}

/// Minutes of review a night for what matches; `None` matches everything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// The market; every market has the minutes of its own where none is named.
    pub market: Option<Market>,
    /// The language, or the part of it before the first hyphen.
    pub language: Option<Id>,
    /// The skill.
    pub skill: Option<Id>,
    /// Minutes a night.
    pub minutes: f64,
}

/// A secret that draws are keyed with. It is shown and written as a digest only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueKey {
    bytes: [u8; 32],
    is_default: bool,
}

impl QueueKey {
    /// The key made of a text of any length.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { bytes: blake3::derive_key("stallmark 2026 review queue draws", text.as_bytes()), is_default: text.is_empty() }
    }

    /// The key itself.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether no secret was given, so that anybody can tell beforehand what will be drawn.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// What may be published: it tells keys apart and gives none away.
    #[must_use]
    pub fn digest(&self) -> String {
        blake3::derive_key("stallmark 2026 review queue key digest", &self.bytes)[..8]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }
}

impl std::fmt::Debug for QueueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QueueKey({})", self.digest())
    }
}

impl Serialize for QueueKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.digest())
    }
}

/// The skill of what no other is needed for.
pub const GENERAL_SKILL: &str = "general";

/// Checks `[queue]`; `known` are all declared labels.
pub(super) fn queue(raw: RawQueue, known: &[&Label], checker: &Checker<'_>) -> Result<QueueConfig, ConfigError> {
    let key = |name: &str| format!("queue.{name}");
    let mut minutes = BTreeMap::new();
    for kind in ContentType::all() {
        let path = format!("queue.minutes.{kind}");
        let value = raw.minutes.get(&kind).copied().ok_or_else(|| checker.refuse(&path, "minutes of every content type"))?;
        minutes.insert(kind, checker.number(&path, value, 0.01..=1000.0)?);
    }
    let skills = skills(raw.skills, known, checker)?;
    Ok(QueueConfig {
        order: raw.order,
        horizon_days: checker.whole(&key("horizon_days"), raw.horizon_days, 1..=60)?,
        join_duplicates: raw.join_duplicates,
        member_share: checker.number(&key("member_share"), raw.member_share, 0.0..=1.0)?,
        max_members: checker.whole(&key("max_members"), raw.max_members, 1..=10_000)?,
        max_wait_days: checker.whole(&key("max_wait_days"), raw.max_wait_days, 1..=3650)?,
        qa_days: checker.whole(&key("qa_days"), raw.qa_days, 1..=365)?,
        importance_power: checker.number(&key("importance_power"), raw.importance_power, 0.0..=1.0)?,
        importance_floor: checker.number(&key("importance_floor"), raw.importance_floor, 1e-4..=1.0)?,
        minutes_prior_n: checker.whole(&key("minutes_prior_n"), raw.minutes_prior_n, 1..=1_000_000)?,
        minutes,
        shares: shares(&raw.shares, checker)?,
        capacity: capacity(&raw.capacity, &skills, checker)?,
        skills,
        key: QueueKey::of(&checker.filled("queue.key", &raw.key)?),
    })
}

fn shares(raw: &RawShares, checker: &Checker<'_>) -> Result<QueueShares, ConfigError> {
    let share = |name: &str, value| checker.number(&format!("queue.shares.{name}"), value, 0.0..=1.0);
    let shares = QueueShares {
        random: share("random", raw.random)?,
        importance: share("importance", raw.importance)?,
        qa: share("qa", raw.qa)?,
        golden: share("golden", raw.golden)?,
        age_out: share("age_out", raw.age_out)?,
    };
    if shares.random + shares.importance + shares.qa + shares.golden + shares.age_out >= 1.0 {
        return Err(checker.refuse("queue.shares", "shares that leave something of the capacity: together below 1"));
    }
    Ok(shares)
}

fn skills(
    raw: BTreeMap<String, Vec<String>>,
    known: &[&Label],
    checker: &Checker<'_>,
) -> Result<BTreeMap<Id, Vec<Id>>, ConfigError> {
    let mut taken = BTreeSet::new();
    let mut skills = BTreeMap::new();
    for (name, labels) in raw {
        let path = format!("queue.skills.{name}");
        if !is_segment(&name) || name == GENERAL_SKILL {
            return Err(checker.refuse(&path, "a name of letters, digits, `.`, `_` and `-` other than \"general\""));
        }
        for label in &labels {
            if !known.iter().any(|of| of.id == label.as_str()) {
                return Err(checker.refuse(&path, format!("declared labels; `{label}` is none")));
            }
            if !taken.insert(label.clone()) {
                return Err(checker.refuse(&path, format!("each label under one skill; `{label}` has two")));
            }
        }
        skills.insert(Id::from(name), labels.iter().map(|label| Id::from(label.as_str())).collect());
    }
    Ok(skills)
}

fn capacity(raw: &[RawCapacity], skills: &BTreeMap<Id, Vec<Id>>, checker: &Checker<'_>) -> Result<Vec<Capacity>, ConfigError> {
    let mut found: Vec<Capacity> = Vec::with_capacity(raw.len());
    for (at, entry) in raw.iter().enumerate() {
        let path = |name: &str| format!("queue.capacity[{at}].{name}");
        let named = |text: &str| (text != "*").then(|| Id::from(text));
        let market = match entry.market.as_str() {
            "*" => None,
            text => Some(text.parse().map_err(|_| checker.refuse(&path("market"), "a market, for instance SG, or \"*\""))?),
        };
        let skill = named(&entry.skill);
        if skill.as_ref().is_some_and(|skill| skill != GENERAL_SKILL && !skills.contains_key(skill)) {
            return Err(checker.refuse(&path("skill"), "a skill of [queue.skills], \"general\" or \"*\""));
        }
        if entry.language.is_empty() {
            return Err(checker.refuse(&path("language"), "a language, for instance th, or \"*\""));
        }
        let minutes = checker.number(&path("minutes"), entry.minutes, 0.0..=1e7)?;
        let language = named(&entry.language.to_ascii_lowercase());
        let twice = found.iter().any(|of| of.market == market && of.language == language && of.skill == skill);
        if twice {
            return Err(checker.refuse(&format!("queue.capacity[{at}]"), "one entry for each market, language and skill"));
        }
        found.push(Capacity { market, language, skill, minutes });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<Config, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p"))
    }

    #[test]
    fn ranges_are_proven() {
        for (text, key) in [
            ("[queue]\norder = \"random\"", "queue.order"),
            ("[queue]\nhorizon_days = 0", "queue.horizon_days"),
            ("[queue]\nmember_share = 1.5", "queue.member_share"),
            ("[queue]\nimportance_floor = 0.0", "queue.importance_floor"),
            ("[queue.minutes]\nvideo = 0.0", "queue.minutes.video"),
            ("[queue.shares]\nrandom = 0.5\nage_out = 0.5", "queue.shares"),
            ("[queue.skills]\ngeneral = []", "queue.skills.general"),
            ("[queue.skills]\na = [\"nothing\"]", "queue.skills.a"),
            ("[queue.skills]\na = [\"scam\"]\nb = [\"scam\"]", "queue.skills.b"),
            ("[[queue.capacity]]\nmarket = \"SGP\"\nlanguage = \"*\"\nskill = \"*\"\nminutes = 1.0", "queue.capacity[0].market"),
            ("[[queue.capacity]]\nmarket = \"SG\"\nlanguage = \"*\"\nskill = \"a\"\nminutes = 1.0", "queue.capacity[0].skill"),
            ("[[queue.capacity]]\nmarket = \"SG\"\nlanguage = \"*\"\nskill = \"*\"\nminutes = -1.0", "queue.capacity[0].minutes"),
        ] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
    }

    /// Two teams of one place would make an item's team a matter of chance.
    #[test]
    fn a_team_is_named_once() {
        let team = "[[queue.capacity]]\nmarket = \"SG\"\nlanguage = \"EN\"\nskill = \"*\"\nminutes = 1.0\n";
        assert_eq!(loaded(team).unwrap().queue.capacity[0].language, Some("en".into()));
        assert!(loaded(&(team.to_owned() + team)).is_err());
    }

    #[test]
    fn the_key_is_never_shown() {
        let secret = "[queue]\nkey = \"do not tell\"";
        let config = loaded(secret).unwrap();
        let shown = config.canonical_json() + &format!("{:?}", config.queue);
        assert!(!shown.contains("do not tell"));
        let bytes: String = config.queue.key.bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert!(!shown.contains(&bytes[..16]) && shown.contains(&config.queue.key.digest()));
        assert_ne!(config.canonical_json(), loaded("").unwrap().canonical_json(), "another key is another draw");
        assert!(loaded("").unwrap().queue.key.is_default() && !config.queue.key.is_default());
    }
}
