//! From results without positions to findings with them. Nothing that a rule depends on is read here for the first time.

use palisade_net::Outcome;
use palisade_source::report::{
    Citation, ExamplePacket, Finding, FlowAnswer, Location, OutcomeKind, Related, VerdictKind,
};
use palisade_source::{Span, TextRange, line_index};
use smol_str::SmolStr;

use super::select::SelectedRule;
use crate::environment::{self, EntityId};
use crate::evaluate::outcome::{Instance, RawFinding, RawFlow};
use crate::evaluate::print::entity_name;
use crate::evaluate::queries::DbWorld;
use crate::inputs::{Db, Environment, Program};
use crate::names::NodeRef;
use crate::place::{Part, Place};
use crate::policy::items::locate as locate_policy;
use crate::policy::sources::find_statement;

/// Gives the results of one environment their places.
pub struct Locator<'db> {
    /// The database.
    pub db: &'db dyn Db,
    /// The program.
    pub program: Program,
    /// The environment.
    pub environment: Environment,
    /// The environment's name.
    pub name: String,
}

impl Locator<'_> {
    /// A finding.
    pub fn finding(&self, rule: &SelectedRule<'_>, instance: &Instance, raw: &RawFinding) -> Finding {
        let resource = instance.subject.place(self.db).to_string();
        let (place, missing) = self.nearest_written(&raw.location.0);
        let location = self.written(&raw.location.0, raw.location.1);
        let requirement = self.policy(&NodeRef { item: rule.rule.item.clone(), node: raw.clause }, rule);
        let related = raw
            .related
            .iter()
            .map(|(message, place, part)| Related { message: message.clone(), location: self.place(place, *part) });
        let mut notes = raw.notes.clone();
        notes.extend(missing.map(|key| format!("`{key}` is not stated for `{place}`")));
        notes.extend(self.others(instance));
        Finding {
            rule: rule.rule.name.to_string(),
            title: rule.rule.title.to_string(),
            outcome: raw.outcome,
            severity: rule.severity,
            environment: self.name.clone(),
            message: raw.message.clone(),
            related: related.collect(),
            requirement: Some(requirement),
            notes,
            flows: raw.flows.iter().map(|flow| self.flow(flow)).collect(),
            cites: self.cites(rule.rule.cites.iter().chain(&raw.cites)),
            help: raw.help.clone(),
            fingerprint: fingerprint(&rule.rule.name.to_string(), &self.name, &resource, &raw.message),
            resource,
            location,
        }
    }

    /// An instance that passed or was not applicable, for `--all`.
    pub fn listed(&self, rule: &SelectedRule<'_>, instance: &Instance) -> Finding {
        let resource = instance.subject.place(self.db).to_string();
        let node = |node| self.policy(&NodeRef { item: rule.rule.item.clone(), node }, rule);
        let message = match instance.outcome {
            OutcomeKind::NotApplicable => format!("not applicable to `{resource}`"),
            _ => format!("`{resource}` passes"),
        };
        Finding {
            rule: rule.rule.name.to_string(),
            title: rule.rule.title.to_string(),
            outcome: instance.outcome,
            severity: rule.severity,
            environment: self.name.clone(),
            location: self.place(instance.subject.place(self.db), Part::Key),
            related: Vec::new(),
            requirement: instance.excluded.map(node),
            notes: self.others(instance),
            flows: Vec::new(),
            cites: self.cites(rule.rule.cites.iter()),
            help: None,
            fingerprint: fingerprint(&rule.rule.name.to_string(), &self.name, &resource, ""),
            message,
            resource,
        }
    }

    fn others(&self, instance: &Instance) -> Vec<String> {
        let world = DbWorld::new(self.db, self.program, self.environment);
        let name = |id: &EntityId| format!("`{}`", entity_name(&world, *id));
        let names: Vec<String> = instance.others.iter().map(name).collect();
        if names.is_empty() { Vec::new() } else { vec![format!("together with {}", names.join(", "))] }
    }

    /// The place itself or, where the files do not write it, what is written of the way to it; and the first key that
    /// is missing. Values of defaults and of the environment as a whole have no better place.
    fn nearest_written(&self, place: &Place) -> (Place, Option<String>) {
        let (mut here, mut missing) = (place.clone(), None);
        while !here.segments.is_empty() && !environment::is_written(self.db, self.environment, &here) {
            missing = here.segments.last().map(ToString::to_string);
            here = here.parent().unwrap_or_default();
        }
        if here.segments.is_empty() { (place.clone(), None) } else { (here, missing) }
    }

    /// A place in the environment or, where the files do not write it, the key that would hold it.
    pub fn written(&self, place: &Place, part: Part) -> Location {
        let (here, missing) = self.nearest_written(place);
        self.place(&here, if missing.is_some() { Part::Key } else { part })
    }

    /// A place in the environment.
    pub fn place(&self, place: &Place, part: Part) -> Location {
        let found = environment::locate(self.db, self.program, self.environment, place, part);
        let file = self.environment.file(self.db);
        let span = found.unwrap_or_else(|| Span { path: file.path(self.db).clone(), range: TextRange::default() });
        self.location(span, place.to_string())
    }

    fn policy(&self, at: &NodeRef, rule: &SelectedRule<'_>) -> Location {
        let file = at.item.file;
        let span = locate_policy(self.db, at);
        location(self.db, file, span, rule.rule.name.to_string())
    }

    fn location(&self, span: Span, pointer: String) -> Location {
        let own = *self.environment.file(self.db);
        let included = self.environment.included(self.db).iter().copied();
        let file = included.chain([own]).find(|file| **file.path(self.db) == *span.path).unwrap_or(own);
        location(self.db, file, span, pointer)
    }

    /// A flow with its places.
    pub fn flow(&self, raw: &RawFlow) -> FlowAnswer {
        let location = raw.decided_by.as_ref().map(|place| self.place(place, Part::Key));
        let group = raw.default_rule.as_ref().and_then(|(_, group)| group.as_ref());
        FlowAnswer {
            flow: raw.flow.clone(),
            verdict: verdict_kind(raw.outcome),
            level: raw.level,
            decided_by: raw.decided_by.as_ref().map(ToString::to_string),
            default_rule: raw.default_rule.as_ref().map(|(name, _)| *name),
            priority: raw.priority,
            location: location.or_else(|| group.map(|place| self.place(place, Part::Key))),
            example: raw.example.clone().map(|(protocol, local, remote)| ExamplePacket { protocol, local, remote }),
            settles: raw.settles.clone(),
        }
    }

    fn cites<'a>(&self, ids: impl Iterator<Item = &'a SmolStr>) -> Vec<Citation> {
        citations(self.db, self.program, ids)
    }
}

/// The statements of these ids, each once, in order.
pub fn citations<'a>(db: &dyn Db, program: Program, ids: impl Iterator<Item = &'a SmolStr>) -> Vec<Citation> {
    let mut all: Vec<Citation> = Vec::new();
    for id in ids {
        if all.iter().any(|known| known.id == *id) {
            continue;
        }
        all.extend(citation(db, program, id));
    }
    all
}

/// The statement of an id.
pub fn citation(db: &dyn Db, program: Program, id: &str) -> Option<Citation> {
    let (source, statement) = find_statement(db, program, id)?;
    Some(Citation {
        id: statement.id.to_string(),
        statement: statement.text.to_string(),
        title: source.title.to_string(),
        section: statement.section.to_string(),
        url: source.url.to_string(),
        edition: source.edition.to_string(),
    })
}

/// A span of a file with lines and columns.
pub fn location(db: &dyn Db, file: palisade_source::File, span: Span, pointer: String) -> Location {
    let (index, text) = (line_index(db, file), file.text(db));
    Location {
        pointer,
        range: span.range,
        start: index.line_column(text, span.range.start()),
        end: index.line_column(text, span.range.end()),
        path: span.path,
    }
}

/// The report's word for an outcome of the network.
pub fn verdict_kind(outcome: Outcome) -> VerdictKind {
    match outcome {
        Outcome::Allowed => VerdictKind::Allowed,
        Outcome::Denied => VerdictKind::Denied,
        Outcome::Partial => VerdictKind::Partial,
        Outcome::Undetermined => VerdictKind::Undetermined,
    }
}

/// A hash of what identifies a finding whatever its lines.
fn fingerprint(rule: &str, environment: &str, resource: &str, message: &str) -> String {
    let bytes = [rule, environment, resource, message].into_iter().flat_map(|part| part.bytes().chain([0]));
    let hash = crate::hash::stable(bytes);
    format!("{hash:016x}")
}
