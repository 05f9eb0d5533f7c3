//! What a rule asks: the flows of its traffic, each with the manner and the conditions in which it is asked, and what it
//! asks beside traffic.

use std::collections::BTreeSet;

use palisade_net::{Cidr, Direction, PortSet};
use palisade_source::Severity;
use palisade_syntax::ast::{Sense, Strength, VerdictQuery};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::packets::Packets;
use super::words::{Clause, Names, Words};
use crate::inputs::{Db, Program};
use crate::ir::{
    Expr, ExprKind, ExternFn, Local, RemoteKind, Require, Rule, Step, StepKind, TrafficLine, VerdictWord, walk,
};
use crate::names::DefName;
use crate::policy::lower::{find, function, traffic};
use crate::policy::schema::schema;
use crate::policy::sources::statement_index;

/// Functions and tables are followed so many times for one rule; what is beyond is said to be left out.
const MOST_FOLLOWED: usize = 5_000;

/// How flows are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Manner {
    /// All of them must be allowed.
    Required,
    /// They are one of several ways.
    OneOf,
    /// Not all of them may be denied.
    Some,
    /// None may be allowed.
    Forbidden,
    /// Nothing beyond them may be.
    AtMost,
    /// They are judged within a larger condition.
    Judged,
}

impl Manner {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::OneOf => "one_of",
            Self::Some => "some",
            Self::Forbidden => "forbidden",
            Self::AtMost => "at_most",
            Self::Judged => "judged",
        }
    }
}

/// The other end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Range(Cidr),
    /// Anything else goes by its text.
    Named(String),
}

/// Flows that a rule asks for: packets of some protocols and ports, to or from one other end.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// The type of the rule's subject.
    pub(super) subject: SmolStr,
    pub(super) rule: DefName,
    /// The rule's.
    pub(super) severity: Severity,
    pub(super) manner: Manner,
    /// What is asked, `groups` or the whole `path`, if it is a place that is.
    pub(super) of: Option<&'static str>,
    pub(super) conditions: BTreeSet<Clause>,
    /// The same in the order of the rule.
    pub(super) told: Vec<String>,
    pub(super) direction: Direction,
    pub(super) end: End,
    pub(super) packets: Packets,
    /// What the line cites, else what the rule does.
    pub(super) cites: Vec<SmolStr>,
    /// What the rule cites where the line has citations of its own.
    pub(super) rule_cites: Vec<SmolStr>,
    pub(super) strength: Option<Strength>,
}

/// How strong a statement is: as strong is what must be and what must not.
pub(super) fn weight(strength: Option<Strength>) -> Option<Strength> {
    strength.map(|strength| if strength == Strength::MustNot { Strength::Must } else { strength })
}

/// What a rule asks.
#[derive(Default)]
pub(super) struct Asked {
    /// The type of the rule's subject.
    pub(super) subject: SmolStr,
    pub(super) traffic: Vec<Ask>,
    /// When the rule applies.
    pub(super) conditions: BTreeSet<Clause>,
    /// What it asks beside traffic.
    pub(super) requirements: BTreeSet<Clause>,
    /// Whether something was too deep to be followed.
    pub(super) cut: bool,
}

/// Reads a rule. Of a document only what cites its statements counts.
pub(super) fn asked(words: &Words<'_>, rule: &Rule, document: Option<&str>) -> Asked {
    let subject = rule.params.first().and_then(|(_, ty)| schema(words.db, words.program).value.record(*ty));
    let subject = subject.map_or_else(SmolStr::default, |record| record.name.name.clone());
    let asked = Asked { subject, ..Asked::default() };
    let mut reader = Reader {
        words,
        rule,
        document,
        asked,
        followed: 0,
        met: 0,
        seen: BTreeSet::new(),
        read: FxHashSet::default(),
        conditions: Vec::new(),
    };
    reader.steps(&rule.steps, &Scope { names: words.names_of(rule), lets: FxHashMap::default() }, None);
    reader.asked.conditions = reader.conditions.into_iter().collect();
    reader.asked
}

/// Whether a statement counts: any does, or those of one document.
pub(super) fn cites_document(id: &str, document: Option<&str>) -> bool {
    document.is_none_or(|name| id.split_once('.').is_some_and(|(source, _)| source == name))
}

/// The strongest of some statements.
pub(super) fn strength<'a>(
    db: &dyn Db,
    program: Program,
    cites: impl Iterator<Item = &'a SmolStr>,
) -> Option<Strength> {
    let known = &statement_index(db, program).value.strengths;
    cites.filter_map(|id| known.get(id)).max().copied()
}

/// In what manner something is asked, and of what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct How {
    manner: Manner,
    of: Option<&'static str>,
}

impl How {
    fn but(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }
}

/// What is known of the variables at a place.
#[derive(Clone)]
struct Scope<'a> {
    names: Names,
    /// Values that may hold traffic.
    lets: FxHashMap<Local, &'a Expr>,
}

struct Reader<'a, 'db> {
    words: &'a Words<'db>,
    rule: &'a Rule,
    document: Option<&'a str>,
    asked: Asked,
    followed: usize,
    /// How many lines of traffic were met, whether or not they count.
    met: usize,
    /// What was followed already for the requirement that is read.
    seen: BTreeSet<(DefName, Vec<Clause>, How)>,
    /// The values that were read for it.
    read: FxHashSet<(Local, Manner)>,
    /// The conditions up to here.
    conditions: Vec<Clause>,
}

impl<'a, 'db: 'a> Reader<'a, 'db> {
    /// `own`: how many conditions are the rule's own, once these are steps of a block.
    fn steps(&mut self, steps: &'a [Step], scope: &Scope<'a>, own: Option<usize>) {
        let mut scope = scope.clone();
        for step in steps {
            let outer = own.unwrap_or(self.conditions.len());
            match &step.kind {
                StepKind::When(condition) => self.conditions.push(self.words.clause(condition, &scope.names)),
                StepKind::Needs(_) => {}
                StepKind::Let(local, value) => {
                    scope.names.of.insert(*local, self.words.operand(value, &scope.names));
                    scope.lets.insert(*local, value);
                }
                StepKind::Require(require) => self.require(require, &scope, outer),
                StepKind::For { variable, collection, steps } => {
                    let before = self.conditions.len();
                    let scope = self.each(step, *variable, collection, &scope);
                    self.steps(steps, &scope, Some(outer));
                    self.conditions.truncate(before);
                }
            }
        }
    }

    /// What is known inside of a block. A list of one is a name for it; of any other the block speaks of each element.
    fn each(&mut self, step: &Step, variable: Local, collection: &'a Expr, scope: &Scope<'a>) -> Scope<'a> {
        let mut scope = scope.clone();
        match &collection.kind {
            ExprKind::List(items) if items.len() == 1 => {
                let only = items.iter().map(|only| self.words.operand(only, &scope.names)).next();
                scope.names.of.extend(only.map(|only| (variable, only)));
            }
            _ => self.conditions.push(self.words.loop_head(step.id, collection, &scope.names)),
        }
        scope
    }

    fn require(&mut self, require: &'a Require, scope: &Scope<'a>, outer: usize) {
        let (before, met) = (self.asked.traffic.len(), self.met);
        self.seen.clear();
        self.read.clear();
        let word = match (require.sense, require.alternatives.len()) {
            (Sense::Forbid, _) => (Manner::Forbidden, "forbid"),
            (Sense::Require, 1) => (Manner::Required, "require"),
            (Sense::Require, _) => (Manner::OneOf, "require either"),
        };
        for asked in &require.alternatives {
            self.demand(asked, How { manner: word.0, of: None }, scope);
        }
        let traffic = self.asked.traffic.get(before..).unwrap_or_default();
        // What is judged within a larger condition is only a part of what is asked.
        if self.met == met || traffic.iter().any(|ask| ask.manner == Manner::Judged) {
            let within = self.conditions.get(outer..).unwrap_or_default();
            let asked = require.alternatives.iter().map(|asked| self.words.clause(asked, &scope.names));
            self.asked.requirements.insert(Clause::requirement(within, word.1, &asked.collect::<Vec<_>>()));
        }
    }

    /// Gathers the traffic of something that is asked.
    fn demand(&mut self, asked: &'a Expr, how: How, scope: &Scope<'a>) {
        match &asked.kind {
            ExprKind::Verdict { query, traffic, .. } => {
                let of = if *query == VerdictQuery::Permits { "groups" } else { "path" };
                let how = How { of: Some(of), ..how };
                match (&traffic.kind, how.manner) {
                    (ExprKind::Extern(ExternFn::Excess, arguments), Manner::Forbidden) => {
                        self.each_part(arguments, how.but(Manner::AtMost), scope);
                    }
                    _ => self.demand(traffic, how, scope),
                }
            }
            ExprKind::Traffic(lines) => lines.iter().for_each(|line| self.line(line, how, &scope.names)),
            ExprKind::TrafficTable(name, arguments) | ExprKind::Call(name, arguments) => {
                self.each_part(arguments, how.but(Manner::Judged), scope);
                self.follow(name, arguments, how, scope);
            }
            ExprKind::Local(local) => {
                // A value may name another twice, and that one a third: each is read once.
                let fresh = scope.lets.get(local).copied().filter(|_| self.read.insert((*local, how.manner)));
                if let Some(value) = fresh {
                    self.demand(value, how, scope);
                }
            }
            ExprKind::Not(inner) => match &inner.kind {
                ExprKind::IsVerdict(verdict, words)
                    if how.manner == Manner::Required && *words == [VerdictWord::Denied] =>
                {
                    self.demand(verdict, how.but(Manner::Some), scope);
                }
                _ => self.demand(inner, how.but(Manner::Judged), scope),
            },
            _ => walk::parts(asked, &mut |part| self.demand(part, how.but(Manner::Judged), scope)),
        }
    }

    fn each_part(&mut self, parts: &'a [Expr], how: How, scope: &Scope<'a>) {
        for part in parts {
            self.demand(part, how, scope);
        }
    }

    /// What a table or a function holds, with the arguments in the place of its parameters.
    fn follow(&mut self, name: &DefName, arguments: &'a [Expr], how: How, scope: &Scope<'a>) {
        let clauses: Vec<Clause> =
            arguments.iter().map(|argument| self.words.operand(argument, &scope.names)).collect();
        if !self.seen.insert((name.clone(), clauses.clone(), how)) {
            return;
        }
        self.followed += 1;
        if self.followed > MOST_FOLLOWED {
            self.asked.cut = true;
            return;
        }
        let (db, program) = (self.words.db, self.words.program);
        let Some(item) = find(db, program, name) else { return };
        let of = (0..).map(Local).zip(clauses).collect();
        let names = Names { item: item.key(db).clone(), of };
        if let Some(table) = traffic(db, program, item) {
            table.value.lines.iter().for_each(|line| self.line(line, how, &names));
        } else if let Some(function) = function(db, program, item) {
            let scope = Scope { names, lets: FxHashMap::default() };
            stacker::maybe_grow(super::RED_ZONE, super::MORE_STACK, || {
                self.demand(&function.value.body, how, &scope);
            });
        }
    }

    fn line(&mut self, line: &TrafficLine, how: How, names: &Names) {
        self.met += 1;
        let counted = |cites: &[SmolStr]| -> Vec<SmolStr> {
            cites.iter().filter(|id| cites_document(id, self.document)).cloned().collect()
        };
        let (of_line, of_rule) = (counted(&line.cites), counted(&self.rule.cites));
        let (cites, rule_cites) = if of_line.is_empty() { (of_rule, Vec::new()) } else { (of_line, of_rule) };
        if cites.is_empty() && self.document.is_some() {
            return;
        }
        let ports = line.ports.iter().fold(PortSet::empty(), |all, ports| all.union(ports));
        for remote in &line.remotes {
            let end = match &remote.kind {
                RemoteKind::Cidr(cidr) => End::Range(*cidr),
                kind => End::Named(self.words.remote(kind, names)),
            };
            self.asked.traffic.push(Ask {
                subject: self.asked.subject.clone(),
                rule: self.rule.name.clone(),
                severity: self.rule.severity,
                manner: how.manner,
                of: how.of,
                told: self.conditions.iter().map(ToString::to_string).collect(),
                conditions: self.conditions.iter().cloned().collect(),
                direction: line.direction,
                end,
                packets: Packets::new(line.protocols, &ports),
                strength: strength(self.words.db, self.words.program, cites.iter()),
                cites: cites.clone(),
                rule_cites: rule_cites.clone(),
            });
        }
    }
}
