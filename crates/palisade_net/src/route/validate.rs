//! What Azure would refuse in the routes of a subnet, and what does not work as written.

use std::collections::BTreeMap;

use super::table::{RoutePrefix, SubnetRoutes, UserHop, UserRoute};
use crate::builtin::BuiltinTag;
use crate::catalogue::{Feature, TagCatalogue};
use crate::group::IssueLevel;
use crate::ip_set::IpSet;
use crate::tag::ServiceTag;

/// How many routes with tags a table takes (facts part C.4).
const MOST_TAG_ROUTES: usize = 25;

/// Something wrong with the routes of a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteIssue {
    /// How bad it is.
    pub level: IssueLevel,
    /// What it is about, the one to change last.
    pub places: Vec<RoutePlace>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// A part of [`SubnetRoutes`] by its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoutePlace {
    /// The name of one of [`SubnetRoutes::user`].
    Name(usize),
    /// The prefix of one of [`SubnetRoutes::user`].
    Prefix(usize),
    /// The next hop of one of [`SubnetRoutes::user`].
    NextHop(usize),
    /// One of [`SubnetRoutes::peerings`].
    Peering(usize),
    /// One of [`SubnetRoutes::service_endpoints`].
    ServiceEndpoint(usize),
}

/// Everything that is wrong with a route table, whatever subnets it is for.
pub fn validate_table(routes: &[UserRoute], catalogue: &TagCatalogue) -> Vec<RouteIssue> {
    let mut issues = Vec::new();
    duplicates(routes, &mut issues);
    for (index, route) in routes.iter().enumerate() {
        if let RoutePrefix::Tag(tag) = &route.prefix {
            issues.extend(tag_issue(index, route, tag, catalogue));
        }
    }
    issues.extend(tag_count(routes));
    issues
}

impl SubnetRoutes {
    /// Everything that is wrong with the routes: of the table, of the subnet, and of the network's peerings.
    pub fn validate(&self, catalogue: &TagCatalogue) -> Vec<RouteIssue> {
        let mut issues = validate_table(&self.user, catalogue);
        issues.extend(self.validate_appliances());
        issues.extend(self.validate_peerings());
        for (index, endpoint) in self.service_endpoints.iter().enumerate() {
            if catalogue.atoms().id(&endpoint.tag).is_none() {
                let message = format!(
                    "service endpoint `{}` is for `{}`, which is not a service tag",
                    endpoint.service, endpoint.tag
                );
                let place = RoutePlace::ServiceEndpoint(index);
                issues.push(error(vec![place], message, "write a tag of the catalogue"));
            }
        }
        issues
    }

    /// Appliances are in another subnet and directly connected (fact `net.rt.appliance`).
    pub fn validate_appliances(&self) -> Vec<RouteIssue> {
        let carrying = self.peerings.iter().filter(|peering| peering.carries());
        let peers = carrying.flat_map(|peering| &peering.prefixes);
        let connected: IpSet = self.address_space.iter().chain(peers).copied().collect();
        let one = |(index, route): (usize, &UserRoute)| self.appliance(index, route, &connected);
        self.user.iter().enumerate().filter_map(one).collect()
    }

    fn appliance(&self, index: usize, route: &UserRoute, connected: &IpSet) -> Option<RouteIssue> {
        let UserHop::VirtualAppliance(address) = route.next_hop else { return None };
        let (what, help) = if self.subnet.contains(address) {
            ("in the subnet that the route is for: packets go round in a circle", "put the appliance in another subnet")
        } else if !connected.contains(address) {
            ("neither in the network nor in a connected peer", "peer the networks, or name an appliance nearby")
        } else {
            return None;
        };
        let message = format!("route `{}` has the appliance `{address}`, which is {what}", route.name);
        Some(RouteIssue { level: IssueLevel::Warning, places: vec![RoutePlace::NextHop(index)], message, help })
    }

    /// Address spaces of peers do not overlap (fact `net.peer.no-overlap`).
    pub fn validate_peerings(&self) -> Vec<RouteIssue> {
        const HELP: &str = "peered networks need address spaces of their own";
        let own: IpSet = self.address_space.iter().copied().collect();
        let mut issues = Vec::new();
        let mut used: Vec<(usize, &str, IpSet)> = Vec::new();
        for (index, peering) in self.peerings.iter().enumerate().filter(|(_, peering)| peering.is_connected()) {
            let (name, place) = (&peering.name, RoutePlace::Peering(index));
            let prefixes: IpSet = peering.prefixes.iter().copied().collect();
            let shared = own.intersect(&prefixes);
            if !shared.is_empty() {
                let message = format!("peering `{name}` leads to addresses of the network itself, {shared}");
                issues.push(error(vec![place], message, HELP));
            }
            for (first, other, ips) in used.iter().filter(|(.., ips)| ips.overlaps(&prefixes)) {
                let shared = ips.intersect(&prefixes);
                let message = format!("peerings `{other}` and `{name}` lead to the same addresses, {shared}");
                issues.push(error(vec![RoutePlace::Peering(*first), place], message, HELP));
            }
            used.push((index, name, prefixes));
        }
        issues
    }
}

/// A table has one route for a prefix and one of a name.
fn duplicates(routes: &[UserRoute], issues: &mut Vec<RouteIssue>) {
    let (mut prefixes, mut names) = (BTreeMap::new(), BTreeMap::new());
    for (index, route) in routes.iter().enumerate() {
        if let Some(first) = prefixes.insert(&route.prefix, index) {
            let message = format!("two routes are for `{}`", route.prefix);
            let places = [first, index].map(RoutePlace::Prefix).to_vec();
            issues.push(error(places, message, "remove one: a table has one route for a prefix"));
        }
        if let Some(first) = names.insert(route.name.to_lowercase(), index) {
            let message = format!("two routes are named `{}`", route.name);
            let help = "rename one: names are unique in a table, without regard to case";
            issues.push(error([first, index].map(RoutePlace::Name).to_vec(), message, help));
        }
    }
}

fn tag_count(routes: &[UserRoute]) -> Option<RouteIssue> {
    let is_tag = |(_, route): &(usize, &UserRoute)| matches!(route.prefix, RoutePrefix::Tag(_));
    let tagged = routes.iter().enumerate().filter(is_tag);
    let places: Vec<RoutePlace> = tagged.map(|(index, _)| RoutePlace::Prefix(index)).collect();
    (places.len() > MOST_TAG_ROUTES).then(|| RouteIssue {
        level: IssueLevel::Warning,
        message: format!("{} routes are for service tags, Azure takes {MOST_TAG_ROUTES} in a table", places.len()),
        places,
        help: "use a tag that holds several of them, or networks",
    })
}

/// Which tags a route takes (facts `net.tag.udr-unsupported`, `net.rt.tags`).
fn tag_issue(index: usize, route: &UserRoute, tag: &ServiceTag, catalogue: &TagCatalogue) -> Option<RouteIssue> {
    let (name, place) = (&route.name, RoutePlace::Prefix(index));
    if BuiltinTag::find(tag.name()).is_some() {
        let message = format!("route `{name}` is for `{tag}`, which routes do not take");
        return Some(error(vec![place], message, "write a network, or the tag of a service"));
    }
    if catalogue.atoms().id(tag).is_none() {
        let message = format!("route `{name}` is for `{tag}`, which is not a service tag");
        return Some(error(vec![place], message, "write a tag of the catalogue"));
    }
    if catalogue.usable(tag, Feature::Route) {
        return None;
    }
    Some(RouteIssue {
        level: IssueLevel::Warning,
        places: vec![place],
        message: format!("route `{name}` is for `{tag}`, which Microsoft's file does not list as usable in routes"),
        help: "try it before relying on it, or write the tag's global form or its prefixes",
    })
}

fn error(places: Vec<RoutePlace>, message: String, help: &'static str) -> RouteIssue {
    RouteIssue { level: IssueLevel::Error, places, message, help }
}
