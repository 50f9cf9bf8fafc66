//! Numbers as a person reads them.

/// A probability in percent; very small ones as below a bound.
pub(in crate::explain) fn percent(p: Option<f32>) -> String {
    match p {
        None => "no probability".to_owned(),
        Some(p) if p > 0.0 && p < 0.001 => "less than 0.1\u{a0}%".to_owned(),
        Some(p) if p < 1.0 && p > 0.999 => "more than 99.9\u{a0}%".to_owned(),
        Some(p) => format!("{:.1}\u{a0}%", f64::from(p) * 100.0),
    }
}

/// Log-odds with their sign.
pub(super) fn signed(logit: f64) -> String {
    format!("{logit:+.2}")
}

/// Whether log-odds are worth a line.
pub(super) fn matters(logit: f64) -> bool {
    logit.abs() >= 0.005
}

/// What log-odds do to the odds.
pub(super) fn effect(logit: f64) -> String {
    let factor = libm::exp(logit.abs());
    let factor = if factor < 10.0 { format!("{factor:.1}") } else { format!("{factor:.0}") };
    if logit >= 0.0 { format!("odds × {factor}") } else { format!("odds ÷ {factor}") }
}

/// What a feature measures and its value, in natural units where the doc says how they were changed: `ln(1 + pictures)` of 2.2 is 8
/// pictures.
pub(in crate::explain) fn natural(what: &str, feature: Option<f32>) -> (String, String) {
    let inner = what.strip_prefix("ln(1 + ").and_then(|rest| {
        let mut depth = 1;
        let close = rest.char_indices().find(|(_, c)| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        close.map(|(at, _)| (&rest[..at], &rest[at + 1..]))
    });
    match inner {
        Some((unit, rest)) => {
            (format!("{unit}{rest}"), feature.map_or("missing".to_owned(), |v| rounded(libm::expm1(f64::from(v)))))
        }
        None => (what.to_owned(), value(feature)),
    }
}

/// A number that went through single precision: what is nearly whole is whole.
fn rounded(value: f64) -> String {
    let whole = value.round();
    number(if (value - whole).abs() <= 1e-5 * whole.abs().max(1.0) { whole } else { value })
}

/// A feature's value, with as many digits as tell something.
pub(super) fn value(value: Option<f32>) -> String {
    value.map_or("missing".to_owned(), |value| number(f64::from(value)))
}

/// A number, with as many digits as tell something.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value == value.trunc() && value.abs() < 1e9 {
        return format!("{value}");
    }
    let digits = match value.abs() {
        v if v >= 100.0 => 1,
        v if v >= 1.0 => 2,
        v if v >= 0.01 => 3,
        v if v >= 0.0001 => 5,
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count with its noun.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// An instant in RFC 3339 as a person reads it, to the minute.
pub(super) fn moment(rfc_3339: &str) -> String {
    let parts = rfc_3339.strip_suffix('Z').and_then(|text| text.split_once('T'));
    parts.map_or(rfc_3339.to_owned(), |(day, time)| format!("{day} {} UTC", time.get(..5).unwrap_or(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(
            [percent(Some(0.5)), percent(Some(1e-6)), percent(Some(0.9999)), percent(None)],
            ["50.0\u{a0}%", "less than 0.1\u{a0}%", "more than 99.9\u{a0}%", "no probability"]
        );
        assert_eq!([percent(Some(0.0)), percent(Some(1.0))], ["0.0\u{a0}%", "100.0\u{a0}%"]);
        assert_eq!([signed(0.5), signed(-1.234)], ["+0.50", "-1.23"]);
        // e^0.693 = 2.0; e^−2.303 is a tenth.
        assert_eq!([effect(0.693), effect(-2.303), effect(4.0)], ["odds × 2.0", "odds ÷ 10", "odds × 55"]);
        assert_eq!([number(3.0), number(1234.56), number(0.1 + 0.2), number(0.00123)], ["3", "1234.6", "0.3", "0.00123"]);
        assert_eq!((value(None).as_str(), number(-0.0).as_str()), ("missing", "0"));
        let natural = |what: &str, v: f32| natural(what, Some(v));
        assert_eq!(natural("ln(1 + pictures)", 2.197_224_6), ("pictures".to_owned(), "8".to_owned()));
        assert_eq!(natural("ln(1 + days (or so)), x", 0.0), ("days (or so), x".to_owned(), "0".to_owned()));
        assert_eq!(natural("share", 0.5), ("share".to_owned(), "0.5".to_owned()));
        assert_eq!([moment("2026-03-26T17:05:09.5Z"), moment("soon")], ["2026-03-26 17:05 UTC", "soon"]);
    }
}
