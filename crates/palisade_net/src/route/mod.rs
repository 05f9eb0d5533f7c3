//! Routes: where packets from a subnet go, and by which way answers return.
//!
//! [`SubnetRoutes`] says what there is: the route table, the network and its peers, what gateways announce, endpoints.
//! Compiled once, [`evaluate_routes`] asks where a flow goes and [`evaluate_return_path`] where the answers to one go. Both split the flow
//! exactly into parts that the same routes take, as groups do: where it depends on the addresses of service tags which
//! route is taken, a part has every route that may be, and a verdict says what would settle it.
//!
//! * `table` and `peering` hold what is asked about, `validate` what Azure would refuse of it;
//! * `compile` makes one list of all routes, `choose` takes one of those that match an address;
//! * `cells` splits a question by them, `fate` and `egress` say what a next hop does with packets;
//! * `judge` makes a verdict of it.

mod cells;
mod choose;
mod compile;
mod egress;
mod fate;
mod judge;
mod peering;
mod table;
mod validate;

pub use compile::CompiledRoutes;
pub use egress::{DefaultOutbound, Egress, EgressMethod};
pub use fate::{DecidingRoute, DropReason, Fate, NextHop, RouteKind};
pub use judge::{RoutePart, RouteVerdict, Way, evaluate_return_path, evaluate_routes};
pub use peering::{Peering, PeeringLink};
pub use table::{
    Gateway, GatewayRoutes, PrivateEndpoint, RoutePrefix, ServiceEndpoint, SubnetRoutes, UserHop, UserRoute,
};
pub use validate::{RouteIssue, RoutePlace, validate_table};
