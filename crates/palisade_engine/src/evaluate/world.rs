//! What the evaluator asks of its surroundings: the seam between the pure evaluator and the queries.

use std::sync::Arc;

use palisade_net::{HostNames, IpSet, Members, ServiceTagFile, TagCatalogue};
use smol_str::SmolStr;

use super::network::{AskedAdmin, AskedGroup};
use super::path::firewall::AskedFirewall;
use super::path::names::Names;
use super::path::table::AskedRoutes;
use super::record::Recorder;
use crate::bindings::Bindings;
use crate::data::Data;
use crate::environment::EntityId;
use crate::ir::{Const, Function, Hosts, TrafficTable};
use crate::names::DefName;
use crate::place::Place;
use crate::types::{RecordId, Schema};

/// An entity as the evaluator sees it.
#[derive(Clone, Debug)]
pub struct EntityView {
    /// Its type.
    pub record: RecordId,
    /// Its name.
    pub name: SmolStr,
    /// The entity that it is nested in.
    pub owner: Option<EntityId>,
    /// Its fields, in the order of the type's.
    pub body: Arc<[Data]>,
    /// The indexes of fields that took their value from the environment's `defaults`.
    pub from_defaults: Arc<[u16]>,
}

/// The surroundings of an evaluation: one environment under one program.
pub trait World {
    /// The declared types.
    fn schema(&self) -> &Schema;
    /// The service tags.
    fn catalogue(&self) -> &TagCatalogue;
    /// How the hosts of Azure's resources are named.
    fn host_names(&self) -> &HostNames;
    /// Where service tags lie, if that is known.
    fn addresses(&self) -> Option<Arc<ServiceTagFile>>;
    /// Where the semantics finds groups, subnets and routes in the schema.
    fn bindings(&self) -> &Bindings;
    /// An entity; `None` if the environment has lost it.
    fn entity(&self, id: EntityId) -> Option<EntityView>;
    /// Its place.
    fn place(&self, id: EntityId) -> Place;
    /// The entity at a place.
    fn at(&self, place: &Place) -> Option<EntityId>;
    /// The fields of the environment itself.
    fn top(&self) -> Arc<[Data]>;
    /// All entities of a type, in the order of the files.
    fn every(&self, record: RecordId) -> Arc<[EntityId]>;
    /// What a reference stands for.
    fn resolve(&self, targets: &[RecordId], text: &str) -> Option<EntityId>;
    /// The entities of a type whose reference in a field goes to `target`, in the order of the files.
    fn referrers(&self, record: RecordId, field: u32, target: EntityId) -> Arc<[EntityId]>;
    /// A function.
    fn function(&self, name: &DefName) -> Option<&Function>;
    /// A constant.
    fn constant(&self, name: &DefName) -> Option<&Const>;
    /// A traffic table.
    fn traffic_table(&self, name: &DefName) -> Option<&TrafficTable>;
    /// In which tags hosts lie.
    fn hosts(&self) -> &[Hosts];
    /// A compiled security group.
    fn group(&self, id: EntityId) -> AskedGroup;
    /// The security admin rules that apply to a network; `None` if there are none.
    fn admin(&self, network: EntityId) -> Option<AskedAdmin>;
    /// The addresses of the members of application security groups.
    fn members(&self) -> Members;
    /// The addresses that a network reaches privately: its own, its peers', and on-premises.
    fn extent(&self, network: EntityId) -> Arc<IpSet>;
    /// What hosts may mean, and how networks resolve them.
    fn names(&self) -> Arc<Names>;
    /// The routes of a subnet.
    fn routes(&self, subnet: EntityId) -> AskedRoutes;
    /// The rules of a firewall.
    fn firewall(&self, id: EntityId) -> AskedFirewall;
    /// Who listens to the evaluation, if anybody does.
    fn recorder(&self) -> Option<&dyn Recorder> {
        None
    }
}
