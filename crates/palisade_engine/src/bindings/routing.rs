//! What the engine understands of where traffic goes: route tables, ways out, peerings, gateways, connections.

use super::lookup::{Lookup, Shape, bound};
use crate::names::DefName;
use crate::types::Type;

const NETWORK: &str = "azure.network";
const ROUTING: &str = "azure.routing";
const ENVIRONMENT: &str = "azure.environment";

const BOOL: Shape = Shape::Plain(Type::Bool);
const CIDRS: Shape = Shape::List(&Shape::Plain(Type::Cidr));
const TEXTS: Shape = Shape::List(&Shape::Plain(Type::Text));

bound! {
    /// `RouteTable`
    Table in "azure.routing"."RouteTable" {
        routes: Shape::List(&Shape::Of(ROUTING, "Route")),
        gateway_route_propagation: BOOL,
    }
}
bound! {
    /// `Route`
    Route in "azure.routing"."Route" {
        name: Shape::Plain(Type::Text),
        prefix: Shape::Plain(Type::Prefix),
        next_hop: Shape::Words,
    }
}
bound! {
    /// `NatGateway`
    NatGateway in "azure.routing"."NatGateway" { public_ips: Shape::List(&Shape::Of(ROUTING, "PublicIp")) }
}
bound! {
    /// `LoadBalancer`
    LoadBalancer in "azure.routing"."LoadBalancer" {
        public_ips: Shape::List(&Shape::Of(ROUTING, "PublicIp")),
        backends: Shape::List(&Shape::Of(NETWORK, "NetworkInterface")),
        outbound_subnets: Shape::List(&Shape::Of(NETWORK, "Subnet")),
    }
}
bound! {
    /// What a `VirtualNetwork` says besides its extent.
    Network in "azure.network"."VirtualNetwork" {
        address_space: CIDRS,
        peerings: Shape::Map(&Shape::Of(NETWORK, "Peering")),
        gateway: Shape::Of(NETWORK, "Gateway"),
        region: Shape::Plain(Type::Region),
    }
}
bound! {
    /// `Peering`
    Peering in "azure.network"."Peering" {
        remote: Shape::Of(NETWORK, "VirtualNetwork"),
        allow_virtual_network_access: BOOL,
        allow_forwarded_traffic: BOOL,
        allow_gateway_transit: BOOL,
        use_remote_gateways: BOOL,
    }
}
bound! {
    /// `Gateway`
    Gateway in "azure.network"."Gateway" { kind: Shape::Words }
}
bound! {
    /// What a `Subnet` says of its ways out.
    Subnet in "azure.network"."Subnet" {
        prefixes: CIDRS,
        route_table: Shape::Of(ROUTING, "RouteTable"),
        nat_gateway: Shape::Of(ROUTING, "NatGateway"),
        service_endpoints: TEXTS,
        delegations: TEXTS,
        default_outbound_access: BOOL,
        private_endpoint_network_policies: Shape::Words,
    }
}
bound! {
    /// What a `Compute` says of its ways out.
    Compute in "azureml.resources"."Compute" {
        kind: Shape::Words,
        subnet: Shape::Of(NETWORK, "Subnet"),
        public_ip: BOOL,
    }
}
bound! {
    /// `Connection`
    Connection in "azure.environment"."Connection" {
        kind: Shape::Words,
        virtual_network: Shape::Of(NETWORK, "VirtualNetwork"),
        forced_tunnelling: BOOL,
    }
}
bound! {
    /// `OnPremises`
    OnPremises in "azure.environment"."OnPremises" {
        prefixes: CIDRS,
        connections: Shape::List(&Shape::Of(ENVIRONMENT, "Connection")),
    }
}

/// The constant that lists the kinds of computes for which default outbound access is not.
pub fn without_default_outbound() -> DefName {
    DefName::new("azureml.resources", "without_default_outbound")
}

/// Everything that routes are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record or the variant of its name")]
pub struct Routing {
    pub network: Network,
    pub peering: Peering,
    pub subnet: Subnet,
    pub table: Table,
    pub route: Route,
    pub hops: Hops,
    pub gateway: Gateway,
    pub expressroute_gateway: u16,
    pub policies: EndpointPolicies,
    pub nat_gateway: NatGateway,
    pub load_balancer: LoadBalancer,
    pub compute: Option<Compute>,
    pub on_premises: Option<BeyondGateways>,
}

/// The variants of `NextHop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variant of its name")]
pub struct Hops {
    pub internet: u16,
    pub none: u16,
    pub vnet_local: u16,
    pub virtual_network_gateway: u16,
    pub virtual_appliance: u16,
}

/// The variants of `EndpointPolicies` under which routes apply to private endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variant of its name")]
pub struct EndpointPolicies {
    pub all: u16,
    pub routes: u16,
}

/// `on_premises` of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record or the variant of its name")]
pub struct BeyondGateways {
    /// The field of the environment.
    pub field: usize,
    pub record: OnPremises,
    pub connection: Connection,
    pub expressroute: u16,
}

/// The declarations that routes need; `None` if the program does without routes.
///
/// Route tables need all the rest, but on-premises networks and computes.
pub(super) fn routing(lookup: &mut Lookup<'_>) -> Option<Routing> {
    let (_, table) = lookup.record(ROUTING, "RouteTable")?;
    let needed = [(ROUTING, "Route"), (ROUTING, "NatGateway"), (ROUTING, "LoadBalancer"), (ROUTING, "PublicIp")];
    let around = [(NETWORK, "VirtualNetwork"), (NETWORK, "Peering"), (NETWORK, "Subnet"), (NETWORK, "Gateway")];
    let all = needed.into_iter().chain(around).map(|(module, name)| lookup.part(table, module, name).is_some());
    if all.filter(|found| !found).count() > 0 {
        return None;
    }
    let mut word = |module: &str, record: &str, field: &str, word: &str| {
        let (_, def) = lookup.record(module, record)?;
        lookup.word(def, field, word).map(|(_, word)| word)
    };
    let mut hop = |variant| word(ROUTING, "Route", "next_hop", variant);
    let hops =
        [hop("internet"), hop("none"), hop("vnet_local"), hop("virtual_network_gateway"), hop("virtual_appliance")];
    let mut policy = |variant| word(NETWORK, "Subnet", "private_endpoint_network_policies", variant);
    let policies = [policy("enabled"), policy("route_table_enabled")];
    let expressroute_gateway = word(NETWORK, "Gateway", "kind", "expressroute");
    let [internet, none, vnet_local, virtual_network_gateway, virtual_appliance] = hops;
    let [all, routes] = policies;
    Some(Routing {
        hops: Hops {
            internet: internet?,
            none: none?,
            vnet_local: vnet_local?,
            virtual_network_gateway: virtual_network_gateway?,
            virtual_appliance: virtual_appliance?,
        },
        policies: EndpointPolicies { all: all?, routes: routes? },
        expressroute_gateway: expressroute_gateway?,
        network: Network::find(lookup)?,
        peering: Peering::find(lookup)?,
        subnet: Subnet::find(lookup)?,
        table: Table::find(lookup)?,
        route: Route::find(lookup)?,
        gateway: Gateway::find(lookup)?,
        nat_gateway: NatGateway::find(lookup)?,
        load_balancer: LoadBalancer::find(lookup)?,
        compute: Compute::find(lookup),
        on_premises: beyond_gateways(lookup),
    })
}

/// `on_premises`; `None` if the environment has no such field.
fn beyond_gateways(lookup: &mut Lookup<'_>) -> Option<BeyondGateways> {
    let (field, ty) = lookup.top("on_premises")?;
    let Type::Record(record) = ty else { return None };
    let def = lookup.schema.record(*record)?;
    let (_, connection) = lookup.part(def, ENVIRONMENT, "Connection")?;
    let (_, expressroute) = lookup.word(connection, "kind", "expressroute")?;
    Some(BeyondGateways {
        field,
        record: OnPremises::find(lookup)?,
        connection: Connection::find(lookup)?,
        expressroute,
    })
}
