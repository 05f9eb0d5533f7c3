//! What each format looks like.

use insta::assert_snapshot;
use palisade_report::{Detail, Links, Options, PackPage, Page, pack_markdown, packs_markdown, rule_markdown};
use palisade_source::report::*;

use crate::sample::{self, written};

#[test]
fn full_shows_the_fault_the_cause_the_requirement_and_why() {
    assert_snapshot!(sample::full(&sample::check_report()));
}

#[test]
fn concise_is_one_line_for_each_finding() {
    assert_snapshot!(sample::concise(&sample::check_report()), @r"
    envs/dev.yaml:8:11: undetermined[azureml.v1.compute.public_ip_inbound] `kind` does not settle what `ci-1` needs
    envs/dev.yaml:9:5: error[azureml.v1.compute.public_ip_inbound] `ci-1` has a public IP, but AzureMachineLearning cannot reach it on TCP 44224
    checked 1 environment against 1 rule of azureml_v1: 41 passed, 1 violation, 1 undetermined, 10 not applicable
    ");
}

#[test]
fn json_is_version_1() {
    let json = sample::json(&sample::check_report()).replace(env!("CARGO_PKG_VERSION"), "0.0.0");
    assert_snapshot!(json);
}

#[test]
fn a_diagnostic_has_its_places_notes_and_help() {
    let report = CheckReport { diagnostics: vec![sample::unknown_key()], ..sample::check_report() };
    assert_snapshot!(sample::full(&CheckReport { environments: Vec::new(), ..report }));
}

#[test]
fn a_broken_file_is_counted_and_the_others_are_checked() {
    let mut report = sample::check_report();
    let mut broken = report.environments[0].clone();
    (broken.summary, broken.findings, broken.notes) = (Summary::default(), Vec::new(), Vec::new());
    broken.diagnostics = vec![sample::unknown_key()];
    report.environments.push(broken);
    let line = palisade_report::summary_line(&report);
    assert_snapshot!(line, @"checked 1 environment against 1 rule of azureml_v1: 41 passed, 1 violation, 1 undetermined, 10 not applicable; 1 environment could not be checked");
}

#[test]
fn broken_files_alone_are_never_counted_as_checked() {
    let mut report = sample::check_report();
    report.environments[0].summary = Summary::default();
    report.environments[0].diagnostics = vec![sample::unknown_key()];
    assert_eq!(palisade_report::summary_line(&report), "nothing was checked: 1 environment could not be checked");
}

#[test]
fn an_environment_in_which_nothing_was_decided_is_a_warning() {
    let mut report = sample::check_report();
    report.environments[0].summary = Summary { not_applicable: 7, undetermined: 1, ..Summary::default() };
    let warning = "nothing was decided in `dev`: 1 undetermined, 7 not applicable";
    for text in [sample::full(&report), sample::concise(&report), sample::json(&report)] {
        assert!(text.contains(warning), "{text}");
    }
}

#[test]
fn quiet_keeps_the_counts_and_what_prevented_an_answer() {
    let report = sample::check_report();
    let quiet = Options { detail: Detail::Quiet, ..Options::default() };
    let expected = palisade_report::summary_line(&report) + "\n";
    assert_eq!(written(|to| palisade_report::full(&report, &quiet, to)), expected);
    assert_eq!(written(|to| palisade_report::concise(&report, &quiet, to)), expected);
    let broken = CheckReport { diagnostics: vec![sample::unknown_key()], ..report };
    assert!(written(|to| palisade_report::full(&broken, &quiet, to)).contains("unknown key"));
}

#[test]
fn a_limit_says_how_many_it_left_out() {
    let report = sample::check_report();
    let one = Options { limit: Some(1), ..Options::default() };
    for text in [
        written(|to| palisade_report::full(&report, &one, to)),
        written(|to| palisade_report::concise(&report, &one, to)),
    ] {
        assert!(text.contains("1 more not shown (`--max-diagnostics 1`)"), "{text}");
        assert!(!text.contains("has a public IP, but"), "{text}");
    }
}

#[test]
fn colour_is_written_only_when_asked_for_and_changes_nothing_else() {
    let report = sample::check_report();
    let color = Options { color: true, ..Options::default() };
    let colored = written(|to| palisade_report::full(&report, &color, to));
    assert!(colored.contains("\u{1b}[1m\u{1b}[31merror"), "{colored:?}");
    let plain = sample::full(&report);
    assert!(!plain.contains('\u{1b}'));
    let stripped = anstream_free_strip(&colored);
    assert_eq!(trim_lines(&stripped), trim_lines(&plain));
}

/// Without `ESC [ … m`.
fn anstream_free_strip(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('m').map_or("", |(_, rest)| rest))
}

fn trim_lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

fn flow_report() -> FlowReport {
    FlowReport {
        question: "inbound tcp 44224 from AzureMachineLearning".to_owned(),
        on: "computes.ci-1".to_owned(),
        verdict: VerdictKind::Denied,
        parts: vec![sample::denied_flow()],
        path: vec![
            FlowStep {
                step: "subnet_group",
                verdict: VerdictKind::Denied,
                detail: "`training` denies it".to_owned(),
                location: sample::denied_flow().location,
            },
            FlowStep {
                step: "interface_group",
                verdict: VerdictKind::Allowed,
                detail: "there is none".to_owned(),
                location: None,
            },
        ],
        undetermined: Vec::new(),
        texts: sample::texts(),
    }
}

#[test]
fn a_flow_is_drawn_hop_by_hop() {
    assert_snapshot!(written(|to| palisade_report::flow(&flow_report(), &Options::default(), to)));
}

#[test]
fn a_flow_is_written_for_tools() {
    assert_snapshot!(written(|to| palisade_report::flow_json(&flow_report(), to)));
}

fn test_report() -> TestReport {
    let test = |name: &str, failures| TestResult {
        module: "azureml.v1.compute".to_owned(),
        name: name.to_owned(),
        failures,
        expectations: 2,
    };
    TestReport {
        tests: vec![test("a good one", Vec::new()), test("a bad one", vec![sample::unknown_key()])],
        diagnostics: Vec::new(),
        filtered_out: 3,
        texts: sample::texts(),
    }
}

#[test]
fn a_test_run_names_its_failures_and_counts() {
    assert_snapshot!(written(|to| palisade_report::tests(&test_report(), &Options::default(), to)));
}

#[test]
fn a_test_run_without_tests_never_reads_as_passed() {
    let none = TestReport { tests: Vec::new(), ..test_report() };
    let text = written(|to| palisade_report::tests(&none, &Options::default(), to));
    assert_eq!(text, "0 passed, 0 failed, 3 filtered out: no test ran\n");
    let broken = TestReport { diagnostics: vec![sample::unknown_key()], ..none };
    let text = written(|to| palisade_report::tests(&broken, &Options::default(), to));
    assert!(text.ends_with("no test ran: 1 error in the policies\n"), "{text}");
}

fn statement(strength: &'static str, rules: &[&str], unchecked: Option<&str>) -> StatementInfo {
    StatementInfo {
        citation: sample::citation(),
        source: "v1".to_owned(),
        strength,
        rules: rules.iter().map(ToString::to_string).collect(),
        tests: 3 * rules.len(),
        violations: rules.iter().filter(|rule| !rule.ends_with("untested")).count(),
        checks: rules.iter().map(|rule| check(rule)).collect(),
        unchecked: unchecked.map(ToOwned::to_owned),
    }
}

fn check(rule: &str) -> StatementCheck {
    let tested = usize::from(!rule.ends_with("untested"));
    StatementCheck { rule: rule.to_owned(), by_line: true, pass: 2, violation: tested, ..StatementCheck::default() }
}

#[test]
fn coverage_says_what_has_a_rule_what_has_a_reason_and_what_has_neither() {
    let statements = [
        statement("must", &["azureml.v1.compute.public_ip_inbound"], None),
        statement("must", &[], Some("made by the service")),
        statement("should", &[], None),
        statement("must_not", &["azureml.v1.compute.untested"], None),
        statement("info", &[], None),
    ];
    assert_snapshot!("coverage_page", written(|to| palisade_report::coverage_page(&statements, to)));
    assert_snapshot!(written(|to| palisade_report::coverage(&statements, &Options::default(), to)));
    assert_snapshot!("coverage_json", written(|to| palisade_report::coverage_json(&statements[..1], to)));
}

#[test]
fn rules_are_a_table_that_fits_the_terminal() {
    let narrow = Options { width: Some(100), ..Options::default() };
    assert_snapshot!(written(|to| palisade_report::rules(&[sample::rule_info()], &narrow, to)));
    assert_snapshot!("rules_json", written(|to| palisade_report::rules_json(&[sample::rule_info()], to)));
}

#[test]
fn a_page_says_all_there_is_to_know() {
    let rule = sample::rule_page();
    assert_snapshot!("page_rule", written(|to| palisade_report::page(&Page::Rule(&rule), &Options::default(), to)));
    assert_snapshot!("page_rule_json", written(|to| palisade_report::page_json(&Page::Rule(&rule), to)));
    let statements = [statement("must", &[&rule.rule.id], None), statement("info", &[], Some("background"))];
    let (pack, rules) = (&sample::pack_info(), std::slice::from_ref(&rule.rule));
    let page = Page::Pack(PackPage { pack, rules, statements: &statements });
    assert_snapshot!("page_pack", written(|to| palisade_report::page(&page, &Options::default(), to)));
    assert_snapshot!("page_pack_json", written(|to| palisade_report::page_json(&page, to)));
    let statement = statement("must", &["a.b"], None);
    let page = Page::Statement(&statement);
    assert_snapshot!("page_statement", written(|to| palisade_report::page(&page, &Options::default(), to)));
}

#[test]
fn a_page_of_the_book_leads_to_others_and_takes_no_text_for_markdown() {
    let rule = sample::rule_page();
    let page = rule_markdown(&rule, Links::Book);
    assert!(page.contains("[`azureml_v1`](../packs/azureml_v1.md)"), "{page}");
    assert!(page.contains("> `ci-1` is not reached from \\<anywhere>\n"), "{page}");
    assert!(page.contains("> help: allow 10.0.0.\\* in `training`\n"), "{page}");
    let (pack, rules) = (&sample::pack_info(), std::slice::from_ref(&rule.rule));
    let page = pack_markdown(&PackPage { pack, rules, statements: &[] }, Links::Book);
    assert!(page.contains(&format!("](../rules/{}.md)", rule.rule.id)), "{page}");
    assert!(packs_markdown(std::slice::from_ref(pack), &[]).contains("[`azureml_v1`](packs/azureml_v1.md)"));
}
