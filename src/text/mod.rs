//! What a text says and how it tries to hide it: one normalisation, its n-grams, its fingerprint and its profile.
//!
//! Input: titles, captions, transcripts, reviews and comments as the source wrote them. Output: normalised text, sparse n-gram
//! counts, a `TextProfile`. Every reader of words (lexicons, n-grams, fingerprints, contacts) starts from `normalise`, so an
//! evasion that it undoes is undone everywhere. Deliberately not here: models, lexicons, languages, files.

mod addresses;
mod alignment;
mod alphabet;
mod bucket_counts;
mod confusables;
mod contact_keys;
mod contact_spans;
mod contacts;
mod escapes;
mod facts;
mod fingerprint;
mod fold;
mod handles;
mod head;
mod hints;
mod hosts;
mod html;
mod leet;
mod lexicon;
mod lexicon_file;
mod lexicon_groups;
mod marks;
mod minhash;
mod ngrams;
mod normalise;
mod number_plans;
mod numbers;
mod payments;
mod phones;
mod plain;
mod profile;
mod repeats;
mod role_words;
mod roles;
mod rolling;
mod shares;
mod sparse;
mod spelled;
mod stretch;
mod tokens;
mod traits;
mod wide;

pub use alignment::alignment;
pub use contact_keys::{ContactKey, ContactKind, contact_keys};
pub use contact_spans::contact_spans;
pub use contacts::Contacts;
pub use fingerprint::fingerprint;
pub use handles::{HandleCounts, Service};
pub use html::{StrippedHtml, strip_html};
pub use lexicon::{LexiconSpan, Lexicons};
pub use lexicon_file::{LexiconError, LexiconFile};
pub use lexicon_groups::{LexiconDoc, LexiconGroup};
pub use minhash::{BANDS, Signature, Sketch};
pub use ngrams::{NGRAM_VERSION, NgramConfig, ngram_counts, ngram_terms};
pub use normalise::{NORMALISE_VERSION, NormaliseCounts, normalise, normalise_counted};
pub use profile::TextProfile;
pub use shares::{CharShares, ScriptShares};
pub use sparse::SparseRows;
pub use tokens::{Token, tokens};
pub use traits::{profile_counts, profile_terms};

#[cfg(test)]
mod hostile_cases;
#[cfg(test)]
mod normalise_cases;
