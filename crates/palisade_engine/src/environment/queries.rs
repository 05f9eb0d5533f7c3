//! Loading as queries: what the rest of the engine may depend on, and no more.
//!
//! [`parse_yaml`] and `loaded` run again after every change of a file, and are read only here. Each query after
//! them keeps one part: an [`EntityItem`] for each entity, the entities of a kind, their shards, their names. Where
//! that part is equal, nothing that read it runs again.

use std::sync::Arc;

use palisade_source::{Diagnostic, File, Fix, Label, Span};
use palisade_yaml::{Document, Stream};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::fault::{Fault, Spot};
use super::index::{Match, NameIndex};
use super::load::{Loaded, Source, load};
use super::locate::{is_written_in, locate_in, site_in};
use crate::data::Data;
use crate::inputs::{Db, Environment, Program};
use crate::network_faults::{NetworkFault, network_faults};
use crate::place::{Part, Place, Segment};
use crate::policy::catalogue::{environment_catalogue, environment_fault};
use crate::policy::schema::schema;
use crate::types::RecordId;

/// The identity of an entity: its place in an environment. Kept for ever, so that results may hold it.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX)]
#[derive(Debug)]
pub struct EntityId {
    #[returns(copy)]
    pub environment: Environment,
    pub place: Place,
}

/// An entity without positions. Its parts change one by one.
#[salsa::tracked]
#[derive(Debug)]
pub struct EntityItem<'db> {
    #[returns(copy)]
    pub id: EntityId,
    #[tracked]
    #[returns(copy)]
    pub record: RecordId,
    #[tracked]
    pub name: SmolStr,
    #[tracked]
    pub body: Arc<[Data]>,
    #[tracked]
    #[returns(copy)]
    pub owner: Option<EntityId>,
    /// Which fields, by index, have their value from the environment's `defaults`.
    #[tracked]
    pub from_defaults: Arc<[u16]>,
}

/// What a text refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// One entity.
    Found(EntityId),
    /// Nothing; the nearest name that would have been right.
    Missing { suggestion: Option<SmolStr> },
    /// Several entities.
    Ambiguous(Vec<EntityId>),
    /// An entity that is not of the kinds asked for.
    OtherKind(EntityId),
}

/// How many entities a shard holds, about.
const SHARD: usize = 64;

/// The syntax of a YAML file, with positions.
#[salsa::tracked(no_eq)]
pub fn parse_yaml(db: &dyn Db, file: File) -> Stream {
    palisade_yaml::parse(file.text(db).clone())
}

/// The pure pass over the files of an environment. Its faults have positions.
#[salsa::tracked(no_eq)]
fn loaded(db: &dyn Db, program: Program, environment: Environment) -> Loaded {
    let schema = &schema(db, program).value;
    load(&sources(db, environment), schema, environment_catalogue(db, program, environment))
}

/// The environment's own file and those that it includes, each once.
fn files(db: &dyn Db, environment: Environment) -> Vec<File> {
    let mut files = vec![*environment.file(db)];
    for file in environment.included(db) {
        if !files.contains(file) {
            files.push(*file);
        }
    }
    files
}

fn sources(db: &dyn Db, environment: Environment) -> Vec<Source<'_>> {
    let document = |at| if at == 0 { *environment.document(db) } else { 0 };
    let files = files(db, environment).into_iter().enumerate();
    files.map(|(at, file)| Source { stream: parse_yaml(db, file), document: document(at) }).collect()
}

/// The entities of an environment by identity, for [`entity`].
#[derive(PartialEq, salsa::SalsaValue)]
struct Items<'db>(FxHashMap<EntityId, EntityItem<'db>>);

#[salsa::tracked]
fn items(db: &dyn Db, program: Program, environment: Environment) -> Items<'_> {
    let loaded = loaded(db, program, environment);
    let ids: Vec<EntityId> = loaded.entities.iter().map(|e| EntityId::new(db, environment, e.place.clone())).collect();
    let item = |(id, entity): (&EntityId, &super::LoadedEntity)| {
        let owner = entity.owner.and_then(|owner| ids.get(owner).copied());
        let (name, body, defaults) = (entity.name.clone(), entity.body.clone(), entity.from_defaults.clone());
        (*id, EntityItem::new(db, *id, entity.record, name, body, owner, defaults))
    };
    Items(ids.iter().zip(&loaded.entities).map(item).collect())
}

/// The entity of an identity, if the environment has it.
#[salsa::tracked(returns(copy))]
pub fn entity(db: &dyn Db, program: Program, environment: Environment, id: EntityId) -> Option<EntityItem<'_>> {
    items(db, program, environment).0.get(&id).copied()
}

/// The environment's own fields, in the order of [`crate::types::Schema::environment`].
#[salsa::tracked(returns(clone))]
pub fn top(db: &dyn Db, program: Program, environment: Environment) -> Arc<[Data]> {
    loaded(db, program, environment).top.clone()
}

/// The environment's `name`.
#[salsa::tracked(returns(clone))]
pub fn environment_name(db: &dyn Db, program: Program, environment: Environment) -> Option<SmolStr> {
    loaded(db, program, environment).name.clone()
}

/// All entities in the order of the files; a position is what [`NameIndex`] calls an entity.
#[salsa::tracked]
fn order(db: &dyn Db, program: Program, environment: Environment) -> Vec<(RecordId, EntityId)> {
    let entities = loaded(db, program, environment).entities.iter();
    entities.map(|entity| (entity.record, EntityId::new(db, environment, entity.place.clone()))).collect()
}

/// The entities of one kind, in the order of the files.
#[salsa::tracked(returns(clone))]
pub fn entities_of(db: &dyn Db, program: Program, environment: Environment, record: RecordId) -> Arc<[EntityId]> {
    let all = order(db, program, environment).iter();
    all.filter(|(kind, _)| *kind == record).map(|(_, id)| *id).collect()
}

/// The entities of one kind in shards of about 64, each in the order of the files. An entity's shard depends on its
/// place alone while the number of shards stays, which changes only when the number of entities doubles.
#[salsa::tracked]
fn sharded(db: &dyn Db, program: Program, environment: Environment, record: RecordId) -> Vec<Arc<[EntityId]>> {
    let all = entities_of(db, program, environment, record);
    let count = all.len().div_ceil(SHARD).next_power_of_two();
    let mut shards = vec![Vec::new(); count];
    for id in all.iter() {
        let at = crate::hash::stable(id.place(db).to_string().bytes()) % count as u64;
        if let Some(shard) = usize::try_from(at).ok().and_then(|at| shards.get_mut(at)) {
            shard.push(*id);
        }
    }
    shards.into_iter().map(Arc::from).collect()
}

/// How many shards the entities of one kind have; at least one.
#[salsa::tracked(returns(copy))]
pub fn shards(db: &dyn Db, program: Program, environment: Environment, record: RecordId) -> usize {
    sharded(db, program, environment, record).len()
}

/// One shard, from 0; empty for a number that is too large.
#[salsa::tracked(returns(clone))]
pub fn shard(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    record: RecordId,
    number: usize,
) -> Arc<[EntityId]> {
    sharded(db, program, environment, record).get(number).cloned().unwrap_or_default()
}

/// The names of all entities.
#[salsa::tracked]
pub fn index(db: &dyn Db, program: Program, environment: Environment) -> Arc<NameIndex> {
    loaded(db, program, environment).names.clone()
}

/// What a text refers to among entities of some kinds; of any kind if none is given.
pub fn resolve(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    targets: &[RecordId],
    text: &str,
) -> Resolution {
    resolved(db, program, environment, targets.into(), text.into()).clone()
}

#[salsa::tracked]
#[allow(clippy::needless_pass_by_value, reason = "the arguments of a tracked function are its key")]
fn resolved(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    targets: SmallVec<[RecordId; 2]>,
    text: SmolStr,
) -> Resolution {
    let names = index(db, program, environment);
    let order = order(db, program, environment);
    let id = |at: u32| order.get(at as usize).map(|(_, id)| *id);
    let missing = || Resolution::Missing { suggestion: names.nearest(&targets, &text) };
    match names.find(&targets, &text) {
        Match::Found(at) => id(at).map_or_else(missing, Resolution::Found),
        Match::Missing => missing(),
        Match::Ambiguous(several) => Resolution::Ambiguous(several.into_iter().filter_map(id).collect()),
        Match::OtherKind(at) => id(at).map_or_else(missing, Resolution::OtherKind),
    }
}

/// Where a place stands in the files. Asked last: its answer changes with every edit.
///
/// For something absent: the key of its nearest ancestor that is written; for a value from `defaults`: there.
pub fn locate(db: &dyn Db, program: Program, environment: Environment, place: &Place, part: Part) -> Option<Span> {
    let sources = sources(db, environment);
    let documents: Vec<&Document> = sources.iter().filter_map(|s| s.stream.documents.get(s.document)).collect();
    let origin = origin(db, program, environment, place);
    let spot = locate_in(&documents, origin.as_ref().unwrap_or(place), part)?;
    span(db, &files(db, environment), spot)
}

/// Whether the files write what is at a place, so that no default stands for it. Asked last, as [`locate`] is.
pub fn is_written(db: &dyn Db, environment: Environment, place: &Place) -> bool {
    let sources = sources(db, environment);
    let documents: Vec<&Document> = sources.iter().filter_map(|s| s.stream.documents.get(s.document)).collect();
    is_written_in(&documents, place)
}

/// The key in `defaults` that gives an entity's field its value.
fn origin(db: &dyn Db, program: Program, environment: Environment, place: &Place) -> Option<Place> {
    let Segment::Key(key) = place.segments.last()? else { return None };
    let item = entity(db, program, environment, EntityId::new(db, environment, place.parent()?))?;
    let (at, _) = schema(db, program).value.record(item.record(db))?.field(key)?;
    let inherited = item.from_defaults(db).iter().any(|field| usize::from(*field) == at);
    let segments = vec![Segment::Key("defaults".into()), Segment::Key(key.clone())];
    inherited.then_some(Place { segments })
}

fn span(db: &dyn Db, files: &[File], spot: Spot) -> Option<Span> {
    let file = files.get(spot.source)?;
    Some(Span { path: file.path(db).clone(), range: spot.text_range() })
}

/// Where the environment names its file of service tags, if it does.
fn named_tags(db: &dyn Db, environment: Environment) -> Option<Label> {
    let file = *environment.file(db);
    let document = parse_yaml(db, file).documents.get(*environment.document(db))?;
    let span = Span { path: file.path(db).clone(), range: document.root().get("service_tags")?.span() };
    Some(Label { span, message: "the file is named here".to_owned() })
}

/// Everything wrong with the files of an environment. Where its file of service tags cannot be used, that alone: a tag may be
/// unknown because of it.
pub fn diagnostics(db: &dyn Db, program: Program, environment: Environment) -> Vec<Diagnostic> {
    if let Some(mut fault) = environment_fault(db, program, environment) {
        fault.related.extend(named_tags(db, environment));
        return vec![fault];
    }
    let files = files(db, environment);
    let mut faults = loaded(db, program, environment).found.clone();
    let sources = sources(db, environment);
    let documents: Vec<&Document> = sources.iter().filter_map(|s| s.stream.documents.get(s.document)).collect();
    for fault in network_faults(db, program, environment) {
        faults.push(placed(fault, &documents));
    }
    faults.finish().iter().map(|fault| diagnostic(db, &files, fault)).collect()
}

/// A fault of the network where it is written.
fn placed(fault: &NetworkFault, documents: &[&Document]) -> Fault {
    let mut placed = Fault::on(fault.code, site_in(documents, &fault.place), &fault.message);
    placed.severity = fault.severity;
    let related = |placed: Fault, (place, word): &(Place, &str)| placed.related(site_in(documents, place).at, *word);
    fault.related.iter().fold(placed.help(Some(fault.help.clone())), related)
}

fn diagnostic(db: &dyn Db, files: &[File], fault: &Fault) -> Diagnostic {
    let label =
        |(spot, message): &(Spot, String)| Some(Label { span: span(db, files, *spot)?, message: message.clone() });
    Diagnostic {
        code: fault.code,
        severity: fault.severity,
        message: fault.message.clone(),
        span: span(db, files, fault.at),
        label: None,
        related: fault.related.iter().filter_map(label).collect(),
        notes: fault.notes.clone(),
        help: fault.help.clone(),
        fixes: fault.instead.iter().filter_map(|text| Some(Fix::guess(span(db, files, fault.at)?, text))).collect(),
    }
}
