//! What a run read and wrote, as events of OpenLineage (specification 2-0-2).

use serde_json::{Value, json};

/// Who makes the events.
const PRODUCER: &str = concat!("urn:stallmark:", env!("CARGO_PKG_VERSION"));
/// The event's schema.
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// What happened to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageEvent<'a> {
    /// It began.
    Start,
    /// Its tables are published.
    Complete,
    /// It failed or was refused, and why.
    Fail(&'a str),
}

/// A table or file that a run reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageDataset {
    /// The store that it lies in: `file`, `s3://bucket`.
    pub namespace: String,
    /// Its name there: a path.
    pub name: String,
    /// Its rows, where they are counted.
    pub rows: Option<u64>,
}

/// A run as its events name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageRun<'a> {
    /// What makes this run another than all before: the run's id and its attempt.
    pub run: &'a str,
    /// The namespace of the job: the project.
    pub namespace: &'a str,
    /// The job: `stallmark.run`.
    pub job: &'a str,
    /// The night, as an ISO 8601 instant.
    pub nominal_time: &'a str,
}

/// An event as one line of JSON; `time` is its ISO 8601 instant.
///
/// # Errors
/// When a value has no JSON form, which none of these has.
pub fn open_lineage(
    event: LineageEvent<'_>,
    time: &str,
    run: &LineageRun<'_>,
    inputs: &[LineageDataset],
    outputs: &[LineageDataset],
) -> Result<String, serde_json::Error> {
    let (kind, error) = match event {
        LineageEvent::Start => ("START", None),
        LineageEvent::Complete => ("COMPLETE", None),
        LineageEvent::Fail(why) => ("FAIL", Some(why)),
    };
    let facet =
        |schema: &str| json!({ "_producer": PRODUCER, "_schemaURL": format!("https://openlineage.io/spec/facets/{schema}") });
    let with = |mut facet: Value, key: &str, value: Value| {
        if let Some(fields) = facet.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
        facet
    };
    let nominal = facet("1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet");
    let mut run_facets = json!({ "nominalTime": with(nominal, "nominalStartTime", json!(run.nominal_time)) });
    if let Some(why) = error {
        let failed = facet("1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet");
        let failed = with(with(failed, "message", json!(super::shown(why, 2_000))), "programmingLanguage", json!("Rust"));
        run_facets = with(run_facets, "errorMessage", failed);
    }
    let input = |dataset: &LineageDataset| json!({ "namespace": dataset.namespace, "name": dataset.name, "facets": {} });
    let output = |dataset: &LineageDataset| {
        let statistics = || {
            let schema = "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet";
            with(facet(schema), "rowCount", json!(dataset.rows))
        };
        let facets = dataset.rows.map_or_else(|| json!({}), |_| json!({ "outputStatistics": statistics() }));
        with(input(dataset), "outputFacets", facets)
    };
    let event = json!({
        "eventType": kind,
        "eventTime": time,
        "run": { "runId": uuid_of(run.run), "facets": run_facets },
        "job": { "namespace": run.namespace, "name": run.job, "facets": {} },
        "inputs": inputs.iter().map(input).collect::<Vec<_>>(),
        "outputs": outputs.iter().map(output).collect::<Vec<_>>(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    });
    serde_json::to_string(&event)
}

/// A UUID of version 8 (RFC 9562 §5.8) whose bits are a blake3 hash of `text`: the same for the same text.
fn uuid_of(text: &str) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(b"stallmark run ");
    hash.update(text.as_bytes());
    let mut bytes = [0_u8; 16];
    hash.finalize_xof().fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event: LineageEvent<'_>) -> Value {
        let run = LineageRun { run: "ab12/1", namespace: "mall", job: "stallmark.run", nominal_time: "2026-01-28T00:00:00Z" };
        let dataset = |name: &str, rows| LineageDataset { namespace: "file".to_owned(), name: name.to_owned(), rows };
        let outputs = [dataset("/out/scores", Some(7)), dataset("/out/queue", None)];
        let line = open_lineage(event, "2026-01-28T01:02:03Z", &run, &[dataset("/in/content", Some(9))], &outputs).unwrap();
        assert!(!line.contains('\n'));
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn start_and_complete_name_the_same_run() {
        let (start, complete) = (event(LineageEvent::Start), event(LineageEvent::Complete));
        assert_eq!((&start["eventType"], &complete["eventType"]), (&json!("START"), &json!("COMPLETE")));
        assert_eq!(start["run"]["runId"], complete["run"]["runId"]);
        assert_eq!(start["schemaURL"], json!("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"));
        assert_eq!(complete["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"], json!(7));
        assert_eq!(complete["outputs"][1]["outputFacets"], json!({}));
        assert_eq!(complete["inputs"][0]["name"], json!("/in/content"));
        assert_eq!(complete["job"]["name"], json!("stallmark.run"));
        assert_eq!(start["run"]["facets"].get("errorMessage"), None);
    }

    #[test]
    fn a_failure_says_why() {
        let failed = event(LineageEvent::Fail("gate refused:\nvolume\u{1b}[2J"));
        assert_eq!(failed["eventType"], json!("FAIL"));
        assert_eq!(failed["run"]["facets"]["errorMessage"]["message"], json!("gate refused: volume\\u{1b}[2J"));
    }

    #[test]
    fn run_ids_are_uuids() {
        let uuid = uuid_of("ab12/1");
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
        assert_eq!(&uuid[14..15], "8");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
        assert_eq!(uuid, uuid_of("ab12/1"));
        assert_ne!(uuid, uuid_of("ab12/2"));
    }
}
