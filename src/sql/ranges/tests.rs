use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::sql::{SqlColumn, TextColumn, compile_condition, evaluate_conditions};

fn columns() -> Vec<(String, SqlType)> {
    [("p", SqlType::Number), ("q", SqlType::Number), ("n", SqlType::Integer), ("market", SqlType::Text)]
        .map(|(name, ty)| (name.to_owned(), ty))
        .to_vec()
}

fn ranges(sql: &str) -> Ranges {
    Ranges::of(sql, &columns(), &[("limit_".to_owned(), 0.5)]).unwrap()
}

/// The boxes as text; `?` behind them where they may be too large.
fn check(sql: &str, expect: &str) {
    let found = ranges(sql);
    let of_box = |one: &Bounds| one.iter().map(|(name, range)| format!("{name} {range}")).collect::<Vec<_>>().join(", ");
    let boxes: Vec<String> = found.boxes.iter().map(|one| format!("[{}]", of_box(one))).collect();
    assert_eq!(boxes.join(" ") + if found.is_exact { "" } else { "?" }, expect, "{sql}");
}

#[test]
fn boxes_of_conditions() {
    check("p >= limit_", "[p >= 0.5]");
    check("limit_ + 0.25 < p", "[p > 0.75]");
    check("p > 0.5 AND p <= 0.9 AND market = 'TH'", "[market = 'TH', p > 0.5 and <= 0.9]");
    check("p BETWEEN 0.2 AND 0.4", "[p >= 0.2 and <= 0.4]");
    check("p NOT BETWEEN 0.2 AND 0.4", "[p < 0.2] [p > 0.4]");
    check("NOT (p > 0.5 OR market IN ('TH', 'VN'))", "[market not in ('TH', 'VN'), p <= 0.5]");
    check("NOT (p > 0.5 AND q > 0.5)", "[p <= 0.5] [q <= 0.5]");
    check("n <> 3", "[n < 3] [n > 3]");
    check("n IN (1, 2, NULL)", "[n = 1] [n = 2]");
    check("n NOT IN (1, NULL)", "");
    check("p > 0.5 AND p < 0.5", "");
    check("market = 'TH' AND market = 'VN'", "");
    check("p IS NULL AND p > 0.1", "");
    check("p IS NULL OR p > 0.1", "[p is null] [p > 0.1]");
    check("NOT p IS NULL", "[p is anything]");
    check("p > 0.5 AND LENGTH(market) > 2", "[p > 0.5]?");
    check("p + q > 1", "[]?");
    check("p > q", "[]?");
    check("market LIKE 'T%' AND market = 'TH'", "[market = 'TH']?");
    check("TRUE", "[]");
    check("NULL OR p > 1", "[p > 1]");
    check("NOT (NULL AND p > 1)", "[p <= 1]");
}

#[test]
fn what_boxes_say_of_each_other() {
    let disjoint = |a: &str, b: &str| ranges(a).surely_disjoint(&ranges(b));
    let implies = |a: &str, b: &str| ranges(a).surely_implies(&ranges(b));
    assert!(disjoint("p < 0.5", "p >= 0.5") && !disjoint("p <= 0.5", "p >= 0.5"));
    assert!(disjoint("market = 'TH'", "market <> 'TH' AND p > 0") && !disjoint("p > 0.5", "q > 0.5"));
    assert!(implies("p > 0.9 AND q > 0.1", "p > 0.5") && !implies("p > 0.5", "p > 0.9 AND q > 0.1"));
    assert!(implies("p > 0.5", "p >= 0.5") && !implies("p >= 0.5", "p > 0.5"));
    assert!(implies("p > 1", "p IS NOT NULL") && !implies("p > 1 OR p IS NULL", "p IS NOT NULL"));
    // What is not understood on the right is never called covering, on the left it may be covered.
    assert!(!implies("p > 0.9", "p > 0.5 AND p > q") && implies("p > 0.9 AND p > q", "p > 0.5"));
}

#[test]
fn the_number_of_boxes_is_bounded() {
    let long = (0..700).map(|n| format!("n = {n}")).collect::<Vec<_>>().join(" OR ");
    assert_eq!(ranges(&long), Ranges::unknown());
    let product = (0..8).map(|k| format!("(p = {k} OR q = {k})")).collect::<Vec<_>>().join(" AND ");
    assert!(ranges(&product).boxes.len() <= MOST_BOXES);
    let wide = |name: &str| format!("({})", (0..20).map(|k| format!("{name} = {k}")).collect::<Vec<_>>().join(" OR "));
    let both = ranges(&format!("{} AND {}", wide("p"), wide("q")));
    assert_eq!((both.boxes.len(), both.is_exact), (20, false));
}

/// Conditions over the four columns, with literals that meet often.
fn condition() -> impl Strategy<Value = String> {
    let number = || prop::sample::select(&["0", "0.5", "1", "limit_", "- 1", "(0.5 + 0.5)", "NULL"]);
    let name = || prop::sample::select(&["p", "q", "n"]);
    let op = prop::sample::select(&["=", "<>", "<", "<=", ">", ">="]);
    let not = || prop::sample::select(&["", "NOT "]);
    let leaf = prop_oneof![
        4 => (name(), op.clone(), number(), any::<bool>())
            .prop_map(|(n, op, x, turned)| if turned { format!("{x} {op} {n}") } else { format!("{n} {op} {x}") }),
        1 => (name(), not(), number(), number()).prop_map(|(n, not, a, b)| format!("{n} {not}BETWEEN {a} AND {b}")),
        1 => (name(), not()).prop_map(|(n, not)| format!("{n} IS {not}NULL")),
        1 => (name(), not()).prop_map(|(n, not)| format!("{n} {not}IN (0, 1, 0.5)")),
        1 => (not(), prop::sample::select(&["'TH'", "'TH', 'VN'", "'ID', NULL"])).prop_map(|(not, m)| format!("market {not}IN ({m})")),
        1 => prop::sample::select(&["market = 'TH'", "market <> 'VN'", "market > 'ID'", "'VN' = market"]).prop_map(str::to_owned),
        1 => prop::sample::select(&["p > q", "p + q > 1", "LENGTH(market) = 2", "TRUE", "NULL", "FALSE", "COALESCE(p, 0) > 0"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) OR ({b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

type Row = (Option<f64>, Option<f64>, Option<i64>, Option<&'static str>);

/// Every row of a grid that has a cell on, and beside, each literal of [`condition`], and missing ones.
struct Grid {
    cells: Vec<Row>,
    points: Vec<Bounds>,
}

impl Grid {
    fn new() -> Self {
        let numbers = [None, Some(-1.5), Some(-1.0), Some(0.0), Some(0.25), Some(0.5), Some(1.0), Some(2.0)];
        let mut cells = Vec::new();
        for p in numbers {
            for q in numbers {
                for n in [None, Some(-1), Some(0), Some(1), Some(2)] {
                    for market in [None, Some("TH"), Some("VN"), Some("ID")] {
                        cells.push((p, q, n, market));
                    }
                }
            }
        }
        Self { points: cells.iter().map(point).collect(), cells }
    }

    /// Where `sql` is true, as the engine says.
    fn holds(&self, sql: &str) -> Vec<bool> {
        let types: Vec<(String, SqlType)> = columns().into_iter().chain([("limit_".to_owned(), SqlType::Number)]).collect();
        let compiled = compile_condition(sql, &types).unwrap_or_else(|e| panic!("{e}"));
        let mut market = TextColumn::default();
        self.cells.iter().for_each(|row| market.push(row.3));
        let cells = [
            SqlColumn::Number(self.cells.iter().map(|row| row.0).collect()),
            SqlColumn::Number(self.cells.iter().map(|row| row.1).collect()),
            SqlColumn::Integer(self.cells.iter().map(|row| row.2).collect()),
            SqlColumn::Text(market),
            SqlColumn::Number(vec![Some(0.5); self.cells.len()]),
        ];
        let named: Vec<(&str, &SqlColumn)> = types.iter().map(|(name, _)| name.as_str()).zip(&cells).collect();
        let answers = evaluate_conditions(&[&compiled], &named, self.cells.len()).unwrap().remove(0);
        answers.into_iter().map(|answer| answer == Some(true)).collect()
    }

    /// Which rows are in a box of `ranges`.
    fn inside(&self, ranges: &Ranges) -> Vec<bool> {
        self.points.iter().map(|point| ranges.boxes.iter().any(|one| meet(point, one).is_some())).collect()
    }
}

/// The box of one row alone.
fn point((p, q, n, market): &Row) -> Bounds {
    use super::values::{End, Values};
    let number = |x: Option<f64>| {
        x.map_or_else(Range::null, |at| {
            let end = Some(End { at, is_closed: true });
            Range::of(Values::Between { low: end, high: end })
        })
    };
    let market = market.map_or_else(Range::null, |text| Range::texts([text]));
    let numbers = [("p", number(*p)), ("q", number(*q)), ("n", number(n.map(|n| n as f64)))];
    numbers.into_iter().chain([("market", market)]).map(|(name, range)| (name.to_owned(), range)).collect()
}

static GRID: LazyLock<Grid> = LazyLock::new(Grid::new);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Against every row of the grid: the boxes hold what the engine calls true, alone where they are exact; and what two conditions'
    /// boxes say of each other is so.
    #[test]
    fn boxes_hold_every_row_that_the_engine_calls_true(a in condition(), b in condition()) {
        let grid = &*GRID;
        let (boxes, others) = (ranges(&a), ranges(&b));
        let (held, others_held) = (grid.holds(&a), grid.holds(&b));
        let inside = grid.inside(&boxes);
        for (is_true, is_inside) in held.iter().zip(&inside) {
            prop_assert!(*is_inside || !is_true, "{a}: {boxes:?}");
            prop_assert!(*is_true || !is_inside || !boxes.is_exact, "{a}: {boxes:?}");
        }
        let mut both = held.iter().zip(&others_held);
        prop_assert!(!boxes.surely_disjoint(&others) || both.clone().all(|(a, b)| !(*a && *b)), "{a} and {b}");
        prop_assert!(!boxes.surely_implies(&others) || both.all(|(a, b)| *b || !a), "{a} implies {b}");
        prop_assert!(!boxes.is_never() || !held.contains(&true), "{a}");
    }
}
