//! Which of the routes that match an address Azure takes: the longest prefix, then user-defined before BGP before system
//! (facts `net.rt.lpm`, `net.rt.tie`).
//!
//! Two things may be open. A route for a service tag has the lengths of Microsoft's prefixes, which are not known without
//! its file: between a tag and a public network either may be longer. What is known is that the prefixes of a service and
//! of its regions are alike and those of `AzureCloud` are no longer (which is how the order among tags in fact
//! `net.rt.tags` is read), and that a tag's prefixes hold public addresses alone. And in three places the documentation leaves
//! open whether a system route is there. The choice is made in every one of these readings; if they differ, all routes
//! that one of them takes are given.

use smallvec::SmallVec;

use super::compile::{Route, Target};
use super::fate::RouteKind;
use crate::atoms::TagId;

/// The routes that may decide, by their places in the list, and why there is more than one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Choice {
    pub(crate) routes: SmallVec<[usize; 1]>,
    /// It depends on the lengths of service tags' prefixes.
    pub(crate) lengths: bool,
    /// It depends on which system routes there are.
    pub(crate) system: bool,
}

type Matching<'r> = SmallVec<[(usize, &'r Route); 8]>;

/// The choice among `matching` routes of one address, given with their places. `user_default` says whether the route table
/// has a route for every address, `shortest` how short a prefix of a tag around a network may be.
pub(crate) fn choose<'r>(
    matching: impl Iterator<Item = (usize, &'r Route)>,
    user_default: bool,
    shortest: impl Fn(TagId, &Route) -> u8,
) -> Choice {
    let mut choice = Choice::default();
    let mut first: Option<SmallVec<[usize; 1]>> = None;
    for reading in readings(matching.collect(), user_default) {
        let mut winners = SmallVec::new();
        for lengths in lengths(&reading, &shortest) {
            let best = best(&reading, lengths);
            choice.lengths |= !winners.is_empty() && winners != best;
            winners.extend(best);
            winners.sort_unstable();
            winners.dedup();
        }
        choice.system |= *first.get_or_insert_with(|| winners.clone()) != winners;
        choice.routes.extend(winners);
    }
    choice.routes.sort_unstable();
    choice.routes.dedup();
    choice
}

/// The routes that are there, in every reading of the documentation.
///
/// * Beside a user-defined default route the routes that drop private ranges may or may not be there.
/// * Whether a private endpoint's route reaches peered networks is not documented (fact `net.pe.route32`).
/// * Without route policies, user-defined routes do not apply to a private endpoint (fact `net.pe.policies`), but of equal
///   length they come before it (fact `net.rt.tie`).
fn readings(mut matching: Matching<'_>, user_default: bool) -> Vec<Matching<'_>> {
    if let Some(platform) = matching.iter().find(|(_, route)| route.about.kind == RouteKind::Platform).copied() {
        return vec![SmallVec::from_elem(platform, 1)];
    }
    let invalid = |route: &Route| {
        let endpoint = route.endpoint.filter(|endpoint| endpoint.route_policies);
        endpoint.is_some_and(|endpoint| invalidated(&matching, endpoint.space))
    };
    let gone: SmallVec<[usize; 2]> = matching.iter().filter(|(_, route)| invalid(route)).map(|(i, _)| *i).collect();
    matching.retain(|(i, _)| !gone.contains(i));
    let mut readings = vec![matching];
    if user_default {
        fork(&mut readings, |_, route| route.about.kind == RouteKind::PrivateRange);
    }
    fork(&mut readings, |_, route| route.endpoint.is_some_and(|endpoint| endpoint.peered));
    fork(&mut readings, |reading, route| {
        let exempt = |(_, route): &(usize, &Route)| route.endpoint.is_some_and(|endpoint| !endpoint.route_policies);
        route.about.kind == RouteKind::User && reading.iter().any(exempt)
    });
    readings.iter_mut().for_each(prefer_system);
    readings
}

/// Whether a user-defined route makes an endpoint's route invalid: one at least as long as the prefix of the network, and
/// not the default route (fact `net.pe.invalidate`).
fn invalidated(matching: &Matching<'_>, space: u8) -> bool {
    matching.iter().any(|(_, route)| {
        let long = matches!(route.target, Target::Net { length, .. } if length >= space && length > 0);
        route.about.kind == RouteKind::User && long
    })
}

/// Adds to each reading the one without the routes that `doubtful` picks.
fn fork(readings: &mut Vec<Matching<'_>>, doubtful: impl Fn(&Matching<'_>, &Route) -> bool) {
    for i in 0..readings.len() {
        let Some(with) = readings.get(i) else { return };
        let without: Matching<'_> = with.iter().filter(|(_, route)| !doubtful(with, route)).copied().collect();
        if without.len() < with.len() {
            readings.push(without);
        }
    }
}

/// The network, its peers and service endpoints come before BGP routes however long those are (fact `net.rt.tie`).
fn prefer_system(reading: &mut Matching<'_>) {
    let preferred = |(_, route): &(usize, &Route)| {
        matches!(route.about.kind, RouteKind::VirtualNetwork | RouteKind::Peering | RouteKind::ServiceEndpoint)
    };
    if reading.iter().any(preferred) {
        reading.retain(|(_, route)| route.about.kind != RouteKind::Bgp);
    }
}

/// How long the prefixes of service tags at one address are.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    service: u8,
    cloud: u8,
}

/// Every way in which the lengths of tags' prefixes may compare to those of networks.
fn lengths(reading: &Matching<'_>, shortest: impl Fn(TagId, &Route) -> u8) -> Vec<Lengths> {
    let (mut from, mut longest, mut tags) = (Lengths::default(), 0, false);
    let nets = || reading.iter().filter(|(_, route)| matches!(route.target, Target::Net { .. }));
    for (_, tag) in reading {
        longest = longest.max(tag.target.longest());
        let Target::Tag { id, cloud, .. } = tag.target else { continue };
        tags = true;
        let least = nets().map(|(_, net)| shortest(id, net)).max().unwrap_or(0);
        let from = if cloud { &mut from.cloud } else { &mut from.service };
        *from = least.max(*from);
    }
    if !tags {
        return vec![Lengths::default()];
    }
    let mut points = vec![0, from.service.min(longest), from.cloud.min(longest), longest];
    for (_, route) in nets() {
        if let Target::Net { length, .. } = route.target {
            points.extend([length.saturating_sub(1), length, length.saturating_add(1).min(longest)]);
        }
    }
    points.sort_unstable();
    points.dedup();
    let pairs = points.iter().flat_map(|&cloud| points.iter().map(move |&service| Lengths { service, cloud }));
    let possible = |l: &Lengths| {
        l.cloud <= l.service && l.service >= from.service.min(longest) && l.cloud >= from.cloud.min(longest)
    };
    pairs.filter(possible).collect()
}

/// The routes that come before all others; more than one only if they are alike.
fn best(reading: &Matching<'_>, lengths: Lengths) -> SmallVec<[usize; 1]> {
    let rank = |route: &Route| {
        let length = match route.target {
            Target::Net { length, .. } => length,
            Target::Tag { cloud: true, .. } => lengths.cloud,
            Target::Tag { cloud: false, .. } => lengths.service,
        };
        (length, source(route), precision(&route.target))
    };
    let top = reading.iter().map(|(_, route)| rank(route)).max();
    reading.iter().filter(|(_, route)| Some(rank(route)) == top).map(|(i, _)| *i).collect()
}

/// Who comes first of routes of one length (fact `net.rt.tie`); larger is before.
fn source(route: &Route) -> u8 {
    match route.about.kind {
        RouteKind::Platform => 9,
        RouteKind::User => 8,
        RouteKind::Bgp => 7,
        RouteKind::PrivateEndpoint => 6,
        RouteKind::ServiceEndpoint => 5,
        RouteKind::VirtualNetwork => 4,
        RouteKind::Peering => 3,
        RouteKind::OnPremises => 2,
        RouteKind::PrivateRange => 1,
        RouteKind::Internet => 0,
    }
}

/// A network before a tag; of tags a region's before the global one, and `AzureCloud` last (fact `net.rt.tags`).
fn precision(target: &Target) -> u8 {
    match target {
        Target::Net { .. } => 4,
        Target::Tag { cloud: false, regional: true, .. } => 3,
        Target::Tag { cloud: false, regional: false, .. } => 2,
        Target::Tag { cloud: true, regional: true, .. } => 1,
        Target::Tag { cloud: true, regional: false, .. } => 0,
    }
}
