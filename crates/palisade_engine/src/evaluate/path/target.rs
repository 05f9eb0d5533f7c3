//! The resource at the end of a path, and its network rules.
//!
//! A tag is the service and not one resource of it (fact `net.tag.storage-not-account`): only a host name leads to one. A
//! resource that is not described is taken to let everybody in.

use palisade_net::{
    Access, AddressSpec, Arrival, EgressMethod, IpSet, Outcome, Passage, Reason, TargetRules, public_addresses,
};

use super::Judged;
use super::egress;
use super::fields::{addresses, entities, get, place_of, record, variant};
use super::portions::{Goal, host, is_public};
use crate::bindings::endpoints::{Rules, Target};
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};
use crate::place::Place;

/// What becomes of packets that left a subnet, or a firewall in it, by a public address.
pub fn from_internet(
    world: &dyn World,
    here: Judged,
    subnet: EntityId,
    method: EgressMethod,
    firewall: Option<EntityId>,
) -> Judged {
    // A firewall that reads names asks for their addresses itself.
    if let (Some(firewall), Some(fqdn)) = (firewall, host(&here.flow.remote))
        && !is_public(world, world.entity(subnet).and_then(|view| view.owner), fqdn)
    {
        let place = world.place(firewall);
        let why = format!("whether `{place}` takes the address that its own network gets for `{fqdn}`");
        return here.open_at("target", why).by("firewall", Some(place), None);
    }
    match Resource::of(world, &here.goal) {
        Some(resource) => {
            let sources = egress::public_addresses_of(world, subnet, method, firewall);
            resource.ask(here, subnet, Way::Public(sources))
        }
        None => here,
    }
}

/// What becomes of packets that left a subnet by its service endpoint.
pub fn from_subnet(world: &dyn World, here: Judged, subnet: EntityId) -> Judged {
    match Resource::of(world, &here.goal) {
        Some(resource) => resource.ask(here, subnet, Way::ServiceEndpoint),
        None => here,
    }
}

/// How packets come to a resource.
enum Way {
    ServiceEndpoint,
    /// From these addresses, if they are known.
    Public(Option<IpSet>),
}

/// A described resource.
struct Resource<'a> {
    world: &'a dyn World,
    view: EntityView,
    place: Place,
    target: &'a Target,
    rules: Rules,
}

impl<'a> Resource<'a> {
    fn of(world: &'a dyn World, goal: &Goal) -> Option<Self> {
        let Goal::Resource(id) = goal else { return None };
        let binding = world.bindings().endpoints.as_ref()?;
        let view = world.entity(*id)?;
        let target = binding.targets.iter().find(|target| target.record == view.record)?;
        Some(Self { world, place: world.place(*id), view, target, rules: binding.rules })
    }

    fn ask(&self, here: Judged, subnet: EntityId, way: Way) -> Judged {
        let named = self.subnets();
        let listed = named.iter().position(|one| *one == subnet);
        let arrival = match way {
            Way::ServiceEndpoint => Arrival::ServiceEndpoint { subnet: listed.unwrap_or(named.len()) },
            Way::Public(sources) => Arrival::Public { sources },
        };
        let Some(addresses) = self.addresses() else {
            return here.open(format!("`ip_rules` of `{}` without service tags", self.place));
        };
        let rules = |public_access| TargetRules {
            public_access,
            default_action: self.default_action(),
            subnets: (0..named.len()).collect(),
            addresses: addresses.clone(),
        };
        let access = self.public_access();
        let passage = rules(access.unwrap_or(true)).ask(&arrival);
        if access.is_none() && passage.outcome != Outcome::Denied {
            let here = here.met("target", Outcome::Undetermined, format!("`{}` may not answer publicly", self.place));
            let here = here.by("target", Some(self.place.clone()), None);
            return here.open(format!("`public_network_access` of `{}`", self.place));
        }
        self.passed(here, subnet, passage, &arrival, listed.is_some())
    }

    fn passed(&self, here: Judged, subnet: EntityId, passage: Passage, arrival: &Arrival, listed: bool) -> Judged {
        let (place, why) = (&self.place, self.why(subnet, passage, arrival, listed));
        if passage.reason == Reason::Addresses && passage.outcome == Outcome::Allowed && !self.regional_ip_rules(subnet)
        {
            let here = here.met("target", Outcome::Undetermined, why).by("target", self.written(passage.reason), None);
            return here.open(format!(
                "a way to `{place}` other than `ip_rules`, which are not for clients in its own region"
            ));
        }
        let here = here.met("target", passage.outcome, why);
        match passage.outcome {
            Outcome::Allowed => here.written(self.written(passage.reason)),
            Outcome::Undetermined => here
                .open(format!("the public address from which it comes, for `ip_rules` of `{place}`"))
                .by("target", self.written(passage.reason), None),
            Outcome::Denied | Outcome::Partial => here.by("target", self.written(passage.reason), None),
        }
    }

    /// Whether rules for public addresses are for clients in that subnet: not in every service for clients in the
    /// resource's own region, as the catalogue of host names says.
    fn regional_ip_rules(&self, subnet: EntityId) -> bool {
        let kind = self.target.name.to_string();
        let mut kinds = self.world.host_names().resources().iter();
        if kinds.find(|one| one.resource == kind).is_none_or(|kind| kind.regional_ip_rules) {
            return true;
        }
        let network = self.world.entity(subnet).and_then(|view| self.world.entity(view.owner?));
        let field = self.world.bindings().routing.and_then(|routing| routing.network.region);
        let near = network.as_ref().and_then(|network| get(&network.body, field));
        match (near, get(&self.view.body, self.target.region)) {
            (Some(Data::Region(near)), Some(Data::Region(own))) => near != own,
            _ => false,
        }
    }

    fn why(&self, subnet: EntityId, passage: Passage, arrival: &Arrival, listed: bool) -> String {
        let (place, subnet) = (&self.place, self.world.place(subnet));
        match (passage.outcome, passage.reason, arrival) {
            (_, Reason::PublicAccess, _) => format!("`{place}` answers private endpoints alone"),
            (_, Reason::Subnet, _) => format!("`{place}` lets `{subnet}` in"),
            (_, Reason::Addresses, _) => format!("`{place}` lets the public address in"),
            (_, Reason::UnknownAddress, _) => format!("`{place}` lets some public addresses in"),
            (Outcome::Denied, _, Arrival::Public { .. }) if listed => {
                format!("`{place}` lists `{subnet}`, which has no service endpoint for it")
            }
            (Outcome::Denied, _, Arrival::ServiceEndpoint { .. }) => {
                format!(
                    "`{place}` does not list `{subnet}`, which comes by its service endpoint from a private address"
                )
            }
            (Outcome::Denied, ..) => format!("`{place}` denies what none of its network rules lets in"),
            _ => format!("`{place}` answers"),
        }
    }

    /// Where what decided is written.
    fn written(&self, reason: Reason) -> Option<Place> {
        let of = |field| place_of(self.world, &self.place, self.target.record, field);
        let firewall = of(self.target.firewall);
        let rule = |field| place_of(self.world, firewall.as_ref()?, self.rules.record, Some(field));
        let found = match reason {
            Reason::PublicAccess => of(self.target.public_access.map(|(field, _)| field)),
            Reason::DefaultAction => rule(self.rules.default_action),
            Reason::Subnet => rule(self.rules.virtual_network_rules),
            Reason::Addresses | Reason::UnknownAddress => rule(self.rules.ip_rules),
            Reason::PrivateEndpoint => None,
        };
        found.or_else(|| Some(self.place.clone()))
    }

    fn firewall(&self) -> Option<&[Data]> {
        get(&self.view.body, self.target.firewall).and_then(record)
    }

    /// Without network rules every network passes.
    fn default_action(&self) -> Access {
        match self.firewall() {
            Some(fields) if variant(fields, Some(self.rules.default_action)) != Some(self.rules.allow) => Access::Deny,
            _ => Access::Allow,
        }
    }

    /// Whether it answers publicly, if that is known.
    fn public_access(&self) -> Option<bool> {
        let Some((field, disabled)) = self.target.public_access else { return Some(true) };
        variant(&self.view.body, Some(field)).map(|word| word != disabled)
    }

    fn subnets(&self) -> Vec<EntityId> {
        let subnet = self.world.bindings().routing.map(|routing| routing.subnet.record);
        let listed = |(fields, subnet)| entities(self.world, fields, Some(self.rules.virtual_network_rules), subnet);
        self.firewall().zip(subnet).map_or_else(Vec::new, listed)
    }

    /// The public addresses that pass; `None` if they are not all written as addresses.
    fn addresses(&self) -> Option<IpSet> {
        let Some(fields) = self.firewall() else { return Some(IpSet::empty()) };
        match addresses(fields, Some(self.rules.ip_rules)) {
            AddressSpec::Any => Some(public_addresses()),
            AddressSpec::These { ips, tags } if tags.is_empty() => Some(ips),
            AddressSpec::These { .. } => None,
        }
    }
}
