//! Through a service endpoint: which accounts the policies of the subnet let it reach (facts part C.8).

use palisade_net::{Account, EndpointPolicy, Outcome, PolicyVerdict, ask_policies};

use super::Judged;
use super::fields::{entities, items, place_of, record, text};
use super::portions::{Goal, host};
use crate::environment::EntityId;
use crate::evaluate::world::World;
use crate::place::Place;

/// What the policies of a subnet say of what leaves by its endpoint for a service.
pub fn through(world: &dyn World, here: Judged, subnet: EntityId, service: &str) -> Judged {
    let policies = policies(world, subnet, service);
    let limited = policies.iter().any(|policy| !policy.accounts.is_empty());
    // A tag is the service and no account of it (fact `net.tag.storage-not-account`).
    if host(&here.flow.remote).is_none() || !limits(world, &here.goal, limited) {
        let which = if limited { "; the subnet's policies say to which accounts" } else { "" };
        return here.met("endpoint", Outcome::Allowed, format!("goes straight to the service{which}"));
    }
    let verdict = ask(&policies, &here.goal);
    let (outcome, policy) = match verdict {
        PolicyVerdict::NoPolicy => return here.met("endpoint", Outcome::Allowed, "goes straight to the service"),
        PolicyVerdict::Listed { policy } => (Outcome::Allowed, policies.get(policy)),
        PolicyVerdict::OnlyAliases => (Outcome::Allowed, policies.first()),
        PolicyVerdict::NotListed => (Outcome::Denied, policies.first()),
        PolicyVerdict::PerhapsAlias => (Outcome::Undetermined, policies.iter().find(|policy| policy.aliases)),
        PolicyVerdict::Empty => (Outcome::Undetermined, policies.first()),
    };
    let Some(place) = policy.map(|policy| world.place(policy.id)) else {
        return here.open("the service endpoint policies of the subnet");
    };
    let remote = here.flow.remote.clone();
    let here = here.met("endpoint", outcome, words(verdict, &place));
    match verdict {
        PolicyVerdict::NotListed => here.by("endpoint", definitions(world, &place), None),
        PolicyVerdict::PerhapsAlias => {
            let why = format!("whether `{remote}` is one of Microsoft's own accounts, which `{place}` opens");
            here.by("endpoint", Some(place), None).open(why)
        }
        PolicyVerdict::Empty => {
            let why = format!("an account in the definitions of `{place}`, or no policy");
            here.by("endpoint", Some(place), None).open(why)
        }
        _ => here.written(definitions(world, &place)),
    }
}

fn words(verdict: PolicyVerdict, policy: &Place) -> String {
    match verdict {
        PolicyVerdict::NotListed => {
            format!("`{policy}` does not list the account, nor does another policy of the subnet")
        }
        PolicyVerdict::OnlyAliases => {
            format!("goes straight to the service: `{policy}` lists no account, so that it has no effect")
        }
        PolicyVerdict::PerhapsAlias => format!("`{policy}` opens accounts of Microsoft"),
        PolicyVerdict::Empty => format!("`{policy}` lists nothing"),
        PolicyVerdict::NoPolicy | PolicyVerdict::Listed { .. } => {
            format!("goes straight to the service: `{policy}` lists the account")
        }
    }
}

fn ask(policies: &[Listed], goal: &Goal) -> PolicyVerdict {
    let accounts: Vec<EntityId> = policies.iter().flat_map(|policy| policy.accounts.clone()).collect();
    let number = |id: &EntityId| accounts.iter().position(|one| one == id).unwrap_or(accounts.len());
    let account = match goal {
        Goal::Resource(id) => Account::Described(number(id)),
        Goal::Other(_) | Goal::Anything => Account::Other,
    };
    let numbered = |policy: &Listed| EndpointPolicy {
        accounts: policy.accounts.iter().map(number).collect(),
        aliases: policy.aliases,
    };
    ask_policies(&policies.iter().map(numbered).collect::<Vec<_>>(), account)
}

/// A policy as far as it is about one service.
struct Listed {
    id: EntityId,
    accounts: Vec<EntityId>,
    aliases: bool,
}

/// The policies of a subnet.
fn policies(world: &dyn World, subnet: EntityId, service: &str) -> Vec<Listed> {
    let Some((binding, view)) = world.bindings().endpoints.as_ref().zip(world.entity(subnet)) else {
        return Vec::new();
    };
    let policy = binding.policy;
    let ids = entities(world, &view.body, Some(binding.subnet_policies), policy.record);
    let listed = |id: &EntityId| {
        let mut found = Listed { id: *id, accounts: Vec::new(), aliases: false };
        let view = world.entity(*id);
        for fields in view.iter().flat_map(|view| items(&view.body, Some(policy.definitions))).filter_map(record) {
            found.aliases |= !items(fields, Some(policy.aliases)).is_empty();
            if text(fields, Some(policy.service)).is_some_and(|named| is_for(&named, service)) {
                for target in &binding.targets {
                    found.accounts.extend(entities(world, fields, Some(policy.accounts), target.record));
                }
            }
        }
        found
    };
    ids.iter().map(listed).collect()
}

/// `Microsoft.Storage` is for the endpoints `Microsoft.Storage` and `Microsoft.Storage.Global`.
fn is_for(named: &str, service: &str) -> bool {
    let front = service.get(..named.len()).is_some_and(|front| front.eq_ignore_ascii_case(named));
    front && service.get(named.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether policies are for resources of this type: those that a definition may list (fact `net.sep.storage`).
fn limits(world: &dyn World, goal: &Goal, limited: bool) -> bool {
    let Some(binding) = world.bindings().endpoints.as_ref() else { return false };
    match goal {
        Goal::Anything => limited,
        Goal::Resource(id) => world.entity(*id).is_some_and(|view| binding.limited.contains(&view.record)),
        Goal::Other(kind) => {
            let target = binding.targets.iter().find(|target| target.name.to_string() == kind.as_str());
            target.is_some_and(|target| binding.limited.contains(&target.record))
        }
    }
}

fn definitions(world: &dyn World, policy: &Place) -> Option<Place> {
    let binding = world.bindings().endpoints.as_ref()?.policy;
    place_of(world, policy, binding.record, Some(binding.definitions))
}
