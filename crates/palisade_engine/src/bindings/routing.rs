//! What the engine understands of where traffic goes: route tables, ways out, peerings, gateways, connections.

use super::lookup::{Lookup, bound};
use crate::types::Type;

bound! {
    /// `RouteTable`
    Table in "azure.routing"."RouteTable" { routes, gateway_route_propagation }
}
bound! {
    /// `Route`
    Route in "azure.routing"."Route" { name, prefix, next_hop }
}
bound! {
    /// `NatGateway`
    NatGateway in "azure.routing"."NatGateway" { public_ips }
}
bound! {
    /// `LoadBalancer`
    LoadBalancer in "azure.routing"."LoadBalancer" { outbound_subnets }
}
bound! {
    /// What a `VirtualNetwork` says besides its extent.
    Network in "azure.network"."VirtualNetwork" { address_space, peerings, gateway, region }
}
bound! {
    /// `Peering`
    Peering in "azure.network"."Peering" {
        remote, allow_virtual_network_access, allow_forwarded_traffic, allow_gateway_transit, use_remote_gateways
    }
}
bound! {
    /// `Gateway`
    Gateway in "azure.network"."Gateway" { kind }
}
bound! {
    /// What a `Subnet` says of its ways out.
    Subnet in "azure.network"."Subnet" {
        prefixes, route_table, nat_gateway, service_endpoints, service_endpoint_policies, delegations,
        default_outbound_access, private_endpoint_network_policies
    }
}
bound! {
    /// What a `Compute` says of its ways out.
    Compute in "azureml.resources"."Compute" { subnet, public_ip }
}
bound! {
    /// `Connection`
    Connection in "azure.environment"."Connection" { kind, virtual_network, forced_tunnelling }
}
bound! {
    /// `OnPremises`
    OnPremises in "azure.environment"."OnPremises" { prefixes, connections }
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
    pub expressroute_gateway: Option<u16>,
    pub policies: EndpointPolicies,
    pub gateway: Option<Gateway>,
    pub nat_gateway: Option<NatGateway>,
    pub load_balancer: Option<LoadBalancer>,
    pub compute: Option<Compute>,
    pub on_premises: Option<(usize, OnPremises)>,
    pub connection: Option<Connection>,
    pub expressroute_connection: Option<u16>,
}

/// The variants of `NextHop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variant of its name")]
pub struct Hops {
    pub internet: Option<u16>,
    pub none: Option<u16>,
    pub vnet_local: Option<u16>,
    pub virtual_network_gateway: Option<u16>,
    pub virtual_appliance: Option<u16>,
}

/// The variants of `EndpointPolicies` under which routes apply to private endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variant of its name")]
pub struct EndpointPolicies {
    pub all: Option<u16>,
    pub routes: Option<u16>,
}

/// The declarations that routes need; `None` if the program does without routes.
pub(super) fn routing(lookup: &Lookup<'_>) -> Option<Routing> {
    let (_, route) = lookup.record("azure.routing", "Route")?;
    let hop = |word| route.field("next_hop").and_then(|(_, field)| lookup.variant(&field.ty, word));
    let word = |module: &str, record: &str, field: &str, word: &str| {
        let (_, def) = lookup.record(module, record)?;
        def.field(field).and_then(|(_, field)| lookup.variant(&field.ty, word))
    };
    let policies = |variant| word("azure.network", "Subnet", "private_endpoint_network_policies", variant);
    let on_premises = OnPremises::find(lookup).and_then(|found| {
        let (field, ty) = lookup.top("on_premises")?;
        (*ty == Type::Record(found.record)).then_some((field, found))
    });
    Some(Routing {
        network: Network::find(lookup)?,
        peering: Peering::find(lookup)?,
        subnet: Subnet::find(lookup)?,
        table: Table::find(lookup)?,
        route: Route::find(lookup)?,
        hops: Hops {
            internet: hop("internet"),
            none: hop("none"),
            vnet_local: hop("vnet_local"),
            virtual_network_gateway: hop("virtual_network_gateway"),
            virtual_appliance: hop("virtual_appliance"),
        },
        expressroute_gateway: word("azure.network", "Gateway", "kind", "expressroute"),
        policies: EndpointPolicies { all: policies("enabled"), routes: policies("route_table_enabled") },
        gateway: Gateway::find(lookup),
        nat_gateway: NatGateway::find(lookup),
        load_balancer: LoadBalancer::find(lookup),
        compute: Compute::find(lookup),
        on_premises,
        connection: Connection::find(lookup),
        expressroute_connection: word("azure.environment", "Connection", "kind", "expressroute"),
    })
}
