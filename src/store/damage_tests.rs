//! Whatever happens to the files of a version, loading returns: the model that was saved, or an error.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::names::{CARD, CHAMPION, MANIFEST, METRICS, WEIGHTS};
use super::{Damage, Loaded, StoreError, Which, fixture, load, promote, save, tensors};

struct Store {
    root: tempfile::TempDir,
    folder: PathBuf,
    version: String,
}

fn store() -> Store {
    let root = tempfile::tempdir().unwrap();
    let saved = save(root.path(), "spam", &fixture::parts(), &fixture::facts(), &fixture::metrics()).unwrap();
    promote(root.path(), "spam", &saved.name).unwrap();
    Store { root, folder: saved.folder, version: saved.name }
}

impl Store {
    fn load(&self) -> Result<Loaded, StoreError> {
        load(self.root.path(), "spam", Which::Champion, Some("f00d"))
    }

    /// Replaces `from` by `to` in the manifest and loads.
    fn with_manifest(&self, from: &str, to: &str) -> StoreError {
        let path = self.folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no `{from}` in {text}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let error = self.load().map(|_| ()).unwrap_err();
        std::fs::write(&path, text).unwrap();
        error
    }

    /// Replaces a file and loads.
    fn with_file(&self, name: &str, bytes: &[u8]) -> StoreError {
        let path = self.folder.join(name);
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let error = self.load().map(|_| ()).unwrap_err();
        std::fs::write(&path, before).unwrap();
        error
    }
}

fn says(error: &StoreError, expect: &str) {
    assert!(error.to_string().contains(expect), "`{error}` does not say `{expect}`");
}

#[test]
fn a_manifest_that_lies_is_refused() {
    let store = store();
    says(&store.with_manifest("\"format_version\": 1", "\"format_version\": 2"), "format version 2, this program reads 1");
    says(&store.with_manifest("\"seed\"", "\"pickle\": \"x\",\n    \"seed\""), "unknown field `pickle`");
    says(
        &store.with_manifest("\"files\": {", "\"files\": {\n    \"../../x\": {\"bytes\":1,\"blake3\":\"\"},"),
        "it lists the files",
    );
    says(&store.with_manifest("\"label_set\": \"spam\"", "\"label_set\": \"ham\""), "it says it is the label set `ham`");
    says(&store.with_manifest(&store.version, "0123456789ab"), "it says it is the version `0123456789ab`");
    says(&store.with_manifest("\"stacked\"", "\"text\""), "specification, weights and features hash to");
    says(&store.with_manifest("caps_share", "caps_Share"), "specification, weights and features hash to");
    says(&store.with_manifest("f00d", "f00e"), "specification, weights and features hash to");
    says(&store.with_manifest("-1.25", "1e999"), "cannot be trusted");
    says(&store.with_manifest("2026-11-01", "2026-11-31"), "is not a date");
    store.load().unwrap();
}

#[test]
fn a_file_that_is_not_the_manifests_is_refused() {
    let store = store();
    for name in [CARD, METRICS, WEIGHTS] {
        let whole = std::fs::read(store.folder.join(name)).unwrap();
        let mut flipped = whole.clone();
        flipped[10] ^= 1;
        let error = store.with_file(name, &flipped);
        assert!(matches!(&error, StoreError::Damaged { path, damage: Damage::Hash { .. } } if path.ends_with(name)), "{error}");
        for other_size in [&[&whole[..], b" "].concat()[..], &whole[..5], b""] {
            let error = store.with_file(name, other_size);
            assert!(matches!(error, StoreError::Damaged { damage: Damage::Size { .. }, .. }), "{error}");
        }
        std::fs::remove_file(store.folder.join(name)).unwrap();
        let error = store.load().map(|_| ()).unwrap_err();
        assert!(matches!(&error, StoreError::Files(inner) if inner.is_not_found()), "{error}");
        std::fs::write(store.folder.join(name), whole).unwrap();
        store.load().unwrap();
    }
}

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Mutation {
    Flip(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Replace(Vec<u8>),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip(at, mask) => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Self::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(at, n) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + n).min(bytes.len()));
            }
            Self::Replace(new) => bytes.clone_from(new),
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..20);
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), 1..=255_u8).prop_map(|(i, mask)| Mutation::Flip(i, mask)),
        1 => at().prop_map(Mutation::Truncate),
        1 => (at(), bytes()).prop_map(|(i, new)| Mutation::Insert(i, new)),
        1 => (at(), 1..20_usize).prop_map(|(i, n)| Mutation::Remove(i, n)),
        1 => bytes().prop_map(Mutation::Replace),
    ]
}

/// Runs the same `n` cases every time.
fn run_cases(n: u32, strategy: impl Strategy<Value = (&'static str, Mutation)>, test: impl Fn(&'static str, &Mutation)) {
    let config = Config { cases: n, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
        .run(&strategy, |(name, mutation)| {
            test(name, &mutation);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_thousand_mutated_files_never_yield_another_model() {
    let store = store();
    let expect = tensors::encode(&fixture::parts().tensors).unwrap();
    let names = prop_oneof![3 => Just(MANIFEST), 3 => Just(WEIGHTS), 1 => Just(METRICS), 1 => Just(CARD), 1 => Just(CHAMPION)];
    run_cases(1000, (names, mutation()), |name, mutation| {
        let path = if name == CHAMPION { store.root.path().join("spam").join(CHAMPION) } else { store.folder.join(name) };
        with_mutated(&path, mutation, || {
            if let Ok(loaded) = store.load() {
                assert_eq!(loaded.parts.spec, fixture::parts().spec);
                assert_eq!(tensors::encode(&loaded.parts.tensors).unwrap(), expect);
                assert_eq!(loaded.manifest.facts.feature_names, fixture::facts().feature_names);
                assert_eq!(loaded.metrics, fixture::metrics());
            }
        });
    });
    store.load().unwrap();
}

/// The manifest's hashes keep mutated weights from the decoder, so the decoder meets them here alone.
#[test]
fn a_thousand_mutated_weights_decode_or_fail() {
    let whole = tensors::encode(&fixture::parts().tensors).unwrap();
    run_cases(1000, (Just(WEIGHTS), mutation()), |_, mutation| {
        let mut bytes = whole.clone();
        mutation.apply(&mut bytes);
        if let Ok(tensors) = tensors::decode(&bytes) {
            tensors::encode(&tensors).unwrap();
        }
    });
}

fn with_mutated(path: &Path, mutation: &Mutation, test: impl FnOnce()) {
    let before = std::fs::read(path).unwrap();
    let mut bytes = before.clone();
    mutation.apply(&mut bytes);
    std::fs::write(path, &bytes).unwrap();
    test();
    std::fs::write(path, before).unwrap();
}
