//! Weights to safetensors bytes and back.
//!
//! Format: an 8-byte little-endian length, a JSON header (name → type, shape, byte range), the data. The header is checked
//! here before the safetensors crate sees it: its own sum of header and data overflows for some hostile headers, which is a
//! panic in a build that checks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use safetensors::tensor::View;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use thiserror::Error;

use super::names::shown;
use crate::models::Tensor;

/// More than any model of ours needs; a header of this many bytes describes some 30,000 tensors.
const HEADER_LIMIT: u64 = 4 << 20;
const RANK_LIMIT: usize = 8;
const LENGTH_BYTES: usize = 8;

/// Weights that cannot be written, or bytes that are not weights.
#[derive(Debug, Error)]
pub enum TensorsError {
    /// A tensor's name is not usable.
    #[error("`{tensor}` is not a tensor name: expected 1 to 200 visible ASCII characters without a leading `__`")]
    Name {
        /// The name, shortened.
        tensor: String,
    },
    /// A tensor's shape and its data disagree.
    #[error("tensor `{tensor}` has the shape {shape:?}, which does not describe its {n_bytes} bytes")]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Bytes of data.
        n_bytes: u64,
    },
    /// A weight is NaN or infinite.
    #[error("tensor `{tensor}` has the value {value} at index {index}: expected a finite number")]
    NotFinite {
        /// The tensor.
        tensor: String,
        /// Index into the flat data, from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// The header cannot be as long as the file says.
    #[error("its header claims {claimed} bytes, of {available} after the length and at most {HEADER_LIMIT}")]
    HeaderLength {
        /// What the first eight bytes say.
        claimed: u64,
        /// Bytes that follow them.
        available: u64,
    },
    /// The header is not the JSON expected.
    #[error("its header: {0}")]
    Header(serde_json::Error),
    /// A tensor stands in the header twice.
    #[error("its header names tensor `{tensor}` twice")]
    Repeated {
        /// The tensor.
        tensor: String,
    },
    /// A number type that models do not use.
    #[error("tensor `{tensor}` has the type `{dtype}`: expected F32, F64, U32 or U8")]
    Type {
        /// The tensor.
        tensor: String,
        /// Its type.
        dtype: String,
    },
    /// The data of the tensors do not follow each other without gap or overlap.
    #[error("tensor `{tensor}` starts at byte {start} of the data: expected {expected}")]
    Gap {
        /// The tensor.
        tensor: String,
        /// Where its data start.
        start: u64,
        /// Where those of the one before end.
        expected: u64,
    },
    /// The header does not describe all data, or more than there are.
    #[error("its header describes {described} bytes of data, {present} follow it")]
    Extent {
        /// Bytes that the tensors take.
        described: u64,
        /// Bytes that are there.
        present: u64,
    },
    /// The safetensors crate refuses.
    #[error("{0}")]
    Library(SafeTensorError),
}

/// The tensors as one file.
///
/// # Errors
/// When a name is unusable, a shape does not fit its data, or a number is not finite.
pub(super) fn encode(tensors: &BTreeMap<String, Tensor>) -> Result<Vec<u8>, TensorsError> {
    let raw = tensors.iter().map(|(name, tensor)| Ok((name.as_str(), Raw::new(name, tensor)?)));
    let bytes = safetensors::serialize(raw.collect::<Result<Vec<_>, TensorsError>>()?, None).map_err(TensorsError::Library)?;
    // What we write, we also read: a header above our own limit must fail now.
    check_header(&bytes)?;
    Ok(bytes)
}

/// The tensors of a file.
///
/// # Errors
/// When the bytes are anything but what [`encode`] can produce, up to the order of the tensors.
pub(super) fn decode(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, TensorsError> {
    check_header(bytes)?;
    let mut tensors = BTreeMap::new();
    for (name, view) in SafeTensors::deserialize(bytes).map_err(TensorsError::Library)?.tensors() {
        let (shape, data) = (view.shape().to_vec(), view.data());
        let tensor = match view.dtype() {
            Dtype::F32 => Tensor::F32 { shape, data: words(data, f32::from_le_bytes) },
            Dtype::F64 => Tensor::F64 { shape, data: words(data, f64::from_le_bytes) },
            Dtype::U32 => Tensor::U32 { shape, data: words(data, u32::from_le_bytes) },
            Dtype::U8 => Tensor::U8 { shape, data: data.to_vec() },
            other => return Err(TensorsError::Type { tensor: name, dtype: other.to_string() }),
        };
        check_finite(&name, &tensor)?;
        tensors.insert(name, tensor);
    }
    Ok(tensors)
}

/// A tensor as the safetensors crate wants it.
struct Raw {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Raw {
    fn new(name: &str, tensor: &Tensor) -> Result<Self, TensorsError> {
        check_name(name)?;
        check_finite(name, tensor)?;
        let (dtype, shape, bytes) = match tensor {
            Tensor::F32 { shape, data } => (Dtype::F32, shape, data.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Tensor::F64 { shape, data } => (Dtype::F64, shape, data.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Tensor::U32 { shape, data } => (Dtype::U32, shape, data.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Tensor::U8 { shape, data } => (Dtype::U8, shape, data.clone()),
        };
        let raw = Self { dtype, shape: shape.clone(), bytes };
        check_shape(name, &raw.shape, dtype.bitsize() / 8, raw.bytes.len() as u64)?;
        Ok(raw)
    }
}

impl View for Raw {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Little-endian numbers of `N` bytes each.
fn words<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}

fn check_name(name: &str) -> Result<(), TensorsError> {
    let usable = (1..=200).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic()) && !name.starts_with("__");
    if usable { Ok(()) } else { Err(TensorsError::Name { tensor: shown(name) }) }
}

fn check_shape(tensor: &str, shape: &[usize], bytes_each: usize, n_bytes: u64) -> Result<(), TensorsError> {
    let elements = shape.iter().try_fold(1_usize, |n, extent| n.checked_mul(*extent));
    let described = elements.and_then(|n| n.checked_mul(bytes_each)).map(|n| n as u64);
    if shape.len() <= RANK_LIMIT && described == Some(n_bytes) {
        return Ok(());
    }
    let shape = shape.iter().copied().take(RANK_LIMIT).collect();
    Err(TensorsError::Shape { tensor: tensor.to_owned(), shape, n_bytes })
}

fn check_finite(name: &str, tensor: &Tensor) -> Result<(), TensorsError> {
    let offender = match tensor {
        Tensor::F32 { data, .. } => data.iter().position(|v| !v.is_finite()).map(|i| (i, f64::from(data[i]))),
        Tensor::F64 { data, .. } => data.iter().position(|v| !v.is_finite()).map(|i| (i, data[i])),
        Tensor::U32 { .. } | Tensor::U8 { .. } => None,
    };
    match offender {
        None => Ok(()),
        Some((index, value)) => Err(TensorsError::NotFinite { tensor: name.to_owned(), index, value }),
    }
}

/// Proves that header and data tile the file: known types, shapes that fit, no gap, overlap, or byte left over.
fn check_header(bytes: &[u8]) -> Result<(), TensorsError> {
    let (length, rest) = bytes.split_at_checked(LENGTH_BYTES).unwrap_or((&[], bytes));
    let claimed = length.iter().rev().fold(0_u64, |n, byte| (n << 8) | u64::from(*byte));
    let available = rest.len() as u64;
    if length.is_empty() || claimed > available.min(HEADER_LIMIT) {
        return Err(TensorsError::HeaderLength { claimed, available });
    }
    let (header, data) = rest.split_at(usize::try_from(claimed).unwrap_or(0));
    let mut entries = serde_json::from_slice::<Header>(header).map_err(TensorsError::Header)?.0;
    entries.sort_by(|a, b| a.1.data_offsets.cmp(&b.1.data_offsets).then_with(|| a.0.cmp(&b.0)));
    let mut end = 0;
    for (name, entry) in &entries {
        check_name(name)?;
        let (start, stop) = entry.data_offsets;
        if start != end {
            return Err(TensorsError::Gap { tensor: name.clone(), start, expected: end });
        }
        let bytes_each = match entry.dtype.as_ref() {
            "F32" | "U32" => 4,
            "F64" => 8,
            "U8" => 1,
            other => return Err(TensorsError::Type { tensor: name.clone(), dtype: shown(other) }),
        };
        check_shape(name, &entry.shape, bytes_each, stop.saturating_sub(start))?;
        end = stop.max(start);
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(TensorsError::Repeated { tensor: pair[0].0.clone() });
    }
    if end == data.len() as u64 { Ok(()) } else { Err(TensorsError::Extent { described: end, present: data.len() as u64 }) }
}

/// The header's entries as they stand, so that a repeated name is seen.
struct Header(Vec<(String, HeaderEntry)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Header(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    }

    fn check(header: &str, data: &[u8], expect: &str) {
        let found = decode(&file(header, data)).map_or_else(|e| e.to_string(), |t| format!("{} tensors", t.len()));
        assert!(found.contains(expect), "`{found}` does not say `{expect}`");
    }

    #[test]
    fn tensors_come_back_bit_for_bit() {
        let tensors = BTreeMap::from([
            ("a.weight".to_owned(), Tensor::F32 { shape: vec![2, 2], data: vec![0.1, -0.0, f32::MIN_POSITIVE / 2.0, f32::MAX] }),
            ("b".to_owned(), Tensor::F64 { shape: vec![1], data: vec![0.1 + 0.2] }),
            ("c".to_owned(), Tensor::U32 { shape: vec![3], data: vec![0, 7, u32::MAX] }),
            ("d".to_owned(), Tensor::U8 { shape: vec![0], data: vec![] }),
            ("e".to_owned(), Tensor::U8 { shape: vec![], data: vec![255] }),
        ]);
        let bytes = encode(&tensors).unwrap();
        let again = decode(&bytes).unwrap();
        assert_eq!(encode(&again).unwrap(), bytes);
        let Tensor::F32 { data, .. } = &again["a.weight"] else { panic!("another type") };
        assert_eq!(data[1].to_bits(), (-0.0_f32).to_bits());
        assert_eq!(again.keys().collect::<Vec<_>>(), tensors.keys().collect::<Vec<_>>());
        assert!(decode(&encode(&BTreeMap::new()).unwrap()).unwrap().is_empty());
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let refuse = |name: &str, tensor| encode(&BTreeMap::from([(name.to_owned(), tensor)])).unwrap_err();
        let nan = Tensor::F32 { shape: vec![2], data: vec![1.0, f32::NAN] };
        assert!(matches!(refuse("w", nan), TensorsError::NotFinite { index: 1, .. }));
        let infinite = Tensor::F64 { shape: vec![1], data: vec![f64::INFINITY] };
        assert!(matches!(refuse("w", infinite), TensorsError::NotFinite { index: 0, .. }));
        let short = Tensor::U8 { shape: vec![3], data: vec![1] };
        assert!(matches!(refuse("w", short), TensorsError::Shape { .. }));
        for name in ["", "__metadata__", "a b", "ü"] {
            assert!(matches!(refuse(name, Tensor::U8 { shape: vec![0], data: vec![] }), TensorsError::Name { .. }));
        }
    }

    #[test]
    fn a_header_that_lies_is_refused() {
        check(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, &[1, 2], "1 tensors");
        check(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, &[1, 2, 3], "describes 2 bytes of data, 3 follow");
        check(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, &[1], "describes 2 bytes of data, 1 follow");
        check(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, &[1, 2, 3], "starts at byte 1");
        check(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}"#, &[1, 2], "starts at byte 2");
        check(r#"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}"#, &[1, 2], "has the shape [3]");
        check(r#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, &[1, 2], "has the type `F16`");
        check(
            r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
            &[],
            "twice",
        );
        check(r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"code":1}}"#, &[], "unknown field `code`");
        check(r#"{"__metadata__":{"a":"b"}}"#, &[], "header");
        check(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, &f32::NAN.to_le_bytes(), "has the value NaN");
        check("[]", &[], "an object of tensors");
        check(r#"{"a":{"dtype":"U8","shape":[0,0,0,0,0,0,0,0,0],"data_offsets":[0,0]}}"#, &[], "has the shape");
    }

    #[test]
    fn sizes_that_would_overflow_are_refused() {
        let huge = u64::MAX / 8 + 1;
        check(&format!(r#"{{"a":{{"dtype":"F64","shape":[{huge}],"data_offsets":[0,0]}}}}"#), &[], "has the shape");
        // Eight tensors whose sizes add up to 2^64 − 8, on which the crate's own sum of header and data overflows.
        let size = (1_u64 << 61) - 1;
        let entry =
            |i: u64| format!(r#""t{i}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{},{}]}}"#, i * size, (i + 1) * size);
        let header = (0..8).map(entry).collect::<Vec<_>>().join(",");
        check(&format!("{{{header}}}"), &[], "bytes of data, 0 follow");
    }

    #[test]
    fn a_header_length_beyond_the_file_is_refused() {
        for bytes in [&[][..], &[1, 2, 3], &u64::MAX.to_le_bytes(), &9_u64.to_le_bytes(), &(1_u64 << 40).to_le_bytes()] {
            assert!(matches!(decode(bytes), Err(TensorsError::HeaderLength { .. })), "{bytes:?}");
        }
    }
}
