//! Evaluation as queries: one memo for each (rule, shard), one for each compiled group, one for each network's extent,
//! one for each subnet's routes, one for each firewall, one for the names of each environment.
//!
//! What a shard reads, it reads through [`DbWorld`], entity by entity: an edit re-runs the shards that read what it
//! changed, and no others.

use std::sync::Arc;

use palisade_net::{AsgId, HostNames, IpSet, Members, ServiceTagFile, TagCatalogue};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::network::{self, AskedAdmin, AskedGroup};
use super::outcome::Instance;
use super::path::firewall::{self, AskedFirewall};
use super::path::names::Names;
use super::path::table::{self, AskedRoutes};
use super::record::Recorder;
use super::rule;
use super::world::{EntityView, World};
use crate::bindings::Bindings;
use crate::bindings::routing::without_default_outbound;
use crate::data::Data;
use crate::environment::{self, EntityId, Resolution};
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Const, Function, Hosts, PackCondition, Rule, TrafficTable};
use crate::names::DefName;
use crate::place::Place;
use crate::policy::catalogue::{addresses, environment_catalogue};
use crate::policy::host_names::host_names;
use crate::policy::items::PolicyItem;
use crate::policy::lower;
use crate::policy::packs::packs;
use crate::policy::schema::schema;
use crate::types::{RecordId, Schema};

/// The packs' ways of selecting a rule's subjects: for each way its conditions, by pack and number.
#[salsa::interned(debug)]
pub struct Selection<'db> {
    /// Way by way; a rule without conditions has none.
    #[returns(ref)]
    pub ways: Vec<Vec<(SmolStr, usize)>>,
}

/// Evaluates a rule on one shard of its subjects.
#[salsa::tracked(returns(ref))]
pub fn evaluate_shard<'db>(
    db: &'db dyn Db,
    program: Program,
    environment: Environment,
    item: PolicyItem<'db>,
    selection: Selection<'db>,
    shard: usize,
) -> Arc<[Instance]> {
    let Some(lowered) = lower::rule(db, program, item) else { return Arc::from([]) };
    let Some((_, subject)) = lowered.value.params.first() else { return Arc::from([]) };
    let world = DbWorld::new(db, program, environment);
    let ways = ways(db, program, selection);
    let subjects = environment::shard(db, program, environment, *subject, shard);
    subjects.iter().flat_map(|id| rule::run(&world, &lowered.value, &ways, *id)).collect()
}

/// The conditions of the packs' ways.
pub fn ways<'db>(db: &'db dyn Db, program: Program, selection: Selection<'db>) -> Vec<Vec<&'db PackCondition>> {
    let one =
        |(pack, number): &(SmolStr, usize)| packs(db, program).value.get(pack)?.conditions.get(*number).map(|c| &**c);
    selection.ways(db).iter().map(|way| way.iter().filter_map(one).collect()).collect()
}

/// Where the semantics finds its resources in the program's schema, and what the schema lacks.
#[salsa::tracked(returns(ref))]
pub fn bindings(db: &dyn Db, program: Program) -> (Bindings, Vec<String>) {
    let (found, mut missing) = Bindings::new(&schema(db, program).value);
    let constant = without_default_outbound();
    if found.compute.is_some() && lower::find(db, program, &constant).is_none() {
        missing.push(format!("the engine needs a constant `{constant}`"));
    }
    (found, missing)
}

/// A compiled group, shared by all who ask it. It reads the group's own body and the catalogue.
#[salsa::tracked(returns(ref), no_eq)]
pub fn compiled_group(db: &dyn Db, program: Program, environment: Environment, group: EntityId) -> AskedGroup {
    let item = environment::entity(db, program, environment, group);
    match (bindings(db, program).0.group, item) {
        (Some(binding), Some(item)) => {
            let world = DbWorld::new(db, program, environment);
            let asg = |text: &str| match bindings(db, program).0.members {
                Some(members) => world.resolve(&[members.record], text).map(|id| network::asg_id(&world, id)),
                None => None,
            };
            let named = |text: &str| asg(text).unwrap_or_else(|| AsgId::new(text));
            network::compile(&binding, world.catalogue(), item.name(db), item.body(db), &named)
        }
        _ => AskedGroup::Open("a security group that the environment describes".to_owned()),
    }
}

/// The security admin rules that apply to a network, compiled together.
#[salsa::tracked(returns(ref))]
fn admin(db: &dyn Db, program: Program, environment: Environment, network: EntityId) -> Option<AskedAdmin> {
    network::admin(&DbWorld::new(db, program, environment), network)
}

/// The addresses of the members of application security groups.
#[salsa::tracked(returns(ref))]
fn members(db: &dyn Db, program: Program, environment: Environment) -> Members {
    network::members(&DbWorld::new(db, program, environment))
}

/// The addresses that a network reaches privately.
#[salsa::tracked(returns(ref))]
pub fn extent(db: &dyn Db, program: Program, environment: Environment, network: EntityId) -> Arc<IpSet> {
    Arc::new(network::extent(&DbWorld::new(db, program, environment), network))
}

/// What hosts may mean, and how networks resolve them.
#[salsa::tracked(returns(ref))]
fn names(db: &dyn Db, program: Program, environment: Environment) -> Arc<Names> {
    Arc::new(Names::of(&DbWorld::new(db, program, environment)))
}

/// The compiled routes of a subnet.
#[salsa::tracked(returns(ref))]
pub fn routes(db: &dyn Db, program: Program, environment: Environment, subnet: EntityId) -> AskedRoutes {
    table::routes(&DbWorld::new(db, program, environment), subnet)
}

/// The compiled rules of a firewall.
#[salsa::tracked(returns(ref), no_eq)]
pub fn compiled_firewall(db: &dyn Db, program: Program, environment: Environment, id: EntityId) -> AskedFirewall {
    firewall::firewall(&DbWorld::new(db, program, environment), id)
}

/// For a reference field of a type: who refers to whom.
#[salsa::tracked(returns(ref))]
fn referrers(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    record: RecordId,
    field: u32,
) -> FxHashMap<EntityId, Arc<[EntityId]>> {
    let mut by_target: FxHashMap<EntityId, Vec<EntityId>> = FxHashMap::default();
    let world = DbWorld::new(db, program, environment);
    for id in world.every(record).iter() {
        let Some(view) = world.entity(*id) else { continue };
        let value = super::read::entity_field(&world, *id, &view, field);
        if let Ok(super::value::Traced { value: super::value::Value::Entity(target), .. }) = value {
            by_target.entry(target).or_default().push(*id);
        }
    }
    by_target.into_iter().map(|(target, all)| (target, all.into())).collect()
}

/// The world of the queries.
pub struct DbWorld<'db> {
    db: &'db dyn Db,
    program: Program,
    environment: Environment,
    bindings: &'db Bindings,
    recorder: Option<&'db dyn Recorder>,
    changed: Option<&'db Changed>,
}

/// An item of a program as a mutant has it. It is in force in one world alone: no memo sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A rule; whoever runs rules has to look for it here.
    Rule(Box<Rule>),
    /// A function, under its name.
    Function(DefName, Box<Function>),
    /// A constant, under its name.
    Const(DefName, Box<Const>),
    /// A traffic table, under its name.
    Traffic(DefName, Box<TrafficTable>),
}

impl<'db> DbWorld<'db> {
    /// The world of an environment under a program.
    pub fn new(db: &'db dyn Db, program: Program, environment: Environment) -> Self {
        Self { db, program, environment, bindings: &bindings(db, program).0, recorder: None, changed: None }
    }

    /// The same world with somebody who listens.
    #[must_use]
    pub fn heard_by(self, recorder: Option<&'db dyn Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// The same world with another item in the place of one.
    #[must_use]
    pub fn with(self, changed: Option<&'db Changed>) -> Self {
        Self { changed, ..self }
    }

    fn item(&self, name: &DefName) -> Option<PolicyItem<'db>> {
        lower::find(self.db, self.program, name)
    }
}

impl World for DbWorld<'_> {
    fn schema(&self) -> &Schema {
        &schema(self.db, self.program).value
    }

    fn catalogue(&self) -> &TagCatalogue {
        environment_catalogue(self.db, self.program, self.environment)
    }

    fn host_names(&self) -> &HostNames {
        host_names(self.db, self.program)
    }

    fn addresses(&self) -> Option<Arc<ServiceTagFile>> {
        addresses(self.db, self.environment).cloned()
    }

    fn bindings(&self) -> &Bindings {
        self.bindings
    }

    fn entity(&self, id: EntityId) -> Option<EntityView> {
        let item = environment::entity(self.db, self.program, self.environment, id)?;
        Some(EntityView {
            record: item.record(self.db),
            name: item.name(self.db).clone(),
            owner: item.owner(self.db),
            body: item.body(self.db).clone(),
            from_defaults: item.from_defaults(self.db).clone(),
        })
    }

    fn place(&self, id: EntityId) -> Place {
        id.place(self.db).clone()
    }

    fn at(&self, place: &Place) -> Option<EntityId> {
        let id = EntityId::new(self.db, self.environment, place.clone());
        environment::entity(self.db, self.program, self.environment, id).map(|_| id)
    }

    fn top(&self) -> Arc<[Data]> {
        environment::top(self.db, self.program, self.environment)
    }

    fn every(&self, record: RecordId) -> Arc<[EntityId]> {
        environment::entities_of(self.db, self.program, self.environment, record)
    }

    fn resolve(&self, targets: &[RecordId], text: &str) -> Option<EntityId> {
        match environment::resolve(self.db, self.program, self.environment, targets, text) {
            Resolution::Found(id) => Some(id),
            _ => None,
        }
    }

    fn referrers(&self, record: RecordId, field: u32, target: EntityId) -> Arc<[EntityId]> {
        let all = referrers(self.db, self.program, self.environment, record, field);
        all.get(&target).cloned().unwrap_or_else(|| Arc::from([]))
    }

    fn function(&self, name: &DefName) -> Option<&Function> {
        if let Some(Changed::Function(changed, function)) = self.changed
            && changed == name
        {
            return Some(function);
        }
        lower::function(self.db, self.program, self.item(name)?).as_ref().map(|l| &l.value)
    }

    fn constant(&self, name: &DefName) -> Option<&Const> {
        if let Some(Changed::Const(changed, constant)) = self.changed
            && changed == name
        {
            return Some(constant);
        }
        lower::constant(self.db, self.program, self.item(name)?).as_ref().map(|l| &l.value)
    }

    fn traffic_table(&self, name: &DefName) -> Option<&TrafficTable> {
        if let Some(Changed::Traffic(changed, table)) = self.changed
            && changed == name
        {
            return Some(table);
        }
        lower::traffic(self.db, self.program, self.item(name)?).as_ref().map(|l| &l.value)
    }

    fn hosts(&self) -> &[Hosts] {
        lower::all_hosts(self.db, self.program)
    }

    fn group(&self, id: EntityId) -> AskedGroup {
        compiled_group(self.db, self.program, self.environment, id).clone()
    }

    fn admin(&self, network: EntityId) -> Option<AskedAdmin> {
        admin(self.db, self.program, self.environment, network).clone()
    }

    fn members(&self) -> Members {
        members(self.db, self.program, self.environment).clone()
    }

    fn extent(&self, network: EntityId) -> Arc<IpSet> {
        extent(self.db, self.program, self.environment, network).clone()
    }

    fn names(&self) -> Arc<Names> {
        names(self.db, self.program, self.environment).clone()
    }

    fn routes(&self, subnet: EntityId) -> AskedRoutes {
        routes(self.db, self.program, self.environment, subnet).clone()
    }

    fn firewall(&self, id: EntityId) -> AskedFirewall {
        compiled_firewall(self.db, self.program, self.environment, id).clone()
    }

    fn recorder(&self) -> Option<&dyn Recorder> {
        self.recorder
    }
}
