//! A model to parts and back. See `parts` for the form; every list is proven before it is used.
//!
//! Tensors: `edges.values` and `edges.counts` (bins of all features, one after the other), `text.buckets`, `text.idf`,
//! `abuse.*`, and per fitted label at position i `label_00i.` + `scalars` (text intercept, line intercept), `line.slopes` and
//! `line.lifts` (one for each fitted label), `text.columns`, `text.weights`, `text.edges`, `trees.depths`, `trees.features`,
//! `trees.thresholds`, `trees.missing_right`, `trees.gains`, `trees.values`, `trees.cover`, `calibrator.line`, or `calibrator.beta` (a, b, c), or
//! `calibrator.score`, `.logit`, `.outer_slope`, and with markets of their own `calibrator.markets` (intercept and slope of each, in
//! the order of the specification).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::beta::BetaCurve;
use super::bins::BinEdges;
use super::calibration::Calibrator;
use super::design::Vocabulary;
use super::isotonic::IsotonicCurve;
use super::logistic::ScoreLine;
use super::market_calibration::{MarketCalibrator, MarketShift};
use super::model::{LabelModel, LabelSlot, Model};
use super::parts::{ModelParts, ModelPartsError, Tensor, TensorSource, invalid, require};
use super::shapley::LazyTables;
use super::shared::SharedLine;
use super::text_weights::{LabelWeights, TextModel};
use super::training::MAX_BUCKETS;
use super::tree::{Level, MissingSide, SymmetricTree};
use super::{CalibrationBasis, CalibrationMethod, TextBlocks};
use crate::units::{Id, LabelKind, Market};

/// The version of this form. Another one is refused.
const FORMAT: u32 = 1;

/// Deepest tree that is read.
const MAX_DEPTH: u32 = 10;

/// Most edges of one feature: bins are bytes, and two of them stand beside the edges.
const MAX_EDGES: usize = 254;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    format: u32,
    features: Vec<String>,
    n_buckets: u32,
    blocks: TextBlocks,
    labels: Vec<LabelSpec>,
    abuse: Option<CalibrationMethod>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelSpec {
    label: Id,
    kind: LabelKind,
    /// `None` for a label without a model.
    calibration: Option<CalibrationMethod>,
    /// What the probabilities hold for; models of earlier programs do not say.
    #[serde(default, skip_serializing_if = "is_sample")]
    basis: CalibrationBasis,
    /// The markets with a correction of their own, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    markets: Vec<String>,
}

fn is_sample(basis: &CalibrationBasis) -> bool {
    *basis == CalibrationBasis::Sample
}

type Tensors = BTreeMap<String, Tensor>;

impl Model {
    /// The model as plain data.
    #[must_use]
    pub fn to_parts(&self) -> ModelParts {
        let mut tensors = Tensors::new();
        let mut put = |name: &str, tensor: Tensor| {
            tensors.insert(name.to_owned(), tensor);
        };
        put("edges.counts", self.edges.iter().map(|e| e.edges.len() as u32).collect::<Vec<_>>().into());
        put("edges.values", self.edges.iter().flat_map(|e| e.edges.iter().copied()).collect::<Vec<_>>().into());
        put("text.buckets", self.vocabulary.buckets.clone().into());
        put("text.idf", self.vocabulary.idf.clone().into());
        if let Some(calibrator) = &self.abuse {
            put_calibrator("abuse", calibrator, &mut tensors);
        }
        let fitted = self.labels.iter().enumerate().filter_map(|(i, slot)| slot.model.as_ref().map(|model| (i, model)));
        for ((i, model), text) in fitted.zip(self.text.labels()) {
            put_label(&prefix(i), model, &mut tensors);
            put_text(&prefix(i), text, model.line.intercept, &mut tensors);
        }
        let of_slot = |slot: &LabelSlot| LabelSpec {
            label: slot.label.clone(),
            kind: slot.kind,
            calibration: slot.model.as_ref().map(|model| model.calibrator.common.method()),
            basis: slot.model.as_ref().map_or(CalibrationBasis::Sample, |model| model.basis),
            markets: slot.model.iter().flat_map(|m| &m.calibrator.shifts).map(|shift| shift.market.to_string()).collect(),
        };
        let spec = Spec {
            format: FORMAT,
            features: self.features.clone(),
            n_buckets: self.vocabulary.n_buckets,
            blocks: self.vocabulary.blocks,
            labels: self.labels.iter().map(of_slot).collect(),
            abuse: self.abuse.as_ref().map(Calibrator::method),
        };
        // A struct of strings, integers and unit enums always has a JSON form.
        ModelParts { spec: serde_json::to_value(spec).unwrap_or_default(), tensors }
    }

    /// The model that the parts describe.
    ///
    /// # Errors
    /// When anything is missing, superfluous, of another version or out of range: names the tensor and the rule.
    pub fn from_parts(parts: &ModelParts) -> Result<Self, ModelPartsError> {
        let spec = Spec::deserialize(&parts.spec).map_err(|error| ModelPartsError::Spec { reason: error.to_string() })?;
        if spec.format != FORMAT {
            let reason = format!("it has format {}, this program reads format {FORMAT}", spec.format);
            return Err(ModelPartsError::Spec { reason });
        }
        let mut source = TensorSource::new(&parts.tensors);
        let edges = take_edges(&mut source, spec.features.len())?;
        let vocabulary = take_vocabulary(&mut source, &spec)?;
        let abuse = spec.abuse.map(|method| take_calibrator("abuse", method, &mut source)).transpose()?;
        let of_fitted = |(i, label): (usize, &LabelSpec)| label.calibration.is_some().then_some(i);
        let fitted: Vec<usize> = spec.labels.iter().enumerate().filter_map(of_fitted).collect();
        let texts = (fitted.iter())
            .map(|i| take_text(&prefix(*i), vocabulary.len(), &mut source))
            .collect::<Result<Vec<TakenText>, ModelPartsError>>()?;
        let shapes = Shapes { edges: &edges, texts: &texts };
        let mut labels: Vec<LabelSlot> = Vec::new();
        for (i, label) in spec.labels.into_iter().enumerate() {
            if labels.iter().any(|earlier| earlier.label == label.label) {
                return Err(ModelPartsError::Spec { reason: format!("label {} stands twice", label.label) });
            }
            let text = fitted.iter().position(|at| *at == i).and_then(|slot| texts.get(slot));
            let model = take_label(&prefix(i), &label, text, shapes, &mut source)?;
            labels.push(LabelSlot { label: label.label, kind: label.kind, model });
        }
        source.finish()?;
        let text = TextModel::new(texts.into_iter().map(|text| text.weights).collect(), vocabulary.len());
        Ok(Self { features: spec.features, edges, vocabulary, text, labels, abuse })
    }
}

fn prefix(label: usize) -> String {
    format!("label_{label:03}")
}

fn put_label(prefix: &str, model: &LabelModel, tensors: &mut Tensors) {
    let mut put = |name: &str, tensor: Tensor| {
        tensors.insert(format!("{prefix}.{name}"), tensor);
    };
    let levels = || model.trees.iter().flat_map(|tree| tree.levels.iter());
    put("line.slopes", model.line.slopes.clone().into());
    put("line.lifts", model.line.lifts.clone().into());
    put("trees.depths", model.trees.iter().map(|tree| tree.levels.len() as u32).collect::<Vec<_>>().into());
    put("trees.features", levels().map(|level| level.feature).collect::<Vec<_>>().into());
    put("trees.thresholds", levels().map(|level| level.threshold).collect::<Vec<_>>().into());
    put("trees.missing_right", levels().map(|l| u8::from(l.missing == MissingSide::Right)).collect::<Vec<_>>().into());
    put("trees.gains", model.trees.iter().flat_map(|tree| tree.gains.iter().copied()).collect::<Vec<_>>().into());
    put("trees.values", model.trees.iter().flat_map(|tree| tree.values.iter().copied()).collect::<Vec<_>>().into());
    put("trees.cover", model.trees.iter().flat_map(|tree| tree.cover.iter().copied()).collect::<Vec<_>>().into());
    let shifts = &model.calibrator.shifts;
    if !shifts.is_empty() {
        put("calibrator.markets", shifts.iter().flat_map(|shift| [shift.intercept, shift.slope]).collect::<Vec<_>>().into());
    }
    put_calibrator(&format!("{prefix}.calibrator"), &model.calibrator.common, tensors);
}

fn put_text(prefix: &str, text: &LabelWeights, line_intercept: f64, tensors: &mut Tensors) {
    let mut put = |name: &str, tensor: Tensor| {
        tensors.insert(format!("{prefix}.{name}"), tensor);
    };
    put("scalars", vec![text.intercept, line_intercept].into());
    put("text.columns", text.columns.clone().into());
    put("text.weights", text.values.clone().into());
    put("text.edges", text.edges.edges.clone().into());
}

fn put_calibrator(prefix: &str, calibrator: &Calibrator, tensors: &mut Tensors) {
    let mut put = |name: &str, values: Vec<f64>| {
        tensors.insert(format!("{prefix}.{name}"), values.into());
    };
    match calibrator {
        Calibrator::Platt(line) => put("line", vec![line.intercept, line.slope]),
        Calibrator::Beta(curve) => put("beta", vec![curve.a, curve.b, curve.c]),
        Calibrator::Isotonic(curve) => {
            put("score", curve.score.clone());
            put("logit", curve.logit.clone());
            put("outer_slope", vec![curve.outer_slope]);
        }
    }
}

fn take_edges(source: &mut TensorSource, n_features: usize) -> Result<Vec<BinEdges>, ModelPartsError> {
    let counts = source.u32s("edges.counts")?;
    let mut rest = source.f32s("edges.values")?;
    require(counts.len() == n_features, "edges.counts", "one count per feature")?;
    let mut edges = Vec::with_capacity(n_features);
    for count in counts {
        let (own, others) =
            rest.split_at_checked(*count as usize).ok_or_else(|| invalid("edges.values", "as many edges as counted"))?;
        edges.push(checked_edges(own, "edges.values")?);
        rest = others;
    }
    require(rest.is_empty(), "edges.values", "as many edges as counted")?;
    Ok(edges)
}

fn checked_edges(edges: &[f32], tensor: &str) -> Result<BinEdges, ModelPartsError> {
    let is_valid = edges.len() <= MAX_EDGES && edges.windows(2).all(|pair| pair[0] < pair[1]);
    require(is_valid, tensor, "at most 254 strictly ascending edges per feature")?;
    Ok(BinEdges { edges: edges.to_vec() })
}

fn take_vocabulary(source: &mut TensorSource, spec: &Spec) -> Result<Vocabulary, ModelPartsError> {
    let buckets = source.u32s("text.buckets")?;
    let idf = source.f32s("text.idf")?;
    if spec.n_buckets > MAX_BUCKETS {
        return Err(ModelPartsError::Spec { reason: format!("n_buckets is {}, at most {MAX_BUCKETS}", spec.n_buckets) });
    }
    let mut sorted = buckets.to_vec();
    sorted.sort_unstable();
    let is_valid = sorted.windows(2).all(|pair| pair[0] < pair[1]) && sorted.last().is_none_or(|last| *last < spec.n_buckets);
    require(is_valid, "text.buckets", "distinct buckets within the hash space")?;
    require(
        idf.len() == buckets.len() && idf.iter().all(|v| *v > 0.0 && *v <= 1e3),
        "text.idf",
        "a number above 0, at most 1000, per bucket",
    )?;
    Ok(Vocabulary::new(spec.n_buckets, buckets.to_vec(), idf.to_vec(), spec.blocks))
}

/// What a label's indices are checked against.
#[derive(Clone, Copy)]
struct Shapes<'a> {
    edges: &'a [BinEdges],
    texts: &'a [TakenText],
}

impl Shapes<'_> {
    /// The bins of a feature; the text scores are the features after the last.
    fn edges_of(&self, feature: usize) -> Option<&BinEdges> {
        let text = || self.texts.get(feature - self.edges.len()).map(|text| &text.weights.edges);
        self.edges.get(feature).or_else(text)
    }
}

/// A label's text model, and the intercept of its line, which stands beside it.
struct TakenText {
    weights: LabelWeights,
    line_intercept: f64,
}

fn take_text(prefix: &str, n_columns: usize, source: &mut TensorSource) -> Result<TakenText, ModelPartsError> {
    let name = |part: &str| format!("{prefix}.{part}");
    let [intercept, line_intercept] = source.f64s(&name("scalars"))? else {
        return Err(invalid(&name("scalars"), "two numbers"));
    };
    let columns = source.u32s(&name("text.columns"))?;
    let values = source.f32s(&name("text.weights"))?;
    let ascends = columns.windows(2).all(|pair| pair[0] < pair[1]);
    let in_range = columns.last().is_none_or(|last| (*last as usize) < n_columns);
    require(ascends && in_range, &name("text.columns"), "ascending columns of the vocabulary")?;
    require(values.len() == columns.len(), &name("text.weights"), "one weight per column")?;
    let edges = checked_edges(source.f32s(&name("text.edges"))?, &name("text.edges"))?;
    let weights = LabelWeights { columns: columns.to_vec(), values: values.to_vec(), intercept: *intercept, edges };
    Ok(TakenText { weights, line_intercept: *line_intercept })
}

fn take_label(
    prefix: &str,
    spec: &LabelSpec,
    text: Option<&TakenText>,
    shapes: Shapes,
    source: &mut TensorSource,
) -> Result<Option<LabelModel>, ModelPartsError> {
    let (Some(method), Some(text)) = (spec.calibration, text) else {
        let reason = || format!("label {} has markets but no calibration", spec.label);
        return if spec.markets.is_empty() { Ok(None) } else { Err(ModelPartsError::Spec { reason: reason() }) };
    };
    let name = |part: &str| format!("{prefix}.{part}");
    let of_line = |part: &str, source: &mut TensorSource| {
        let values = source.f64s(&name(part))?;
        require(values.len() == shapes.texts.len(), &name(part), "one number per label with a model")?;
        Ok(values.to_vec())
    };
    let slopes = of_line("line.slopes", source)?;
    let lifts = of_line("line.lifts", source)?;
    Ok(Some(LabelModel {
        line: SharedLine { intercept: text.line_intercept, slopes, lifts },
        trees: take_trees(&name("trees"), shapes, source)?,
        shapley: LazyTables::default(),
        calibrator: MarketCalibrator {
            common: take_calibrator(&name("calibrator"), method, source)?,
            shifts: take_markets(&name("calibrator.markets"), &spec.markets, source)?,
        },
        basis: spec.basis,
    }))
}

fn take_markets(name: &str, markets: &[String], source: &mut TensorSource) -> Result<Vec<MarketShift>, ModelPartsError> {
    if markets.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = source.f64s(name)?;
    require(numbers.len() == 2 * markets.len(), name, "an intercept and a slope per market")?;
    require(numbers.chunks_exact(2).all(|pair| pair[1] > -1.0), name, "slopes above -1")?;
    let mut shifts: Vec<MarketShift> = Vec::with_capacity(markets.len());
    for (code, pair) in markets.iter().zip(numbers.chunks_exact(2)) {
        let market: Market = code.parse().map_err(|_| ModelPartsError::Spec { reason: format!("`{code}` is not a market") })?;
        if shifts.last().is_some_and(|last| last.market >= market) {
            return Err(ModelPartsError::Spec { reason: format!("market {code} is out of order") });
        }
        shifts.push(MarketShift { market, intercept: pair[0], slope: pair[1] });
    }
    Ok(shifts)
}

fn take_trees(prefix: &str, shapes: Shapes, source: &mut TensorSource) -> Result<Vec<SymmetricTree>, ModelPartsError> {
    let name = |part: &str| format!("{prefix}.{part}");
    let depths = source.u32s(&name("depths"))?;
    let features = source.u32s(&name("features"))?;
    let thresholds = source.u8s(&name("thresholds"))?;
    let missing = source.u8s(&name("missing_right"))?;
    let mut gains = source.f32s(&name("gains"))?;
    let mut values = source.f32s(&name("values"))?;
    let mut cover = source.f32s(&name("cover"))?;
    require(cover.iter().all(|weight| *weight >= 0.0), &name("cover"), "weights of 0 or more")?;
    require(depths.iter().all(|d| (1..=MAX_DEPTH).contains(d)), &name("depths"), "depths of 1 to 10")?;
    let n_levels: usize = depths.iter().map(|d| *d as usize).sum();
    require(features.len() == n_levels, &name("features"), "one feature per level")?;
    require(thresholds.len() == n_levels, &name("thresholds"), "one threshold per level")?;
    require(missing.len() == n_levels && missing.iter().all(|m| *m <= 1), &name("missing_right"), "0 or 1 per level")?;
    let mut levels = Vec::with_capacity(n_levels);
    for ((feature, threshold), missing) in features.iter().zip(thresholds).zip(missing) {
        let edges = (shapes.edges_of(*feature as usize))
            .ok_or_else(|| invalid(&name("features"), "features of the model, or its text scores after them"))?;
        require(usize::from(*threshold) + 1 < edges.n_bins(), &name("thresholds"), "a bin of the feature, not its last")?;
        let missing = if *missing == 1 { MissingSide::Right } else { MissingSide::Left };
        levels.push(Level { feature: *feature, threshold: *threshold, missing });
    }
    let mut trees = Vec::with_capacity(depths.len());
    let mut rest = levels.as_slice();
    for depth in depths {
        let depth = *depth as usize;
        let (own_levels, other_levels) = rest.split_at(depth);
        rest = other_levels;
        trees.push(SymmetricTree {
            levels: own_levels.to_vec(),
            gains: take_first(&mut gains, depth, &name("gains"), "one gain per level")?,
            values: take_first(&mut values, 1 << depth, &name("values"), "one value per leaf")?,
            cover: take_first(&mut cover, 1 << depth, &name("cover"), "one weight per leaf")?,
        });
    }
    require(gains.is_empty(), &name("gains"), "one gain per level")?;
    require(values.is_empty(), &name("values"), "one value per leaf")?;
    require(cover.is_empty(), &name("cover"), "one weight per leaf")?;
    Ok(trees)
}

/// Takes the first `n` numbers off a list.
fn take_first(list: &mut &[f32], n: usize, tensor: &str, expected: &'static str) -> Result<Vec<f32>, ModelPartsError> {
    let (own, others) = list.split_at_checked(n).ok_or_else(|| invalid(tensor, expected))?;
    *list = others;
    Ok(own.to_vec())
}

fn take_calibrator(prefix: &str, method: CalibrationMethod, source: &mut TensorSource) -> Result<Calibrator, ModelPartsError> {
    let name = |part: &str| format!("{prefix}.{part}");
    match method {
        CalibrationMethod::Auto => {
            Err(ModelPartsError::Spec { reason: format!("{prefix} has the method auto, expected platt, beta or isotonic") })
        }
        CalibrationMethod::Platt => match source.f64s(&name("line"))? {
            [intercept, slope] if *slope >= 0.0 => Ok(Calibrator::Platt(ScoreLine { intercept: *intercept, slope: *slope })),
            _ => Err(invalid(&name("line"), "an intercept and a slope of 0 or more")),
        },
        CalibrationMethod::Beta => match source.f64s(&name("beta"))? {
            [a, b, c] if *a >= 0.0 && *b >= 0.0 => Ok(Calibrator::Beta(BetaCurve { a: *a, b: *b, c: *c })),
            _ => Err(invalid(&name("beta"), "two slopes of 0 or more and an intercept")),
        },
        CalibrationMethod::Isotonic => {
            let score = source.f64s(&name("score"))?;
            let logit = source.f64s(&name("logit"))?;
            let ascends = !score.is_empty() && score.windows(2).all(|pair| pair[0] < pair[1]);
            require(ascends, &name("score"), "at least one knot, strictly ascending")?;
            let rises = logit.len() == score.len() && logit.windows(2).all(|pair| pair[0] <= pair[1]);
            require(rises, &name("logit"), "one value per knot, never falling")?;
            let [outer_slope] = source.f64s(&name("outer_slope"))? else {
                return Err(invalid(&name("outer_slope"), "one number"));
            };
            require(*outer_slope >= 0.0, &name("outer_slope"), "a number of 0 or more")?;
            let curve = IsotonicCurve { score: score.to_vec(), logit: logit.to_vec(), outer_slope: *outer_slope };
            Ok(Calibrator::Isotonic(curve))
        }
    }
}
