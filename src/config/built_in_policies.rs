//! The policies of the default taxonomy.

/// Name and text of each file of `config/policies/`.
pub const BUILT_IN_POLICIES: &[(&str, &str)] = &[];
