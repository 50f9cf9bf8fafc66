//! Ten thousand damaged or forged versions, drawn from a seed: each is refused, or is a model whose probabilities are numbers
//! from 0 to 1. Nothing panics.
//!
//! Half of the changes leave the hashes as they were, as an accident would. The others correct every hash and the version's
//! name, as a forger would, so that they reach the checks behind.

use std::path::Path;

use serde_json::{Value, json};

use super::golden_tests::{LABEL_SETS, ROWS, golden};
use super::manifest::{FileRecord, Manifest, json as to_json, version_name};
use super::names::{CARD, MANIFEST, METRICS, WEIGHTS};
use super::{FORMAT_VERSION, Which, load, tensors, versions};
use crate::models::{Model, RowScratch, Tensor};
use crate::units::SplitMix;

/// Changes drawn from a seed.
pub(super) struct Random(SplitMix);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix(seed))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in 0..n; 0 when n is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % (n.max(1) as u64)) as usize
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0.uniform()
    }
}

/// A version as bytes.
#[derive(Clone)]
struct Version {
    manifest: Manifest,
    manifest_json: Vec<u8>,
    weights: Vec<u8>,
    metrics: Vec<u8>,
    card: Vec<u8>,
}

impl Version {
    fn golden(label_set: &str) -> Self {
        let root = golden(FORMAT_VERSION);
        let name = versions(&root, label_set).unwrap().remove(0);
        let read = |file: &str| std::fs::read(root.join(label_set).join(&name).join(file)).unwrap();
        let manifest_json = read(MANIFEST);
        let manifest = serde_json::from_slice(&manifest_json).unwrap();
        Self { manifest, manifest_json, weights: read(WEIGHTS), metrics: read(METRICS), card: read(CARD) }
    }

    fn file(&mut self, at: usize) -> &mut Vec<u8> {
        match at % 4 {
            0 => &mut self.manifest_json,
            1 => &mut self.metrics,
            2 => &mut self.card,
            _ => &mut self.weights,
        }
    }

    /// Corrects hashes, sizes and name.
    fn seal(&mut self) {
        let files = [(CARD, &self.card), (METRICS, &self.metrics), (WEIGHTS, &self.weights)];
        self.manifest.files = files.into_iter().map(|(name, bytes)| (name.to_owned(), FileRecord::of(bytes))).collect();
        self.manifest.version = version_name(&self.manifest.spec, &self.weights, &self.manifest.facts);
        self.manifest_json = to_json(&self.manifest).unwrap();
    }

    fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        let files = [(MANIFEST, &self.manifest_json), (CARD, &self.card), (METRICS, &self.metrics), (WEIGHTS, &self.weights)];
        files.into_iter().for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes).unwrap());
    }
}

/// One way to change a version.
type Change = fn(&mut Version, &Version, &mut Random);

/// By name; the flag says whether hashes are corrected afterwards.
const CHANGES: [(&str, bool, Change); 8] = [
    ("flip bits", false, flip),
    ("cut, insert or remove", false, cut),
    ("splice with another model", false, splice),
    ("edit the manifest", false, edit_manifest),
    ("edit the weights' header", true, edit_header),
    ("overwrite numbers", true, overwrite),
    ("edit the specification", true, |version, _, random| edit(&mut version.manifest.spec, random)),
    ("lengthen, shorten or swap tensors", true, reshape),
];

fn flip(version: &mut Version, _: &Version, random: &mut Random) {
    let at = random.below(4);
    let file = version.file(at);
    for _ in 0..=random.below(3) {
        let at = random.below(file.len());
        file[at] ^= 1 << random.below(8);
    }
}

fn cut(version: &mut Version, _: &Version, random: &mut Random) {
    let at = random.below(4);
    let file = version.file(at);
    let (at, n) = (random.below(file.len()), 1 + random.below(20));
    match random.below(3) {
        0 => file.truncate(at),
        1 => drop(file.splice(at..at, (0..n).map(|_| random.next() as u8))),
        _ => drop(file.drain(at..(at + n).min(file.len()))),
    }
}

fn splice(version: &mut Version, other: &Version, random: &mut Random) {
    let at = random.below(4);
    let theirs = other.clone().file(at).clone();
    let file = version.file(at);
    let (from, to) = (random.below(file.len()), random.below(theirs.len()));
    file.truncate(from);
    file.extend_from_slice(&theirs[to..]);
}

fn edit_manifest(version: &mut Version, _: &Version, random: &mut Random) {
    let mut value: Value = serde_json::from_slice(&version.manifest_json).unwrap();
    edit(&mut value, random);
    version.manifest_json = serde_json::to_vec(&value).unwrap();
}

fn edit_header(version: &mut Version, _: &Version, random: &mut Random) {
    let length = u64::from_le_bytes(version.weights[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&version.weights[8..8 + length]).unwrap();
    for _ in 0..=random.below(2) {
        edit(&mut header, random);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let claimed = if random.below(10) == 0 { random.next() } else { header.len() as u64 };
    version.weights = [&claimed.to_le_bytes(), &header[..], &version.weights[8 + length..]].concat();
}

fn overwrite(version: &mut Version, _: &Version, random: &mut Random) {
    let length = u64::from_le_bytes(version.weights[..8].try_into().unwrap()) as usize;
    let data = &mut version.weights[8 + length..];
    for _ in 0..=random.below(4) {
        let odd: [&[u8]; 8] = [
            &f32::NAN.to_le_bytes(),
            &f32::INFINITY.to_le_bytes(),
            &f32::MAX.to_le_bytes(),
            &f64::NAN.to_le_bytes(),
            &1e12_f64.to_le_bytes(),
            &(-1e300_f64).to_le_bytes(),
            &u32::MAX.to_le_bytes(),
            &random.next().to_le_bytes(),
        ];
        let bytes = odd[random.below(odd.len())];
        let bytes = &bytes[..bytes.len().min(1 + random.below(8))];
        // Mostly where a number begins.
        let at = random.below(data.len()) / 4 * 4 + usize::from(random.below(5) == 0);
        data.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    }
}

fn reshape(version: &mut Version, other: &Version, random: &mut Random) {
    fn change<T: Copy>(data: &mut Vec<T>, value: T, random: &mut Random) {
        match random.below(4) {
            0 => data.push(value),
            1 => drop(data.pop()),
            2 => data.reverse(),
            _ if data.is_empty() => {}
            _ => {
                let at = random.below(data.len());
                data[at] = value;
            }
        }
    }
    let mut all = tensors::decode(&version.weights).unwrap();
    let theirs = tensors::decode(&other.weights).unwrap();
    for _ in 0..=random.below(2) {
        let name = all.keys().nth(random.below(all.len())).unwrap().clone();
        if let (Some(tensor), 0) = (theirs.get(&name), random.below(4)) {
            all.insert(name, tensor.clone());
            continue;
        }
        let number = [0.0, -1.0, 1e-30, 3e38, 1e12, -1e12, random.unit()][random.below(7)];
        match all.get_mut(&name).unwrap() {
            Tensor::F32 { shape, data } => {
                change(data, number as f32, random);
                *shape = vec![data.len()];
            }
            Tensor::F64 { shape, data } => {
                change(data, number, random);
                *shape = vec![data.len()];
            }
            Tensor::U32 { shape, data } => {
                let small = random.below(80) as u32;
                change(data, if random.below(4) == 0 { u32::MAX } else { small }, random);
                *shape = vec![data.len()];
            }
            Tensor::U8 { shape, data } => {
                change(data, random.next() as u8, random);
                *shape = vec![data.len()];
            }
        }
    }
    version.weights = tensors::encode(&all).unwrap();
}

/// Changes one value somewhere in `value`.
fn edit(value: &mut Value, random: &mut Random) {
    let is_deep =
        matches!(value, Value::Object(map) if !map.is_empty()) || matches!(value, Value::Array(list) if !list.is_empty());
    if is_deep && random.below(8) > 0 {
        match value {
            Value::Object(map) => {
                let key = map.keys().nth(random.below(map.len())).unwrap().clone();
                match random.below(12) {
                    0 => drop(map.remove(&key)),
                    1 => drop(map.insert("other".to_owned(), json!(1))),
                    _ => edit(map.get_mut(&key).unwrap(), random),
                }
            }
            Value::Array(list) => {
                let at = random.below(list.len());
                match random.below(8) {
                    0 => drop(list.remove(at)),
                    1 => list.push(list[at].clone()),
                    2 => list.swap(0, at),
                    _ => edit(&mut list[at], random),
                }
            }
            _ => {}
        }
        return;
    }
    let numbers = [0.0, -1.0, 0.5, 255.0, 4_194_304.0, 4_294_967_296.0, 1.8e19, 1e308];
    *value = match random.below(12) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!(""),
        3 => json!(numbers[random.below(numbers.len())]),
        4 => json!(u64::MAX),
        5 => json!(["platt", "isotonic", "auto", "joint", "halves", "F32", "F64", "U32", "abuse"][random.below(9)]),
        6 => json!({"a": 1}),
        _ => json!(random.below(100)),
    };
}

/// How far a changed version came.
#[derive(Debug, Default)]
struct Fates {
    /// The store refused it.
    by_store: usize,
    /// The store took it, the model refused its parts.
    by_model: usize,
    /// It scored.
    scored: usize,
}

fn meet(root: &Path, label_set: &str, name: &str, fates: &mut Fates, case: &str) {
    let Ok(loaded) = load(root, label_set, Which::Version(name), None) else {
        fates.by_store += 1;
        return;
    };
    let Ok(model) = Model::from_parts(&loaded.parts) else {
        fates.by_model += 1;
        return;
    };
    let mut scratch = RowScratch::default();
    for (features, buckets, counts) in &ROWS {
        let p = model.predict_row(features, (buckets, counts), None, &mut scratch);
        let n_labels = p.len();
        for p in p.iter().copied().chain([model.abuse(&p)]).flatten() {
            assert!((0.0..=1.0).contains(&p), "{case}: a probability of {p}");
        }
        for label in 0..n_labels {
            let found = model.contributions(label, features, (buckets, counts), &mut scratch);
            assert!(found.iter().flatten().all(|c| c.logit.is_finite()), "{case}: {found:?}");
        }
    }
    fates.scored += 1;
}

#[test]
fn ten_thousand_changed_versions_are_refused_or_score_probabilities() {
    let wholes = LABEL_SETS.map(|(label_set, ..)| Version::golden(label_set));
    let root = tempfile::tempdir().unwrap();
    let mut fates = [const { Fates { by_store: 0, by_model: 0, scored: 0 } }; CHANGES.len()];
    for case in 0..10_000_usize {
        let mut random = Random::new(case as u64);
        let (of, kind) = (case % 2, case / 2 % CHANGES.len());
        let (what, is_sealed, change) = CHANGES[kind];
        let mut version = wholes[of].clone();
        change(&mut version, &wholes[1 - of], &mut random);
        if is_sealed {
            version.seal();
        }
        let label_set = LABEL_SETS[of].0;
        let folder = root.path().join(label_set).join(&version.manifest.version);
        version.write(&folder);
        meet(root.path(), label_set, &version.manifest.version, &mut fates[kind], &format!("case {case}, {what}"));
        std::fs::remove_dir_all(folder).unwrap();
    }
    for ((what, is_sealed, _), fates) in CHANGES.iter().zip(&fates) {
        eprintln!("{what}: {fates:?}");
        assert!(fates.by_store + fates.by_model > 0, "{what} is never refused: {fates:?}");
        assert!(*is_sealed || fates.by_model == 0, "{what} came past the hashes: {fates:?}");
    }
    let total = |of: fn(&Fates) -> usize| fates.iter().map(of).sum::<usize>();
    assert!(total(|f| f.by_model) > 1000 && total(|f| f.scored) > 300, "too few reach the deeper checks: {fates:?}");
}
