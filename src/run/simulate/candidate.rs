//! The sets that are simulated: the current one, the candidate, and the candidate at each value of a swept parameter.

use super::{SimulateRequest, is_file};
use crate::config::PolicyMode;
use crate::policy::PolicySet;
use crate::run::champion::Champion;
use crate::run::exit::VerbError;
use crate::run::policies::{PolicyFiles, compile, read_folder, read_policies};
use crate::run::project::Project;

/// The sets, and what is swept.
pub(super) struct Sets {
    /// The current set, the candidate, then the candidate at each of `values`.
    pub all: Vec<PolicySet>,
    /// Policies taken to be live.
    pub taken_live: Vec<String>,
    /// The swept parameter.
    pub parameter: Option<String>,
    /// Its values, rising.
    pub values: Vec<f64>,
    /// The policies that have it.
    pub swept: Vec<String>,
}

/// Values of a sweep where none are counted.
const STEPS: usize = 10;
/// And at most.
const MOST_STEPS: usize = 100;

impl Sets {
    /// The sets of a request.
    ///
    /// # Errors
    /// When a file cannot be read or used, or the request names what is not there.
    pub(super) fn of(project: &Project, champion: &Champion, request: &SimulateRequest) -> anyhow::Result<Self> {
        let current = read_policies(project)?;
        let mut candidate = current.clone();
        let mut live = request.live.clone();
        if let Some(path) = &request.candidate {
            let read = read_folder(path, "--candidate")?;
            if is_file(path) {
                for file in read.files {
                    live.push(file.id.to_string());
                    candidate.files.retain(|known| known.id != file.id);
                    candidate.files.push(file);
                }
            } else {
                candidate = read;
            }
        }
        let mut taken_live = Vec::new();
        for id in &live {
            let Some(file) = candidate.files.iter_mut().find(|file| file.id == id.as_str()) else {
                let reason = format!("the candidate set has no policy `{id}`");
                return Err(VerbError::Argument { argument: "--live", reason }.into());
            };
            if file.mode != PolicyMode::Live {
                file.mode = PolicyMode::Live;
                taken_live.push(id.clone());
            }
        }
        let sweep = request.sweep.as_deref().map(parse_sweep).transpose()?;
        let mut all = vec![compile(project, champion, current)?, compile(project, champion, candidate.clone())?];
        let (mut parameter, mut values, mut swept) = (None, Vec::new(), Vec::new());
        if let Some((name, range)) = sweep {
            swept = candidate.files.iter().filter(|file| has(&name, file)).map(|file| file.id.to_string()).collect();
            // Where the candidate is one file, or policies are named, they alone are swept.
            if !live.is_empty() {
                swept.retain(|id| live.contains(id));
            }
            if swept.is_empty() {
                let reason = format!("no policy of the candidate has `{name}` under [parameters]");
                return Err(VerbError::Argument { argument: "--sweep", reason }.into());
            }
            for value in &range {
                all.push(compile(project, champion, with_value(&candidate, &swept, &name, *value))?);
            }
            (parameter, values) = (Some(name), range);
        }
        Ok(Self { all, taken_live, parameter, values, swept })
    }
}

fn has(name: &str, file: &crate::config::PolicyFile) -> bool {
    file.parameters.iter().any(|(known, _)| known == name)
}

fn with_value(files: &PolicyFiles, swept: &[String], name: &str, value: f64) -> PolicyFiles {
    let mut files = files.clone();
    for file in files.files.iter_mut().filter(|file| swept.iter().any(|id| file.id == id.as_str())) {
        file.parameters.iter_mut().filter(|(known, _)| known == name).for_each(|(_, own)| *own = value);
    }
    files
}

/// `name=from..to` or `name=from..to:steps`: the values, rising, both ends among them.
fn parse_sweep(text: &str) -> Result<(String, Vec<f64>), VerbError> {
    let refuse = || VerbError::Argument {
        argument: "--sweep",
        reason: format!("`{text}`: expected a parameter and a range, for instance threshold=0.5..0.95 or threshold=0.5..0.95:10"),
    };
    let (name, range) = text.split_once('=').ok_or_else(refuse)?;
    let (range, steps) = range.split_once(':').map_or((range, None), |(range, steps)| (range, Some(steps)));
    let (from, to) = range.split_once("..").ok_or_else(refuse)?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    let (from, to) = (number(from).ok_or_else(refuse)?, number(to).ok_or_else(refuse)?);
    let steps =
        steps.map_or(Some(STEPS), |text| text.trim().parse().ok()).filter(|n| (2..=MOST_STEPS).contains(n)).ok_or_else(refuse)?;
    if from >= to || name.trim().is_empty() {
        return Err(refuse());
    }
    let at = |step: usize| {
        let value = from + (to - from) * step as f64 / (steps - 1) as f64;
        // Twelve digits: 0.6, not 0.6000000000000001.
        format!("{value:.12}").parse().unwrap_or(value)
    };
    Ok((name.trim().to_owned(), (0..steps).map(at).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_have_both_ends() {
        assert_eq!(parse_sweep("threshold=0.5..0.9:5").unwrap(), ("threshold".to_owned(), vec![0.5, 0.6, 0.7, 0.8, 0.9]));
        let ten = parse_sweep("t=0..9").unwrap().1;
        assert_eq!(ten, (0..10).map(f64::from).collect::<Vec<_>>());
        for wrong in ["threshold", "t=1", "t=1..1", "t=2..1", "t=a..b", "t=0..1:1", "t=0..1:101", "=0..1", "t=0..inf", "t=0..1:x"]
        {
            let refused = parse_sweep(wrong).unwrap_err().to_string();
            assert!(refused.contains("--sweep") && refused.contains("0.5..0.95"), "{wrong}: {refused}");
        }
    }
}
