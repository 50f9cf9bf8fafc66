//! The text as it was written, with the places marked that carried a label's score.
//!
//! Input: title and body, their profile, the contributions to one label. Output: the text in segments, marked where n-grams that
//! matter stand in it, strongest first, contact details masked, nothing in it that a terminal or browser would act on. A place is a
//! word as written, whatever the normaliser made of it; in scripts that put no spaces between words it is the stretch of characters
//! that adds most. Deliberately not here: which n-gram has which weight (`credit`).

use std::ops::Range;

use serde::Serialize;

use super::credit::Credit;
use super::visible::push_visible;
use crate::models::Contribution;
use crate::text::{NgramConfig, TextProfile, alignment, contact_spans, normalise, strip_html, tokens};

/// The most places that are marked.
const MOST_SPANS: usize = 12;
/// A place weaker than this share of the strongest is not marked.
const WEAKEST: f64 = 0.05;
/// Characters of a text that are shown whole; of a longer one only what stands around the marked places.
const SHOWN_CHARS: usize = 1_200;
/// Characters shown before and after a marked place of a long text.
const AROUND: usize = 80;
/// From so many digits on, a run of them is masked whether or not it is known to be a contact.
const MASKED_DIGITS: usize = 7;

/// Whether contact details are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactPolicy {
    /// Letters and digits of them are replaced.
    Mask,
    /// Shown as written.
    Show,
}

/// An item's text with what its parts add to one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextCase {
    /// Title and body, as far as there are any.
    pub parts: Vec<TextPart>,
    /// The places that matter, strongest first.
    pub spans: Vec<TextSpan>,
    /// What the text as a whole is like, such as stretched letters: name and log-odds, strongest first.
    pub traits: Vec<TextTrait>,
    /// Log-odds of everything else in the text: weaker places, and what cannot be placed.
    pub rest: f64,
    /// Characters of contact details that are masked.
    pub masked_chars: usize,
    /// Tags of HTML, which are left out.
    pub n_tags: u32,
}

/// The title or the body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextPart {
    /// `title` or `body`.
    pub name: &'static str,
    /// Characters as written, HTML left out.
    pub n_chars: usize,
    /// What is shown of it, in order.
    pub segments: Vec<TextSegment>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextSegment {
    /// What it says.
    pub text: String,
    /// The place that it is, by its number in `spans` from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<usize>,
    /// A piece of the text is left out before this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub after_gap: bool,
}

/// A marked place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextSpan {
    /// `title` or `body`.
    pub part: &'static str,
    /// The first character of the place in the part, HTML left out, from 0.
    pub start: usize,
    /// The first character behind it.
    pub end: usize,
    /// What stands there, as shown.
    pub text: String,
    /// What the model reads there, where that is something else than lower case of what stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
    /// Log-odds that it adds.
    pub logit: f64,
}

/// A trait of the text as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextTrait {
    /// Its name.
    pub name: String,
    /// Log-odds that it adds.
    pub logit: f64,
}

/// Title or body while it is worked on.
struct Part {
    name: &'static str,
    chars: Vec<char>,
    /// Which of them are shown masked.
    masked: Vec<bool>,
}

/// A stretch of one part that adds something.
#[derive(Debug, Clone)]
struct Place {
    part: usize,
    chars: Range<usize>,
    read_as: String,
    logit: f64,
}

impl TextCase {
    /// The case of a text; `None` without one.
    #[must_use]
    pub fn of(
        (title, body): (Option<&str>, Option<&str>),
        profile: &TextProfile,
        contributions: &[Contribution],
        config: &NgramConfig,
        contacts: ContactPolicy,
    ) -> Option<Self> {
        let stripped = [("title", strip_html(title.unwrap_or(""))), ("body", strip_html(body.unwrap_or("")))];
        let credit = Credit::of(contributions, profile, config);
        let total: f64 = credit.by_char.iter().sum();
        let mut parts = Vec::new();
        // For each normalised character the part and the characters that it stands for.
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        for (name, html) in &stripped {
            let normalised = normalise(&html.text);
            if !normalised.is_empty() {
                if let Some((part, at)) = places.last().cloned() {
                    // The line break between title and body.
                    places.push((part, at.end.saturating_sub(1)..at.end));
                }
                let left = credit.by_char.len().saturating_sub(places.len());
                let head: String = normalised.chars().take(left).collect();
                places.extend(alignment(&html.text, &head).into_iter().map(|at| (parts.len(), at)));
            }
            let chars: Vec<char> = html.text.chars().collect();
            let mut masked = long_numbers(&chars);
            addresses(&chars, &mut masked);
            parts.push(Part { name, masked, chars });
        }
        mask_contacts(&profile.normalised, &places, &mut parts);
        if contacts == ContactPolicy::Show {
            parts.iter_mut().for_each(|part| part.masked.fill(false));
        }
        let found = strongest(&profile.normalised, &credit.by_char, &places);
        let marked: f64 = found.iter().map(|place| place.logit).sum();
        let spans: Vec<TextSpan> = found.iter().filter_map(|place| span(place, &parts)).collect();
        let shown: Vec<TextPart> = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| part.chars.iter().any(|c| !c.is_whitespace()))
            .map(|(at, part)| TextPart { name: part.name, n_chars: part.chars.len(), segments: segments(at, part, &found) })
            .collect();
        (!shown.is_empty()).then(|| Self {
            parts: shown,
            spans,
            traits: credit.traits.into_iter().map(|(name, logit)| TextTrait { name, logit }).collect(),
            rest: total - marked + credit.elsewhere,
            masked_chars: parts.iter().map(|part| part.masked.iter().filter(|m| **m).count()).sum(),
            n_tags: stripped.iter().map(|(_, html)| html.n_tags).sum(),
        })
    }
}

/// Masks the contact details of the normalised text where they were written.
fn mask_contacts(normalised: &str, places: &[(usize, Range<usize>)], parts: &mut [Part]) {
    let words: Vec<&str> = tokens(normalised).map(|token| token.text).collect();
    let mut spans = contact_spans(normalised, &words).into_iter().peekable();
    for ((byte, _), (part, at)) in normalised.char_indices().zip(places) {
        while spans.next_if(|span| span.end <= byte).is_some() {}
        let is_contact = spans.peek().is_some_and(|span| span.contains(&byte));
        if let Some(part) = parts.get_mut(*part).filter(|_| is_contact) {
            for at in at.clone() {
                let is_secret = part.chars.get(at).is_some_and(|c| !c.is_whitespace() && !c.is_ascii_punctuation());
                if let Some(masked) = part.masked.get_mut(at).filter(|_| is_secret) {
                    *masked = true;
                }
            }
        }
    }
}

/// The digits of runs long enough to be a telephone number. A few separators don't end a run.
fn long_numbers(chars: &[char]) -> Vec<bool> {
    let mut masked = vec![false; chars.len()];
    let (mut run, mut gap) = (Vec::new(), 0);
    for (at, c) in chars.iter().enumerate() {
        if c.is_numeric() {
            run.push(at);
            gap = 0;
        } else {
            gap += 1;
            if gap > 2 || c.is_alphabetic() {
                mask_run(&mut run, &mut masked);
            }
        }
    }
    mask_run(&mut run, &mut masked);
    masked
}

/// What looks like an address, whether or not its end is one that the reader of contacts knows: `http://…`, `www.…`, `name@…`,
/// `@name`.
fn addresses(chars: &[char], masked: &mut [bool]) {
    let mut at = 0;
    while at < chars.len() {
        let len = chars[at..].iter().take_while(|c| !c.is_whitespace()).count();
        let word = &chars[at..at + len];
        let has = |needle: &str| {
            let needle: Vec<char> = needle.chars().collect();
            word.windows(needle.len()).any(|w| w.iter().map(char::to_ascii_lowercase).eq(needle.iter().copied()))
        };
        let is_mail = word.windows(3).any(|w| w[1] == '@' && w[0].is_alphanumeric() && w[2].is_alphanumeric());
        let named = word.strip_prefix(&['@']).unwrap_or_default();
        let is_name = named.len() > 2 && named.iter().any(|c| c.is_alphabetic());
        if is_mail || is_name || has("://") || has("www.") {
            word.iter().enumerate().filter(|(_, c)| c.is_alphanumeric()).for_each(|(i, _)| masked[at + i] = true);
        }
        at += len.max(1);
    }
}

fn mask_run(run: &mut Vec<usize>, masked: &mut [bool]) {
    if run.len() >= MASKED_DIGITS {
        run.iter().for_each(|at| masked[*at] = true);
    }
    run.clear();
}

/// The places that add most, strongest first, none overlapping another. Signs at either end of a word are left unmarked.
fn strongest(normalised: &str, credit: &[f64], places: &[(usize, Range<usize>)]) -> Vec<Place> {
    let chars: Vec<char> = normalised.chars().take(credit.len()).collect();
    let mut found: Vec<Place> = Vec::new();
    for unit in units(&chars, credit) {
        let logit = credit.get(unit.clone()).unwrap_or_default().iter().sum();
        let unit = trimmed(&chars, unit);
        let Some((part, first)) = places.get(unit.start) else { continue };
        // A unit lies within a word, and a word within a part.
        let own = places.get(unit.clone()).unwrap_or_default().iter().filter(|(other, _)| other == part);
        let end = own.map(|(_, at)| at.end).max().unwrap_or(first.end);
        let read_as: String = chars.get(unit).unwrap_or_default().iter().collect();
        match found.last_mut().filter(|last| last.part == *part && last.chars.end > first.start) {
            Some(last) => {
                last.chars.end = last.chars.end.max(end);
                last.logit += logit;
                last.read_as.push_str(&read_as);
            }
            None => found.push(Place { part: *part, chars: first.start..end, read_as, logit }),
        }
    }
    let most = found.iter().map(|place| place.logit.abs()).fold(0.0, f64::max);
    found.retain(|place| place.logit.abs() > WEAKEST * most);
    found.sort_by(|a, b| b.logit.abs().total_cmp(&a.logit.abs()).then((a.part, a.chars.start).cmp(&(b.part, b.chars.start))));
    found.truncate(MOST_SPANS);
    found
}

/// Stretches of characters that are looked at as one: words between white space, and in scripts without spaces whatever adds most.
fn units(chars: &[char], credit: &[f64]) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let run = |is_of: &dyn Fn(char) -> bool| chars[at..].iter().take_while(|c| is_of(**c)).count();
        let unspaced = run(&|c| is_unspaced(c));
        let spaced = run(&|c| !c.is_whitespace() && !is_unspaced(c));
        if unspaced > 0 {
            stretches(at..at + unspaced, chars, credit, &mut units);
        } else if spaced > 0 {
            units.push(at..at + spaced);
        }
        at += unspaced.max(spaced).max(1);
    }
    units.sort_by_key(|unit| unit.start);
    units
}

/// A word without the signs at its ends; what is nothing but signs stays.
fn trimmed(chars: &[char], unit: Range<usize>) -> Range<usize> {
    let is_sign = |at: &usize| chars.get(*at).is_some_and(|c| c.is_ascii_punctuation());
    let start = unit.start + unit.clone().take_while(is_sign).count();
    let end = unit.end - unit.clone().rev().take_while(is_sign).count();
    if start < end { start..end } else { unit }
}

/// Whether `c` is of a script that writes words without spaces between them.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// The stretches of `within` whose sum is largest, positive and negative, each cut off where going on adds little. Marks stay with
/// their letter.
fn stretches(within: Range<usize>, chars: &[char], credit: &[f64], units: &mut Vec<Range<usize>>) {
    let most = within.clone().map(|at| credit[at].abs()).fold(0.0, f64::max);
    let mut free = vec![within];
    for _ in 0..MOST_SPANS {
        let best = free.iter().enumerate().filter_map(|(i, range)| {
            let (found, sum) = heaviest(range.clone(), credit, most / 4.0)?;
            Some((i, found, sum))
        });
        let Some((i, found, _)) = best.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0))) else { break };
        let range = free.swap_remove(i);
        let is_mark = |at: usize| chars.get(at).is_some_and(|c| unicode_normalization::char::is_combining_mark(*c));
        let (mut start, mut end) = (found.start, found.end);
        while start > range.start && is_mark(start) {
            start -= 1;
        }
        while end < range.end && is_mark(end) {
            end += 1;
        }
        units.push(start..end);
        free.extend([range.start..start, end..range.end].into_iter().filter(|range| !range.is_empty()));
    }
}

/// The stretch with the largest |Σ| after `cost` for each character (Kadane's scan, once for either sign).
fn heaviest(range: Range<usize>, credit: &[f64], cost: f64) -> Option<(Range<usize>, f64)> {
    let mut best: Option<(Range<usize>, f64)> = None;
    for sign in [1.0, -1.0] {
        let (mut sum, mut start) = (0.0, range.start);
        for at in range.clone() {
            if sum <= 0.0 {
                (sum, start) = (0.0, at);
            }
            sum += sign * credit[at] - cost;
            if sum > best.as_ref().map_or(1e-12, |(_, most)| *most) {
                best = Some((start..at + 1, sum));
            }
        }
    }
    best
}

/// A place as it is listed.
fn span(place: &Place, parts: &[Part]) -> Option<TextSpan> {
    let part = parts.get(place.part)?;
    let written: String = part.chars.get(place.chars.clone())?.iter().collect();
    let is_masked = place.chars.clone().any(|at| part.masked.get(at) == Some(&true));
    // What is masked must not be given away by how it is read.
    let read_as = (!is_masked && written.to_lowercase() != place.read_as).then(|| super::visible::visible(&place.read_as));
    Some(TextSpan {
        part: part.name,
        start: place.chars.start,
        end: place.chars.end,
        text: shown(part, place.chars.clone()),
        read_as,
        logit: place.logit,
    })
}

/// Characters of a part as they may be shown.
fn shown(part: &Part, range: Range<usize>) -> String {
    let mut out = String::new();
    for at in range {
        match (part.chars.get(at), part.masked.get(at)) {
            (Some(c), Some(true)) => out.push(if c.is_numeric() { '#' } else { '*' }),
            (Some('\n'), _) => out.push('\n'),
            (Some(c), _) => push_visible(*c, &mut out),
            (None, _) => {}
        }
    }
    out
}

/// The part in pieces, marked and unmarked in turn; of a long one only what stands around the marks.
fn segments(number: usize, part: &Part, found: &[Place]) -> Vec<TextSegment> {
    let n = part.chars.len();
    let mut marks: Vec<(usize, Range<usize>)> = found
        .iter()
        .enumerate()
        .filter(|(_, place)| place.part == number)
        .map(|(i, place)| (i + 1, place.chars.clone()))
        .collect();
    marks.sort_by_key(|(_, range)| range.start);
    let mut windows: Vec<Range<usize>> = Vec::new();
    if n <= SHOWN_CHARS {
        windows.push(0..n);
    } else {
        let head = (0..AROUND * 2, ()).0;
        let around = marks.iter().map(|(_, range)| range.start.saturating_sub(AROUND)..(range.end + AROUND).min(n));
        for window in std::iter::once(head).chain(around) {
            match windows.last_mut().filter(|last| last.end >= window.start) {
                Some(last) => last.end = last.end.max(window.end),
                None => windows.push(window),
            }
        }
    }
    let mut out: Vec<TextSegment> = Vec::new();
    for window in &windows {
        let mut at = window.start;
        let mut after_gap = window.start > 0;
        let mut push = |range: Range<usize>, span: Option<usize>| {
            if !range.is_empty() {
                out.push(TextSegment { text: shown(part, range), span, after_gap: std::mem::take(&mut after_gap) });
            }
        };
        for (i, range) in marks.iter().filter(|(_, range)| range.start >= window.start && range.end <= window.end) {
            push(at..range.start.max(at), None);
            push(range.start.max(at)..range.end, Some(*i));
            at = range.end.max(at);
        }
        push(at..window.end, None);
    }
    if windows.last().is_some_and(|window| window.end < n) {
        out.push(TextSegment { text: String::new(), span: None, after_gap: true });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::ContributionSource;
    use crate::text::{ngram_terms, profile_counts};

    /// The case of `body` where each of `terms` adds its log-odds.
    fn case(body: &str, terms: &[(&str, f64)], contacts: ContactPolicy) -> TextCase {
        let config = NgramConfig::default();
        let profile = TextProfile::of(None, Some(body));
        let all = ngram_terms(&profile.normalised, &config);
        let of = |(term, logit): &(&str, f64)| {
            let (bucket, _) = all.iter().find(|(_, t)| t == term).unwrap_or_else(|| panic!("{term} in {}", profile.normalised));
            Contribution { source: ContributionSource::Ngram(*bucket), logit: *logit }
        };
        let contributions: Vec<Contribution> = terms.iter().map(of).collect();
        TextCase::of((None, Some(body)), &profile, &contributions, &config, contacts).unwrap()
    }

    /// The body with marks: `[1 …]`.
    fn marked(case: &TextCase) -> String {
        let segments = case.parts.iter().flat_map(|part| &part.segments);
        let each = segments.map(|s| {
            let gap = if s.after_gap { "~" } else { "" };
            s.span.map_or(format!("{gap}{}", s.text), |i| format!("{gap}[{i} {}]", s.text))
        });
        each.collect()
    }

    fn check(body: &str, terms: &[(&str, f64)], expect: &str) {
        assert_eq!(marked(&case(body, terms, ContactPolicy::Mask)), expect);
    }

    #[test]
    fn words_are_marked_as_they_were_written() {
        check("Main SLOT GACOR yuk", &[("gacor", 3.0), ("slot", 2.0)], "Main [2 SLOT] [1 GACOR] yuk");
        check("main ＧＡ\u{200b}ＣＯＲ yuk", &[("gacor", 3.0)], "main [1 ＧＡ\\u{200b}ＣＯＲ] yuk");
        check("main g4c0r yuk", &[("_gac", 3.0)], "main [1 g4c0r] yuk");
        check("main g a c o r yuk", &[("gacor", 3.0)], "main [1 g a c o r] yuk");
        check("bagus sekali", &[("bagus", -1.0)], "[1 bagus] sekali");
        check("(gacor!!), ok", &[("gacor", 1.0)], "([1 gacor]!!), ok");
    }

    #[test]
    fn in_thai_the_stretch_that_adds_most_is_marked() {
        // `สล็อต` (slot) within a sentence without spaces.
        check("มาเล่นสล็อตกันเถอะ", &[("สล็อต", 3.0)], "มาเล่น[1 สล็อต]กันเถอะ");
    }

    #[test]
    fn contact_details_are_masked_unless_asked_for() {
        let body = "promo WA 0812-3456-7890 line: @shop99 https://slot88.example";
        assert_eq!(
            marked(&case(body, &[("promo", 1.0)], ContactPolicy::Mask)),
            "[1 promo] WA ####-####-#### line: @****## *****://****##.*******"
        );
        assert_eq!(marked(&case(body, &[("promo", 1.0)], ContactPolicy::Show)), format!("[1 promo]{}", &body[5..]));
        // Disguised ones too, and how they are read is not told.
        let found = case("chat ０８１２３４５６７８９０ ok", &[("_0812", 1.0)], ContactPolicy::Mask);
        assert_eq!((marked(&found).as_str(), &found.spans[0].read_as), ("chat [1 ############] ok", &None));
    }

    #[test]
    fn what_is_read_otherwise_than_written_is_told() {
        let found = case("main g4c0r", &[("gacor", 3.0)], ContactPolicy::Mask);
        assert_eq!(found.spans[0].read_as.as_deref(), Some("gacor"));
        assert_eq!(case("main GACOR", &[("gacor", 3.0)], ContactPolicy::Mask).spans[0].read_as, None);
    }

    #[test]
    fn of_a_long_text_the_head_and_what_stands_around_the_marks_is_shown() {
        let body = format!("{} gacor {}", "kata lain ".repeat(400), "kata lain ".repeat(400));
        let found = case(&body, &[("gacor", 3.0)], ContactPolicy::Mask);
        let text = marked(&found);
        assert!(text.chars().count() < 600 && text.contains("~") && text.contains("lain  [1 gacor]"), "{text}");
        assert!(text.ends_with('~'));
        assert_eq!((found.spans[0].start, found.parts[0].n_chars), (4001, 8007));
    }

    #[test]
    fn spans_traits_and_the_rest_sum_to_the_ngrams() {
        let config = NgramConfig::default();
        let body = "Promooo g4c0r ทดสอบ 🔥 x9 <b>jual</b> murah";
        let profile = TextProfile::of(Some("Judul"), Some(body));
        let mut counts = Vec::new();
        profile_counts(&profile, &config, &mut counts);
        let logit = |i: usize| if i.is_multiple_of(3) { -0.4 } else { 0.3 };
        let all: Vec<Contribution> = (counts.iter().enumerate())
            .map(|(i, (bucket, _))| Contribution { source: ContributionSource::Ngram(*bucket), logit: logit(i) })
            .collect();
        let found = TextCase::of((Some("Judul"), Some(body)), &profile, &all, &config, ContactPolicy::Mask).unwrap();
        let spans: f64 = found.spans.iter().map(|s| s.logit).sum();
        let traits: f64 = found.traits.iter().map(|s| s.logit).sum();
        let total: f64 = all.iter().map(|c| c.logit).sum();
        assert!((spans + traits + found.rest - total).abs() < 1e-9, "{found:?}");
        assert_eq!((found.n_tags, found.parts.len()), (2, 2));
    }
}
