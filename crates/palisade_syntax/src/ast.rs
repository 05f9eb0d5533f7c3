//! The syntax tree of a policy file, without positions.
//!
//! Every node that a message may point at carries a [`NodeId`], numbered in the order of the text within its item.
//! The ranges live beside the tree, in [`crate::Spans`]: two items that differ only in layout or comments are
//! *equal*, which is what keeps the incremental engine from re-checking a rule because a line moved.
//!
//! Parts that could not be read are `Error` nodes: the rest of the item stays usable, and whoever meets an `Error`
//! stays silent, because the parser has already reported it.

use smol_str::SmolStr;

/// A node of one item: an index into the item's [`crate::Spans`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A word as written, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// Where it stands.
    pub id: NodeId,
    /// The word.
    pub text: SmolStr,
}

/// Words joined by dots: `azureml.v1.compute`, `v1.pip.inbound.aml_tcp44224`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The whole path's place.
    pub id: NodeId,
    /// At least one word. In statement ids a word may start with a digit.
    pub segments: Vec<Ident>,
}

/// One item of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The whole item's place, documentation excluded.
    pub id: NodeId,
    /// The text of its `///` lines, Markdown.
    pub doc: Option<SmolStr>,
    /// What it is.
    pub kind: ItemKind,
}

/// The kinds of item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// `import …`
    Import(Import),
    /// `record R { … }`
    Record(Record),
    /// `entity E { … }`
    Entity(Record),
    /// `enum N { … }`
    Enum(Enum),
    /// `environment { … }` or `extend environment { … }`
    Environment(EnvironmentDecl),
    /// `extend T { … }`
    Extend(Extend),
    /// `const C: T = e`
    Const(Const),
    /// `fn f(…) -> T = e`, or `extern fn f(…) -> T` without a body
    Function(Function),
    /// `traffic t(…) { … }`
    Traffic(Traffic),
    /// `hosts within TAG { … }`
    Hosts(Hosts),
    /// `source s { … }`
    Source(Source),
    /// `rule r(…) { … }`
    Rule(Rule),
    /// `pack p { … }`
    Pack(Pack),
    /// `fixture f """…"""`
    Fixture(Fixture),
    /// `test "…" { … }`
    Test(Test),
    /// A chunk whose head could not be read; already reported.
    Error,
}

/// `import a.b`, `import a.b as c`, `import a.b.{X, Y as Z}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    /// The module.
    pub module: Path,
    /// What is bound.
    pub names: ImportNames,
}

/// What an import binds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ImportNames {
    /// The module itself, under its last word or under `as NAME`.
    Module(Option<Ident>),
    /// Some of its items.
    Items(Vec<ImportItem>),
}

/// `X` or `X as Y` between the braces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImportItem {
    /// The item's name in its module.
    pub name: Ident,
    /// The name here, if another.
    pub alias: Option<Ident>,
}

/// A record or entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its name.
    pub name: Ident,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A field of a record, an entity, a variant, or the environment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The whole field.
    pub id: NodeId,
    /// Its `///` lines.
    pub doc: Option<SmolStr>,
    /// Its name: the key in the YAML.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// `= e`. The expression `*` ([`ExprKind::Any`]) stands only here.
    pub default: Option<Expr>,
}

/// `enum N { a, b { f: T } }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Enum {
    /// Its name.
    pub name: Ident,
    /// Its variants, in order.
    pub variants: Vec<Variant>,
}

/// A variant, with fields if it is one of a tagged union.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Its `///` lines.
    pub doc: Option<SmolStr>,
    /// Its name.
    pub name: Ident,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// The top level of an environment file, or an addition to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnvironmentDecl {
    /// `extend environment`.
    pub extend: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// `extend T { … }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extend {
    /// The record or entity.
    pub target: Path,
    /// The added fields.
    pub fields: Vec<Field>,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypeExpr {
    /// Where it stands.
    pub id: NodeId,
    /// What it is.
    pub kind: TypeKind,
}

/// The forms of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// `Int`, `Compute`, `network.Subnet`, `List<T>`, `Map<T>`, `Map<K, V>`.
    Named {
        /// The name.
        path: Path,
        /// Between `<` and `>`.
        arguments: Vec<TypeExpr>,
    },
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `T or none`
    OrNone(Box<TypeExpr>),
    /// `ref A | B`
    Ref(Vec<Path>),
    /// `owner A`
    Owner(Path),
    /// Unreadable; already reported.
    Error,
}

/// `const C: T = e`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Const {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// Its value.
    pub value: Expr,
}

/// A parameter of a function, traffic table or rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
}

/// A function; an `extern fn` has no body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it gives.
    pub result: TypeExpr,
    /// `= e`; `None` for an `extern fn`.
    pub body: Option<Expr>,
}

/// A traffic table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Traffic {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its lines.
    pub lines: Vec<TrafficLine>,
}

/// `outbound tcp 443, 8787 to AzureMachineLearning cites v1.…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrafficLine {
    /// The whole line.
    pub id: NodeId,
    /// Its `///` lines.
    pub doc: Option<SmolStr>,
    /// `inbound` or `outbound`.
    pub direction: Direction,
    /// What stands for the protocol.
    pub protocols: Protocols,
    /// The ports; `None` where none are written (icmp, esp, ah, `*`).
    pub ports: Option<Ports>,
    /// `to` or `from` (`None` where it is missing; already reported).
    pub preposition: Option<(NodeId, Preposition)>,
    /// The other ends.
    pub remotes: Vec<Remote>,
    /// Statement ids.
    pub cites: Vec<Path>,
}

/// The direction of a traffic line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards the place.
    Inbound,
    /// From the place.
    Outbound,
}

/// `to` or `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preposition {
    /// Of outbound lines.
    To,
    /// Of inbound lines.
    From,
}

/// `tcp/udp`, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Protocols {
    /// Where they stand.
    pub id: NodeId,
    /// The words (`tcp`, `udp`, …, as written); empty for `*`.
    pub words: Vec<Ident>,
}

/// `443, 8704-8710`, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ports {
    /// Where they stand.
    pub id: NodeId,
    /// The numbers and ranges as written; empty for `*`.
    pub ranges: Vec<Ident>,
}

/// One other end of a traffic line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Remote {
    /// Where it stands.
    pub id: NodeId,
    /// What it is.
    pub kind: RemoteKind,
}

/// The forms of an other end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RemoteKind {
    /// A service tag: `Storage`, `AzureFrontDoor.Frontend`, `Storage.westus`, `Storage.{region}`.
    Tag {
        /// The words before the region expression.
        words: Vec<Ident>,
        /// `.{e}`.
        region: Option<Box<Expr>>,
    },
    /// `"*.{region}.batch.azure.com"`.
    Fqdn(Template),
    /// `10.0.0.0/8`, as written.
    Cidr(SmolStr),
    /// `*`
    Any,
    /// `(e)`
    Expr(Box<Expr>),
}

/// `hosts within TAG (params) { "…"; "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hosts {
    /// The tag: as in a traffic line.
    pub tag: Remote,
    /// Parameters, such as the region.
    pub params: Vec<Param>,
    /// The host names and patterns.
    pub hosts: Vec<Template>,
}

/// A text in which `{…}` interpolates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// The whole literal, with its quotes.
    pub id: NodeId,
    /// Its parts, in order; escapes are resolved.
    pub parts: Vec<TemplatePart>,
}

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TemplatePart {
    /// Plain text.
    Text(SmolStr),
    /// `{e}`
    Expr(Expr),
}

/// A text without interpolation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlainText {
    /// The literal, with its quotes.
    pub id: NodeId,
    /// Its text, escapes resolved.
    pub text: SmolStr,
}

/// A `"""` text: raw, its common indentation removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawText {
    /// The literal. [`crate::Spans::raw_offset`] maps offsets in `text` back to the file.
    pub id: NodeId,
    /// The text.
    pub text: SmolStr,
}

/// A document, statement by statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// Its name: the first word of its statements' ids.
    pub name: Ident,
    /// `title "…"`
    pub title: Option<PlainText>,
    /// `edition 2024-07-26`, as written.
    pub edition: Option<Ident>,
    /// `url "…"`
    pub url: Option<PlainText>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// `section "…" { … }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Section {
    /// Its heading.
    pub title: PlainText,
    /// Its statements.
    pub statements: Vec<Statement>,
}

/// `must pip.inbound.aml_tcp44224 "…"`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The whole statement.
    pub id: NodeId,
    /// Its `///` lines.
    pub doc: Option<SmolStr>,
    /// How strong it is.
    pub strength: Strength,
    /// Its path within the source.
    pub path: Path,
    /// `unchecked "why"`.
    pub unchecked: Option<PlainText>,
    /// What it says.
    pub text: PlainText,
}

/// How strong a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// A fact.
    Info,
    /// An option.
    May,
    /// A recommendation.
    Should,
    /// A prohibition.
    MustNot,
    /// A requirement.
    Must,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Its name.
    pub name: Ident,
    /// Its parameters; the first is the subject.
    pub params: Vec<Param>,
    /// `replaces a.b.c`.
    pub replaces: Option<Path>,
    /// Its clauses, in order.
    pub clauses: Vec<Clause>,
}

/// A clause of a rule or of a `for` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clause {
    /// The whole clause.
    pub id: NodeId,
    /// What it is.
    pub kind: ClauseKind,
}

/// The clauses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// `cites v1.a, v1.b`
    Cites(Vec<Path>),
    /// `severity error`
    Severity(Ident),
    /// `tags network, cost`
    Tags(Vec<Ident>),
    /// `unwaivable`
    Unwaivable,
    /// `when e`
    When(Expr),
    /// `needs a.b, c.d`
    Needs(Vec<Expr>),
    /// `let x = e`, `let x: T = e`
    Let {
        /// The name.
        name: Ident,
        /// Its type, if written.
        ty: Option<TypeExpr>,
        /// Its value.
        value: Expr,
    },
    /// `require …` or `forbid …`, with its `else` and `help`.
    Require(Box<Require>),
    /// `for x in xs { … }`
    For {
        /// The variable.
        variable: Ident,
        /// What it runs over.
        collection: Expr,
        /// `when`, `needs`, `let`, `require`, `forbid`, `for`.
        clauses: Vec<Clause>,
    },
    /// Unreadable; already reported.
    Error,
}

/// A requirement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Require {
    /// `require` or `forbid`.
    pub sense: Sense,
    /// What.
    pub body: RequireBody,
    /// `else "…"`
    pub otherwise: Option<Template>,
    /// `help "…"`
    pub help: Option<Template>,
}

/// `require` or `forbid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sense {
    /// It must hold.
    Require,
    /// It must not hold.
    Forbid,
}

/// What a requirement asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequireBody {
    /// A Bool or a Verdict.
    Expr(Expr),
    /// `either { e } or { e }`
    Either(Vec<Expr>),
}

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pack {
    /// Its name.
    pub name: Ident,
    /// `status stable`
    pub status: Option<Ident>,
    /// `edition 2024-07-26`, as written.
    pub edition: Option<Ident>,
    /// What it includes, in order.
    pub includes: Vec<Include>,
    /// `when Workspace w: e`
    pub conditions: Vec<PackCondition>,
}

/// `include a.b` or `include pack p`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Include {
    /// Every rule in this module and below, or this one rule.
    Module(Path),
    /// Another pack's rules.
    Pack(Ident),
}

/// `when T w: e`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackCondition {
    /// The whole clause.
    pub id: NodeId,
    /// The type.
    pub ty: Path,
    /// The variable.
    pub variable: Ident,
    /// The condition.
    pub condition: Expr,
}

/// `fixture base """…"""`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fixture {
    /// Its name.
    pub name: Ident,
    /// Its YAML.
    pub text: RawText,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// Its name.
    pub name: PlainText,
    /// `given F`, `given F with """…"""`, `given """…"""`.
    pub given: Option<Given>,
    /// What it expects, in order.
    pub expectations: Vec<Expectation>,
}

/// What a test is run on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Given {
    /// The whole clause.
    pub id: NodeId,
    /// The fixture.
    pub fixture: Option<Path>,
    /// The YAML merged over it, or standing alone.
    pub patch: Option<RawText>,
}

/// `expect …`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expectation {
    /// The whole clause.
    pub id: NodeId,
    /// What it is.
    pub kind: ExpectationKind,
}

/// The forms of an expectation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExpectationKind {
    /// `expect violation RULE on PLACE severity WORD at PLACE message "…"`
    Outcome {
        /// `violation`, `pass`, …, as written.
        outcome: Ident,
        /// The rule.
        rule: Path,
        /// `on PLACE`
        on: Option<PlainText>,
        /// `severity error`, as written.
        severity: Option<Ident>,
        /// `at PLACE`, any number.
        at: Vec<PlainText>,
        /// `message "…"`: the message contains it.
        message: Option<PlainText>,
    },
    /// `expect no_findings`
    NoFindings,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expr {
    /// Where it stands.
    pub id: NodeId,
    /// What it is.
    pub kind: ExprKind,
}

/// The forms of an expression. Chains are flat, so that a long one nests no deeper than a short one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExprKind {
    /// Unreadable; already reported.
    Error,
    /// `true`, `false`
    Bool(bool),
    /// A literal that starts with a digit, or an IPv6 one, as written: number, date, duration, port range, address.
    Literal(SmolStr),
    /// `"…"`
    Text(Template),
    /// A bare word: a variable, an item, a module, a variant, or a tag.
    Word(SmolStr),
    /// `e.f`; also the further words of a dotted path.
    Field(Box<Expr>, Ident),
    /// `Tag.{e}`
    TagRegion {
        /// The tag's words.
        words: Vec<Ident>,
        /// The region.
        region: Box<Expr>,
    },
    /// `e[k]`
    Index(Box<Expr>, Box<Expr>),
    /// `f(a, b)`; the callee is a word or a dotted path.
    Call {
        /// What is called.
        callee: Path,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `[e for x in xs if p]`
    Comprehension {
        /// `e`
        element: Box<Expr>,
        /// `x`
        variable: Ident,
        /// `xs`
        collection: Box<Expr>,
        /// `p`
        filter: Option<Box<Expr>>,
    },
    /// `{ eastus2: e, "a b": e }`
    Map(Vec<(MapKey, Expr)>),
    /// `{ inbound tcp 443 from … }`
    Traffic(Vec<TrafficLine>),
    /// `not e`
    Not(Box<Expr>),
    /// `-e`
    Negate(Box<Expr>),
    /// `a and b and c`, `a or b or c`: at least two operands.
    Logic(LogicOp, Vec<Expr>),
    /// `a < b`
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `e is [not] set`, `… none`, `… a | b`
    Is {
        /// `e`
        subject: Box<Expr>,
        /// `not`
        negated: bool,
        /// What is asked.
        test: IsTest,
    },
    /// `place permits traffic`, `place reaches traffic`
    Verdict {
        /// Groups only, or the whole path.
        query: VerdictQuery,
        /// Where.
        place: Box<Expr>,
        /// What.
        traffic: Box<Expr>,
    },
    /// `a ?? b ?? c`: at least two operands.
    Coalesce(Vec<Expr>),
    /// `a + b - c`
    Sum {
        /// `a`
        first: Box<Expr>,
        /// The further operands with their signs.
        rest: Vec<(AddOp, Expr)>,
    },
    /// `if c then a else b`
    If {
        /// `c`
        condition: Box<Expr>,
        /// `a`
        then: Box<Expr>,
        /// `b`
        otherwise: Box<Expr>,
    },
    /// `match e { a | b => x, else => y }`
    Match {
        /// `e`
        subject: Box<Expr>,
        /// The arms, in order.
        arms: Vec<Arm>,
    },
    /// `all x in xs: p`
    Quantifier {
        /// Which.
        kind: QuantifierKind,
        /// `x`
        variable: Ident,
        /// `xs`
        collection: Box<Expr>,
        /// `p`
        body: Box<Expr>,
    },
    /// `every T`
    Every(Path),
    /// `*`, in a field's default.
    Any,
}

/// The key of a map literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MapKey {
    /// Where it stands.
    pub id: NodeId,
    /// The word or text.
    pub text: SmolStr,
    /// Whether it was written between quotes.
    pub quoted: bool,
}

/// An arm of a `match`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arm {
    /// The whole arm.
    pub id: NodeId,
    /// The variants; empty for `else`.
    pub variants: Vec<Path>,
    /// Its value.
    pub value: Expr,
}

/// `and`, `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicOp {
    /// Both.
    And,
    /// Either.
    Or,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `contains`
    Contains,
    /// `overlaps`
    Overlaps,
}

/// What `is` asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IsTest {
    /// `is set`
    Set,
    /// `is none`
    None,
    /// `is a | b`: variants, verdicts, or entity types of a `ref A | B`.
    Variants(Vec<Path>),
}

/// The two questions about traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerdictQuery {
    /// The security groups at the place.
    Permits,
    /// The whole path.
    Reaches,
}

/// `+`, `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
}

/// The quantifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuantifierKind {
    /// `all`
    All,
    /// `any`
    Any,
    /// `no`
    No,
    /// `count`
    Count,
}

impl Item {
    /// The name under which other items find it; `None` for imports, `extend`, `environment`, `hosts`, tests, errors.
    #[must_use]
    pub fn name(&self) -> Option<&Ident> {
        match &self.kind {
            ItemKind::Record(r) | ItemKind::Entity(r) => Some(&r.name),
            ItemKind::Enum(e) => Some(&e.name),
            ItemKind::Const(c) => Some(&c.name),
            ItemKind::Function(f) => Some(&f.name),
            ItemKind::Traffic(t) => Some(&t.name),
            ItemKind::Source(s) => Some(&s.name),
            ItemKind::Rule(r) => Some(&r.name),
            ItemKind::Pack(p) => Some(&p.name),
            ItemKind::Fixture(f) => Some(&f.name),
            ItemKind::Import(_)
            | ItemKind::Environment(_)
            | ItemKind::Extend(_)
            | ItemKind::Hosts(_)
            | ItemKind::Test(_)
            | ItemKind::Error => None,
        }
    }
}

impl Path {
    /// The path as written, without spaces.
    #[must_use]
    pub fn dotted(&self) -> String {
        let words: Vec<&str> = self.segments.iter().map(|s| s.text.as_str()).collect();
        words.join(".")
    }
}
