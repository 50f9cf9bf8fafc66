//! A policy file as written: types right, ranges unproven.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::{GivenValue, PolicyMode, PolicyUnit};
use crate::units::{ContentType, Treatment};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicy {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) reason: String,
    pub(super) labels: Vec<String>,
    pub(super) markets: Vec<String>,
    pub(super) content_types: Vec<ContentType>,
    pub(super) when: String,
    pub(super) treatment: Treatment,
    pub(super) mode: PolicyMode,
    pub(super) priority: i64,
    pub(super) multiplier: f64,
    pub(super) rollout: f64,
    pub(super) holdback: f64,
    pub(super) unit: PolicyUnit,
    pub(super) minutes: f64,
    pub(super) urgent_route: bool,
    pub(super) effective: RawDays,
    pub(super) cap: RawCap,
    pub(super) parameters: BTreeMap<String, f64>,
    pub(super) guardrails: BTreeMap<String, f64>,
    #[serde(default)]
    pub(super) cases: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDays {
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCap {
    pub(super) items: i64,
    pub(super) sellers: i64,
    pub(super) market_share: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub(super) name: String,
    pub(super) given: BTreeMap<String, GivenValue>,
    pub(super) expect: Treatment,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExceptions {
    #[serde(default)]
    pub(super) allow: Vec<RawException>,
    #[serde(default)]
    pub(super) snooze: Vec<RawException>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawException {
    #[serde(default)]
    pub(super) content_id: String,
    #[serde(default)]
    pub(super) seller_id: String,
    pub(super) policies: Vec<String>,
    pub(super) until: String,
    pub(super) owner: String,
    pub(super) reason: String,
}

impl<'de> Deserialize<'de> for GivenValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = GivenValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text in quotes, a number, true or false")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<GivenValue, E> {
                Ok(GivenValue::Text(text.to_owned()))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<GivenValue, E> {
                Ok(GivenValue::Integer(value))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<GivenValue, E> {
                Ok(GivenValue::Number(value))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<GivenValue, E> {
                Ok(GivenValue::Boolean(value))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
