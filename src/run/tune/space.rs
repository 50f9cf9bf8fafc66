//! The parameters that a search tries, and what each trial draws.

use serde_json::{Map, Value, json};

use crate::config::{TextBlocks, TrainConfig, TuneConfig};
use crate::units::{split_mix, unit_interval};

/// One parameter that is a number.
struct Parameter {
    /// Its key below `train`.
    key: &'static str,
    scale: Scale,
    range: fn(&TuneConfig) -> (f64, f64),
    get: fn(&TrainConfig) -> f64,
    set: fn(&mut TrainConfig, f64),
}

/// How a parameter is drawn from its range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Evenly on a logarithmic scale, to three significant digits, so that what is printed is what was tried.
    Logarithmic,
    /// Evenly over the whole numbers.
    Whole,
}

/// In the order of their draws: a new one goes to the end, so that the others keep theirs.
const PARAMETERS: &[Parameter] = &[
    Parameter {
        key: "text.c",
        scale: Scale::Logarithmic,
        range: |tune| tune.c,
        get: |train| train.text.c,
        set: |train, value| train.text.c = value,
    },
    Parameter {
        key: "text.min_documents",
        scale: Scale::Whole,
        range: |tune| whole(tune.min_documents),
        get: |train| f64::from(train.text.min_documents),
        set: |train, value| train.text.min_documents = value as u32,
    },
    Parameter {
        key: "trees.rounds",
        scale: Scale::Whole,
        range: |tune| whole(tune.rounds),
        get: |train| train.trees.rounds as f64,
        set: |train, value| train.trees.rounds = value as usize,
    },
    Parameter {
        key: "trees.depth",
        scale: Scale::Whole,
        range: |tune| whole(tune.depth),
        get: |train| train.trees.depth as f64,
        set: |train, value| train.trees.depth = value as usize,
    },
    Parameter {
        key: "trees.learning_rate",
        scale: Scale::Logarithmic,
        range: |tune| tune.learning_rate,
        get: |train| train.trees.learning_rate,
        set: |train, value| train.trees.learning_rate = value,
    },
    Parameter {
        key: "trees.l2",
        scale: Scale::Logarithmic,
        range: |tune| tune.l2,
        get: |train| train.trees.l2,
        set: |train, value| train.trees.l2 = value,
    },
    Parameter {
        key: "trees.min_child_weight",
        scale: Scale::Logarithmic,
        range: |tune| tune.min_child_weight,
        get: |train| train.trees.min_child_weight,
        set: |train, value| train.trees.min_child_weight = value,
    },
];

/// The draw of `text.blocks`, far from those of the numbers.
const BLOCKS_DRAW: u64 = 1 << 32;

fn whole((low, high): (u32, u32)) -> (f64, f64) {
    (f64::from(low), f64::from(high))
}

/// The configuration of a trial. Trial 0 is the configuration as it stands; any other depends on `train.seed`, the ranges and
/// its own number alone.
pub(super) fn drawn(train: &TrainConfig, trial: usize) -> TrainConfig {
    let mut drawn = train.clone();
    if trial == 0 {
        return drawn;
    }
    let uniform = |draw: u64| uniform([train.seed, trial as u64, draw]);
    for (i, parameter) in PARAMETERS.iter().enumerate() {
        let value = parameter.scale.at((parameter.range)(&train.tune), uniform(i as u64));
        (parameter.set)(&mut drawn, value);
    }
    let blocks = &train.tune.blocks;
    let at = (uniform(BLOCKS_DRAW) * blocks.len() as f64) as usize;
    drawn.text.blocks = blocks.get(at).copied().unwrap_or(train.text.blocks);
    drawn
}

impl Scale {
    /// The value at `share`, which lies in [0, 1), of the range.
    fn at(self, (low, high): (f64, f64), share: f64) -> f64 {
        match self {
            Self::Whole => (low + (share * (high - low + 1.0)).floor()).min(high),
            Self::Logarithmic => {
                let (from, to) = (libm::log(low), libm::log(high));
                let value = libm::exp(from + share * (to - from));
                // Text is the shortest way to three digits, and the same on every machine.
                format!("{value:.2e}").parse().unwrap_or(value).clamp(low, high)
            }
        }
    }

    fn json(self, value: f64) -> Value {
        if self == Self::Whole { json!(value as u64) } else { json!(value) }
    }
}

/// Uniform in [0, 1): SplitMix64's finaliser over the counters, one after the other.
fn uniform(counters: [u64; 3]) -> f64 {
    unit_interval(counters.into_iter().fold(0x7475_6e65, |state, counter| split_mix(state ^ split_mix(counter))))
}

fn blocks_name(blocks: TextBlocks) -> &'static str {
    match blocks {
        TextBlocks::Joint => "joint",
        TextBlocks::Halves => "halves",
    }
}

/// The searched parameters of a configuration, by their keys below `train`.
pub(super) fn parameters(train: &TrainConfig) -> Map<String, Value> {
    let numbers = PARAMETERS.iter().map(|p| (p.key.to_owned(), p.scale.json((p.get)(train))));
    numbers.chain([("text.blocks".to_owned(), json!(blocks_name(train.text.blocks)))]).collect()
}

/// The parameters as lines for `stallmark.toml`.
pub(super) fn toml(parameters: &Map<String, Value>) -> String {
    let mut text = String::new();
    for table in ["text", "trees"] {
        text.push_str(&format!("[train.{table}]\n"));
        for (key, value) in parameters {
            if let Some(key) = key.strip_prefix(table).and_then(|key| key.strip_prefix('.')) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    /// The built-in configuration with `text` over it.
    pub(in crate::run::tune) fn train_config(text: &str) -> TrainConfig {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p")).unwrap().train
    }

    #[test]
    fn trial_0_is_the_configuration_and_others_fill_their_ranges() {
        let train = train_config("");
        assert_eq!(drawn(&train, 0), train);
        for parameter in PARAMETERS {
            let (low, high) = (parameter.range)(&train.tune);
            let values: Vec<f64> = (1..400).map(|trial| (parameter.get)(&drawn(&train, trial))).collect();
            assert!(values.iter().all(|v| *v >= low && *v <= high), "{}", parameter.key);
            let middle = if parameter.scale == Scale::Whole { (low + high) / 2.0 } else { (low * high).sqrt() };
            let below = values.iter().filter(|v| **v < middle).count();
            assert!((130..=270).contains(&below), "{}: {below} of 399 below the middle", parameter.key);
        }
        let joint = (1..400).filter(|trial| drawn(&train, *trial).text.blocks == TextBlocks::Joint).count();
        assert!((150..250).contains(&joint), "{joint}");
    }

    #[test]
    fn a_trial_depends_on_the_seed_and_its_number_alone() {
        let train = train_config("");
        assert_eq!(drawn(&train, 7), drawn(&train, 7));
        assert_ne!(drawn(&train, 7), drawn(&train, 8));
        assert_ne!(drawn(&train, 7).text.c, drawn(&train_config("[train]\nseed = 2"), 7).text.c);
        // A narrower range of one leaves the others where they were.
        let narrow = drawn(&train_config("[train.tune]\ndepth = [5, 5]"), 7);
        assert_eq!((narrow.trees.depth, narrow.text.c), (5, drawn(&train, 7).text.c));
    }

    #[test]
    fn what_is_printed_is_what_was_tried() {
        let train = drawn(&train_config(""), 3);
        let again = train_config(&toml(&parameters(&train)));
        assert_eq!((again.text, again.trees), (train.text, train.trees));
    }
}
