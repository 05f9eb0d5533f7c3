//! What `lint` says of two rules is so: a slow reference asks every thing of a small universe, or the groups that matter,
//! whether both rules can hold. A claim is never wrong, and where both speak of one path none is left out.
//!
//! Short by default; `PALISADE_LONG=1` asks many more questions.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use palisade_engine::api::{CheckOptions, LintSelection};
use palisade_net::Cidr;
use palisade_source::Severity;
use palisade_source::report::OutcomeKind;
use palisade_tests::random::Choices;
use palisade_tests::scene::Scene;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};

const POLICY: &str = "policies/suite.pal";
const RULES: usize = 14;

/// Runs a property on bytes; the reason holds all that is to be known of a failure.
fn for_bytes(cases: u32, property: impl Fn(&mut Scene, &mut Choices<'_>) -> Result<(), String>) {
    let long = std::env::var_os("PALISADE_LONG").is_some_and(|value| value == "1");
    let cases = if long { cases * 30 } else { cases };
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() };
    let scene = RefCell::new(Scene::of_networks());
    let result = TestRunner::new(config).run(&prop::collection::vec(any::<u8>(), 400), |bytes| {
        property(&mut scene.borrow_mut(), &mut Choices::new(&bytes)).map_err(TestCaseError::fail)
    });
    match result {
        Err(TestError::Fail(reason, _) | TestError::Abort(reason)) => panic!("{reason}"),
        Ok(()) => {}
    }
}

/// Pairs of rules of the policy: those that cannot both hold (the lesser number first), and those of which the first is
/// implied by the second.
#[derive(Debug, Default)]
struct Claims {
    apart: BTreeMap<(usize, usize), String>,
    implied: BTreeSet<(usize, usize)>,
    texts: Vec<String>,
}

/// The number of a rule `r7` or `suite.r7`.
fn number(name: &str) -> Option<usize> {
    name.trim_start_matches("suite.").strip_prefix('r')?.parse().ok()
}

fn claims(scene: &Scene) -> Claims {
    let select = ["contradiction", "implied-rule"].map(str::to_owned).to_vec();
    let report = scene.lint(&LintSelection { select, ..LintSelection::default() });
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let mut claims = Claims::default();
    for finding in &report.findings {
        let names: Vec<Option<usize>> = finding.message.split('`').skip(1).step_by(2).take(2).map(number).collect();
        let [Some(a), Some(b)] = names[..] else { continue };
        claims.texts.push(finding.message.clone());
        match finding.code {
            "contradiction" => {
                let why = finding.message.split_once(": ").expect("a reason").1.to_owned();
                claims.apart.insert((a.min(b), a.max(b)), why);
            }
            _ => {
                claims.implied.insert((a, b));
            }
        }
    }
    claims
}

/// The rules without those that are refused, each with its number in place of `$`.
fn accepted<R: Clone>(scene: &mut Scene, head: &str, rules: Vec<(R, String)>) -> Vec<R> {
    let mut kept = rules;
    loop {
        let mut text = head.to_owned();
        let mut starts = Vec::new();
        for (at, (_, rule)) in kept.iter().enumerate() {
            starts.push(text.len());
            text.push_str(&rule.replace('$', &at.to_string()));
        }
        scene.set(POLICY, &text);
        let faults = scene.policy_faults();
        let errors = faults.iter().filter(|one| one.severity == Severity::Error);
        let faulty: BTreeSet<usize> = errors
            .map(|fault| {
                let offset = usize::from(fault.span.as_ref().expect("a place").range.start());
                let at = starts.iter().rposition(|start| *start <= offset);
                at.unwrap_or_else(|| panic!("{}: {text}", fault.message))
            })
            .collect();
        if faulty.is_empty() {
            return kept.into_iter().map(|(rule, _)| rule).collect();
        }
        let left = kept.into_iter().enumerate().filter(|(at, _)| !faulty.contains(at));
        kept = left.map(|(_, rule)| rule).collect();
    }
}

// Conditions on the fields of a thing, and on the elements of a list.

const TYPES: &str = "\
enum Colour { red, green, blue }
entity Thing { number: Int, size: Int?, flag: Bool, colour: Colour, range: Cidr, steps: List<Step> = [] }
record Step { number: Int, colour: Colour }
extend environment { things: Map<Thing> = {} }
";
const COLOURS: [&str; 3] = ["red", "green", "blue"];
const NAMED: [&str; 2] = ["10.0.0.0/8", "10.0.0.0/9"];
/// A range of each way in which one can lie to those that are named.
const RANGES: [&str; 7] =
    ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/10", "11.0.0.0/8", "fd00::/8"];

#[derive(Clone, Debug)]
struct Thing {
    number: i64,
    size: Option<i64>,
    flag: bool,
    colour: usize,
    range: Cidr,
    steps: Vec<(i64, usize)>,
}

fn things() -> Vec<Thing> {
    let mut all = Vec::new();
    for number in 0..4 {
        for size in [None, Some(0), Some(1), Some(2)] {
            for flag in [false, true] {
                for colour in 0..COLOURS.len() {
                    for range in RANGES.map(|text| text.parse().unwrap()) {
                        all.push(Thing { number, size, flag, colour, range, steps: Vec::new() });
                    }
                }
            }
        }
    }
    all
}

/// Every list of at most two steps.
fn trails() -> Vec<Thing> {
    let steps: Vec<(i64, usize)> = (0..4).flat_map(|number| (0..COLOURS.len()).map(move |c| (number, c))).collect();
    let mut lists = vec![Vec::new()];
    lists.extend(steps.iter().map(|step| vec![*step]));
    lists.extend(steps.iter().flat_map(|a| steps.iter().map(move |b| vec![*a, *b])));
    let thing =
        Thing { number: 0, size: None, flag: false, colour: 0, range: NAMED[0].parse().unwrap(), steps: vec![] };
    lists.into_iter().map(|steps| Thing { steps, ..thing.clone() }).collect()
}

/// The value that is said to meet one rule and not the other.
fn witness(why: &str) -> Option<&str> {
    why.strip_prefix('`')?.split_once("` meets one").map(|(value, _)| value)
}

impl Thing {
    /// The same thing with a value, as it is written, at a path; `None` if that is no value of it.
    fn with(&self, path: usize, value: &str) -> Option<Self> {
        let same = self.clone();
        Some(match path {
            0 => Self { number: value.parse().ok()?, ..same },
            1 => Self { size: Some(value.parse().ok()?), ..same },
            2 => Self { flag: value.parse().ok()?, ..same },
            3 => Self { colour: COLOURS.iter().position(|colour| *colour == value)?, ..same },
            _ => Self { range: value.parse().ok()?, ..same },
        })
    }
}

#[derive(Clone, Debug)]
enum Formula {
    Number(&'static str, i64),
    Size(&'static str, i64),
    HasSize,
    Flag,
    Is(Vec<usize>),
    Range(&'static str, usize),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
}

fn compare(a: i64, op: &str, b: i64) -> bool {
    match op {
        "==" => a == b,
        "!=" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    }
}

impl Formula {
    /// An atom on a path: 0 to 4.
    fn atom(path: usize, choices: &mut Choices<'_>) -> Self {
        let mut op = || choices.one(&["==", "!=", "<", "<=", ">", ">="]);
        match path {
            0 => Self::Number(match_op(op()), 1 + i64::try_from(choices.below(2)).unwrap()),
            1 if choices.once_in(3) => Self::HasSize,
            1 => Self::Size(match_op(choices.one(&["==", "!=", "<", "<=", ">", ">="])), 1),
            2 => Self::Flag,
            3 => {
                let first = choices.below(COLOURS.len());
                Self::Is(if choices.once_in(3) { vec![first, (first + 1) % COLOURS.len()] } else { vec![first] })
            }
            _ => {
                let op = match choices.below(6) {
                    0 => "==",
                    1 => "!=",
                    2 => "in",
                    3 => "not in",
                    4 => "contains",
                    _ => "overlaps",
                };
                Self::Range(op, choices.below(NAMED.len()))
            }
        }
    }

    fn on(path: usize, choices: &mut Choices<'_>) -> Self {
        let first = Self::atom(path, choices);
        match choices.below(5) {
            0 | 1 => first,
            2 => Self::Not(Box::new(first)),
            3 => Self::And(Box::new(first), Box::new(Self::atom(path, choices))),
            _ => Self::Or(Box::new(first), Box::new(Self::atom(path, choices))),
        }
    }

    fn text(&self, of: &str) -> String {
        match self {
            Self::Number(op, than) => format!("{of}.number {op} {than}"),
            Self::Size(op, than) => format!("({of}.size is set and {of}.size {op} {than})"),
            Self::HasSize => format!("{of}.size is set"),
            Self::Flag => format!("{of}.flag"),
            Self::Is(all) => {
                let names: Vec<&str> = all.iter().map(|at| COLOURS[*at]).collect();
                format!("{of}.colour is {}", names.join(" | "))
            }
            Self::Range(op, named) => format!("{of}.range {op} {}", NAMED[*named]),
            Self::Not(inner) => format!("not ({})", inner.text(of)),
            Self::And(a, b) => format!("({} and {})", a.text(of), b.text(of)),
            Self::Or(a, b) => format!("({} or {})", a.text(of), b.text(of)),
        }
    }

    fn holds(&self, of: &Thing) -> bool {
        match self {
            Self::Number(op, than) => compare(of.number, op, *than),
            Self::Size(op, than) => of.size.is_some_and(|size| compare(size, op, *than)),
            Self::HasSize => of.size.is_some(),
            Self::Flag => of.flag,
            Self::Is(all) => all.contains(&of.colour),
            Self::Range(op, named) => {
                let named: Cidr = NAMED[*named].parse().unwrap();
                match *op {
                    "==" => of.range == named,
                    "!=" => of.range != named,
                    "in" => named.contains(of.range),
                    "not in" => !named.contains(of.range),
                    "contains" => of.range.contains(named),
                    _ => of.range.contains(named) || named.contains(of.range),
                }
            }
            Self::Not(inner) => !inner.holds(of),
            Self::And(a, b) => a.holds(of) && b.holds(of),
            Self::Or(a, b) => a.holds(of) || b.holds(of),
        }
    }
}

fn match_op(op: &str) -> &'static str {
    ["==", "!=", "<", "<=", ">", ">="].into_iter().find(|one| *one == op).unwrap()
}

/// A rule on things, and what it asks.
#[derive(Clone, Debug)]
struct Asks {
    when: Option<Formula>,
    /// Which path the requirement is on.
    path: usize,
    asked: Asked,
}

#[derive(Clone, Debug)]
enum Asked {
    Plain(Formula),
    /// `any`, `no`, `all` and `for` over the steps; `for` may have a condition of its own.
    Any(Formula),
    No(Formula),
    All(Formula),
    Block(Option<Formula>, Formula),
}

impl Asks {
    fn plain(choices: &mut Choices<'_>) -> Self {
        let path = choices.below(5);
        let when = choices.once_in(3).then(|| Formula::atom(choices.below(5), choices));
        Self { when, path, asked: Asked::Plain(Formula::on(path, choices)) }
    }

    fn of_elements(choices: &mut Choices<'_>) -> Self {
        let path = [0, 3][choices.below(2)];
        let body = Formula::on(path, choices);
        let asked = match choices.below(5) {
            0 | 1 => Asked::Any(body),
            2 => Asked::No(body),
            3 => Asked::All(body),
            _ => {
                let given = choices.once_in(2).then(|| Formula::atom([0, 3][choices.below(2)], choices));
                Asked::Block(given, body)
            }
        };
        Self { when: None, path, asked }
    }

    fn text(&self) -> String {
        let when = self.when.as_ref().map_or(String::new(), |when| format!("  when {}\n", when.text("t")));
        let asked = match &self.asked {
            Asked::Plain(formula) => format!("  require {}\n", formula.text("t")),
            Asked::Any(body) => format!("  require any e in t.steps: {}\n", body.text("e")),
            Asked::No(body) => format!("  require no e in t.steps: {}\n", body.text("e")),
            Asked::All(body) => format!("  require all e in t.steps: {}\n", body.text("e")),
            Asked::Block(given, body) => {
                let given = given.as_ref().map_or(String::new(), |given| format!("    when {}\n", given.text("e")));
                format!("  for e in t.steps {{\n{given}    require {}\n  }}\n", body.text("e"))
            }
        };
        format!("rule r$(t: Thing) {{\n  severity error\n{when}{asked}}}\n")
    }

    fn applies(&self, to: &Thing) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(to))
    }

    fn holds(&self, of: &Thing) -> bool {
        let steps = || of.steps.iter().map(|(number, colour)| Thing { number: *number, colour: *colour, ..of.clone() });
        match &self.asked {
            Asked::Plain(formula) => formula.holds(of),
            Asked::Any(body) => steps().any(|step| body.holds(&step)),
            Asked::No(body) => !steps().any(|step| body.holds(&step)),
            Asked::All(body) => steps().all(|step| body.holds(&step)),
            Asked::Block(given, body) => {
                steps().all(|step| given.as_ref().is_some_and(|given| !given.holds(&step)) || body.holds(&step))
            }
        }
    }

    fn passes(&self, on: &Thing) -> bool {
        self.applies(on) && self.holds(on)
    }

    fn fails(&self, on: &Thing) -> bool {
        self.applies(on) && !self.holds(on)
    }

    /// Whether nothing but the path of the requirement matters, so that all there is to say of two such rules is said.
    fn is_plain(&self) -> bool {
        self.when.is_none() && matches!(self.asked, Asked::Plain(_))
    }

    /// Whether some element is asked to be so, and whether each is.
    fn quantified(&self) -> (bool, bool) {
        let each = matches!(self.asked, Asked::No(_) | Asked::All(_) | Asked::Block(None, _));
        (matches!(self.asked, Asked::Any(_)), each)
    }
}

/// Holds what is claimed of rules against every thing there is.
fn compare_claims(universe: &[Thing], rules: &[Asks], claims: &Claims) -> Result<(), String> {
    let shown = |a: usize, b: usize, what: &str| {
        let text = |at: usize| rules[at].text().replace('$', &at.to_string());
        Err(format!("{what}\n{}{}{:#?}", text(a), text(b), claims.texts))
    };
    for (a, x) in rules.iter().enumerate() {
        for (b, y) in rules.iter().enumerate().skip(a + 1) {
            let both = universe.iter().any(|thing| x.passes(thing) && y.passes(thing));
            let meet = universe.iter().any(|thing| x.applies(thing) && y.applies(thing));
            let alone = [x, y].iter().all(|one| universe.iter().any(|thing| one.passes(thing)));
            let claimed = claims.apart.contains_key(&(a, b));
            if claimed && (both || !meet || !alone) {
                return shown(a, b, "a contradiction is claimed that is none");
            }
            if let Some(value) = claims.apart.get(&(a, b)).and_then(|why| witness(why)) {
                let shown_by: Vec<Thing> = universe.iter().filter_map(|thing| thing.with(x.path, value)).collect();
                let one = shown_by.iter().any(|thing| x.passes(thing) || y.passes(thing));
                if !one || shown_by.iter().any(|thing| x.passes(thing) && y.passes(thing)) {
                    return shown(a, b, "the witness shows nothing");
                }
            }
            let one_path = x.path == y.path;
            let (some, each) = (x.quantified(), y.quantified());
            let elements = some.0 && each.1 || some.1 && each.0;
            // What no element can meet is said of the rule alone.
            let told = [x, y].iter().all(|one| {
                universe.iter().any(|thing| one.passes(thing) && (one.is_plain() || !thing.steps.is_empty()))
            });
            if one_path && (x.is_plain() && y.is_plain() || elements) && !both && told && !claimed {
                return shown(a, b, "a contradiction is not found");
            }
            let implies = |x: &Asks, y: &Asks| universe.iter().all(|thing| !(x.passes(thing) && y.fails(thing)));
            for (first, second, one, other) in [(a, b, x, y), (b, a, y, x)] {
                if claims.implied.contains(&(second, first)) && !implies(one, other) {
                    return shown(first, second, "the second does not follow from the first");
                }
            }
            let found = [(a, b), (b, a)].iter().any(|pair| claims.implied.contains(pair));
            // What always holds is said of the rule alone.
            let fail = [x, y].iter().all(|one| universe.iter().any(|thing| one.fails(thing)));
            let follows = implies(x, y) || implies(y, x);
            if one_path && x.is_plain() && y.is_plain() && alone && fail && follows && !found {
                return shown(a, b, "one follows from the other, and it is not found");
            }
        }
    }
    Ok(())
}

#[test]
fn conditions_contradict_where_no_thing_meets_both() {
    let universe = things();
    for_bytes(40, |scene, choices| {
        let rules: Vec<Asks> = (0..RULES).map(|_| Asks::plain(choices)).collect();
        let rules = accepted(scene, TYPES, rules.into_iter().map(|rule| (rule.clone(), rule.text())).collect());
        compare_claims(&universe, &rules, &claims(scene))
    });
}

#[test]
fn elements_contradict_where_no_list_meets_both() {
    let universe = trails();
    for_bytes(40, |scene, choices| {
        let rules: Vec<Asks> = (0..RULES).map(|_| Asks::of_elements(choices)).collect();
        let rules = accepted(scene, TYPES, rules.into_iter().map(|rule| (rule.clone(), rule.text())).collect());
        compare_claims(&universe, &rules, &claims(scene))
    });
}

/// The reference reads conditions as the evaluator does: the same things are violated.
#[test]
fn the_reference_agrees_with_the_evaluator() {
    let universe: Vec<Thing> = things().into_iter().step_by(5).chain(trails()).collect();
    let mut text = "name: things\nthings:\n".to_owned();
    for (at, thing) in universe.iter().enumerate() {
        let size = thing.size.map_or(String::new(), |size| format!("size: {size}, "));
        let steps: Vec<String> =
            thing.steps.iter().map(|(n, c)| format!("{{ number: {n}, colour: {} }}", COLOURS[*c])).collect();
        let Thing { number, flag, colour, range, .. } = thing;
        let colour = COLOURS[*colour];
        writeln!(
            text,
            "  t{at}: {{ number: {number}, {size}flag: {flag}, colour: {colour}, range: \"{range}\", steps: [{}] }}",
            steps.join(", ")
        )
        .unwrap();
    }
    for_bytes(4, |scene, choices| {
        let rules: Vec<Asks> =
            (0..RULES).map(|at| if at % 2 == 0 { Asks::plain(choices) } else { Asks::of_elements(choices) }).collect();
        let rules = accepted(scene, TYPES, rules.into_iter().map(|rule| (rule.clone(), rule.text())).collect());
        scene.set("env.yaml", &text);
        let report =
            scene.check(&CheckOptions { all: true, select: vec!["suite".to_owned()], ..CheckOptions::default() });
        let violated: BTreeSet<(usize, String)> = report.environments[0]
            .findings
            .iter()
            .filter(|finding| finding.outcome == OutcomeKind::Violation)
            .map(|finding| (number(&finding.rule).unwrap(), finding.resource.clone()))
            .collect();
        let expected: BTreeSet<(usize, String)> = rules
            .iter()
            .enumerate()
            .flat_map(|(at, rule)| {
                let failing = universe.iter().enumerate().filter(|(_, thing)| rule.fails(thing));
                failing.map(move |(thing, _)| (at, format!("things.t{thing}")))
            })
            .collect();
        if violated == expected { Ok(()) } else { Err(format!("{rules:?}")) }
    });
}

// Traffic at one place.

const ENDS: [&str; 5] = ["*", "Internet", "Storage", "AzureMachineLearning", "203.0.113.0/24"];
const PORTS: [&str; 5] = ["443", "44224", "22, 443", "400-500", "*"];
const PROTOCOLS: [&str; 3] = ["tcp", "udp", "tcp/udp"];

#[derive(Clone, Debug)]
struct Line {
    inbound: bool,
    protocols: &'static str,
    ports: &'static str,
    end: &'static str,
}

/// What is required, or shut out.
#[derive(Clone, Debug)]
struct Traffic {
    required: bool,
    lines: Vec<Line>,
}

impl Traffic {
    fn new(choices: &mut Choices<'_>) -> Self {
        let required = choices.once_in(2);
        let inbound = choices.once_in(2);
        let lines = (0..=choices.below(2)).map(|_| Line {
            inbound: inbound != choices.once_in(6),
            protocols: PROTOCOLS[choices.below(PROTOCOLS.len())],
            ports: PORTS[choices.below(PORTS.len())],
            end: ENDS[choices.below(ENDS.len())],
        });
        Self { required, lines: lines.collect() }
    }

    fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| {
            let (direction, preposition) = if line.inbound { ("inbound", "from") } else { ("outbound", "to") };
            format!("{direction} {} {} {preposition} {}", line.protocols, line.ports, line.end)
        });
        let lines: Vec<String> = lines.collect();
        let word = if self.required { "require" } else { "forbid" };
        format!("rule r$(s: Subnet) {{\n  severity error\n  {word} s permits {{ {} }}\n}}\n", lines.join("; "))
    }

    /// Which tags a range lies in is for the environment to say.
    fn is_comparable(&self, other: &Self) -> bool {
        let is_range = |line: &&Line| line.end.contains('/');
        let is_tag = |line: &&Line| line.end != "*" && !line.end.contains('/');
        let mixed =
            |a: &Self, b: &Self| a.lines.iter().any(|line| is_range(&line)) && b.lines.iter().any(|line| is_tag(&line));
        !mixed(self, other) && !mixed(other, self)
    }

    /// The group that serves it and does no more than it has to: what is required is let through and nothing else, or what
    /// is shut out is stopped and nothing else.
    fn group(&self) -> String {
        let (access, else_) = if self.required { ("allow", "deny") } else { ("deny", "allow") };
        let mut rules = Vec::new();
        for line in &self.lines {
            for protocol in line.protocols.split('/') {
                let (direction, end) = if line.inbound { ("inbound", "source") } else { ("outbound", "destination") };
                rules.push(format!(
                    "direction: {direction}, access: {access}, protocol: {protocol}, {end}: \"{}\", destination_ports: [{}]",
                    line.end,
                    line.ports.replace('*', "\"*\""),
                ));
            }
        }
        for direction in ["inbound", "outbound"] {
            rules.push(format!("direction: {direction}, access: {else_}, protocol: \"*\", destination_ports: \"*\""));
        }
        let rules =
            rules.iter().enumerate().map(|(at, rule)| format!("{{ name: x{at}, priority: {}, {rule} }}", 100 + at));
        rules.collect::<Vec<_>>().join(", ")
    }
}

/// One subnet for each rule, with the group that serves it.
fn networks(rules: &[Traffic]) -> String {
    let (mut subnets, mut groups) = (String::new(), String::new());
    for (at, rule) in rules.iter().enumerate() {
        writeln!(subnets, "      s{at}: {{ prefixes: [10.0.{at}.0/24], network_security_group: g{at} }}").unwrap();
        writeln!(groups, "  g{at}: {{ rules: [{}] }}", rule.group()).unwrap();
    }
    format!(
        "name: groups\nvirtual_networks:\n  net:\n    address_space: [10.0.0.0/16]\n    subnets:\n{subnets}\
         network_security_groups:\n{groups}"
    )
}

/// How each rule comes out on the subnet of each: all that does not pass.
fn outcomes(scene: &mut Scene) -> BTreeMap<(usize, usize), OutcomeKind> {
    let report = scene.check(&CheckOptions { all: true, select: vec!["suite".to_owned()], ..CheckOptions::default() });
    let environment = &report.environments[0];
    let errors: Vec<_> = environment.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let of = |finding: &palisade_source::report::Finding| {
        let subnet = finding.resource.rsplit(".s").next().unwrap().parse().unwrap();
        ((number(&finding.rule).unwrap(), subnet), finding.outcome)
    };
    environment.findings.iter().map(of).collect()
}

#[test]
fn traffic_contradicts_where_the_least_group_for_one_rule_breaks_the_other() {
    for_bytes(12, |scene, choices| {
        let rules: Vec<Traffic> = (0..RULES).map(|_| Traffic::new(choices)).collect();
        let head = "import azure.network.{Subnet}\n";
        let rules = accepted(scene, head, rules.into_iter().map(|rule| (rule.clone(), rule.text())).collect());
        scene.set("env.yaml", &networks(&rules));
        let (outcomes, claims) = (outcomes(scene), claims(scene));
        let violated = |rule: usize, on: usize| outcomes.get(&(rule, on)) == Some(&OutcomeKind::Violation);
        let passes = |rule: usize, on: usize| outcomes.get(&(rule, on)).is_none_or(|one| *one == OutcomeKind::Pass);
        let shown = |a: usize, b: usize, what: &str| {
            let text = |at: usize| rules[at].text().replace('$', &at.to_string());
            Err(format!("{what}\n{}{}{:#?}", text(a), text(b), claims.texts))
        };
        for a in 0..rules.len() {
            // What no group stops, such as questions to the platform's name servers, is served by none.
            if !passes(a, a) {
                continue;
            }
            for b in (0..rules.len()).filter(|b| *b != a) {
                let opposite = rules[a].required != rules[b].required;
                let claimed = claims.apart.contains_key(&(a.min(b), a.max(b)));
                // The least group for what is required breaks whoever shuts out some of it.
                let broken = opposite && violated(a, b) && violated(b, a);
                let told = rules[a].is_comparable(&rules[b]);
                if claimed && !broken || broken && told && !claimed {
                    return shown(a, b, "the claim and the groups differ");
                }
                let found = claims.implied.contains(&(b, a)) || claims.implied.contains(&(a, b));
                if claims.implied.contains(&(b, a)) && !passes(b, a) {
                    return shown(a, b, "the second does not follow from the first");
                }
                if !opposite && told && passes(b, a) && !found {
                    return shown(a, b, "the second follows from the first, and it is not found");
                }
            }
        }
        Ok(())
    });
}
