//! A random question, what surrounds it, and the slow evaluation of both.

use std::net::IpAddr;

use palisade_net::*;

use crate::common;
use crate::common::reference::MODELS;
use crate::universe::{End, GROUPS, NETWORK, OnePacket, UNIVERSES, Universe};

/// What surrounds a question.
#[derive(Debug, Clone)]
pub struct Place {
    pub universe: usize,
    pub routes: Option<AddressSpec>,
    pub tag: VirtualNetworkTag,
    /// The application security groups of the place, if it is one interface.
    pub own: Option<Vec<AsgId>>,
    /// For each application security group the addresses that are members, and those that may be; of one that is left out
    /// nothing is known.
    pub groups: [Option<(IpSet, IpSet)>; 2],
    /// The atoms of each block, if it is known where tags lie.
    pub file: Option<[u8; 4]>,
}

/// One answer to everything that is not known of a packet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    routes: bool,
    local: [bool; 2],
    remote: [bool; 2],
}

impl Place {
    pub fn universe(&self) -> &'static Universe {
        &UNIVERSES[self.universe]
    }

    pub fn members(&self) -> Members {
        let mut members = Members::new();
        for (name, known) in GROUPS.iter().zip(&self.groups) {
            if let Some((certain, possible)) = known {
                members = members.with_some(AsgId::new(*name), certain.clone(), possible);
            }
        }
        match &self.own {
            Some(own) => members.of_interface(own.iter().cloned()),
            None => members,
        }
    }

    /// Calls `ask` with the place as the evaluator has it.
    pub fn with_context<T>(&self, ask: impl FnOnce(&NetworkContext<'_>) -> T) -> T {
        let members = self.members();
        let network = common::ips("10.0.0.0/16");
        let mut ctx = NetworkContext::new(&self.universe().catalogue, network).with_members(&members);
        if let Some(routes) = &self.routes {
            ctx = ctx.with_routes(routes.clone(), self.tag);
        }
        if let Some(model) = self.file {
            ctx = ctx.with_prefixes(self.universe().file(model));
        }
        ask(&ctx)
    }

    /// Every answer to what is not known and matters to the packet.
    pub fn answers(&self, packet: &OnePacket) -> Vec<Answers> {
        let mut all = vec![Answers { routes: self.tag == VirtualNetworkTag::WithRoutes, ..Answers::default() }];
        let mut either = |open: bool, set: &dyn Fn(&mut Answers)| {
            if open {
                let yes = all.clone().into_iter().map(|mut answers| {
                    set(&mut answers);
                    answers
                });
                all.extend(yes.collect::<Vec<_>>());
            }
        };
        either(self.routes.is_some() && self.tag == VirtualNetworkTag::Unsettled, &|answers| answers.routes = true);
        for group in 0..2 {
            let local = self.own.is_none() && self.may_be_member(group, packet.local);
            either(local, &|answers| answers.local[group] = true);
            either(self.may_be_member(group, packet.end.ip()), &|answers| answers.remote[group] = true);
        }
        all
    }

    fn may_be_member(&self, group: usize, ip: IpAddr) -> bool {
        match &self.groups[group] {
            Some((certain, possible)) => possible.contains(ip) && !certain.contains(ip),
            None => common::ips("10.0.0.0/16").contains(ip),
        }
    }

    fn is_member(&self, groups: &[AsgId], ip: IpAddr, answers: [bool; 2]) -> bool {
        groups.is_empty()
            || (0..2).any(|i| {
                let certain = self.groups[i].as_ref().is_some_and(|(certain, _)| certain.contains(ip));
                groups.contains(&AsgId::new(GROUPS[i])) && (certain || answers[i] && self.may_be_member(i, ip))
            })
    }

    fn is_own(&self, groups: &[AsgId], ip: IpAddr, answers: [bool; 2]) -> bool {
        match &self.own {
            Some(own) => groups.is_empty() || groups.iter().any(|group| own.contains(group)),
            None => self.is_member(groups, ip, answers),
        }
    }

    fn in_tag(&self, end: End, tag: &ServiceTag, with_routes: bool) -> bool {
        match (tag.name(), end) {
            ("VirtualNetwork", end) => {
                NETWORK.contains(end.ip())
                    || with_routes && self.routes.as_ref().is_some_and(|routes| self.matches(end, routes, false))
            }
            ("AzureLoadBalancer", end) => end.ip() == HOST,
            (_, End::NotPublic(_)) => false,
            (_, End::Public { atom, .. }) => {
                self.universe().tags.iter().any(|(known, atoms)| known == tag && atoms & (1 << atom) != 0)
            }
        }
    }

    fn matches(&self, end: End, spec: &AddressSpec, with_routes: bool) -> bool {
        match spec {
            AddressSpec::Any => true,
            AddressSpec::These { ips, tags } => {
                ips.contains(end.ip()) || tags.iter().any(|tag| self.in_tag(end, tag, with_routes))
            }
        }
    }

    /// Whether a flow asks about that end.
    pub fn asks(&self, remote: &Remote, end: End) -> bool {
        match remote {
            Remote::Any => true,
            Remote::Ips(ips) => ips.contains(end.ip()),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => self.in_tag(end, tag, false),
            Remote::Host { within: None, .. } => matches!(end, End::Public { .. }),
            Remote::Narrowed(part) => {
                self.asks(&part.of, end)
                    && part.within.iter().all(|tag| self.in_tag(end, tag, false))
                    && !part.except.iter().any(|tag| self.in_tag(end, tag, false))
                    && part.addresses.as_ref().is_none_or(|ips| ips.contains(end.ip()))
            }
        }
    }

    /// Whether the flow holds the packet.
    pub fn holds(&self, flow: &Flow, packet: &OnePacket) -> bool {
        packet.is_in_sets_of(flow) && self.asks(&flow.remote, packet.end)
    }

    fn platform(packet: &OnePacket) -> Option<PlatformService> {
        let to = |service: &PlatformService| {
            let (protocols, ports) = service.endpoint();
            packet.end.ip() == service.address()
                && protocols.contains(packet.protocol)
                && ports.contains(packet.remote_port)
        };
        PlatformService::ALL.into_iter().find(|service| packet.direction == Direction::Outbound && to(service))
    }

    fn rule_matches(&self, rule: &GroupRule, packet: &OnePacket, answers: Answers) -> bool {
        let source = (&rule.sources, &rule.source_groups, &rule.source_ports);
        let destination = (&rule.destinations, &rule.destination_groups, &rule.destination_ports);
        let (local, remote) = match rule.direction {
            Direction::Inbound => (destination, source),
            Direction::Outbound => (source, destination),
        };
        let here = match local.0 {
            AddressSpec::Any => true,
            AddressSpec::These { ips, tags } => {
                ips.contains(packet.local) || tags.iter().any(|tag| tag.name() == "VirtualNetwork")
            }
        };
        let there = match Self::platform(packet) {
            None => {
                self.matches(packet.end, remote.0, answers.routes)
                    && self.is_member(remote.1, packet.end.ip(), answers.remote)
            }
            Some(service) => {
                matches!(remote.0, AddressSpec::These { tags, .. } if tags.iter().any(|tag| Some(tag.name()) == service.tag()))
            }
        };
        let ports = if packet.protocol.has_ports() {
            local.2.contains(packet.local_port) && remote.2.contains(packet.remote_port)
        } else {
            local.2.is_all() && remote.2.is_all()
        };
        rule.direction == packet.direction
            && rule.protocols.contains(packet.protocol)
            && here
            && there
            && ports
            && self.is_own(local.1, packet.local, answers.local)
    }

    /// The rule that decides the packet, if it is none of the defaults.
    pub fn first_match<'r>(
        &self,
        rules: &'r [GroupRule],
        packet: &OnePacket,
        answers: Answers,
    ) -> Option<&'r GroupRule> {
        rules.iter().filter(|rule| self.rule_matches(rule, packet, answers)).min_by_key(|rule| rule.priority)
    }

    pub fn group_allows(&self, rules: &[GroupRule], packet: &OnePacket, answers: Answers) -> bool {
        if let Some(rule) = self.first_match(rules, packet, answers) {
            return rule.access == Access::Allow;
        }
        let in_tag = |name: &str| self.in_tag(packet.end, &ServiceTag::new(name, None), answers.routes);
        Self::platform(packet).is_some()
            || in_tag("VirtualNetwork")
            || match packet.direction {
                Direction::Inbound => in_tag("AzureLoadBalancer"),
                Direction::Outbound => in_tag("Internet"),
            }
    }

    /// The places of packets to which `held` applies in every model that is left.
    pub fn in_every_model(&self, held: impl Fn(usize, u8) -> bool) -> bool {
        let held = [0, 1, 2, 3].map(|block| (0..4).map(|atom| u8::from(held(block, atom)) << atom).sum::<u8>());
        self.models(|model| (0..4).any(|block| model[block] & held[block] != 0))
    }

    /// Whether `holds` does in every model that is left.
    pub fn models(&self, holds: impl Fn(&[u8; 4]) -> bool) -> bool {
        match &self.file {
            Some(model) => holds(model),
            None => MODELS.iter().all(holds),
        }
    }
}

/// An admin rule as what a group's rule matches, and what it does.
pub type Admin = (GroupRule, AdminAccess);

/// The question and everything around it.
#[derive(Debug, Clone)]
pub struct Case {
    pub place: Place,
    pub admin: Option<Vec<Admin>>,
    pub subnet: Option<Vec<GroupRule>>,
    pub interface: Option<Vec<GroupRule>>,
    pub flow: Flow,
}

impl Case {
    fn allows(&self, packet: &OnePacket, answers: Answers) -> bool {
        let admin = self.admin.iter().flatten().filter(|(rule, _)| self.place.rule_matches(rule, packet, answers));
        match admin.min_by_key(|(rule, _)| rule.priority) {
            Some((_, AdminAccess::AlwaysAllow)) => return true,
            Some((_, AdminAccess::Deny)) => return false,
            Some((_, AdminAccess::Allow)) | None => {}
        }
        let groups = [&self.subnet, &self.interface];
        groups.into_iter().flatten().all(|rules| self.place.group_allows(rules, packet, answers))
    }

    /// Whether the packets to `end` that are asked about may be allowed, may be denied, and whether one surely is.
    fn fate(&self, end: End) -> ([bool; 2], [bool; 2]) {
        let (mut possible, mut sure) = ([false; 2], [false; 2]);
        for packet in OnePacket::all(self.flow.direction, end).filter(|packet| packet.is_in_sets_of(&self.flow)) {
            let mut seen = [false; 2];
            for answers in self.place.answers(&packet) {
                seen[usize::from(!self.allows(&packet, answers))] = true;
            }
            for i in 0..2 {
                possible[i] |= seen[i];
                sure[i] |= seen[i] && !seen[1 - i];
            }
        }
        (possible, sure)
    }

    /// The outcome, and whether some packet is denied for certain.
    pub fn reference(&self) -> (Outcome, bool) {
        let place = &self.place;
        // Of each access, for each block the atoms of which a packet may have it, and surely has it.
        let (mut asked, mut possible, mut sure) = ([0u8; 4], [[0u8; 4]; 2], [[0u8; 4]; 2]);
        let (mut fixed_possible, mut fixed_sure, mut fixed_all) = ([false; 2], [false; 2], [true; 2]);
        for end in End::all().into_iter().filter(|end| place.asks(&self.flow.remote, *end)) {
            let (end_possible, end_sure) = self.fate(end);
            for i in 0..2 {
                match end {
                    End::NotPublic(_) => {
                        fixed_possible[i] |= end_possible[i];
                        fixed_sure[i] |= end_sure[i];
                        fixed_all[i] &= end_sure[i];
                    }
                    End::Public { block, atom } => {
                        asked[block] |= 1 << atom;
                        possible[i][block] |= u8::from(end_possible[i]) << atom;
                        sure[i][block] |= u8::from(end_sure[i]) << atom;
                    }
                }
            }
        }
        // A host may have any one of the addresses alone; another question is about all of them.
        let is_host = matches!(self.flow.remote, Remote::Host { .. });
        let among = |model: &[u8; 4], of: &[u8; 4]| (0..4).any(|block| model[block] & of[block] != 0);
        let on_all = |model: &[u8; 4], of: &[u8; 4]| (0..4).all(|block| model[block] & asked[block] & !of[block] == 0);
        let [may_allow, may_deny] =
            [0, 1].map(|i| fixed_possible[i] || !place.models(|model| !among(model, &possible[i])));
        let [allows, denies] = [0, 1].map(|i| {
            place.models(|model| {
                if is_host { fixed_all[i] && on_all(model, &sure[i]) } else { fixed_sure[i] || among(model, &sure[i]) }
            })
        });
        let outcome = match (may_allow, may_deny) {
            (true, false) => Outcome::Allowed,
            (false, true) => Outcome::Denied,
            (true, true) if allows && denies => Outcome::Partial,
            _ => Outcome::Undetermined,
        };
        (outcome, outcome == Outcome::Denied || may_deny && denies)
    }

    /// The verdict of the evaluator.
    pub fn fast(&self, flow: &Flow) -> Verdict {
        let catalogue = &self.place.universe().catalogue;
        let compile =
            |rules: &Option<Vec<GroupRule>>| rules.as_ref().map(|rules| Group::compile(rules, catalogue).unwrap());
        let (subnet, interface) = (compile(&self.subnet), compile(&self.interface));
        let admin = self.admin.as_ref().map(|rules| {
            let rules: Vec<AdminRule> = rules.iter().map(|(rule, access)| admin_rule(rule, *access)).collect();
            AdminRules::compile(&rules, catalogue).unwrap()
        });
        let levels = [
            Level { kind: LevelKind::Interface, group: interface.as_ref() },
            Level { kind: LevelKind::Subnet, group: subnet.as_ref() },
            Level { kind: LevelKind::Admin, group: admin.as_ref() },
        ];
        self.place.with_context(|ctx| evaluate(&levels, flow, ctx))
    }
}

fn admin_rule(rule: &GroupRule, access: AdminAccess) -> AdminRule {
    let rule = rule.clone();
    AdminRule {
        name: rule.name,
        priority: rule.priority,
        direction: rule.direction,
        access,
        protocols: rule.protocols,
        sources: rule.sources,
        source_ports: rule.source_ports,
        destinations: rule.destinations,
        destination_ports: rule.destination_ports,
    }
}
