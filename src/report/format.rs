//! How a number is written: the only place that decides on digits, signs and units.

use super::number::{Number, NumberUnit, Suppression};

/// What a number looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value with its unit.
    pub value: String,
    /// Both ends of its interval, without unit: `8.1–17.9`; empty where it has none.
    pub interval: String,
    /// What it rests on: `n 1,234`; empty where that says nothing more, as of a count.
    pub n: String,
    /// The same for a tooltip: n and the method.
    pub title: String,
}

/// `number` in words and digits.
#[must_use]
pub fn written(number: &Number) -> Written {
    let value = match (number.suppressed, number.value) {
        (Some(Suppression::Below(k)), _) if number.unit == NumberUnit::Count => format!("< {k}"),
        (Some(Suppression::Below(k)), _) => format!("n < {k}"),
        (Some(Suppression::Complement), _) => "withheld".to_owned(),
        (None, None) => "not known".to_owned(),
        (None, Some(value)) => with_unit(value, number.unit),
    };
    let interval = match (number.low, number.high) {
        (Some(low), Some(high)) => {
            let dash = if low < 0.0 || high < 0.0 { " to " } else { "–" };
            format!("{}{dash}{}", digits(low, number.unit), digits(high, number.unit))
        }
        (Some(low), None) => format!("at least {}", digits(low, number.unit)),
        (None, Some(high)) => format!("at most {}", digits(high, number.unit)),
        (None, None) => String::new(),
    };
    let n = number.n.map(|n| grouped(&n.to_string()));
    // A count rests on itself, and what is of one thing is: both stand in the tooltip alone.
    let says_more = number.n != Some(1) && (number.unit != NumberUnit::Count || number.value != number.n.map(|n| n as f64));
    let title = match (&n, number.suppressed) {
        (Some(n), _) => format!("n = {n}, {}", number.method),
        (None, Some(Suppression::Below(k))) => format!("n < {k}"),
        (None, Some(Suppression::Complement)) => "n withheld".to_owned(),
        (None, None) => number.method.clone(),
    };
    Written { value, interval, n: n.filter(|_| says_more).map(|n| format!("n {n}")).unwrap_or_default(), title }
}

/// The value as an attribute holds it: the shortest digits that read back as the same number.
#[must_use]
pub fn exact(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn with_unit(value: f64, unit: NumberUnit) -> String {
    let digits = digits(value, unit);
    match unit {
        NumberUnit::Share => format!("{digits} %"),
        NumberUnit::PerTenThousand => format!("{digits} per 10,000"),
        NumberUnit::Views => format!("{digits} views"),
        NumberUnit::Seconds => format!("{digits} s"),
        NumberUnit::Minutes => format!("{digits} min"),
        NumberUnit::Days => format!("{digits} days"),
        NumberUnit::Count | NumberUnit::Money | NumberUnit::Harm | NumberUnit::Number => digits,
    }
}

/// The digits in the unit that people read.
fn digits(value: f64, unit: NumberUnit) -> String {
    match unit {
        NumberUnit::Share => significant(value * 100.0),
        NumberUnit::PerTenThousand => significant(value * 10_000.0),
        NumberUnit::Count | NumberUnit::Views => {
            if value.fract() == 0.0 {
                fixed(value, 0)
            } else {
                significant(value)
            }
        }
        _ => significant(value),
    }
}

/// Three significant digits, none after the point from 100 on, and never more than five places.
fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 99.95 => fixed(value, 0),
        size if size >= 9.995 => fixed(value, 1),
        size if size >= 0.0995 => fixed(value, 2),
        size if size >= 0.00995 => fixed(value, 3),
        size if size >= 0.000_005 => fixed(value, 5),
        _ if value > 0.0 => "< 0.00001".to_owned(),
        _ => "> −0.00001".to_owned(),
    }
}

/// `places` after the point, thousands grouped; a number beyond all use is written with its exponent.
fn fixed(value: f64, places: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}").replace('-', "−");
    }
    let text = format!("{:.places$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 { "−" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}", grouped(whole))
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, unit: NumberUnit, expect: &str) {
        assert_eq!(written(&Number::of(Some(value), unit, 1234, "hajek")).value, expect);
    }

    #[test]
    fn every_unit_has_its_own_way() {
        check(0.001_234, NumberUnit::PerTenThousand, "12.3 per 10,000");
        check(0.5, NumberUnit::Share, "50.0 %");
        check(1.0, NumberUnit::Share, "100 %");
        check(0.000_8, NumberUnit::Share, "0.080 %");
        check(0.0, NumberUnit::Share, "0 %");
        check(1_234_567.0, NumberUnit::Count, "1,234,567");
        check(999.0, NumberUnit::Views, "999 views");
        check(1_234.5, NumberUnit::Money, "1,234");
        check(-0.25, NumberUnit::Number, "−0.25");
        check(1e300, NumberUnit::Number, "1.00e300");
        check(1e-9, NumberUnit::Number, "< 0.00001");
        check(2.5, NumberUnit::Days, "2.50 days");
        check(90.0, NumberUnit::Seconds, "90.0 s");
    }

    #[test]
    fn interval_and_n_stand_beside_the_value() {
        let mut number = Number::of(Some(0.001_23), NumberUnit::PerTenThousand, 1234, "ppi++");
        (number.low, number.high) = (Some(0.000_81), Some(0.001_79));
        let expect = Written {
            value: "12.3 per 10,000".to_owned(),
            interval: "8.10–17.9".to_owned(),
            n: "n 1,234".to_owned(),
            title: "n = 1,234, ppi++".to_owned(),
        };
        assert_eq!(written(&number), expect);
        let below_zero = Number { low: Some(-0.001), ..number.clone() };
        assert_eq!(written(&below_zero).interval, "−10.0 to 17.9");
        let small = written(&number.clone().withheld(Suppression::Below(10)));
        assert_eq!((small.value.as_str(), small.interval.as_str(), small.title.as_str()), ("n < 10", "", "n < 10"));
        assert_eq!(written(&Number::count(7).withheld(Suppression::Below(10))).value, "< 10");
        assert_eq!(written(&number.withheld(Suppression::Complement)).value, "withheld");
        assert_eq!(written(&Number::count(7)).n, "");
        assert_eq!(written(&Number::of(None, NumberUnit::Number, 3, "exact")).value, "not known");
        assert_eq!(written(&Number::of(Some(f64::NAN), NumberUnit::Number, 3, "exact")).value, "not known");
    }

    #[test]
    fn an_exact_value_reads_back() {
        for value in [0.1 + 0.2, 1e-300, 12_345.678_9, f64::MAX, 5e-324] {
            assert_eq!(exact(Some(value)).parse(), Ok(value));
        }
        assert_eq!(exact(None), "");
    }
}
