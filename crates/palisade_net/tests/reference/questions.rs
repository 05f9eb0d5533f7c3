//! The questions over a whole group against the enumeration of every packet.

use std::collections::BTreeSet;

use palisade_net::*;
use proptest::prelude::*;

use crate::case::Place;
use crate::universe::{End, OnePacket, PORTS};
use crate::{cases, common, generate};

const DIRECTIONS: [Direction; 2] = [Direction::Inbound, Direction::Outbound];

fn local() -> IpSet {
    common::ips("10.0.1.0/24")
}

fn packets(direction: Direction) -> impl Iterator<Item = OnePacket> {
    End::all().into_iter().flat_map(move |end| OnePacket::all(direction, end))
}

fn compile(place: &Place, rules: &[GroupRule]) -> CompiledGroup {
    Group::compile(rules, &place.universe().catalogue).unwrap()
}

/// Whether a model without the file could have the packet; with the file, whether it is there.
fn exists(place: &Place, packet: &OnePacket) -> bool {
    match (packet.end, place.file) {
        (End::Public { block, atom }, Some(model)) => model[block] & (1 << atom) != 0,
        _ => true,
    }
}

/// Whether some packet of `set` is there in every model.
fn unavoidable(place: &Place, set: &[OnePacket]) -> bool {
    set.iter().any(|packet| matches!(packet.end, End::NotPublic(_)))
        || place.in_every_model(|block, atom| set.iter().any(|packet| packet.end == End::Public { block, atom }))
}

/// Whether the universe has ports of the flow at every end, and not only at the platform's.
fn is_sampled(flow: &Flow) -> bool {
    let sampled = |ports: &PortSet| PORTS.iter().any(|port| ports.contains(*port));
    !flow.protocols.overlaps(ProtocolSet::WITH_PORTS) || sampled(&flow.local_ports) && sampled(&flow.remote_ports)
}

/// The portions hold every packet that surely belongs to the answer, none that cannot, and are certain only where some
/// packet that surely belongs is there in every model.
fn check_portions(
    place: &Place,
    portions: &[Portion],
    direction: Direction,
    belongs: impl Fn(&OnePacket) -> (bool, bool),
) -> Result<(), TestCaseError> {
    let portions: Vec<_> = portions.iter().filter(|portion| portion.flow.direction == direction).collect();
    let mut held: Vec<Vec<OnePacket>> = vec![Vec::new(); portions.len()];
    for packet in packets(direction).filter(|packet| exists(place, packet)) {
        let (surely, perhaps) = belongs(&packet);
        let mut found = false;
        for (portion, held) in portions.iter().zip(&mut held) {
            if place.holds(&portion.flow, &packet) {
                found = true;
                prop_assert!(perhaps, "{:?} does not belong to {}", packet, portion.flow);
                if portion.certain {
                    prop_assert!(surely, "{:?} may not belong to {}", packet, portion.flow);
                    held.push(packet);
                }
            }
        }
        prop_assert!(found || !perhaps, "{:?} is left out", packet);
    }
    for (portion, held) in portions.iter().zip(held).filter(|(portion, _)| portion.certain && is_sampled(&portion.flow))
    {
        prop_assert!(unavoidable(place, &held), "{} may have no packet", portion.flow);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn a_rule_is_shadowed_for_certain_if_no_packet_can_reach_it(
        (place, rules) in generate::any_place().prop_flat_map(|place| {
            let universe = place.universe;
            (Just(place), generate::any_rules(universe, true))
        })
    ) {
        let group = compile(&place, &rules);
        let found = place.with_context(|ctx| shadowed_rules(&group, &local(), ctx)).unwrap();
        let mut reached: Vec<Vec<OnePacket>> = vec![Vec::new(); rules.len()];
        let mut doubt = false;
        for packet in DIRECTIONS.into_iter().flat_map(packets).filter(|packet| exists(&place, packet)) {
            let answers = place.answers(&packet);
            doubt |= answers.len() > 1;
            let first = answers.iter().filter_map(|answers| place.first_match(&rules, &packet, *answers));
            let names: BTreeSet<&str> = first.map(|rule| rule.name.as_str()).collect();
            for (rule, reached) in rules.iter().zip(&mut reached) {
                if names.contains(rule.name.as_str()) {
                    reached.push(packet);
                }
            }
        }
        for (i, reached) in reached.iter().enumerate() {
            let shadowed = found.iter().find(|found| found.rule == i);
            prop_assert_eq!(shadowed.is_some_and(|found| found.certain), reached.is_empty(), "rule {}: {:?}", i, shadowed);
            if !doubt {
                prop_assert_eq!(shadowed.is_none(), unavoidable(&place, reached), "rule {}: {:?}", i, shadowed);
            }
            for by in shadowed.iter().flat_map(|found| &found.by) {
                prop_assert!(rules[*by].direction == rules[i].direction && rules[*by].priority < rules[i].priority);
            }
        }
    }

    #[test]
    fn the_excess_is_what_is_allowed_and_not_required(
        (place, rules, required) in generate::any_place().prop_flat_map(|place| {
            let universe = place.universe;
            let required = proptest::collection::vec(generate::any_flow(universe), 0..3);
            (Just(place), generate::any_rules(universe, true), required)
        })
    ) {
        let group = compile(&place, &rules);
        for direction in DIRECTIONS {
            let found = place.with_context(|ctx| excess(&group, &local(), &required, direction, ctx)).unwrap();
            check_portions(&place, &found, direction, |packet| {
                let asked = |flow: &&Flow| place.holds(flow, packet);
                let is_host = |flow: &&Flow| matches!(flow.remote, Remote::Host { .. });
                let needed = required.iter().filter(|flow| !is_host(flow)).any(|flow| asked(&flow));
                let perhaps_needed = required.iter().filter(is_host).any(|flow| asked(&flow));
                let answers = place.answers(packet);
                let allowed = answers.iter().filter(|answers| place.group_allows(&rules, packet, **answers)).count();
                (!needed && !perhaps_needed && allowed == answers.len(), !needed && allowed > 0)
            })?;
        }
    }

    #[test]
    fn the_difference_is_what_one_group_allows_and_the_other_denies(
        (place, a, b) in generate::any_place().prop_flat_map(|place| {
            let universe = place.universe;
            (Just(place), generate::any_rules(universe, true), generate::any_rules(universe, true))
        })
    ) {
        let (group_a, group_b) = (compile(&place, &a), compile(&place, &b));
        let (found, nothing) = place.with_context(|ctx| {
            (difference(&group_a, &group_b, &local(), ctx).unwrap(), difference(&group_a, &group_a, &local(), ctx).unwrap())
        });
        prop_assert!(nothing.is_empty(), "{:?}", nothing);
        for (portions, first, second) in [(&found.only_a, &a, &b), (&found.only_b, &b, &a)] {
            for direction in DIRECTIONS {
                check_portions(&place, portions, direction, |packet| {
                    let answers = place.answers(packet);
                    let differs = answers.iter().filter(|answers| {
                        place.group_allows(first, packet, **answers) && !place.group_allows(second, packet, **answers)
                    });
                    let differs = differs.count();
                    (differs == answers.len(), differs > 0)
                })?;
            }
        }
    }

    #[test]
    fn a_port_is_exposed_if_some_packet_to_it_is_allowed(
        (place, rules, remote, ports) in generate::any_place().prop_flat_map(|place| {
            let universe = place.universe;
            (Just(place), generate::any_rules(universe, true), generate::any_addresses(universe), generate::any_ports())
        })
    ) {
        let group = compile(&place, &rules);
        let found = place.with_context(|ctx| exposed_to(&group, &local(), &remote, ProtocolSet::ALL, &ports, ctx)).unwrap();
        prop_assert!(found.certain.union(&found.possible).is_subset(&ports) && !found.certain.overlaps(&found.possible));
        for port in [0, 1, 2, 3, 40000].into_iter().filter(|port| ports.contains(*port)) {
            let (mut sure, mut perhaps) = (Vec::new(), false);
            let asked = |packet: &OnePacket| packet.protocol.has_ports() && packet.local_port == port && place.asks(&remote, packet.end);
            for packet in packets(Direction::Inbound).filter(|packet| asked(packet) && exists(&place, packet)) {
                let answers = place.answers(&packet);
                let allowed = answers.iter().filter(|answers| place.group_allows(&rules, &packet, **answers)).count();
                perhaps |= allowed > 0;
                if allowed == answers.len() {
                    sure.push(packet);
                }
            }
            prop_assert_eq!(found.certain.contains(port), unavoidable(&place, &sure), "port {}: {:?}", port, found);
            prop_assert_eq!(found.certain.contains(port) || found.possible.contains(port), perhaps, "port {}: {:?}", port, found);
        }
    }
}
