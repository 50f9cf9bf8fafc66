//! A model as plain data: one JSON value of names and kinds, and named tensors for every number.
//!
//! Numbers stand in tensors, not in the JSON, because text forms of floats are not read back to the same bits by every parser.
//! Reading proves every shape, range and index (`tensors`), so a damaged or hostile file is an error and never a panic.

use std::collections::BTreeMap;

use thiserror::Error;

/// Largest absolute value of a 64-bit number in a model. A fit stays far below.
const MAX_NUMBER: f64 = 1e12;

/// A model taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelParts {
    /// Names and kinds.
    pub spec: serde_json::Value,
    /// Numbers, by name.
    pub tensors: BTreeMap<String, Tensor>,
}

/// Numbers of one type in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// 32-bit floats.
    F32 {
        /// Length of each dimension.
        shape: Vec<usize>,
        /// The numbers.
        data: Vec<f32>,
    },
    /// 64-bit floats.
    F64 {
        /// Length of each dimension.
        shape: Vec<usize>,
        /// The numbers.
        data: Vec<f64>,
    },
    /// 32-bit unsigned integers.
    U32 {
        /// Length of each dimension.
        shape: Vec<usize>,
        /// The numbers.
        data: Vec<u32>,
    },
    /// Bytes.
    U8 {
        /// Length of each dimension.
        shape: Vec<usize>,
        /// The numbers.
        data: Vec<u8>,
    },
}

/// Why parts are not a model.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ModelPartsError {
    /// The JSON does not have the expected form.
    #[error("the model's specification cannot be read: {reason}; retrain the model with this version")]
    Spec {
        /// What was wrong.
        reason: String,
    },
    /// A tensor is missing.
    #[error("the model has no tensor `{tensor}`: the file is damaged or of another version; retrain the model")]
    Missing {
        /// Its name.
        tensor: String,
    },
    /// A tensor nobody asked for.
    #[error("the model has a tensor `{tensor}` that does not belong to it; retrain the model")]
    Unexpected {
        /// Its name.
        tensor: String,
    },
    /// A tensor breaks a rule.
    #[error("the model's tensor `{tensor}` is not valid: expected {expected}; the file is damaged, restore or retrain the model")]
    Invalid {
        /// Its name.
        tensor: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// Hands out tensors by name, each once, with their types and shapes checked.
pub(super) struct TensorSource<'a> {
    left: BTreeMap<&'a str, &'a Tensor>,
}

impl<'a> TensorSource<'a> {
    pub(super) fn new(tensors: &'a BTreeMap<String, Tensor>) -> Self {
        Self { left: tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect() }
    }

    fn take(&mut self, name: &str) -> Result<&'a Tensor, ModelPartsError> {
        self.left.remove(name).ok_or_else(|| ModelPartsError::Missing { tensor: name.to_owned() })
    }

    /// A list of finite 32-bit floats.
    pub(super) fn f32s(&mut self, name: &str) -> Result<&'a [f32], ModelPartsError> {
        match self.take(name)? {
            Tensor::F32 { shape, data } if shape[..] == [data.len()] && data.iter().all(|v| v.is_finite()) => Ok(data),
            _ => Err(invalid(name, "a list of finite 32-bit floats")),
        }
    }

    /// A list of 64-bit floats, none so large that sums and products of them overflow.
    pub(super) fn f64s(&mut self, name: &str) -> Result<&'a [f64], ModelPartsError> {
        match self.take(name)? {
            Tensor::F64 { shape, data } if shape[..] == [data.len()] && data.iter().all(|v| v.abs() <= MAX_NUMBER) => Ok(data),
            _ => Err(invalid(name, "a list of 64-bit floats of at most 1e12 either way")),
        }
    }

    /// A list of 32-bit unsigned integers.
    pub(super) fn u32s(&mut self, name: &str) -> Result<&'a [u32], ModelPartsError> {
        match self.take(name)? {
            Tensor::U32 { shape, data } if shape[..] == [data.len()] => Ok(data),
            _ => Err(invalid(name, "a list of 32-bit unsigned integers")),
        }
    }

    /// A list of bytes.
    pub(super) fn u8s(&mut self, name: &str) -> Result<&'a [u8], ModelPartsError> {
        match self.take(name)? {
            Tensor::U8 { shape, data } if shape[..] == [data.len()] => Ok(data),
            _ => Err(invalid(name, "a list of bytes")),
        }
    }

    /// Every tensor must have been asked for.
    pub(super) fn finish(self) -> Result<(), ModelPartsError> {
        match self.left.into_keys().next() {
            Some(name) => Err(ModelPartsError::Unexpected { tensor: name.to_owned() }),
            None => Ok(()),
        }
    }
}

/// The error of a tensor that breaks a rule.
pub(super) fn invalid(tensor: &str, expected: &'static str) -> ModelPartsError {
    ModelPartsError::Invalid { tensor: tensor.to_owned(), expected }
}

/// `Ok` when the rule holds.
pub(super) fn require(holds: bool, tensor: &str, expected: &'static str) -> Result<(), ModelPartsError> {
    if holds { Ok(()) } else { Err(invalid(tensor, expected)) }
}

impl From<Vec<f32>> for Tensor {
    fn from(data: Vec<f32>) -> Self {
        Self::F32 { shape: vec![data.len()], data }
    }
}

impl From<Vec<f64>> for Tensor {
    fn from(data: Vec<f64>) -> Self {
        Self::F64 { shape: vec![data.len()], data }
    }
}

impl From<Vec<u32>> for Tensor {
    fn from(data: Vec<u32>) -> Self {
        Self::U32 { shape: vec![data.len()], data }
    }
}

impl From<Vec<u8>> for Tensor {
    fn from(data: Vec<u8>) -> Self {
        Self::U8 { shape: vec![data.len()], data }
    }
}
