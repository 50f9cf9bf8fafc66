//! What the nights before published.

use std::collections::BTreeMap;

use crate::monitor::{Alarm, Figure, Trend};
use crate::units::Day;

/// At most 35 nights before tonight.
pub(super) struct Past {
    pub nights: BTreeMap<Day, PastNight>,
}

/// One of them.
pub(super) struct PastNight {
    pub figures: Vec<Figure>,
    pub alarms: Vec<Alarm>,
    pub trends: Vec<Trend>,
    pub model_version: String,
    pub policy_version: String,
}
