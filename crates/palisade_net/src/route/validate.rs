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
    /// What it is about: places in [`SubnetRoutes::user`], the one to change last. Empty where it is about a peering or a
    /// service endpoint.
    pub routes: Vec<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl SubnetRoutes {
    /// Everything that is wrong with the routes.
    pub fn validate(&self, catalogue: &TagCatalogue) -> Vec<RouteIssue> {
        let mut issues = Vec::new();
        self.duplicates(&mut issues);
        for (index, route) in self.user.iter().enumerate() {
            issues.extend(self.hop(index, route));
            if let RoutePrefix::Tag(tag) = &route.prefix {
                issues.extend(tag_issue(index, route, tag, catalogue));
            }
        }
        self.tag_count(&mut issues);
        self.overlaps(&mut issues);
        for endpoint in &self.service_endpoints {
            if catalogue.atoms().id(&endpoint.tag).is_none() {
                let message = format!(
                    "service endpoint `{}` is for `{}`, which is not a service tag",
                    endpoint.service, endpoint.tag
                );
                issues.push(error(Vec::new(), message, "write a tag of the catalogue"));
            }
        }
        issues
    }

    /// A table has one route for a prefix and one of a name.
    fn duplicates(&self, issues: &mut Vec<RouteIssue>) {
        let (mut prefixes, mut names) = (BTreeMap::new(), BTreeMap::new());
        for (index, route) in self.user.iter().enumerate() {
            if let Some(first) = prefixes.insert(&route.prefix, index) {
                let message = format!("two routes are for `{}`", route.prefix);
                issues.push(error(vec![first, index], message, "remove one: a table has one route for a prefix"));
            }
            if let Some(first) = names.insert(route.name.to_lowercase(), index) {
                let message = format!("two routes are named `{}`", route.name);
                let help = "rename one: names are unique in a table, without regard to case";
                issues.push(error(vec![first, index], message, help));
            }
        }
    }

    /// An appliance is in another subnet and directly connected (fact `net.rt.appliance`).
    fn hop(&self, index: usize, route: &UserRoute) -> Option<RouteIssue> {
        let UserHop::VirtualAppliance(address) = route.next_hop else { return None };
        let mut connected: IpSet = self.address_space.iter().copied().collect();
        for peering in self.peerings.iter().filter(|peering| peering.carries()) {
            connected = connected.union(&peering.prefixes.iter().copied().collect());
        }
        let (what, help) = if self.subnet.contains(address) {
            ("in the subnet that the route is for: packets go round in a circle", "put the appliance in another subnet")
        } else if !connected.contains(address) {
            ("neither in the network nor in a connected peer", "peer the networks, or name an appliance nearby")
        } else {
            return None;
        };
        let message = format!("route `{}` has the appliance `{address}`, which is {what}", route.name);
        Some(RouteIssue { level: IssueLevel::Warning, routes: vec![index], message, help })
    }

    fn tag_count(&self, issues: &mut Vec<RouteIssue>) {
        let is_tag = |(_, route): &(usize, &UserRoute)| matches!(route.prefix, RoutePrefix::Tag(_));
        let tagged: Vec<usize> = self.user.iter().enumerate().filter(is_tag).map(|(index, _)| index).collect();
        if tagged.len() > MOST_TAG_ROUTES {
            issues.push(RouteIssue {
                level: IssueLevel::Warning,
                message: format!(
                    "{} routes are for service tags, Azure takes {MOST_TAG_ROUTES} in a table",
                    tagged.len()
                ),
                routes: tagged,
                help: "use a tag that holds several of them, or networks",
            });
        }
    }

    /// Address spaces of peers do not overlap (fact `net.peer.no-overlap`).
    fn overlaps(&self, issues: &mut Vec<RouteIssue>) {
        let mut used: Vec<(&str, IpSet)> = vec![("the network itself", self.address_space.iter().copied().collect())];
        for peering in self.peerings.iter().filter(|peering| peering.is_connected()) {
            let prefixes: IpSet = peering.prefixes.iter().copied().collect();
            if let Some((other, _)) = used.iter().find(|(_, ips)| ips.overlaps(&prefixes)) {
                let message = format!("the network of peering `{}` overlaps that of `{other}`", peering.name);
                issues.push(error(Vec::new(), message, "peered networks need address spaces of their own"));
            }
            used.push((&peering.name, prefixes));
        }
    }
}

/// Which tags a route takes (facts `net.tag.udr-unsupported`, `net.rt.tags`).
fn tag_issue(index: usize, route: &UserRoute, tag: &ServiceTag, catalogue: &TagCatalogue) -> Option<RouteIssue> {
    let name = &route.name;
    if BuiltinTag::find(tag.name()).is_some() {
        let message = format!("route `{name}` is for `{tag}`, which routes do not take");
        return Some(error(vec![index], message, "write a network, or the tag of a service"));
    }
    if catalogue.atoms().id(tag).is_none() {
        let message = format!("route `{name}` is for `{tag}`, which is not a service tag");
        return Some(error(vec![index], message, "write a tag of the catalogue"));
    }
    if catalogue.usable(tag, Feature::Route) {
        return None;
    }
    Some(RouteIssue {
        level: IssueLevel::Warning,
        routes: vec![index],
        message: format!("route `{name}` is for `{tag}`, which Microsoft's file does not list as usable in routes"),
        help: "try it before relying on it, or write the tag's global form or its prefixes",
    })
}

fn error(routes: Vec<usize>, message: String, help: &'static str) -> RouteIssue {
    RouteIssue { level: IssueLevel::Error, routes, message, help }
}
