//! Which scripts are written, and whether the market reads them.

use super::{TEXT, written};
use crate::features::{FeatureDoc, SimpleFeature};
use crate::text::ScriptShares;
use crate::units::Market;

/// Latin letters.
pub(in crate::features) static LATIN_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "latin_share",
        what: "Latin letters among letters as written",
        why: "with the others, the language mix",
        range: "0 to 1",
        evaded_by: "styled letters, which count to no script",
        ..TEXT
    },
    value: |item| scripts(item).map(|s| s.latin),
};

/// Thai letters.
pub(in crate::features) static THAI_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "thai_share",
        what: "Thai letters among letters as written",
        why: "with the others, the language mix",
        range: "0 to 1",
        evaded_by: "writing Thai in Latin letters",
        ..TEXT
    },
    value: |item| scripts(item).map(|s| s.thai),
};

/// Chinese, Japanese and Korean letters.
pub(in crate::features) static EAST_ASIAN_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "east_asian_share",
        what: "Han, kana and Hangul among letters as written",
        why: "listings copied from foreign platforms keep the original's words",
        range: "0 to 1",
        evaded_by: "translating everything",
        ..TEXT
    },
    value: |item| scripts(item).map(|s| s.east_asian),
};

/// Other letters.
pub(in crate::features) static OTHER_SCRIPT_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "other_script_share",
        what: "letters of any other script, mathematical alphabets among them, among letters as written",
        why: "display letters hide words from filters",
        range: "0 to 1",
        evaded_by: "hiding fewer letters",
        ..TEXT
    },
    value: |item| scripts(item).map(|s| s.other),
};

/// Number of scripts.
pub(in crate::features) static N_SCRIPTS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "n_scripts",
        what: "how many of Latin, Thai, East Asian and other scripts occur",
        why: "look-alikes and copied text mix scripts",
        range: "1 to 4",
        evaded_by: "keeping to one script",
        ..TEXT
    },
    value: |item| scripts(item).map(|s| s.n_scripts as f32),
};

/// Letters the market does not read.
pub(in crate::features) static FOREIGN_SCRIPT_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "foreign_script_share",
        what: "letters of scripts that the market does not write, among letters as written",
        why: "text that buyers cannot read was not written for them",
        range: "0 to 1",
        evaded_by: "translating the title",
        inputs: &["content.market"],
        ..TEXT
    },
    value: |item| scripts(item).map(|s| (1.0 - home_share(&s, item.content.market)).clamp(0.0, 1.0)),
};

/// The scripts of an item that has letters.
fn scripts(item: &crate::features::ItemView<'_>) -> Option<ScriptShares> {
    written(item).map(|t| t.shares.scripts).filter(|s| s.n_scripts > 0)
}

/// The share of letters in scripts that `market` writes. Latin is at home everywhere: brands are.
fn home_share(scripts: &ScriptShares, market: Market) -> f32 {
    scripts.latin
        + match market.as_str() {
            "TH" => scripts.thai,
            "SG" | "MY" | "TW" | "HK" | "CN" | "JP" | "KR" => scripts.east_asian,
            _ => 0.0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Feature;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    #[test]
    fn thai_is_at_home_in_thailand() {
        let share = |market: &str| {
            let row = ContentRow { market: market.parse().unwrap(), title: Some("กข ab".to_owned()), ..content("a") };
            FOREIGN_SCRIPT_SHARE.value(&Fixture::of(row).item())
        };
        assert_eq!((share("TH"), share("VN")), (Some(0.0), Some(0.5)));
    }
}
