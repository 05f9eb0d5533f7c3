//! Short words for the tests: the shipped catalogue, rules, flows and questions.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own share")]

pub mod reference;

use palisade_net::*;

/// The catalogue that the project ships.
pub fn catalogue() -> TagCatalogue {
    static SHIPPED: std::sync::LazyLock<TagCatalogue> = std::sync::LazyLock::new(read_catalogue);
    SHIPPED.clone()
}

fn read_catalogue() -> TagCatalogue {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/azure/");
    let read = |name: &str| std::fs::read_to_string(format!("{root}{name}")).unwrap();
    TagCatalogue::from_yaml(&read("service_tags.yaml"), &read("regions.yaml")).unwrap()
}

pub fn ips(text: &str) -> IpSet {
    text.split_whitespace().map(|cidr| Cidr::parse_or_address(cidr).unwrap()).collect()
}

pub fn ports(text: &str) -> PortSet {
    text.split(',')
        .map(|range| range.trim().parse::<PortSet>().unwrap())
        .fold(PortSet::empty(), |all, set| all.union(&set))
}

/// A place with its groups, asked in the words of the language.
pub struct Place {
    pub catalogue: TagCatalogue,
    pub subnet: Option<Vec<GroupRule>>,
    pub interface: Option<Vec<GroupRule>>,
    pub local: IpSet,
    pub network: IpSet,
    pub routes: Option<(AddressSpec, VirtualNetworkTag)>,
    pub admin: Option<Vec<AdminRule>>,
    pub members: Option<Members>,
    pub file: Option<std::sync::Arc<ServiceTagFile>>,
}

/// A place whose subnet has a group of these rules, one a line: `inbound 100 allow tcp REMOTE PORTS`, as in
/// `inbound 100 allow tcp AzureMachineLearning 44224`. Priorities are given, names are not. `asg:web` as the remote is the
/// members of an application security group; `for asg:web` at the end limits the rule to local ones.
pub fn place(rules: &str) -> Place {
    let mut place = bare();
    place.subnet = Some(place.rules(rules));
    place
}

/// A place without groups.
pub fn bare() -> Place {
    Place {
        catalogue: catalogue(),
        subnet: None,
        interface: None,
        local: ips("10.0.1.0/24"),
        network: ips("10.0.0.0/16"),
        routes: None,
        admin: None,
        members: None,
        file: None,
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("subnet", &self.subnet)
            .field("interface", &self.interface)
            .finish_non_exhaustive()
    }
}

impl Place {
    pub fn interface(mut self, rules: &str) -> Self {
        self.interface = Some(self.rules(rules));
        self
    }

    pub fn routes(mut self, items: &str, tag: VirtualNetworkTag) -> Self {
        self.routes = Some((self.spec(items), tag));
        self
    }

    pub fn at(mut self, local: &str) -> Self {
        self.local = ips(local);
        self
    }

    pub fn spec(&self, items: &str) -> AddressSpec {
        items
            .split(',')
            .map(|item| match item {
                "*" => AddressItem::Any,
                item => Cidr::parse_or_address(item)
                    .map_or_else(|_| AddressItem::Tag(self.catalogue.parse_tag(item).unwrap()), AddressItem::Cidr),
            })
            .collect()
    }

    pub fn rules(&self, text: &str) -> Vec<GroupRule> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.enumerate().map(|(i, line)| self.rule(i, line)).collect()
    }

    fn rule(&self, index: usize, line: &str) -> GroupRule {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (words, local) = words.split_at(6);
        let [direction, priority, access, protocols, remote, to_ports] = words else { panic!("{line}") };
        let direction = direction.parse().unwrap();
        let groups = |text: &str| text.strip_prefix("asg:").map(AsgId::new).into_iter().collect::<Vec<_>>();
        let local_groups = local.last().map(|text| groups(text)).unwrap_or_default();
        let remote_groups = groups(remote);
        let remote = if remote_groups.is_empty() { self.spec(remote) } else { AddressSpec::Any };
        let ((sources, source_groups), (destinations, destination_groups)) = match direction {
            Direction::Inbound => ((remote, remote_groups), (AddressSpec::Any, local_groups)),
            Direction::Outbound => ((AddressSpec::Any, local_groups), (remote, remote_groups)),
        };
        GroupRule {
            name: format!("rule-{index}"),
            priority: priority.parse().unwrap(),
            direction,
            access: access.parse().unwrap(),
            protocols: protocols.parse().unwrap(),
            sources,
            source_groups,
            source_ports: PortSet::all(),
            destinations,
            destination_groups,
            destination_ports: ports(to_ports),
        }
    }

    /// A flow such as `inbound tcp 443 AzureMachineLearning`; a remote may be a tag, CIDRs joined by commas, `*`, `host:NAME`
    /// or `host:NAME@TAG`.
    pub fn flow(&self, text: &str) -> Flow {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [direction, protocols, to_ports, remote] = words.as_slice() else { panic!("{text}") };
        let remote = self.remote(remote);
        let (protocols, to_ports) = (protocols.parse().unwrap(), ports(to_ports));
        match direction.parse().unwrap() {
            Direction::Inbound => Flow::inbound(protocols, to_ports, remote, self.local.clone()),
            Direction::Outbound => Flow::outbound(protocols, to_ports, remote, self.local.clone()),
        }
    }

    fn remote(&self, text: &str) -> Remote {
        if let Some(host) = text.strip_prefix("host:") {
            let (name, tag) = host.split_once('@').map_or((host, None), |(name, tag)| (name, Some(tag)));
            return Remote::Host {
                fqdn: name.parse().unwrap(),
                within: tag.map(|tag| self.catalogue.parse_tag(tag).unwrap()),
            };
        }
        match self.spec(text) {
            AddressSpec::Any => Remote::Any,
            AddressSpec::These { tags, .. } if tags.len() == 1 => Remote::Tag(tags[0].clone()),
            AddressSpec::These { ips, .. } => Remote::Ips(ips),
        }
    }

    /// Admin rules, one a line like a group's, with the further word `always` for what they always allow.
    pub fn admin(mut self, text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate();
        let admin = lines.map(|(i, line)| {
            let rule = self.rule(i, &line.replace("always", "allow"));
            let access = match rule.access {
                Access::Deny => AdminAccess::Deny,
                Access::Allow if line.contains("always") => AdminAccess::AlwaysAllow,
                Access::Allow => AdminAccess::Allow,
            };
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
        });
        self.admin = Some(admin.collect());
        self
    }

    pub fn members(mut self, members: Members) -> Self {
        self.members = Some(members);
        self
    }

    pub fn file(mut self, file: std::sync::Arc<ServiceTagFile>) -> Self {
        self.file = Some(file);
        self
    }

    /// What surrounds the place.
    pub fn context(&self) -> NetworkContext<'_> {
        let mut ctx = NetworkContext::new(&self.catalogue, self.network.clone());
        if let Some((routes, tag)) = &self.routes {
            ctx = ctx.with_routes(routes.clone(), *tag);
        }
        if let Some(members) = &self.members {
            ctx = ctx.with_members(members);
        }
        if let Some(file) = &self.file {
            ctx = ctx.with_prefixes(file.clone());
        }
        ctx
    }

    pub fn evaluate(&self, flow: &Flow) -> Verdict {
        let compile = |rules: &Option<Vec<GroupRule>>| {
            rules.as_ref().map(|rules| Group::compile(rules, &self.catalogue).unwrap())
        };
        let (subnet, interface) = (compile(&self.subnet), compile(&self.interface));
        let admin = self.admin.as_ref().map(|rules| AdminRules::compile(rules, &self.catalogue).unwrap());
        let levels = [
            Level { kind: LevelKind::Subnet, group: subnet.as_ref() },
            Level { kind: LevelKind::Interface, group: interface.as_ref() },
            Level { kind: LevelKind::Admin, group: admin.as_ref() },
        ];
        evaluate(&levels, flow, &self.context())
    }

    pub fn ask(&self, flow: &str) -> Verdict {
        self.evaluate(&self.flow(flow))
    }

    pub fn outcome(&self, flow: &str) -> Outcome {
        self.ask(flow).outcome
    }
}

/// The parts as lines `outcome: flow <- decider priority`.
pub fn lines(verdict: &Verdict) -> Vec<String> {
    let decider = |part: &Part| match &part.decided_by {
        Decider::Rule { level, rule, .. } => format!("{level} rule-{rule}"),
        Decider::Default { level, name, .. } => format!("{level} {name}"),
        Decider::Admin { rule, access, .. } => format!("admin rule-{rule} ({access})"),
        Decider::NoGroup => "no group".to_owned(),
        Decider::Platform(service) => format!("platform {}", service.name()),
        other => format!("{other:?}"),
    };
    verdict.parts.iter().map(|part| format!("{}: {} <- {}", part.outcome, part.flow, decider(part))).collect()
}
