//! Where contact details stand in a normalised text, so that they can be hidden where a text is shown.
//!
//! Input: normalised text and its words. Output: byte ranges. Deliberately not here: what the details are (`contact_keys`).

use std::ops::Range;

use super::roles::{Role, marks};
use super::{addresses, handles, numbers, payments, phones};

/// The byte ranges of `normalised` that hold contact details, ascending, none touching the next. `words` are its words as `tokens`
/// slices them from it. Of a handle the id is meant, of a payment the account: the service's and the bank's names are no secret.
#[must_use]
pub fn contact_spans(normalised: &str, words: &[&str]) -> Vec<Range<usize>> {
    let marks = marks(normalised, words);
    let has = |wanted: fn(&Role) -> bool| marks.iter().any(|m| wanted(&m.role));
    let mut accounts: Vec<(usize, usize)> = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    if has(|role| matches!(role, Role::Pay(_))) {
        payments::find(normalised, &marks, &mut |account| accounts.push((account.start, account.end)));
    }
    numbers::find(normalised, &marks, None, &mut |_, start, end| taken.push((start, end)));
    let mut spoken = taken.clone();
    spoken.sort_unstable();
    phones::find(normalised, &marks, &spoken, None, &mut |_, start, end| taken.push((start, end)));
    let mut found: Vec<(usize, usize)> = accounts;
    addresses::find(normalised, &marks, &mut |address| found.push((address.start, address.end)));
    taken.sort_unstable();
    handles::find(normalised, &marks, &taken, &mut |handle| {
        if let Some(id) = handle.id {
            // The id is a slice of the text.
            let start = (id.as_ptr() as usize).saturating_sub(normalised.as_ptr() as usize);
            found.push((start, start + id.len()));
        }
    });
    found.extend(taken);
    found.sort_unstable();
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (start, end) in found {
        match spans.last_mut().filter(|last| last.end >= start) {
            Some(last) => last.end = last.end.max(end),
            None => spans.push(start..end),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{normalise, tokens};

    fn check(text: &str, expect: &[&str]) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let found: Vec<&str> = contact_spans(&normalised, &words).into_iter().map(|span| &normalised[span]).collect();
        assert_eq!(found, expect, "{normalised}");
    }

    #[test]
    fn details_are_found_where_they_stand() {
        check("barang bagus", &[]);
        check("call 0812-3456-7890 now", &["0812-3456-7890"]);
        check("line: @shop99 ok", &["shop99"]);
        check("mail ann@shop.com please", &["ann@shop.com"]);
        check("https://slot88.com/x daftar", &["https://slot88.com/x"]);
        check("bca 1234567890 a.n. budi", &["1234567890"]);
    }
}
