//! A small report built by hand: one environment with a violation whose cause stands elsewhere.

use std::sync::Arc;

use palisade_report::Options;
use palisade_source::report::*;
use palisade_source::{Diagnostic, Fix, Label, LineIndex, Severity, Span, TextRange, TextSize};

pub(crate) const ENVIRONMENT: &str = "\
name: dev
network_security_groups:
  training:
    rules:
      - { name: deny-all, priority: 100, direction: inbound, access: deny }
computes:
  ci-1:
    kind: compute_instance
    public_ip: true
";

pub(crate) const POLICY: &str = "\
rule public_ip_inbound(compute: Compute) {
  require compute.subnet permits { inbound tcp 44224 from AzureMachineLearning }
    else \"`{compute}` has a public IP, but AzureMachineLearning cannot reach it\"
}
";

pub(crate) const RULE: &str = "azureml.v1.compute.public_ip_inbound";

pub(crate) fn texts() -> Texts {
    let file = |path: &str, text: &str| (Arc::from(path), Arc::from(text));
    Texts::from([file("envs/dev.yaml", ENVIRONMENT), file("library/azureml/v1/compute.pal", POLICY)])
}

pub(crate) fn range_of(text: &str, part: &str) -> TextRange {
    let start = text.find(part).expect("the sample holds it");
    TextRange::at(TextSize::new(u32::try_from(start).unwrap()), TextSize::of(part))
}

pub(crate) fn location(path: &str, text: &str, part: &str, pointer: &str) -> Location {
    let (index, range) = (LineIndex::new(text), range_of(text, part));
    Location {
        path: Arc::from(path),
        pointer: pointer.to_owned(),
        range,
        start: index.line_column(text, range.start()),
        end: index.line_column(text, range.end()),
    }
}

pub(crate) fn span(path: &str, text: &str, part: &str) -> Span {
    Span { path: Arc::from(path), range: range_of(text, part) }
}

pub(crate) fn citation() -> Citation {
    Citation {
        id: "v1.pip.inbound.aml_tcp44224".to_owned(),
        statement: "Allow inbound TCP 44224 from AzureMachineLearning.".to_owned(),
        title: "Secure a training environment (SDK v1)".to_owned(),
        section: "Compute instance/cluster with public IP".to_owned(),
        url: "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-training-vnet".to_owned(),
        edition: "2024-07-26".to_owned(),
    }
}

pub(crate) fn denied_flow() -> FlowAnswer {
    FlowAnswer {
        flow: "inbound tcp 44224 from AzureMachineLearning".to_owned(),
        verdict: VerdictKind::Denied,
        level: Some("subnet"),
        decided_by: Some("network_security_groups.training.rules.deny-all".to_owned()),
        default_rule: None,
        priority: Some(100),
        location: Some(location(
            "envs/dev.yaml",
            ENVIRONMENT,
            "deny-all",
            "network_security_groups.training.rules.deny-all",
        )),
        example: Some(ExamplePacket {
            protocol: "tcp".to_owned(),
            local: "10.20.1.4:44224".to_owned(),
            remote: "13.66.1.1:40000".to_owned(),
        }),
        settles: Vec::new(),
    }
}

pub(crate) fn violation() -> Finding {
    Finding {
        rule: RULE.to_owned(),
        title: "The service reaches a compute that has a public IP.".to_owned(),
        outcome: OutcomeKind::Violation,
        severity: Severity::Error,
        environment: "dev".to_owned(),
        resource: "computes.ci-1".to_owned(),
        message: "`ci-1` has a public IP, but AzureMachineLearning cannot reach it on TCP 44224".to_owned(),
        location: location("envs/dev.yaml", ENVIRONMENT, "public_ip: true", "computes.ci-1.public_ip"),
        related: Vec::new(),
        requirement: Some(location(
            "library/azureml/v1/compute.pal",
            POLICY,
            "compute.subnet permits { inbound tcp 44224 from AzureMachineLearning }",
            RULE,
        )),
        notes: vec!["`computes.ci-1.public_ip` is true".to_owned()],
        flows: vec![denied_flow()],
        cites: vec![citation()],
        help: Some("allow AzureMachineLearning to TCP 44224 in `training`".to_owned()),
        fingerprint: "0123456789abcdef".to_owned(),
    }
}

pub(crate) fn undetermined() -> Finding {
    Finding {
        outcome: OutcomeKind::Undetermined,
        message: "`kind` does not settle what `ci-1` needs".to_owned(),
        location: location("envs/dev.yaml", ENVIRONMENT, "compute_instance", "computes.ci-1.kind"),
        notes: vec!["it would be settled by `computes.ci-1.subnet`".to_owned()],
        flows: Vec::new(),
        cites: Vec::new(),
        help: None,
        requirement: None,
        ..violation()
    }
}

pub(crate) fn rule_info() -> RuleInfo {
    RuleInfo {
        id: RULE.to_owned(),
        title: "The service reaches a compute that has a public IP.".to_owned(),
        documentation: "The compute cannot be created without it.".to_owned(),
        severity: Severity::Error,
        packs: vec!["azureml_v1".to_owned()],
        cites: vec![citation()],
        status: "stable".to_owned(),
        tags: vec!["network".to_owned()],
        location: Some(location("library/azureml/v1/compute.pal", POLICY, "public_ip_inbound", RULE)),
        text: POLICY.to_owned(),
    }
}

pub(crate) fn rule_page() -> RulePage {
    let clause = |kind, texts: &[&str]| Clause {
        kind,
        texts: texts.iter().map(ToString::to_string).collect(),
        inner: Vec::new(),
    };
    let way_in = OpenLine {
        inbound: true,
        protocol: "tcp".to_owned(),
        ports: vec!["44224".to_owned()],
        remote: OpenRemote::Tag("AzureMachineLearning".to_owned()),
    };
    let example = |test: &str, outcome, finding| Example {
        module: "azureml.v1.compute_tests".to_owned(),
        test: test.to_owned(),
        yaml: "computes:\n  ci-1: { public_ip: true }\n".to_owned(),
        subject: "computes.ci-1".to_owned(),
        outcome,
        finding,
    };
    let finding = ExampleFinding {
        message: "`ci-1` is not reached from <anywhere>".to_owned(),
        place: "computes.ci-1.public_ip".to_owned(),
        help: Some("allow 10.0.0.* in `training`".to_owned()),
    };
    let each = Clause {
        inner: vec![clause(ClauseKind::Require, &["one(part)", "other(part)"])],
        ..clause(ClauseKind::For, &["part in parts"])
    };
    RulePage {
        rule: rule_info(),
        parameters: vec![("compute".to_owned(), "Compute".to_owned())],
        clauses: vec![clause(ClauseKind::When, &["trains(compute)"]), each],
        words: vec![Word {
            name: "azureml.v1.way_in".to_owned(),
            title: "The service comes in.".to_owned(),
            lines: vec![("inbound tcp 44224 from AzureMachineLearning".to_owned(), vec!["v1.pip".to_owned()])],
        }],
        reasons: vec![Reason { citation: citation(), strength: "must" }],
        failing: Some(example("shut", OutcomeKind::Violation, Some(finding))),
        passing: Some(example("open", OutcomeKind::Pass, None)),
        mends: vec![Mend {
            language: "bicep".to_owned(),
            title: "in the properties".to_owned(),
            text: "a: b\n".to_owned(),
        }],
        opens: vec![OpenTraffic { whole_path: false, lines: vec![way_in] }],
    }
}

pub(crate) fn pack_info() -> PackInfo {
    PackInfo {
        name: "azureml_v1".to_owned(),
        title: "Training with SDK v1.".to_owned(),
        documentation: "It cannot see what a person does.".to_owned(),
        status: "stable".to_owned(),
        edition: "2024-07-26".to_owned(),
        conditions: vec!["Workspace w: w.sdk == v1".to_owned()],
        rules: vec![RULE.to_owned()],
    }
}

pub(crate) fn check_report() -> CheckReport {
    let findings = vec![undetermined(), violation()];
    let summary = Summary { pass: 41, violation: 1, undetermined: 1, not_applicable: 10, ..Summary::default() };
    CheckReport {
        environments: vec![EnvironmentReport {
            name: "dev".to_owned(),
            path: Arc::from("envs/dev.yaml"),
            summary,
            diagnostics: Vec::new(),
            findings,
            notes: vec!["`sdk` is not stated in `workspaces.w`: `v2` was taken".to_owned()],
        }],
        diagnostics: Vec::new(),
        rules: vec![rule_info()],
        packs: vec!["azureml_v1".to_owned()],
        texts: texts(),
    }
}

pub(crate) fn unknown_key() -> Diagnostic {
    let mut fault = Diagnostic::error(
        "unknown-key",
        "unknown key `public_ip` in a compute",
        Some(span("envs/dev.yaml", ENVIRONMENT, "public_ip")),
    );
    fault.label = Some("not a field of `Compute`".to_owned());
    fault.related.push(Label {
        span: span("library/azureml/v1/compute.pal", POLICY, "Compute"),
        message: "declared here".to_owned(),
    });
    fault.notes.push("first line\nsecond line".to_owned());
    fault.fixes.push(Fix::guess(span("envs/dev.yaml", ENVIRONMENT, "public_ip"), "public_ips"));
    fault.with_help(Some("did you mean `public_ips`?".to_owned()))
}

/// A report that holds one diagnostic about one text.
pub(crate) fn report_with(path: &str, text: &str, range: TextRange, message: &str) -> CheckReport {
    let span = Span { path: Arc::from(path), range };
    CheckReport {
        diagnostics: vec![Diagnostic::error("test", message, Some(span))],
        texts: Texts::from([(Arc::from(path), Arc::from(text))]),
        ..CheckReport::default()
    }
}

/// What a format writes of a report.
pub(crate) fn written(format: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut to = Vec::new();
    format(&mut to).expect("a Vec takes everything");
    String::from_utf8(to).expect("formats write UTF-8")
}

pub(crate) fn full(report: &CheckReport) -> String {
    written(|to| palisade_report::full(report, &Options::default(), to))
}

pub(crate) fn concise(report: &CheckReport) -> String {
    written(|to| palisade_report::concise(report, &Options::default(), to))
}

pub(crate) fn json(report: &CheckReport) -> String {
    written(|to| palisade_report::check_json(report, to))
}
