//! One line of a ```` ```flows ```` block: a flow, its verdict on the whole path, and what decided it.
//!
//! ```text
//! denied       net/training outbound tcp 443 to 10.1.2.4 by network_security_groups.shut.rules.no-https
//! undetermined net/training outbound tcp 443 to pypi.org "the rules of the appliance"
//! allowed      computes.one inbound tcp 44224 from AzureMachineLearning
//! ```
//!
//! The port is the one that packets go to; `*` is any. Several remote ends stand with commas between them. `by` names what
//! decided a part of that verdict (of a partial one, any part): the place of a rule, or Azure's name of a default. A text in
//! quotes must occur in a step of the path or in what would settle the verdict.
//!
//! Whatever a line says, the answer must show its evidence, see [`faults`].

use palisade_engine::api::FlowQuestion;
use palisade_source::report::{FlowReport, VerdictKind};

use crate::scene::Scene;

/// Asks every line; what does not hold, in words.
pub fn failures(block: &str, scene: &mut Scene) -> Vec<String> {
    let lines = block.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    assert!(!lines.is_empty(), "a block of flows asks nothing");
    lines.into_iter().filter_map(|line| failure(line, scene)).collect()
}

fn failure(line: &str, scene: &mut Scene) -> Option<String> {
    let expected = parse(line).unwrap_or_else(|| panic!("not a flow: {line}"));
    let report = match scene.flow(&expected.question) {
        Ok(report) => report,
        Err(faults) => return Some(format!("{line}\n  was not answered: {faults:?}")),
    };
    let mut wrong = faults(&report);
    if report.verdict.as_str() != expected.verdict {
        wrong.push(format!("it is {}", report.verdict.as_str()));
    }
    if let Some(by) = expected.by.filter(|by| !decided_by(&report, by)) {
        wrong.push(format!("`{by}` does not decide it"));
    }
    let says = |text: &&String| !said(&report).iter().any(|one| one.contains(text.as_str()));
    wrong.extend(expected.texts.iter().filter(says).map(|text| format!("nothing says \"{text}\"")));
    (!wrong.is_empty()).then(|| format!("{line}\n  {}\n{}", wrong.join("\n  "), drawn(&report)))
}

struct Expected {
    verdict: String,
    question: FlowQuestion,
    by: Option<String>,
    texts: Vec<String>,
}

fn parse(line: &str) -> Option<Expected> {
    let parts: Vec<&str> = line.split('"').collect();
    let texts = parts.iter().skip(1).step_by(2).map(|&text| text.to_owned()).collect();
    let words: Vec<&str> = parts.iter().step_by(2).flat_map(|part| part.split_whitespace()).collect();
    let [verdict, on, direction, protocol, port, to, remote, rest @ ..] = words.as_slice() else { return None };
    let inbound = match (*direction, *to) {
        ("inbound", "from") => true,
        ("outbound", "to") => false,
        _ => return None,
    };
    let by = match rest {
        [] => None,
        ["by", by @ ..] => Some(by.join(" ")),
        _ => return None,
    };
    let port = (*port != "*").then(|| (*port).to_owned());
    let (local_port, remote_port) = if inbound { (port, None) } else { (None, port) };
    let question = FlowQuestion {
        on: (*on).to_owned(),
        inbound,
        protocol: (*protocol).to_owned(),
        local: None,
        local_port,
        remotes: vec![(*remote).to_owned()],
        remote_port,
        groups_only: false,
    };
    Some(Expected { verdict: (*verdict).to_owned(), question, by, texts })
}

fn decided_by(report: &FlowReport, by: &str) -> bool {
    let of_verdict = |verdict| verdict == report.verdict || report.verdict == VerdictKind::Partial;
    let parts = report.parts.iter().filter(|part| of_verdict(part.verdict));
    parts.into_iter().any(|part| part.decided_by.as_deref() == Some(by) || part.default_rule == Some(by))
}

fn said(report: &FlowReport) -> Vec<&str> {
    let steps = report.path.iter().map(|step| step.detail.as_str());
    steps.chain(report.undetermined.iter().map(String::as_str)).collect()
}

/// What an answer lacks of its evidence.
///
/// An open verdict says what would settle it and where it is open; a denied part has a step that denies, and who decided;
/// the steps stand in the order of travel.
pub fn faults(report: &FlowReport) -> Vec<String> {
    let mut faults = Vec::new();
    let has_step = |verdict| report.path.iter().any(|step| step.verdict == verdict);
    let any = |verdict| report.verdict == verdict || report.parts.iter().any(|part| part.verdict == verdict);
    if any(VerdictKind::Undetermined) && report.undetermined.is_empty() {
        faults.push("it is open, and nothing would settle it".to_owned());
    }
    if any(VerdictKind::Undetermined) && !has_step(VerdictKind::Undetermined) {
        faults.push("it is open, and no step is".to_owned());
    }
    if any(VerdictKind::Denied) && !has_step(VerdictKind::Denied) {
        faults.push("something is denied, and no step denies it".to_owned());
    }
    for step in &report.path {
        if step.verdict == VerdictKind::Denied && step.location.is_none() {
            faults.push(format!("the step `{}` denies, and no line of the file does", step.detail));
        }
    }
    for part in &report.parts {
        let decided = part.decided_by.is_some() || part.default_rule.is_some();
        if part.verdict == VerdictKind::Denied && !decided {
            faults.push(format!("`{}` is denied, and nothing decides it", part.flow));
        }
        if part.verdict == VerdictKind::Undetermined && part.settles.is_empty() {
            faults.push(format!("`{}` is open, and nothing would settle it", part.flow));
        }
    }
    faults
}

/// The answer as people see it.
pub fn drawn(report: &FlowReport) -> String {
    let mut bytes = Vec::new();
    palisade_report::flow(report, &palisade_report::Options::default(), &mut bytes).expect("writing to memory");
    String::from_utf8(bytes).expect("reports are UTF-8")
}
