//! The routes of a subnet, put together from what the environment describes: its route table, the network and its peers,
//! gateways, endpoints.

use std::sync::Arc;

use palisade_net::{
    CompiledRoutes, DecidingRoute, GatewayRoutes, Peering, PrivateEndpoint, RouteKind, RoutePrefix, ServiceEndpoint,
    ServiceTag, SubnetRoutes, TagCatalogue, TagInfo, UserHop, UserRoute,
};
use smol_str::SmolStr;

use super::fields::{cidrs, entity, flag, get, ip, items, readable, text, texts, variant};
use super::peers::{self, Peered};
use crate::bindings::routing::Routing;
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};
use crate::place::{Place, Segment};

/// The routes of a subnet as they can be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedRoutes {
    /// Ready.
    Known(Arc<SubnetTable>),
    /// They cannot be judged; what would settle it.
    Open(String),
}

/// A subnet's routes.
#[derive(Clone, Debug, PartialEq)]
pub struct SubnetTable {
    /// As described.
    pub routes: SubnetRoutes,
    /// Ready to be asked.
    pub compiled: CompiledRoutes,
    /// The route table, if the subnet has one.
    pub table: Option<EntityId>,
    /// For each peering: where the far network's side is described, if it is.
    backs: Vec<Option<Place>>,
}

impl SubnetTable {
    /// The peering that a route leads over, and where its far side is described.
    pub fn peering(&self, route: &DecidingRoute) -> Option<(&Peering, Option<&Place>)> {
        let peering = self.routes.peerings.get(route.index).filter(|_| route.kind == RouteKind::Peering)?;
        Some((peering, self.backs.get(route.index).and_then(Option::as_ref)))
    }
}

/// The routes of a subnet.
pub fn routes(world: &dyn World, subnet: EntityId) -> AskedRoutes {
    match described(world, subnet) {
        Ok(Described { routes, table, backs }) => match routes.compile(world.catalogue()) {
            Ok(compiled) => AskedRoutes::Known(Arc::new(SubnetTable { routes, compiled, table, backs })),
            Err(issues) => {
                let first = issues.first().map_or("", |issue| issue.message.as_str());
                AskedRoutes::Open(format!("routes of `{}` without faults: {first}", world.place(subnet)))
            }
        },
        Err(open) => AskedRoutes::Open(open),
    }
}

struct Described {
    routes: SubnetRoutes,
    table: Option<EntityId>,
    backs: Vec<Option<Place>>,
}

fn described(world: &dyn World, subnet: EntityId) -> Result<Described, String> {
    let place = world.place(subnet);
    let lost = || format!("the routes of `{place}`");
    let binding = world.bindings().routing.ok_or_else(lost)?;
    let view = world.entity(subnet).ok_or_else(lost)?;
    let network = view.owner.ok_or_else(lost)?;
    let owner = world.entity(network).ok_or_else(lost)?;
    let table = entity(world, &view.body, binding.subnet.route_table, binding.table.record);
    let table_view = table.and_then(|table| world.entity(table));
    let peered = peers::peerings(world, &binding, network);
    let gateway = peers::gateway(world, &binding, network, &peered);
    let (on_premises, bgp) = peers::on_premises(world, &binding, gateway.map(|(_, at)| at));
    let routes = SubnetRoutes {
        subnet: cidrs(&view.body, binding.subnet.prefixes).into_iter().collect(),
        address_space: cidrs(&owner.body, binding.network.address_space),
        user: match &table_view {
            None => Vec::new(),
            Some(table) => whole(user_routes(&binding, &table.body)).ok_or_else(lost)?,
        },
        gateway_routes: table_view.as_ref().map_or_else(GatewayRoutes::default, |table| propagation(&binding, table)),
        gateway: gateway.map(|(kind, _)| kind),
        bgp,
        on_premises,
        private_endpoints: private_endpoints(world, &binding, network, &peered),
        peerings: peered.iter().map(|peered| peered.peering.clone()).collect(),
        service_endpoints: service_endpoints(world, &binding, &view, &owner)?,
    };
    Ok(Described { routes, table, backs: peered.into_iter().map(|peered| peered.back).collect() })
}

/// The routes of a table in the order of the file; `None` in the place of one that cannot be read.
pub fn user_routes(binding: &Routing, table: &[Data]) -> Vec<Option<UserRoute>> {
    let one = |data: &Data| {
        let fields = readable(data)?;
        let prefix = match get(fields, binding.route.prefix)? {
            Data::Cidr(cidr) => RoutePrefix::Cidr(*cidr),
            Data::Tag(tag) => RoutePrefix::Tag((**tag).clone()),
            _ => return None,
        };
        let next_hop = hop(binding, get(fields, binding.route.next_hop)?)?;
        Some(UserRoute { name: text(fields, binding.route.name)?, prefix, next_hop })
    };
    items(table, binding.table.routes).iter().map(one).collect()
}

fn whole(routes: Vec<Option<UserRoute>>) -> Option<Vec<UserRoute>> {
    routes.into_iter().collect()
}

fn hop(binding: &Routing, data: &Data) -> Option<UserHop> {
    let Data::Variant(word, fields) = data else { return None };
    let (word, hops) = (*word, binding.hops);
    match fields.first() {
        Some(Data::Ip(address)) if word == hops.virtual_appliance => Some(UserHop::VirtualAppliance(*address)),
        _ if word == hops.internet => Some(UserHop::Internet),
        _ if word == hops.none => Some(UserHop::None),
        _ if word == hops.vnet_local => Some(UserHop::VnetLocal),
        _ if word == hops.virtual_network_gateway => Some(UserHop::VirtualNetworkGateway),
        _ => None,
    }
}

fn propagation(binding: &Routing, table: &EntityView) -> GatewayRoutes {
    match flag(&table.body, binding.table.gateway_route_propagation) {
        Some(false) => GatewayRoutes::Withheld,
        _ => GatewayRoutes::Propagated,
    }
}

/// The tags to which the subnet's service endpoints lead. One that nobody knows leaves all of its routes open.
fn service_endpoints(
    world: &dyn World,
    binding: &Routing,
    subnet: &EntityView,
    network: &EntityView,
) -> Result<Vec<ServiceEndpoint>, String> {
    let region = match get(&network.body, binding.network.region) {
        Some(Data::Region(region)) => Some(region),
        _ => None,
    };
    let one = |service: SmolStr| {
        let Some((info, regional)) = tag_behind(world.catalogue(), &service) else {
            return Err(format!("the service tag behind the service endpoint `{service}`, which is not known"));
        };
        if !regional {
            return Ok(ServiceEndpoint { tag: ServiceTag::new(info.name.clone(), None), service });
        }
        let Some(region) = region else {
            return Err(format!("`region` of `{}`, on which the service endpoint `{service}` depends", network.name));
        };
        Ok(ServiceEndpoint { tag: ServiceTag::new(info.name.clone(), Some(region.clone())), service })
    };
    texts(&subnet.body, binding.subnet.service_endpoints).into_iter().map(one).collect()
}

/// The tag to which a service endpoint leads, and whether to that of the network's region alone.
pub fn tag_behind<'a>(catalogue: &'a TagCatalogue, service: &str) -> Option<(&'a TagInfo, bool)> {
    let named = |names: &[SmolStr]| names.iter().any(|name| name.eq_ignore_ascii_case(service));
    let everywhere = catalogue.tags().iter().find(|info| named(&info.service_endpoints)).map(|info| (info, false));
    let regional = || catalogue.tags().iter().find(|info| named(&info.regional_service_endpoints));
    everywhere.or_else(|| regional().map(|info| (info, true)))
}

/// The approved endpoints in the network and its peers (fact `net.pe.approved`).
fn private_endpoints(
    world: &dyn World,
    binding: &Routing,
    network: EntityId,
    peered: &[Peered],
) -> Vec<PrivateEndpoint> {
    let Some(endpoints) = world.bindings().endpoints.as_ref() else { return Vec::new() };
    let near = |id: EntityId| id == network || peered.iter().any(|peered| peered.network == id);
    let one = |id: &EntityId| {
        let view = world.entity(*id)?;
        let subnet = entity(world, &view.body, Some(endpoints.private.subnet), binding.subnet.record)?;
        let stands_in = world.entity(subnet)?;
        let approved = variant(&view.body, Some(endpoints.private.status)) == Some(endpoints.private.approved);
        if !approved || !stands_in.owner.is_some_and(near) {
            return None;
        }
        let policies = variant(&stands_in.body, binding.subnet.private_endpoint_network_policies);
        Some(PrivateEndpoint {
            name: view.name.clone(),
            address: ip(&view.body, Some(endpoints.private.address))?,
            route_policies: policies == Some(binding.policies.all) || policies == Some(binding.policies.routes),
        })
    };
    world.every(endpoints.private.record).iter().filter_map(one).collect()
}

/// The place of a user-defined route.
pub fn route_place(world: &dyn World, table: EntityId, name: &SmolStr) -> Option<Place> {
    let binding = world.bindings().routing?.table;
    let routes = super::fields::place_of(world, &world.place(table), binding.record, binding.routes)?;
    Some(routes.child(Segment::Named(name.clone())))
}
