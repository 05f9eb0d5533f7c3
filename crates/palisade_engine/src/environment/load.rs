//! One environment from one or more files: the pure pass that the queries call.

use std::sync::Arc;

use palisade_net::TagCatalogue;
use palisade_yaml::{Document, Entry, Kind, NodeRef, Stream};
use smol_str::SmolStr;

use super::fault::{Fault, Faults, Spot};
use super::index::NameIndex;
use super::reader::{Naming, Reader, Subject, Written};
use super::shapes::Shapes;
use super::values::Values;
use super::{codes, references, validate, words};
use crate::data::Data;
use crate::place::{Place, Segment};
use crate::types::{FieldDef, FieldRole, RecordId, Schema};

/// A document of one of the files of an environment.
#[derive(Clone, Copy, Debug)]
pub struct Source<'d> {
    /// The file's stream.
    pub stream: &'d Stream,
    /// Which of its documents; an included file has only one.
    pub document: usize,
}

/// An environment as its files say it, without positions but for those of the faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Its `name`.
    pub name: Option<SmolStr>,
    /// The entities: each before those inside it, otherwise in the order of the files.
    pub entities: Vec<LoadedEntity>,
    /// The environment's own fields, in the order of [`Schema::environment`].
    pub top: Arc<[Data]>,
    /// How the entities are called.
    pub names: Arc<NameIndex>,
    /// What is wrong so far.
    pub(super) found: Faults,
}

impl Loaded {
    /// What is wrong, by file and place. If one is an error, nothing may be concluded from the rest.
    pub fn faults(&self) -> Vec<Fault> {
        self.found.clone().finish()
    }
}

/// One entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedEntity {
    /// What it is.
    pub record: RecordId,
    /// Its identity.
    pub place: Place,
    /// The last part of the place.
    pub name: SmolStr,
    /// The entity around it: an index into [`Loaded::entities`].
    pub owner: Option<usize>,
    /// Its fields, in the order of [`crate::types::RecordDef::fields`].
    pub body: Arc<[Data]>,
    /// Which of them, by index, have their value from the environment's `defaults`.
    pub from_defaults: Arc<[u16]>,
}

/// Reads an environment: its own document first, then those that it includes.
pub fn load(sources: &[Source<'_>], schema: &Schema, catalogue: &TagCatalogue) -> Loaded {
    let mut faults = Faults::default();
    let roots: Vec<_> = (0..).zip(sources).map(|(at, source)| root(at, *source, &mut faults)).collect();
    let Some(own) = roots.first().copied().flatten() else {
        let top = schema.environment.iter().map(|_| Data::Error).collect();
        return Loaded { top, found: faults, ..Loaded::default() };
    };
    let shapes = Shapes::new(schema);
    let mut reader = Reader::new(&shapes, Values::new(catalogue));
    reader.faults = faults;
    let top = reader.top(own, &roots);
    let names = NameIndex::new(&reader.entities);
    let Reader { mut faults, entities, references, unread, .. } = reader;
    // A broken file may hold what the others refer to.
    if roots.iter().all(Option::is_some) {
        references::check(&references, &unread, &names, schema, &mut faults);
        validate::check(&entities, &names, schema, catalogue, sources, &mut faults);
    }
    Loaded { name: name(schema, &top), entities, top, names: Arc::new(names), found: faults }
}

fn name(schema: &Schema, top: &[Data]) -> Option<SmolStr> {
    let at = schema.environment.iter().position(|field| field.name == "name")?;
    match top.get(at)? {
        Data::Text(name) => Some(name.clone()),
        _ => None,
    }
}

/// The mapping at the root of a file; `None` with a fault if there is none.
fn root<'d>(at: usize, source: Source<'d>, faults: &mut Faults) -> Option<NodeRef<'d>> {
    let whole = |document: &Document| Spot::new(at, document.root().span());
    let Some(document) = source.stream.documents.get(source.document) else {
        let message = format!("the file has no document {}", source.document + 1);
        faults.push(Fault::new(codes::ENVIRONMENT_ROOT, Spot { source: at, range: (0, 0) }, message));
        return None;
    };
    let mine = source.stream.errors.iter().filter(|error| error.document == source.document);
    mine.for_each(|error| faults.push(Fault::yaml(at, error)));
    if let Some(second) = source.stream.documents.get(1).filter(|_| at > 0) {
        let message = "an included file has one document, and this one has more";
        let start = u32::from(second.start());
        let fault = Fault::new(codes::INCLUDED_DOCUMENTS, Spot { source: at, range: (start, start) }, message);
        faults.push(fault.help(Some("put each document into a file of its own".to_owned())));
    }
    if !document.is_sound() {
        return None;
    }
    let node = document.root();
    if node.kind() == Kind::Mapping {
        return Some(node);
    }
    let what =
        if document.is_empty() { "the file is empty".to_owned() } else { format!("found {}", words::found(node)) };
    let message = format!("an environment is a mapping from keys to values, but {what}");
    let help = "begin with a key such as `name:`".to_owned();
    faults.push(Fault::new(codes::ENVIRONMENT_ROOT, whole(document), message).help(Some(help)));
    None
}

impl<'s, 'd> Reader<'s, 'd> {
    /// Reads the top level: `defaults` first, since bodies below take values from it.
    fn top(&mut self, own: NodeRef<'d>, roots: &[Option<NodeRef<'d>>]) -> Arc<[Data]> {
        let shape = &self.shapes.environment;
        let mut written = Written::of(shape, own);
        let included = self.included(roots);
        let at = own.entries().next().map_or(own, |entry| entry.key);
        let subject = Subject { at, title: "environment", naming: Naming::None };
        let defaults = shape.slot("defaults");
        let first = defaults.and_then(|at| Some((at, shape.fields.get(at)?)));
        let first = first.map(|(at, field)| (at, self.top_field(at, field, &mut written, &included, subject)));
        if let Some((_, Data::Record(body))) = &first {
            self.defaults = body.clone();
        }
        let fields = shape.fields.iter().enumerate().map(|(at, field)| match &first {
            Some((defaults, data)) if *defaults == at => data.clone(),
            _ => self.top_field(at, field, &mut written, &included, subject),
        });
        let top = fields.collect();
        self.unknown_keys(shape, &written, subject);
        top
    }

    fn top_field(
        &mut self,
        at: usize,
        field: &'s FieldDef,
        written: &mut Written<'d>,
        included: &[(usize, usize, Entry<'d>)],
        subject: Subject<'_, 'd>,
    ) -> Data {
        self.source = 0;
        let own = written.fields.get(at).copied().flatten();
        let added = included.iter().filter(|(slot, ..)| *slot == at).map(|(_, source, entry)| (*source, *entry));
        let parts: Vec<_> = own.map(|entry| (0, entry)).into_iter().chain(added).collect();
        match own {
            _ if field.role == FieldRole::Collection && parts.iter().any(|(source, _)| *source > 0) => {
                self.path.push(Segment::Key(field.name.clone()));
                let data = self.collection(field, &parts);
                self.path.pop();
                self.source = 0;
                data
            }
            Some(entry) => self.entry(field, entry, written),
            None => self.absent(field, written, subject),
        }
    }

    /// The collections of included files, each with its field and file. Other keys are faults there.
    fn included(&mut self, roots: &[Option<NodeRef<'d>>]) -> Vec<(usize, usize, Entry<'d>)> {
        let mut found = Vec::new();
        let shape = &self.shapes.environment;
        for (source, root) in roots.iter().enumerate().skip(1) {
            let Some(root) = root else { continue };
            self.source = source;
            let mut written = Written::of(shape, *root);
            for (at, field) in shape.fields.iter().enumerate() {
                let Some(entry) = written.fields.get_mut(at).and_then(Option::take) else { continue };
                if field.role == FieldRole::Collection {
                    found.push((at, source, entry));
                } else {
                    self.not_included(field, entry);
                }
            }
            let subject = Subject { at: *root, title: "environment", naming: Naming::None };
            self.unknown_keys(shape, &written, subject);
        }
        self.source = 0;
        found
    }

    fn not_included(&mut self, field: &FieldDef, entry: Entry<'d>) {
        let message = format!("`{}` cannot stand in an included file, which only adds collections", field.name);
        let help = "write it in the file that includes this one";
        self.fault(codes::INCLUDED_KEY, entry.key, message, Some(help.to_owned()));
    }
}
