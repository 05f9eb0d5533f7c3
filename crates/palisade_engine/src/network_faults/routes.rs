//! Route tables, the subnets that they are for, the service endpoints of these, and the peerings of networks.

use palisade_net::{RouteIssue, RoutePlace, SubnetRoutes, UserRoute, validate_table};
use palisade_source::Severity;

use super::{Found, NetworkFault, item, key, severity};
use crate::bindings::routing::Routing;
use crate::environment::{EntityId, codes};
use crate::evaluate::path::fields::{cidrs, entity, texts};
use crate::evaluate::path::peers::{self, Peered};
use crate::evaluate::path::table::{tag_behind, user_routes};
use crate::evaluate::world::{EntityView, World};
use crate::place::Place;
use crate::suggest::{did_you_mean, nearest};

pub(super) fn judge(world: &dyn World, found: &mut Found) {
    let Some(binding) = world.bindings().routing else { return };
    let judge = Judge { world, binding };
    world.every(binding.table.record).iter().for_each(|table| judge.table(*table, found));
    world.every(binding.subnet.record).iter().for_each(|subnet| judge.subnet(*subnet, found));
    let mut judged = Vec::new();
    for network in world.every(binding.network.record).iter() {
        judge.peerings(*network, &judged, found);
        judged.push(*network);
    }
}

struct Judge<'a> {
    world: &'a dyn World,
    binding: Routing,
}

/// The routes of a table that can be read, and where they stand.
struct Table {
    routes: Vec<UserRoute>,
    places: Vec<Place>,
}

impl Judge<'_> {
    fn read(&self, table: EntityId) -> Option<Table> {
        let view = self.world.entity(table)?;
        let all = key(&self.world.place(table), "routes");
        let read = (0..).zip(user_routes(&self.binding, &view.body));
        let (routes, places) = read.filter_map(|(number, route)| Some((route?, item(&all, number)))).unzip();
        Some(Table { routes, places })
    }

    fn table(&self, id: EntityId, found: &mut Found) {
        let Some(table) = self.read(id) else { return };
        for issue in validate_table(&table.routes, self.world.catalogue()) {
            // Two items of one name are a fault of every list, which the reader reports.
            if !matches!(issue.places.last(), Some(RoutePlace::Name(_))) {
                found.extend(fault(issue, |place| table.place(place)));
            }
        }
    }

    fn subnet(&self, id: EntityId, found: &mut Found) {
        let Some(view) = self.world.entity(id) else { return };
        self.service_endpoints(id, &view, found);
        let (Some(table), Some(network)) =
            (entity(self.world, &view.body, self.binding.subnet.route_table, self.binding.table.record), view.owner)
        else {
            return;
        };
        let (Some(table), Some(around)) = (self.read(table), self.around(network)) else { return };
        let subnet = cidrs(&view.body, self.binding.subnet.prefixes).into_iter().collect();
        let (routes, _) = around;
        let routes = SubnetRoutes { subnet, user: table.routes.clone(), ..routes };
        for issue in routes.validate_appliances() {
            let fault = fault(issue, |place| table.place(place));
            found.extend(fault.map(|mut fault| {
                fault.related.push((self.world.place(id), "the subnet that the route is for"));
                fault
            }));
        }
    }

    /// What the network of a subnet adds to its routes, with the peerings in the order in which they stand there.
    fn around(&self, network: EntityId) -> Option<(SubnetRoutes, Vec<Peered>)> {
        let view = self.world.entity(network)?;
        let peered = peers::peerings(self.world, &self.binding, network);
        let routes = SubnetRoutes {
            address_space: cidrs(&view.body, self.binding.network.address_space),
            peerings: peered.iter().map(|peered| peered.peering.clone()).collect(),
            ..SubnetRoutes::default()
        };
        Some((routes, peered))
    }

    /// A service endpoint of which nobody knows whose addresses it leads to leaves all routes of its subnet open.
    fn service_endpoints(&self, subnet: EntityId, view: &EntityView, found: &mut Found) {
        let catalogue = self.world.catalogue();
        let all = key(&self.world.place(subnet), "service_endpoints");
        for (number, service) in (0..).zip(texts(&view.body, self.binding.subnet.service_endpoints)) {
            if tag_behind(catalogue, &service).is_some() {
                continue;
            }
            let known = catalogue
                .tags()
                .iter()
                .flat_map(|tag| tag.service_endpoints.iter().chain(&tag.regional_service_endpoints));
            let near = did_you_mean(nearest(&service, known.map(smol_str::SmolStr::as_str)));
            found.push(NetworkFault {
                code: codes::INVALID_VALUE,
                severity: Severity::Warning,
                place: item(&all, number),
                message: format!("no service tag is known behind the service endpoint `{service}`, so the routes of `{}` stay undetermined", view.name),
                related: Vec::new(),
                help: near.unwrap_or_else(|| "remove it if the subnet does not have it".to_owned()),
            });
        }
    }

    /// The peerings of a network, but for those with a network that is `judged` already.
    fn peerings(&self, network: EntityId, judged: &[EntityId], found: &mut Found) {
        let Some((routes, peered)) = self.around(network) else { return };
        let side = |place: &RoutePlace| match place {
            RoutePlace::Peering(index) => peered.get(*index),
            _ => None,
        };
        for issue in routes.validate_peerings() {
            let sides: Vec<&Peered> = issue.places.iter().filter_map(side).collect();
            if matches!(sides.as_slice(), [one] if judged.contains(&one.network)) {
                continue;
            }
            let places: Vec<Place> =
                sides.iter().filter_map(|side| side.near.clone().or_else(|| side.back.clone())).collect();
            let Some((place, others)) = places.split_last() else { continue };
            let mut related: Vec<_> = others.iter().map(|other| (other.clone(), "the other peering")).collect();
            let spaces = sides.iter().map(|side| side.network).chain((sides.len() == 1).then_some(network));
            related.extend(spaces.map(|at| (key(&self.world.place(at), "address_space"), "these addresses")));
            found.push(NetworkFault {
                code: codes::PEERING_OVERLAP,
                severity: severity(issue.level),
                place: place.clone(),
                message: issue.message,
                related,
                help: issue.help.to_owned(),
            });
        }
    }
}

impl Table {
    fn place(&self, of: &RoutePlace) -> Option<Place> {
        let (index, field) = match of {
            RoutePlace::Name(index) => (index, "name"),
            RoutePlace::Prefix(index) => (index, "prefix"),
            RoutePlace::NextHop(index) => (index, "next_hop"),
            RoutePlace::Peering(_) | RoutePlace::ServiceEndpoint(_) => return None,
        };
        self.places.get(*index).map(|route| key(route, field))
    }
}

/// A fault of one route, or of two that do not go together. Of more the last stands for all.
fn fault(issue: RouteIssue, place: impl Fn(&RoutePlace) -> Option<Place>) -> Option<NetworkFault> {
    let code = if let [_, _] = issue.places.as_slice() { codes::DUPLICATE_ROUTE } else { codes::ROUTE_TABLE };
    let (last, earlier) = issue.places.split_last()?;
    let related = match earlier {
        [other] => place(other).into_iter().map(|other| (other, "the other route")).collect(),
        _ => Vec::new(),
    };
    Some(NetworkFault {
        code,
        severity: severity(issue.level),
        place: place(last)?,
        message: issue.message,
        related,
        help: issue.help.to_owned(),
    })
}
