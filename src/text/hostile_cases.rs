//! The hostile corpus: what sellers and spammers write, and what has to be read in it. The cases stand in `hostile/*.tsv`.
//!
//! Columns: raw (`\u{200b}` for what cannot be seen, `\\` for a backslash), expected, market, note. Expected is one of
//! `normalised=…`, `phone=<E.164>`, `url=<key>`, `email=<key>`, `handle=<key>`, `payment=<key>` (such a key is found), `url`, `email`,
//! `handle:<service>` (such a mention is counted), `lexicon:<group>`, and `none`: no contact detail and no gambling.

use std::fmt::Write;

use super::{Contacts, Lexicons, Service, contact_keys, normalise, tokens};

const FILES: [(&str, &str); 5] = [
    ("disguises", include_str!("hostile/disguises.tsv")),
    ("numbers", include_str!("hostile/numbers.tsv")),
    ("contacts", include_str!("hostile/contacts.tsv")),
    ("lexicons", include_str!("hostile/lexicons.tsv")),
    ("innocents", include_str!("hostile/innocents.tsv")),
];

/// The characters that a cell stands for.
fn unescaped(cell: &str) -> String {
    let mut out = String::new();
    let mut rest = cell;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(code) = rest.strip_prefix("u{") {
            let end = code.find('}').unwrap();
            out.push(char::from_u32(u32::from_str_radix(&code[..end], 16).unwrap()).unwrap());
            rest = &code[end + 1..];
        } else {
            rest = rest.strip_prefix('\\').unwrap();
            out.push('\\');
        }
    }
    out + rest
}

/// What is wrong with the case, if anything.
fn failure(raw: &str, expected: &str, market: &str, lexicons: &Lexicons) -> Option<String> {
    let market = market.parse().unwrap();
    let normalised = normalise(&unescaped(raw));
    let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
    let counts = Contacts::of(&normalised, &words);
    let keys: Vec<String> =
        contact_keys(&normalised, &words, market).iter().map(|k| format!("{}={}", k.kind.as_str(), k.value)).collect();
    let groups: Vec<&str> =
        lexicons.spans(&normalised, market).iter().map(|s| lexicons.groups()[s.group].name.as_str()).collect();
    let good = match expected.split_once([':', '=']) {
        Some(("normalised", text)) => normalised == unescaped(text),
        Some(("handle", name)) if expected.contains("handle:") => {
            Service::ALL.iter().any(|s| s.as_str() == name && counts.handles.of(*s) > 0)
        }
        Some(("lexicon", group)) => groups.contains(&group),
        Some(_) => keys.iter().any(|key| key == expected),
        None => match expected {
            "url" => counts.urls > 0,
            "email" => counts.emails > 0,
            "none" => counts.total() == 0 && keys.is_empty() && !groups.contains(&"gambling"),
            _ => false,
        },
    };
    (!good).then(|| format!("{raw} [{market}]: expected {expected}; read as {normalised:?} with {keys:?}, {groups:?}"))
}

#[test]
fn every_hostile_case_is_read_as_meant() {
    let lexicons = Lexicons::built_in();
    let (mut n, mut n_wrong, mut wrong) = (0, 0, String::new());
    for (file, text) in FILES {
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with("# ")) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [raw, expected, market, note] = cells[..] else { panic!("{file}.tsv:{}: expected four columns", i + 1) };
            n += 1;
            if let Some(failure) = failure(raw, expected, market, &lexicons) {
                n_wrong += 1;
                writeln!(wrong, "{file}.tsv:{} ({note}): {failure}", i + 1).unwrap();
            }
        }
    }
    assert!(n >= 320, "only {n} cases");
    assert!(wrong.is_empty(), "{n_wrong} of {n}:\n{wrong}");
}
