//! The resource at the end of a path: what is described of it and not judged leaves the path open.

use palisade_net::{Fqdn, Remote};

use super::fields::{entity, get};
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};
use crate::types::RecordId;

/// What is open about the target of a flow; `None` if nothing that is described stands in its way.
///
/// A tag is the service and not one resource of it (fact `net.tag.storage-not-account`): only a host name leads to one.
pub fn open(world: &dyn World, remote: &Remote) -> Option<String> {
    let host = host(remote)?;
    private_zone(world, host).or_else(|| described(world, host)).or_else(|| of_unknown_names(world, host))
}

fn host(remote: &Remote) -> Option<&Fqdn> {
    match remote {
        Remote::Host { fqdn, .. } => Some(fqdn),
        Remote::Narrowed(part) => host(&part.of),
        _ => None,
    }
}

/// A private zone may give the name another address.
fn private_zone(world: &dyn World, host: &Fqdn) -> Option<String> {
    let zone = world.bindings().endpoints.as_ref()?.zone?;
    let holds = |id: &&EntityId| {
        let name = world.entity(**id).map(|view| view.name);
        name.is_some_and(|zone| {
            let (zone, host) = (zone.to_lowercase(), host.as_str().to_lowercase());
            host.strip_suffix(zone.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    let found = world.every(zone.record).iter().find(holds).copied()?;
    Some(format!("the address that `{}` gives `{host}`, which is not judged yet", world.place(found)))
}

/// The first label of a host is the name of the resource: an account, a vault, a registry.
fn described(world: &dyn World, host: &Fqdn) -> Option<String> {
    let endpoints = world.bindings().endpoints.as_ref()?;
    let label = host.as_str().split('.').next().filter(|label| !label.contains('*'));
    for (record, firewall) in &endpoints.targets {
        for id in world.every(*record).iter() {
            let Some(view) = world.entity(*id) else { continue };
            if label.is_some_and(|label| !label.eq_ignore_ascii_case(&view.name)) {
                continue;
            }
            let place = world.place(*id);
            if matches!(get(&view.body, *firewall), Some(Data::Record(_))) {
                return Some(format!("the network rules of `{place}`, which are not judged yet"));
            }
            let leads = |endpoint: &&EntityId| {
                let view = world.entity(**endpoint);
                view.and_then(|view| entity(world, &view.body, endpoints.private.target, *record)) == Some(*id)
            };
            if let Some(endpoint) = world.every(endpoints.private.record).iter().find(leads) {
                let endpoint = world.place(*endpoint);
                return Some(format!("whether names lead to `{place}` by `{endpoint}`, which is not judged yet"));
            }
        }
    }
    None
}

/// A private endpoint of a resource whose host names do not follow from its own, such as a workspace: any host may be one
/// of them.
fn of_unknown_names(world: &dyn World, host: &Fqdn) -> Option<String> {
    let endpoints = world.bindings().endpoints.as_ref()?;
    let is_named = |view: &EntityView| {
        let leads = |(record, _): &(RecordId, Option<usize>)| {
            entity(world, &view.body, endpoints.private.target, *record).is_some()
        };
        endpoints.targets.iter().any(leads)
    };
    let other = |id: &&EntityId| world.entity(**id).is_some_and(|view| !is_named(&view));
    let endpoint = world.every(endpoints.private.record).iter().find(other).copied()?;
    Some(format!("whether `{host}` is a host of what `{}` leads to, which is not judged yet", world.place(endpoint)))
}
