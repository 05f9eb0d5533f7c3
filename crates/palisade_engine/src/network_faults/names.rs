//! DNS servers: their keys are their addresses.

use palisade_net::parse_ip;
use palisade_source::Severity;

use super::{Found, NetworkFault};
use crate::environment::codes;
use crate::evaluate::world::World;

pub(super) fn judge(world: &dyn World, found: &mut Found) {
    let Some(binding) = world.bindings().endpoints.as_ref() else { return };
    for id in world.every(binding.server.record).iter() {
        let Some(view) = world.entity(*id) else { continue };
        let Err(error) = parse_ip(&view.name) else { continue };
        found.push(NetworkFault {
            code: codes::INVALID_VALUE,
            severity: Severity::Error,
            place: world.place(*id),
            message: error.message,
            related: Vec::new(),
            help: "the key of a DNS server is the address at which networks ask it, such as `10.0.0.4`".to_owned(),
        });
    }
}
