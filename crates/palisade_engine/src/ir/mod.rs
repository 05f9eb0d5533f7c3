//! The typed form of policies that the evaluator runs: names resolved, types checked, no positions.
//!
//! Lowering ([`crate::policy`]) makes it from the syntax tree. Where something was at fault it puts
//! [`ExprKind::Error`] and reports; a program with errors is never evaluated.

pub mod path;
pub mod walk;

use std::sync::Arc;

use palisade_source::Severity;
use palisade_syntax::ast::{AddOp, CompareOp, LogicOp, NodeId, QuantifierKind, Sense, Strength, VerdictQuery};
use smol_str::SmolStr;

use crate::data::Data;
use crate::names::{DefName, ItemKey};
use crate::types::{EnumId, RecordId, Type};

/// A variable of one item, numbered from 0: parameters first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Local(pub u32);

/// A typed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// The node of the syntax tree that it comes from.
    pub id: NodeId,
    /// Its type after narrowing.
    pub ty: Type,
    /// What it is.
    pub kind: ExprKind,
}

/// The forms of a typed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// At fault; already reported.
    Error,
    /// A literal, a plain variant, a tag: known when the policy is compiled.
    Literal(Data),
    /// A text with interpolations.
    Template(Vec<TemplatePart>),
    /// A variable.
    Local(Local),
    /// A constant of some module.
    Const(DefName),
    /// A field of a record or entity.
    Field {
        /// Of what; its type (narrowed) is `Record(record)`.
        of: Box<Expr>,
        /// The record.
        record: RecordId,
        /// The field's index.
        field: u32,
    },
    /// A field of a variant, after `is VARIANT` or in a `match` arm.
    VariantField {
        /// Of what.
        of: Box<Expr>,
        /// The enum.
        enumeration: EnumId,
        /// The variant's index.
        variant: u16,
        /// The field's index.
        field: u32,
    },
    /// A field of the environment: `environment.computes`.
    Environment(u32),
    /// `every T`
    Every(RecordId),
    /// `m[k]`: an entry of a map, absent if it has none.
    Index(Box<Expr>, Box<Expr>),
    /// A call of a function of the language.
    Call(DefName, Vec<Expr>),
    /// A call of one of the engine's own functions.
    Extern(ExternFn, Vec<Expr>),
    /// `sum`, `min`, `max` of a list.
    Aggregate(Aggregate, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `[e for x in xs if p]`
    Comprehension {
        /// `e`
        element: Box<Expr>,
        /// `x`
        variable: Local,
        /// `xs`: a list, or a map (its values).
        collection: Box<Expr>,
        /// `p`
        filter: Option<Box<Expr>>,
    },
    /// `{ k: e }`
    Map(Vec<(SmolStr, Expr)>),
    /// A traffic literal.
    Traffic(Arc<[TrafficLine]>),
    /// A traffic table of some module.
    TrafficTable(DefName, Vec<Expr>),
    /// A tag with a computed region, as a `ServiceTag`.
    TagRegion {
        /// The tag's canonical name.
        tag: SmolStr,
        /// The region.
        region: Box<Expr>,
    },
    /// `not e`
    Not(Box<Expr>),
    /// `-e`
    Negate(Box<Expr>),
    /// `a and b`, `a or b`
    Logic(LogicOp, Vec<Expr>),
    /// `a < b`, `a in b`, …; the evaluator chooses by the operands' types.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `e is set`: known at once, never unknown.
    IsSet(Box<Expr>),
    /// `e is none`
    IsNone(Box<Expr>),
    /// `e is a | b`, by indexes of variants.
    IsVariant(Box<Expr>, Vec<u16>),
    /// `e is A | B`, for a `ref A | B`.
    IsRecord(Box<Expr>, Vec<RecordId>),
    /// `v is allowed | partial`
    IsVerdict(Box<Expr>, Vec<VerdictWord>),
    /// `place permits traffic`
    Verdict {
        /// Which question.
        query: VerdictQuery,
        /// Where.
        place: Box<Expr>,
        /// What.
        traffic: Box<Expr>,
    },
    /// `a ?? b`
    Coalesce(Vec<Expr>),
    /// `a + b - c`
    Sum(Box<Expr>, Vec<(AddOp, Expr)>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `match e { … }`
    Match(Box<Expr>, Vec<Arm>),
    /// `all x in xs: p`
    Quantifier {
        /// Which.
        kind: QuantifierKind,
        /// `x`
        variable: Local,
        /// `xs`: a list, or a map (its values).
        collection: Box<Expr>,
        /// `p`
        body: Box<Expr>,
    },
}

/// The engine's own functions, declared in the library by `extern fn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExternFn {
    /// `size(prefix: Cidr) -> Int`: how many addresses it has.
    Size,
    /// `matches(pattern: Text, text: Text) -> Bool`: whether a pattern with `*` covers a text.
    Matches,
    /// `shadowed_rules(group: NetworkSecurityGroup) -> Map<List<SecurityRule>>`: by the name of each rule that matches
    /// nothing, the rules that match all of it before.
    ShadowedRules,
    /// `excess(place: Subnet | NetworkInterface, direction: Direction, required: Traffic) -> Traffic`: what the place allows beyond it.
    Excess,
    /// `exposed_to(place: Subnet | NetworkInterface, traffic: Traffic) -> Ports`: the ports that any part of it reaches inbound.
    ExposedTo,
}

impl ExternFn {
    /// Every function by its name.
    pub const ALL: &[(&str, Self)] = &[
        ("size", Self::Size),
        ("matches", Self::Matches),
        ("shadowed_rules", Self::ShadowedRules),
        ("excess", Self::Excess),
        ("exposed_to", Self::ExposedTo),
    ];

    /// The function of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(known, function)| (*known == name).then_some(*function))
    }
}

/// Functions over a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// Of Ints; 0 for an empty list.
    Sum,
    /// Absent for an empty list.
    Min,
    /// Absent for an empty list.
    Max,
}

/// The words for a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerdictWord {
    /// All allowed.
    Allowed,
    /// All denied.
    Denied,
    /// Some each way.
    Partial,
    /// It cannot be told.
    Undetermined,
}

/// An arm of a `match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Which variants.
    pub pattern: ArmPattern,
    /// Its value.
    pub value: Expr,
}

/// What an arm stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArmPattern {
    /// Variants of an enum.
    Variants(Vec<u16>),
    /// Entities of a `ref A | B`.
    Records(Vec<RecordId>),
    /// Verdicts.
    Verdicts(Vec<VerdictWord>),
    /// The rest.
    Else,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Plain.
    Text(SmolStr),
    /// Interpolated; an absent value prints as `not stated`.
    Expr(Expr),
}

/// A line of traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficLine {
    /// Its node.
    pub id: NodeId,
    /// The item it stands in.
    pub item: ItemKey,
    /// Towards the place or from it.
    pub direction: palisade_net::Direction,
    /// Its protocols.
    pub protocols: palisade_net::ProtocolSet,
    /// Its ports, each entry a flow of its own; `[all]` for `*` and for protocols without ports; never empty.
    pub ports: Vec<palisade_net::PortSet>,
    /// Its other ends, each a flow of its own.
    pub remotes: Vec<Remote>,
    /// Ids of statements.
    pub cites: Vec<SmolStr>,
}

/// An other end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its node.
    pub id: NodeId,
    /// What it is.
    pub kind: RemoteKind,
}

/// The forms of an other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteKind {
    /// A tag, perhaps with a computed region.
    Tag {
        /// The tag, with its region if that is written out.
        tag: palisade_net::ServiceTag,
        /// `.{e}`
        region: Option<Box<Expr>>,
    },
    /// A host name or pattern, perhaps with interpolations.
    Fqdn(Vec<TemplatePart>),
    /// A range.
    Cidr(palisade_net::Cidr),
    /// `*`
    Any,
    /// A value of type Ip, Cidr, Prefix, Addresses, `ServiceTag`, Fqdn, or a list of those.
    Expr(Box<Expr>),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its item.
    pub item: ItemKey,
    /// Full name.
    pub name: DefName,
    /// First line of its documentation; its name if it has none.
    pub title: SmolStr,
    /// The rest of its documentation.
    pub documentation: SmolStr,
    /// Its parameters' names and types (each an entity type); the first is the subject. They are locals 0, 1, ….
    pub params: Vec<(SmolStr, RecordId)>,
    /// How many locals there are.
    pub locals: u32,
    /// The severity that is written, or that of its strongest citation, or info.
    pub severity: Severity,
    /// Its tags.
    pub tags: Vec<SmolStr>,
    /// Whether it cannot be waived.
    pub unwaivable: bool,
    /// The statements that the rule itself cites.
    pub cites: Vec<SmolStr>,
    /// The rule whose place it takes.
    pub replaces: Option<DefName>,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// A step of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The clause.
    pub id: NodeId,
    /// What it is.
    pub kind: StepKind,
}

/// The steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Not applicable unless it holds; undetermined if unknown.
    When(Expr),
    /// Undetermined if an optional on the way is absent; nothing on the way is a `T or none`.
    Needs(Expr),
    /// A name for a value.
    Let(Local, Expr),
    /// A requirement.
    Require(Require),
    /// For each element.
    For {
        /// The element.
        variable: Local,
        /// The collection.
        collection: Expr,
        /// What is done for it.
        steps: Vec<Step>,
    },
}

impl StepKind {
    /// Whether it asks something, itself or inside.
    pub fn demands(&self) -> bool {
        matches!(self, Self::Require(_) | Self::For { .. })
    }
}

/// A requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// `require` or `forbid`.
    pub sense: Sense,
    /// One, or the alternatives of an `either`: each a Bool or a Verdict.
    pub alternatives: Vec<Expr>,
    /// `else`
    pub otherwise: Option<Vec<TemplatePart>>,
    /// `help`
    pub help: Option<Vec<TemplatePart>>,
}

/// A function of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// How many parameters; they are locals 0, 1, ….
    pub params: u32,
    /// How many locals there are.
    pub locals: u32,
    /// Its value.
    pub body: Expr,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Const {
    /// How many locals its value uses.
    pub locals: u32,
    /// Its value.
    pub value: Expr,
}

/// A traffic table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficTable {
    /// How many parameters; they are locals 0, 1, ….
    pub params: u32,
    /// How many locals there are.
    pub locals: u32,
    /// Its lines.
    pub lines: Arc<[TrafficLine]>,
}

/// In which tag's addresses some hosts lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// The tag; its region may depend on a parameter, which then stands for any region.
    pub tag: palisade_net::ServiceTag,
    /// Whether the tag is `.{region}`: the region that stands at the interpolation in a host's name.
    pub regional: bool,
    /// The patterns; `{region}` in them is a hole.
    pub hosts: Vec<Vec<HostPart>>,
}

/// A part of a host pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPart {
    /// Plain.
    Text(SmolStr),
    /// A region.
    Region,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: SmolStr,
    /// `title`
    pub title: SmolStr,
    /// `edition`
    pub edition: SmolStr,
    /// `url`
    pub url: SmolStr,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// A statement of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `v1.pip.inbound.aml_tcp44224`
    pub id: SmolStr,
    /// The section's heading.
    pub section: SmolStr,
    /// How strong.
    pub strength: Strength,
    /// What it says.
    pub text: SmolStr,
    /// Why it is not checked.
    pub unchecked: Option<SmolStr>,
    /// Its node in the source.
    pub node: NodeId,
}

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its item.
    pub item: ItemKey,
    /// Its name.
    pub name: SmolStr,
    /// First line of its documentation.
    pub title: SmolStr,
    /// The rest.
    pub documentation: SmolStr,
    /// `stable`, `preview`, `deprecated`.
    pub status: SmolStr,
    /// `2024-07-26`
    pub edition: SmolStr,
    /// Its own conditions, and those of the packs that it includes.
    pub conditions: Vec<Arc<PackCondition>>,
    /// The rules it includes (included packs' rules too), sorted, replacements made. A rule that comes in two ways stands
    /// twice: it applies where either way's conditions hold.
    pub rules: Vec<PackedRule>,
}

/// A rule in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedRule {
    /// The rule.
    pub rule: DefName,
    /// What must hold besides its own `when`s, by number in [`Pack::conditions`].
    pub conditions: Vec<usize>,
}

/// `when T w: e`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackCondition {
    /// The pack in which it stands.
    pub item: ItemKey,
    /// T.
    pub record: RecordId,
    /// How many locals; `w` is local 0.
    pub locals: u32,
    /// The condition.
    pub condition: Expr,
}

/// A test of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its item.
    pub item: ItemKey,
    /// Its module.
    pub module: SmolStr,
    /// Its name.
    pub name: SmolStr,
    /// The fixture, if it has one: its item, the node of its text, and its text.
    pub fixture: Option<(ItemKey, NodeId, SmolStr)>,
    /// The YAML of its own.
    pub patch: Option<(NodeId, SmolStr)>,
    /// What it expects.
    pub expectations: Vec<Expectation>,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// `expect OUTCOME RULE on PLACE severity WORD at PLACE message "…"`
    Outcome {
        /// The clause.
        id: NodeId,
        /// The outcome; `none`: no finding of the rule there.
        outcome: ExpectedOutcome,
        /// The rule.
        rule: DefName,
        /// `on`, as written, with its node.
        on: Option<(NodeId, SmolStr)>,
        /// How grave the rule is.
        severity: Option<(NodeId, Severity)>,
        /// `at`, as written.
        at: Vec<(NodeId, SmolStr)>,
        /// `message`
        message: Option<(NodeId, SmolStr)>,
    },
    /// `expect no_findings`: of these rules (those of its module).
    NoFindings {
        /// The clause.
        id: NodeId,
        /// The rules.
        rules: Vec<DefName>,
    },
}

/// An outcome that a test may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpectedOutcome {
    /// See [`palisade_source::report::OutcomeKind`].
    Kind(palisade_source::report::OutcomeKind),
    /// Neither violation nor undetermined nor error.
    None,
}
