//! What policies do to rows, rule by rule.

use super::fixtures::*;
use super::*;
use crate::config::{BUILT_IN_POLICIES, Overlays, ProjectFile, load, parse_policy};
use crate::units::Treatment;
use TraceState::{Excepted, Fired, FiredOnLinks, FirstOwner, HeldBack, Null, OutsideRollout};

/// What a refused set says.
fn refusal(policies: &[String]) -> String {
    set_with(policies, "").unwrap_err().to_string()
}

#[test]
fn a_null_never_fires_and_is_counted() {
    let set = set(&[text("a", "")]);
    let rows = [row("1", &[("p_gambling", 0.95)]), row("2", &[("p_gambling", 0.5)]), row("3", &[])];
    assert_eq!(states(&set, &rows), [Some(Fired), None, Some(Null)]);
    let (_, rulings) = rulings(&set, &rows, true);
    assert_eq!(rulings.iter().map(|r| r.treatment).collect::<Vec<_>>(), [Treatment::Hold, Treatment::Allow, Treatment::Allow]);
    let tally = with_batch(&rows, |batch| {
        let mut tally = Tally::default();
        tally.add(&set, batch, &set.evaluate(batch).unwrap());
        tally
    });
    let counts = tally.of(0);
    assert_eq!((counts.in_scope, counts.holds, counts.acts, counts.null), (3, 1, 1, 1));
}

/// NOT, OR and AND with a null, as SQL has them: what is not known neither fires nor is taken for false.
#[test]
fn conditions_are_three_valued() {
    let of = |when: &str, numbers: &[(&'static str, f64)]| {
        states(&set(&[text("a", &format!("when = \"{when}\""))]), &[row("1", numbers)])[0]
    };
    assert_eq!(of("NOT p_gambling < 0.5", &[]), Some(Null));
    assert_eq!(of("p_gambling > 0.5 OR urls > 0", &[("urls", 1.0)]), Some(Fired));
    assert_eq!(of("p_gambling > 0.5 AND urls > 0", &[("urls", 0.0)]), None);
    assert_eq!(of("p_gambling > 0.5 OR urls > 0", &[("urls", 0.0)]), Some(Null));
    assert_eq!(of("p_gambling IS NULL", &[]), Some(Fired));
}

#[test]
fn market_type_and_days_decide_the_scope() {
    let high = row("1", &[("p_gambling", 0.95)]);
    let of = |lines: &str| states(&set(&[text("a", lines)]), std::slice::from_ref(&high))[0];
    assert_eq!(of("markets = [\"TH\", \"VN\"]"), Some(Fired));
    assert_eq!(of("markets = [\"ID\"]"), None);
    assert_eq!(of("content_types = [\"comment\"]"), None);
    assert_eq!(of("[effective]\nfrom = \"2026-03-26\""), Some(Fired));
    assert_eq!(of("[effective]\nfrom = \"2026-03-27\""), None);
    assert_eq!(of("[effective]\nuntil = \"2026-03-26\""), None);
    assert_eq!(of("[effective]\nfrom = \"2026-04-01\"\n[effective.TH]\nfrom = \"2026-03-01\""), Some(Fired));
    assert_eq!(of("[effective.TH]\nuntil = \"2026-03-01\""), None);
    assert_eq!(of("[effective.VN]\nuntil = \"2026-03-01\""), Some(Fired));
}

#[test]
fn exceptions_end_and_never_silence_an_escalation() {
    let entry = |table: &str, whom: &str, until: &str| {
        format!("[[{table}]]\n{whom}\npolicies = [\"a\"]\nuntil = \"{until}\"\nowner = \"o\"\nreason = \"r\"\n")
    };
    let high = row("1", &[("p_gambling", 0.95)]);
    let of = |exceptions: &str, lines: &str| {
        states(&set_with(&[text("a", lines)], exceptions).unwrap(), std::slice::from_ref(&high))[0]
    };
    assert_eq!(of(&entry("allow", "content_id = \"1\"", "2026-03-27"), ""), Some(Excepted));
    assert_eq!(of(&entry("allow", "content_id = \"1\"", "2026-03-26"), ""), Some(Fired));
    assert_eq!(of(&entry("allow", "content_id = \"2\"", "2026-03-27"), ""), Some(Fired));
    assert_eq!(of(&entry("allow", "seller_id = \"seller of 1\"", "2026-03-27"), ""), Some(Excepted));
    assert_eq!(of(&entry("allow", "content_id = \"1\"", "2026-03-27"), "treatment = \"escalate\""), Some(Fired));
    assert_eq!(of(&entry("snooze", "content_id = \"1\"", "2026-03-27"), ""), Some(Fired));
    assert_eq!(of(&entry("snooze", "content_id = \"1\"", "2026-03-27"), "treatment = \"review\""), Some(Excepted));
    let unknown = set_with(&[text("b", "")], &entry("allow", "content_id = \"1\"", "2026-03-27")).unwrap_err().to_string();
    assert!(unknown.contains("e.toml:1") && unknown.contains("`a`"), "{unknown}");
}

/// A rollout of 40 % with a tenth held back: every firing row is in exactly one state, the shares are those asked for, and a seller's
/// items go together.
#[test]
fn rollout_and_holdback_split_the_rows_that_fire() {
    let lines = "rollout = 0.4\nholdback = 0.1\nunit = \"seller\"\nlabels = [\"knockoff\"]\nwhen = \"p_knockoff > 0.5\"";
    let set = set(&[text("a", lines)]);
    let rows: Vec<Row> = (0..6000)
        .map(|n| Row { seller_id: Some(format!("s{}", n / 2)), ..row(&n.to_string(), &[("p_knockoff", 0.9)]) })
        .collect();
    let states: Vec<TraceState> = states(&set, &rows).into_iter().flatten().collect();
    let count = |state| states.iter().filter(|s| **s == state).count();
    assert_eq!(count(Fired) + count(HeldBack) + count(OutsideRollout), 6000);
    // 3,000 sellers of two items each: four standard deviations.
    assert!((count(OutsideRollout) as f64 - 3600.0).abs() < 4.0 * 2.0 * (3000.0_f64 * 0.24).sqrt(), "{}", count(OutsideRollout));
    assert!((count(HeldBack) as f64 - 240.0).abs() < 4.0 * 2.0 * (3000.0_f64 * 0.0384).sqrt(), "{}", count(HeldBack));
    assert!(states.chunks(2).all(|pair| pair[0] == pair[1]));
    let (_, rulings) = rulings(&set, &rows, true);
    for (state, ruling) in states.iter().zip(&rulings) {
        let parts = (ruling.acting.len(), ruling.shadow.len(), ruling.held_back.len());
        assert_eq!(
            parts,
            match state {
                Fired => (1, 0, 0),
                HeldBack => (0, 0, 1),
                _ => (0, 1, 0),
            }
        );
        assert_eq!(ruling.treatment == Treatment::Hold, *state == Fired);
    }
}

#[test]
fn nobody_is_held_back_from_protection_against_severe_harm() {
    let refused = refusal(&[text("a", "holdback = 0.1")]);
    assert!(refused.contains("p0.toml") && refused.contains("severity 4"), "{refused}");
    set(&[text("a", "holdback = 0.1\nlabels = [\"knockoff\"]\nwhen = \"p_knockoff > 0.5\"")]);
}

/// Guards go by what a condition reads, not by what its file says that it is about.
#[test]
fn guards_read_the_condition() {
    let knockoff = "labels = [\"knockoff\"]\nwhen = \"p_gambling > 0.5\"";
    assert!(refusal(&[text("a", &format!("{knockoff}\nholdback = 0.1"))]).contains("`gambling` has severity 4"));
    // Views are no evidence of abuse: with them links are as alone as without.
    let seen = "when = \"ring_size > 1 AND day_views >= 0\"";
    assert!(refusal(&[text("a", seen)]).contains("ring_size"));
    // An escalation on a declared label without a model is evaluated all the same.
    let urgent = "labels = [\"counterfeit\"]\nwhen = \"urls > 5\"\ntreatment = \"escalate\"";
    assert_eq!(states(&set(&[text("a", urgent)]), &[row("1", &[("urls", 9.0)])]), [Some(Fired)]);
}

/// What always holds is no evidence, and sums of probabilities are of all labels that they sum up.
#[test]
fn terms_that_always_hold_are_no_evidence() {
    for seen in ["coverage >= 0", "labels_scored >= 0", "calibration IN ('population', 'sample')", "forecast_views >= 0"] {
        assert!(refusal(&[text("a", &format!("when = \"ring_size > 1 AND {seen}\""))]).contains("ring_size"), "{seen}");
    }
    let set = set(&[text("a", "when = \"ring_size > 1 AND p_gambling >= 0\"")]);
    assert_eq!(states(&set, &[row("1", &[("ring_size", 5.0), ("p_gambling", 0.4)])]), [Some(FiredOnLinks)]);
    let refused = refusal(&[text("a", "labels = [\"knockoff\"]\nwhen = \"abuse > 0.9\"\nholdback = 0.1")]);
    assert!(refused.contains("severity 4"), "{refused}");
}

/// Who was first of the copies is no victim of a ring, and the other way round: what the other links say still counts.
#[test]
fn a_victim_of_copies_in_no_ring_is_left_alone_too() {
    let of = |when: &str, numbers: &[(&'static str, f64)]| {
        states(&set(&[text("a", &format!("treatment = \"review\"\nwhen = \"{when}\""))]), &[row("1", numbers)])[0]
    };
    let either = "dup_copies > 1 OR ring_size > 1";
    let original = [("dup_copies", 2.0), ("dup_is_copy", 0.0), ("ring_first_owner", 0.0)];
    assert_eq!(of(either, &[&original[..], &[("ring_size", 1.0)]].concat()), Some(FirstOwner));
    assert_eq!(of(either, &[&original[..], &[("ring_size", 3.0)]].concat()), Some(FiredOnLinks));
    assert_eq!(of("dup_copies > 1 AND ring_size > 1", &[&original[..], &[("ring_size", 3.0)]].concat()), Some(FirstOwner));
}

/// A victim's listing is copied and its number pasted elsewhere: what only its links say never removes it.
#[test]
fn links_alone_never_do_more_than_review() {
    let refused = refusal(&[text("a", "when = \"ring_size > 3 AND market = 'TH'\"")]);
    assert!(refused.contains("ring_size") && refused.contains("review"), "{refused}");
    set(&[text("a", "when = \"ring_size > 3\"\ntreatment = \"review\"")]);

    let of = |when: &str, numbers: &[(&'static str, f64)]| {
        let set = set(&[text("a", &format!("when = \"{when}\""))]);
        let rows = [row("1", numbers)];
        (states(&set, &rows)[0], rulings(&set, &rows, true).1[0].treatment)
    };
    let either = "ring_size > 3 OR p_gambling > 0.9";
    assert_eq!(of(either, &[("ring_size", 5.0), ("p_gambling", 0.1)]), (Some(FiredOnLinks), Treatment::Review));
    assert_eq!(of(either, &[("ring_size", 1.0), ("p_gambling", 0.95)]), (Some(Fired), Treatment::Hold));
    let both = "ring_size > 3 AND p_gambling > 0.9";
    assert_eq!(of(both, &[("ring_size", 5.0), ("p_gambling", 0.95)]), (Some(Fired), Treatment::Hold));
    assert_eq!(
        of("ring_size > 3 AND COALESCE(p_gambling, 1) > 0.9", &[("ring_size", 5.0), ("p_gambling", 0.95)]).0,
        Some(FiredOnLinks)
    );
}

/// Whose listing was copied and whose number was pasted gets nothing of it, whatever the policy would do; who copied does.
#[test]
fn who_was_first_is_left_alone() {
    let victim = [("dup_copies", 2.0), ("dup_is_copy", 0.0), ("ring_size", 2.0), ("ring_first_owner", 1.0), ("p_gambling", 0.1)];
    let copier = [("dup_copies", 2.0), ("dup_is_copy", 1.0), ("ring_size", 2.0), ("ring_first_owner", 0.0), ("p_gambling", 0.1)];
    let rows = [row("victim", &victim), row("copier", &copier)];
    for when in ["dup_copies > 1", "ring_size > 1", "dup_copies > 1 AND ring_size > 1", "ring_size > 1 OR p_gambling > 0.9"] {
        for treatment in ["label", "no_recommend", "gate", "review"] {
            let set = set(&[text("a", &format!("when = \"{when}\"\ntreatment = \"{treatment}\""))]);
            let (_, rulings) = rulings(&set, &rows, true);
            assert_eq!((rulings[0].treatment, rulings[1].treatment), (Treatment::Allow, treatment.parse().unwrap()), "{when}");
            assert!(rulings[0].acting.is_empty() && rulings[0].shadow.is_empty());
        }
    }
    // What its own text says still counts.
    let set = set(&[text("a", "when = \"ring_size > 1 AND p_gambling > 0.05\"")]);
    assert_eq!(rulings(&set, &rows, true).1[0].treatment, Treatment::Hold);
    assert!(set.reads().contains("ring_first_owner"));
}

#[test]
fn the_most_severe_of_the_highest_priority_decides_and_all_are_recorded() {
    let policies = [
        text("a_rank", "treatment = \"downrank\"\nmultiplier = 0.3\nwhen = \"p_gambling > 0.2\""),
        text("b_rank", "treatment = \"downrank\"\nmultiplier = 0.7\nwhen = \"p_gambling > 0.3\""),
        text("c_review", "treatment = \"review\"\nwhen = \"p_gambling > 0.5\""),
        text("d_hold", "when = \"p_gambling > 0.9\""),
        text("e_trusted", "treatment = \"allow\"\npriority = 200\nwhen = \"urls > 10\""),
        text("f_police", "treatment = \"escalate\"\nwhen = \"p_gambling > 0.99\""),
    ];
    let set = set(&policies);
    let of = |p: f64, urls: f64| {
        let ruling = rulings(&set, &[row("1", &[("p_gambling", p), ("urls", urls)])], true).1.remove(0);
        (ruling.treatment, set.ids(&ruling.acting).join(" "), ruling.applied)
    };
    assert_eq!(of(0.25, 0.0), (Treatment::Downrank, "a_rank".to_owned(), vec![(Treatment::Downrank, Some(0.3))]));
    let (treatment, ids, applied) = of(0.6, 0.0);
    assert_eq!((treatment, ids.as_str()), (Treatment::Review, "a_rank b_rank c_review"));
    assert_eq!(applied, [(Treatment::Downrank, Some(0.3)), (Treatment::Downrank, Some(0.7)), (Treatment::Review, None)]);
    assert_eq!(of(0.95, 0.0).0, Treatment::Hold);
    // A higher priority overrules, but never an escalation.
    assert_eq!(of(0.95, 20.0).0, Treatment::Allow);
    assert_eq!(of(0.95, 20.0).1, "a_rank b_rank c_review d_hold e_trusted");
    assert_eq!(of(0.995, 20.0).0, Treatment::Escalate);
}

#[test]
fn a_policy_over_its_cap_falls_to_shadow_for_the_night() {
    let rows: Vec<Row> = (0..10)
        .map(|n| Row {
            seller_id: Some(format!("s{}", n / 5)),
            ..row(&n.to_string(), &[("p_gambling", if n < 6 { 0.95 } else { 0.1 })])
        })
        .collect();
    let of = |cap: &str| {
        let set = set(&[text("a", &format!("[cap]\n{cap}"))]);
        let (night, rulings) = rulings(&set, &rows, true);
        let held = rulings.iter().filter(|r| r.treatment == Treatment::Hold).count();
        let shadowed = rulings.iter().filter(|r| r.shadow == [0]).count();
        (held, shadowed, night.warnings(&set).collect::<Vec<_>>().join("; "))
    };
    assert_eq!(of("items = 6"), (6, 0, String::new()));
    let (held, shadowed, warning) = of("items = 5");
    assert_eq!((held, shadowed), (0, 6));
    assert!(warning.contains("`a`") && warning.contains("6 items") && warning.contains("cap is 5"), "{warning}");
    assert_eq!(of("sellers = 2").0, 6);
    assert!(of("sellers = 1").2.contains("2 sellers"));
    assert_eq!(of("market_share = 0.6").0, 6);
    assert!(of("market_share = 0.59").2.contains("6 of 10 items of TH"));
}

#[test]
fn nothing_is_removed_on_probabilities_that_hold_for_the_sample_alone() {
    let rows = [row("1", &[("p_gambling", 0.95)])];
    for (treatment, acts) in [("hold", false), ("gate", false), ("review", true), ("no_recommend", true), ("downrank", true)] {
        let set = set(&[text("a", &format!("treatment = \"{treatment}\""))]);
        let (night, rulings) = rulings(&set, &rows, false);
        assert_eq!(rulings[0].treatment != Treatment::Allow, acts, "{treatment}");
        assert_eq!(night.warnings(&set).next().is_none(), acts, "{treatment}");
    }
}

#[test]
fn shadow_policies_are_counted_and_act_on_nothing_and_drafts_are_not_evaluated() {
    let rows = [row("1", &[("p_gambling", 0.95)])];
    let shadow = set(&[text("a", "mode = \"shadow\"")]);
    let ruling = rulings(&shadow, &rows, true).1.remove(0);
    assert_eq!((ruling.treatment, ruling.acting.len(), ruling.shadow), (Treatment::Allow, 0, vec![0]));
    let idle = set(&[text("a", "mode = \"draft\""), text("b", "mode = \"expired\"")]);
    assert_eq!((idle.policies.len(), idle.idle.len()), (0, 2));
    assert_eq!(states(&idle, &rows), [None]);
}

#[test]
fn an_urgent_route_is_taken_only_where_it_is_live() {
    let lines = "treatment = \"escalate\"\nurgent_route = true";
    let rows = [row("1", &[("p_gambling", 0.95)])];
    assert!(rulings(&set(&[text("a", lines)]), &rows, true).1[0].is_urgent);
    assert!(!rulings(&set(&[text("a", &format!("{lines}\nmode = \"shadow\""))]), &rows, true).1[0].is_urgent);
}

/// Two policies name a parameter alike and give it different values; each has its own.
#[test]
fn parameters_are_each_policys_own() {
    let with = |id: &str, value: f64| text(id, &format!("when = \"p_gambling >= threshold\"\n[parameters]\nthreshold = {value}"));
    let set = set(&[with("a", 0.9), with("b", 0.2), with("c", 0.9)]);
    let traces = with_batch(&[row("1", &[("p_gambling", 0.5)])], |batch| set.evaluate(batch)).unwrap();
    assert_eq!(traces[0].iter().map(|t| t.policy).collect::<Vec<_>>(), [1]);
    assert!(set.policies[0].reads().eq(["p_gambling"]));
}

#[test]
fn tallies_of_parts_add_up_and_count_overlaps() {
    let set = set(&[text("a", ""), text("b", "when = \"p_gambling >= 0.5\""), text("c", "when = \"urls > 0\"")]);
    let rows: Vec<Row> = [(0.95, 1.0), (0.95, 0.0), (0.6, 0.0), (0.1, 1.0)]
        .iter()
        .enumerate()
        .map(|(n, (p, urls))| row(&n.to_string(), &[("p_gambling", *p), ("urls", *urls)]))
        .collect();
    let tally_of = |rows: &[Row]| {
        with_batch(rows, |batch| {
            let mut tally = Tally::default();
            tally.add(&set, batch, &set.evaluate(batch).unwrap());
            tally
        })
    };
    let whole = tally_of(&rows);
    let mut parts = tally_of(&rows[2..]);
    parts.merge(tally_of(&rows[..2]));
    assert_eq!(parts, whole);
    assert_eq!([whole.of(0).holds, whole.of(1).holds, whole.of(2).holds], [2, 3, 2]);
    assert_eq!([whole.of(0).alone, whole.of(1).alone, whole.of(2).alone], [0, 1, 1]);
    assert_eq!([whole.both(0, 1), whole.both(2, 0), whole.both(1, 2)], [2, 1, 1]);
    assert_eq!((whole.sellers(1), whole.items("TH".parse().unwrap())), (3, 4));
}

#[test]
fn every_file_the_exceptions_and_the_key_are_part_of_the_version() {
    let base = set(&[text("a", ""), text("b", "")]);
    assert_eq!(base.version, set(&[text("b", ""), text("a", "")]).version);
    assert_ne!(base.version, set(&[text("a", "# why"), text("b", "")]).version);
    let exceptions = "[[allow]]\ncontent_id = \"1\"\npolicies = [\"*\"]\nuntil = \"2026-03-27\"\nowner = \"o\"\nreason = \"r\"";
    assert_ne!(base.version, set_with(&[text("a", ""), text("b", "")], exceptions).unwrap().version);
    assert_eq!(set(&[]).version, "none");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_place() {
    for (lines, part) in [
        ("when = \"p_gamblin > 0.5\"", "p_gambling"),
        ("when = \"p_gambling\"", "^"),
        ("when = \"1 > 0\"", "reads no column"),
        ("when = \"CAST(title AS DOUBLE) > 1\"", "TRY_CAST"),
        ("when = \"(SELECT 1) > p_gambling\"", "p0.toml:7"),
        ("labels = [\"gamblin\"]", "gamblin"),
        ("when = \"urls > 1\"\n[parameters]\nurls = 1", "name of a column"),
    ] {
        let refused = refusal(&[text("a", lines)]);
        assert!(refused.contains(part) && refused.contains("`a`") && refused.contains("p0.toml"), "{lines}: {refused}");
    }
    let twice = refusal(&[text("a", ""), text("a", "")]);
    assert!(twice.contains("p1.toml") && twice.contains("p0.toml"), "{twice}");
    let unscored = set(&[text("a", "labels = [\"gambling\", \"counterfeit\"]")]);
    assert_eq!(unscored.not_evaluated[0].reason, "the project doesn't score counterfeit");
}

#[test]
fn unit_cases_tell_the_values_that_decided() {
    let cases = "[[cases]]\nname = \"fires\"\ngiven = { p_gambling = 0.95 }\nexpect = \"hold\"\n\
                 [[cases]]\nname = \"fails\"\ngiven = { p_gambling = 0.5, market = \"VN\" }\nexpect = \"hold\"\n\
                 [[cases]]\nname = \"elsewhere\"\ngiven = { p_gambling = 0.95, market = \"ID\" }\nexpect = \"hold\"";
    let set = set(&[text("a", &format!("markets = [\"TH\", \"VN\"]\n{cases}"))]);
    let failures = run_cases(&set, &set.policies[0]).unwrap();
    assert_eq!(failures.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["fails", "elsewhere"]);
    assert_eq!((failures[0].condition, failures[0].got), (Some(false), Treatment::Allow));
    assert_eq!(failures[0].values, [("p_gambling".to_owned(), Some("0.5".to_owned()))]);
    assert_eq!(failures[1].because.as_deref(), Some("it isn't about market ID"));
    for (given, part) in
        [("p_gamblin = 1", "no such column"), ("p_gambling = \"x\"", "a number"), ("market = \"Siam\"", "market")]
    {
        let set = fixtures::set(&[text("a", &format!("[[cases]]\nname = \"n\"\ngiven = {{ {given} }}\nexpect = \"hold\""))]);
        let refused = run_cases(&set, &set.policies[0]).unwrap_err().to_string();
        assert!(refused.contains(part) && refused.contains("p0.toml:8"), "{refused}");
    }
}

/// The policies that come with the program: each file is listed, compiles over the whole taxonomy, and passes its cases; none of them
/// removes anything before its owner has launched it.
#[test]
fn the_built_in_policies_hold_what_they_promise() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| format!("config/policies/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    found.sort();
    assert_eq!(found, BUILT_IN_POLICIES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());

    let overlays = Overlays { environment: &std::collections::BTreeMap::new(), sets: &[] };
    let path = std::path::Path::new("stallmark.toml");
    let config = load(&ProjectFile { path, text: None }, &overlays, path).unwrap();
    let labels: Vec<crate::scoring::ScoredLabel> = config
        .other_labels()
        .map(|label| crate::scoring::ScoredLabel {
            id: label.id.clone(),
            kind: label.kind,
            severity: label.severity,
            weight: label.weight,
            content_types: label.content_types.iter().copied().collect(),
        })
        .collect();
    let features = ["dup_is_copy", "dup_copies"].map(str::to_owned);
    let links = std::collections::BTreeSet::from(["dup_is_copy", "dup_copies"]);
    let columns = PolicyColumns::new(&labels, &features, &links);
    let files = BUILT_IN_POLICIES.iter().map(|(name, text)| parse_policy(name, text).unwrap()).collect();
    let set =
        PolicySet::compile(files, crate::config::PolicyExceptions::default(), columns, &config.severities(), ShareKey::new(""))
            .unwrap();
    assert_eq!((set.policies.len(), set.not_evaluated.len()), (BUILT_IN_POLICIES.len(), 0));
    for policy in &set.policies {
        assert!(!policy.file.cases.is_empty(), "{}", policy.file.id);
        assert_eq!(run_cases(&set, policy).unwrap(), [], "{}", policy.file.id);
        let label = config.other_labels().find(|label| label.id == policy.file.labels[0]).unwrap();
        assert_eq!(policy.file.content_types, label.content_types, "{}", policy.file.id);
        let is_live = policy.file.mode == crate::config::PolicyMode::Live;
        assert!(!is_live || policy.file.treatment == Treatment::Review, "{}", policy.file.id);
    }
    for label in config.other_labels() {
        assert!(set.policies.iter().any(|policy| policy.file.labels[0] == label.id), "{} has no policy", label.id);
    }
}

/// Through a policy's file too: files, connections, other tables and other statements are refused before any row is, with the place.
#[test]
fn a_condition_cannot_leave_its_row() {
    let columns: Vec<(String, crate::sql::SqlType)> = columns().iter().map(|c| (c.name.clone(), c.ty)).collect();
    for attempt in include_str!("../sql/tests/attempts.txt").lines() {
        // A file that is there.
        let when = format!("urls >= 0 AND {}", attempt.replace("{path}", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")));
        let file = parse_policy("p.toml", &text("a", &format!("when = {}", toml::Value::String(when.clone())))).unwrap();
        let refused =
            PolicySet::compile(vec![file], Default::default(), super::fixtures::columns(), &severities(), ShareKey::new(""));
        let error = match refused {
            Err(error @ PolicyError::Condition { .. }) => error.to_string(),
            other => panic!("{when}: {other:?}"),
        };
        let source = crate::sql::compile_condition(&when, &columns).unwrap_err();
        assert!(error.starts_with("p.toml:") && error.ends_with(&source.to_string()) && error.contains('^'), "{error}");
    }
}
