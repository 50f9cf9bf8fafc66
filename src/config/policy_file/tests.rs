use super::*;

const LEAST: &str = "id = \"a\"\nowner = \"o\"\nreason = \"r\"\nlabels = [\"x\"]\nwhen = \"p_x > 0.5\"\ntreatment = \"hold\"\n";

fn refusal(text: &str) -> String {
    parse_policy("policies/a.toml", text).unwrap_err().to_string()
}

#[test]
fn what_a_file_leaves_out_is_as_the_defaults_say() {
    let policy = parse_policy("policies/a.toml", LEAST).unwrap();
    assert_eq!((policy.mode, policy.priority, policy.rollout, policy.holdback), (PolicyMode::Draft, 100, 1.0, 0.0));
    assert_eq!((policy.unit, policy.cap, policy.minutes), (PolicyUnit::Content, PolicyCap::default(), None));
    assert_eq!((policy.when_place.as_str(), policy.version.len()), ("policies/a.toml:5", 12));
    assert!(policy.markets.is_empty() && policy.content_types.is_empty() && policy.cases.is_empty());
    assert_ne!(policy.version, parse_policy("policies/a.toml", &format!("{LEAST}# no word changes nothing")).unwrap().version);
}

#[test]
fn everything_is_read() {
    let text = format!(
        "{LEAST}mode = \"live\"\nmarkets = [\"th\", \"VN\"]\ncontent_types = [\"video\"]\npriority = 7\nrollout = 0.25\nunit = \"seller\"\nminutes = 2.5\n\
         [effective]\nfrom = \"2026-03-01\"\n[effective.VN]\nfrom = \"2026-04-01\"\nuntil = \"2026-05-01\"\n[cap]\nitems = 10\nmarket_share = 0.01\n\
         [parameters]\nt = 1\n[[cases]]\nname = \"n\"\ngiven = {{ p_x = 1, title = \"a\", urls = 2.5, y = true }}\nexpect = \"allow\"\n"
    );
    let policy = parse_policy("a.toml", &text).unwrap();
    let (th, vn, day) = ("TH".parse().unwrap(), "VN".parse().unwrap(), |text: &str| text.parse::<Day>().unwrap());
    assert!(policy.covers_market(th, day("2026-03-01")) && !policy.covers_market(th, day("2026-02-28")));
    assert!(policy.covers_market(vn, day("2026-04-30")) && !policy.covers_market(vn, day("2026-05-01")));
    assert!(!policy.covers_market(vn, day("2026-03-15")) && !policy.covers_market("ID".parse().unwrap(), day("2026-04-15")));
    assert!(policy.covers_type(ContentType::Video) && !policy.covers_type(ContentType::Live));
    assert_eq!(policy.cap, PolicyCap { items: Some(10), sellers: None, market_share: Some(0.01) });
    assert_eq!(policy.parameters, [("t".to_owned(), 1.0)]);
    let given: Vec<GivenValue> = policy.cases[0].given.iter().map(|(_, value)| value.clone()).collect();
    let text = GivenValue::Text("a".to_owned());
    assert_eq!(given, [GivenValue::Integer(1), text, GivenValue::Number(2.5), GivenValue::Boolean(true)]);
    assert_eq!(policy.minutes, Some(2.5));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (line, parts) in [
        ("trreatment = 1", ["a.toml:7", "treatment"]),
        ("holdback = 0.6", ["a.toml:7", "0.5"]),
        ("rollout = 0", ["rollout", "shadow"]),
        ("mode = \"on\"", ["a.toml:7", "live"]),
        ("multiplier = 0.5", ["multiplier", "downrank"]),
        ("urgent_route = true", ["urgent_route", "escalate"]),
        ("markets = [\"Siam\"]", ["a.toml:7", "3166"]),
        ("markets = [\"TH\", \"th\"]", ["markets[1]", "once"]),
        ("[effective]\nfrom = \"tomorrow\"", ["a.toml:8", "YYYY-MM-DD"]),
        ("[effective.TH]\nfrom = \"2026-03-02\"\nuntil = \"2026-03-01\"", ["a.toml:9", "after"]),
        ("[effective.Siam]\nfrom = \"2026-03-02\"", ["a.toml:7", "3166"]),
        ("[parameters]\nT = 1", ["parameters.T", "lower-case"]),
        ("[cap]\nitems = -1", ["cap.items", "a.toml:8"]),
        ("[[cases]]\nname = \"n\"\ngiven = { a = [1] }\nexpect = \"hold\"", ["a.toml:9", "number"]),
        ("[[cases]]\nname = \"n\"\ngiven = {}\nexpect = \"deny\"", ["a.toml:10", "escalate"]),
    ] {
        let refused = refusal(&format!("{LEAST}{line}"));
        assert!(parts.iter().all(|part| refused.contains(part)), "{line}: {refused}");
    }
    for key in ["id", "owner", "reason", "labels", "when", "treatment"] {
        let without: String = LEAST.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
        assert!(refusal(&without).contains(&format!("`{key}`")), "{key}: {}", refusal(&without));
    }
    assert!(refusal(&LEAST.replace("\"o\"", "\" \"")).contains("answers for"));
    assert!(refusal("id = ").contains("not TOML"));
}

#[test]
fn exceptions_name_one_target_an_end_and_an_owner() {
    let entry = "policies = [\"*\"]\nuntil = \"2026-12-31\"\nowner = \"o\"\nreason = \"r\"\n";
    let read =
        parse_exceptions("e.toml", &format!("[[allow]]\nseller_id = \"s\"\n{entry}[[snooze]]\ncontent_id = \"c\"\n{entry}"))
            .unwrap();
    let kinds: Vec<(ExceptionKind, &ExceptionTarget)> = read.entries.iter().map(|e| (e.kind, &e.target)).collect();
    let (seller, content) = (ExceptionTarget::Seller("s".into()), ExceptionTarget::Content("c".into()));
    assert_eq!(kinds, [(ExceptionKind::Allow, &seller), (ExceptionKind::Snooze, &content)]);
    assert!(read.entries[0].policies.is_empty());
    for (text, part) in [
        (format!("[[allow]]\n{entry}"), "either"),
        (format!("[[allow]]\nseller_id = \"s\"\ncontent_id = \"c\"\n{entry}"), "either"),
        (format!("[[allow]]\nseller_id = \"s\"\n{}", entry.replace("2026-12-31", "never")), "every entry ends"),
        (format!("[[allow]]\nseller_id = \"s\"\n{}", entry.replace("\"o\"", "\"\"")), "answers for"),
        (format!("[[deny]]\nseller_id = \"s\"\n{entry}"), "deny"),
    ] {
        let refused = parse_exceptions("e.toml", &text).unwrap_err().to_string();
        assert!(refused.contains(part) && refused.contains("e.toml"), "{text}: {refused}");
    }
}
