//! Network security groups: rules as they are written, what is wrong with them, and the compiled form that is evaluated.
//!
//! A compiled group does not depend on the place it is asked from, so that one serves every subnet and interface.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::address::AddressSpec;
use crate::admin::AdminAccess;
use crate::atoms::{AtomTable, TagId};
use crate::builtin::{self, BuiltinTag, PlatformService};
use crate::catalogue::TagCatalogue;
use crate::ip_set::IpSet;
use crate::members::AsgId;
use crate::ports::PortSet;
use crate::protocols::{Access, Direction, ProtocolSet};
use crate::tag::ServiceTag;

/// The priorities that a group's own rules may have (fact `net.nsg.priority`).
pub const PRIORITIES: RangeInclusive<u16> = 100..=4096;

/// A rule as Azure Resource Manager holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupRule {
    /// Unique in the group.
    pub name: String,
    /// Smaller is earlier.
    pub priority: u16,
    /// Which traffic it judges.
    pub direction: Direction,
    /// What it does with it.
    pub access: Access,
    /// The protocols it matches.
    pub protocols: ProtocolSet,
    /// The sources it matches.
    pub sources: AddressSpec,
    /// Only sources that are members of one of these application security groups; empty is no limit (fact
    /// `net.nsg.asg-rule`).
    pub source_groups: Vec<AsgId>,
    /// The source ports it matches.
    pub source_ports: PortSet,
    /// The destinations it matches.
    pub destinations: AddressSpec,
    /// Only destinations that are members of one of these application security groups; empty is no limit.
    pub destination_groups: Vec<AsgId>,
    /// The destination ports it matches.
    pub destination_ports: PortSet,
}

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueLevel {
    /// Azure would refuse the group: it cannot be evaluated.
    Error,
    /// The rule does not do what it seems to say.
    Warning,
}

/// Something wrong with the rules of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupIssue {
    /// How bad it is.
    pub level: IssueLevel,
    /// The places of the rules in the group, the one to change last.
    pub rules: Vec<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl GroupIssue {
    fn new(level: IssueLevel, rules: Vec<usize>, message: String, help: impl Into<String>) -> Self {
        Self { level, rules, message, help: help.into() }
    }
}

/// A group's rules, as an entry to [`Group::validate`] and [`Group::compile`].
#[derive(Debug, Clone, Copy)]
pub struct Group;

impl Group {
    /// Everything that is wrong with `rules`, errors and warnings in the order of the rules.
    pub fn validate(rules: &[GroupRule], catalogue: &TagCatalogue) -> Vec<GroupIssue> {
        validate_rules(rules, &PRIORITIES, catalogue)
    }

    /// Compiles `rules`, or returns the errors (not the warnings) that [`Group::validate`] finds.
    pub fn compile(rules: &[GroupRule], catalogue: &TagCatalogue) -> Result<CompiledGroup, Vec<GroupIssue>> {
        compile_rules(rules, None, &PRIORITIES, catalogue)
    }
}

/// Compiles the rules of a group, or admin rules with what each of them does.
pub(crate) fn compile_rules(
    rules: &[GroupRule],
    admin: Option<&[AdminAccess]>,
    priorities: &RangeInclusive<u16>,
    catalogue: &TagCatalogue,
) -> Result<CompiledGroup, Vec<GroupIssue>> {
    let mut errors = validate_rules(rules, priorities, catalogue);
    errors.retain(|issue| issue.level == IssueLevel::Error);
    if !errors.is_empty() {
        return Err(errors);
    }
    let atoms = catalogue.atoms();
    let access = |i: usize| admin.and_then(|all| all.get(i)).copied();
    let side = |direction| {
        let of_side = rules.iter().enumerate().filter(|(_, rule)| rule.direction == direction);
        let mut compiled: Vec<_> = of_side.map(|(i, rule)| CompiledRule::new(rule, i, access(i), atoms)).collect();
        compiled.sort_by_key(|rule| rule.priority);
        Side::new(compiled)
    };
    Ok(CompiledGroup {
        inbound: side(Direction::Inbound),
        outbound: side(Direction::Outbound),
        fingerprint: atoms.fingerprint(),
        admin: admin.is_some(),
    })
}

/// Everything that is wrong with the rules of a group, or with admin rules.
pub(crate) fn validate_rules(
    rules: &[GroupRule],
    priorities: &RangeInclusive<u16>,
    catalogue: &TagCatalogue,
) -> Vec<GroupIssue> {
    let (mut slots, mut names, mut issues) = (HashMap::new(), HashMap::new(), Vec::new());
    for (i, rule) in rules.iter().enumerate() {
        if let Some(first) = names.insert(rule.name.to_lowercase(), i) {
            let message = format!("two rules are named `{}`", rule.name);
            issues.push(GroupIssue::new(
                IssueLevel::Error,
                vec![first, i],
                message,
                "rename one: names are unique in a group, without regard to case",
            ));
        }
        if !priorities.contains(&rule.priority) {
            let message = format!(
                "rule `{}` has priority {}, outside {} to {}",
                rule.name,
                rule.priority,
                priorities.start(),
                priorities.end()
            );
            issues.push(GroupIssue::new(
                IssueLevel::Error,
                vec![i],
                message,
                "choose a priority in that range; a smaller number is matched first",
            ));
        }
        match slots.entry((rule.direction, rule.priority)) {
            std::collections::hash_map::Entry::Vacant(slot) => drop(slot.insert(i)),
            std::collections::hash_map::Entry::Occupied(slot) => {
                let other = rules.get(*slot.get()).map_or("", |rule| rule.name.as_str());
                let message = format!(
                    "rules `{other}` and `{}` are both {} with priority {}",
                    rule.name, rule.direction, rule.priority
                );
                issues.push(GroupIssue::new(
                    IssueLevel::Error,
                    vec![*slot.get(), i],
                    message,
                    "give one of them another priority",
                ));
            }
        }
        validate_rule(i, rule, catalogue, &mut issues);
    }
    issues
}

fn validate_rule(i: usize, rule: &GroupRule, catalogue: &TagCatalogue, issues: &mut Vec<GroupIssue>) {
    let mut issue = |level, message: String, help: &str| {
        issues.push(GroupIssue::new(level, vec![i], message, help));
    };
    let name = &rule.name;
    if rule.protocols.is_empty() || rule.source_ports.is_empty() || rule.destination_ports.is_empty() {
        issue(
            IssueLevel::Error,
            format!("rule `{name}` names no protocol or no port"),
            "write `*` where anything is meant",
        );
    }
    let portless = !rule.protocols.is_empty() && !rule.protocols.overlaps(ProtocolSet::WITH_PORTS);
    if portless && !(rule.source_ports.is_all() && rule.destination_ports.is_all()) {
        let message = format!("rule `{name}` gives ports to {}, which has none: it matches nothing", rule.protocols);
        issue(IssueLevel::Warning, message, "write `*` as its source and destination ports");
    }
    let ends =
        [("source", &rule.sources, &rule.source_groups), ("destination", &rule.destinations, &rule.destination_groups)];
    for (word, spec, groups) in ends {
        let AddressSpec::These { ips, tags } = spec else {
            continue;
        };
        if !groups.is_empty() {
            let message = format!(
                "rule `{name}` has application security groups beside addresses as its {word}, which Azure refuses"
            );
            issue(IssueLevel::Error, message, "write one rule for the groups and one for the addresses");
        } else if ips.is_empty() && tags.is_empty() {
            issue(IssueLevel::Error, format!("rule `{name}` has no {word}"), "write `*` where any address is meant");
        }
        if tags.len() > 1 || !(tags.is_empty() || ips.is_empty()) {
            let message =
                format!("rule `{name}` has a service tag beside other addresses as its {word}, which Azure refuses");
            issue(IssueLevel::Warning, message, "write one rule for each tag");
        }
        for tag in tags {
            let known = BuiltinTag::find(tag.name()).is_some() || catalogue.atoms().id(tag).is_some();
            if !known {
                issue(
                    IssueLevel::Error,
                    format!("rule `{name}` has the {word} `{tag}`, which is not a service tag"),
                    "write a tag of the catalogue",
                );
            } else if !catalogue.usable_in_group(tag) {
                let message = format!("rule `{name}` has the {word} `{tag}`, which groups do not take");
                issue(IssueLevel::Warning, message, "use the tag without region");
            }
        }
    }
}

/// A group ready to be evaluated. Cheap to clone; equal for equal rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompiledGroup {
    inbound: Side,
    outbound: Side,
    fingerprint: u64,
    admin: bool,
}

/// The rules of one direction, and what every question would otherwise look for in them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Side {
    rules: Arc<[CompiledRule]>,
    tags: Arc<[TagId]>,
    names_members: bool,
}

impl Side {
    fn new(rules: Vec<CompiledRule>) -> Self {
        let mut tags: Vec<TagId> = rules.iter().flat_map(|rule| rule.remote.tags()).copied().collect();
        tags.sort_unstable();
        tags.dedup();
        let names_members = rules.iter().any(CompiledRule::names_members);
        Self { rules: rules.into(), tags: tags.into(), names_members }
    }
}

impl CompiledGroup {
    fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        }
    }

    /// The rules of one direction by ascending priority, without the defaults.
    pub(crate) fn rules(&self, direction: Direction) -> &[CompiledRule] {
        &self.side(direction).rules
    }

    /// The listed tags that those rules name, ascending.
    pub(crate) fn tags(&self, direction: Direction) -> &[TagId] {
        &self.side(direction).tags
    }

    /// Whether one of those rules names application security groups.
    pub(crate) fn names_members(&self, direction: Direction) -> bool {
        self.side(direction).names_members
    }

    /// The print of the catalogue that the group was compiled with.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether these are admin rules and not a group's.
    pub(crate) fn is_admin(&self) -> bool {
        self.admin
    }

    /// How many rules the group has, defaults left out.
    pub fn len(&self) -> usize {
        self.inbound.rules.len() + self.outbound.rules.len()
    }

    /// Whether the group has the default rules alone.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which rule a compiled rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RuleId {
    /// The rule at that place of the group.
    Own(u32),
    /// A default rule by name.
    Default(&'static str),
}

/// A rule with its two ends as the place sees them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CompiledRule {
    pub(crate) id: RuleId,
    pub(crate) priority: u16,
    pub(crate) access: Access,
    /// What the rule does, if it is an admin rule.
    pub(crate) admin: Option<AdminAccess>,
    pub(crate) protocols: ProtocolSet,
    pub(crate) local: LocalEnd,
    pub(crate) local_ports: PortSet,
    pub(crate) remote: RemoteEnd,
    pub(crate) remote_ports: PortSet,
}

/// What a rule says about the local end. Local addresses are in the virtual network, so `VirtualNetwork` is every one of
/// them and any other tag none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LocalEnd {
    Any,
    Ips(Box<IpSet>),
    Members(Box<MemberList>),
}

/// The application security groups of which an end must be a member: of one at least.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MemberList(pub(crate) Vec<AsgId>);

/// What a rule says about the remote end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RemoteEnd {
    Any,
    Tag(TagId),
    VirtualNetwork,
    Members(Box<MemberList>),
    List(Box<RemoteList>),
}

/// A remote end of several items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct RemoteList {
    pub(crate) ips: IpSet,
    pub(crate) virtual_network: bool,
    pub(crate) tags: SmallVec<[TagId; 4]>,
    pub(crate) platform: SmallVec<[PlatformService; 4]>,
}

impl RemoteEnd {
    /// The listed tags that it names.
    fn tags(&self) -> &[TagId] {
        match self {
            Self::Tag(id) => std::slice::from_ref(id),
            Self::List(list) => &list.tags,
            Self::Any | Self::VirtualNetwork | Self::Members(_) => &[],
        }
    }
}

impl CompiledRule {
    fn new(rule: &GroupRule, index: usize, admin: Option<AdminAccess>, atoms: &AtomTable) -> Self {
        let source = (&rule.sources, &rule.source_groups, &rule.source_ports);
        let destination = (&rule.destinations, &rule.destination_groups, &rule.destination_ports);
        let ((local, local_groups, local_ports), (remote, remote_groups, remote_ports)) = match rule.direction {
            Direction::Inbound => (destination, source),
            Direction::Outbound => (source, destination),
        };
        Self {
            id: RuleId::Own(u32::try_from(index).unwrap_or(u32::MAX)),
            priority: rule.priority,
            access: rule.access,
            admin,
            protocols: rule.protocols,
            local: members(local_groups).map_or_else(|| local_end(local), LocalEnd::Members),
            local_ports: local_ports.clone(),
            remote: members(remote_groups).map_or_else(|| remote_end(remote, atoms), RemoteEnd::Members),
            remote_ports: remote_ports.clone(),
        }
    }

    fn names_members(&self) -> bool {
        matches!(self.local, LocalEnd::Members(_)) || matches!(self.remote, RemoteEnd::Members(_))
    }

    fn default(name: &'static str, priority: u16, access: Access, remote: RemoteEnd) -> Self {
        Self {
            id: RuleId::Default(name),
            priority,
            access,
            admin: None,
            protocols: ProtocolSet::ALL,
            local: LocalEnd::Any,
            local_ports: PortSet::all(),
            remote,
            remote_ports: PortSet::all(),
        }
    }

    /// The rules that every group ends with (facts part C.1). Their `0.0.0.0/0` means any address.
    pub(crate) fn defaults(direction: Direction, atoms: &AtomTable) -> [Self; 3] {
        let end = |tag: BuiltinTag| remote_end(&ServiceTag::new(tag.name(), None).into(), atoms);
        let network = end(BuiltinTag::VirtualNetwork);
        match direction {
            Direction::Inbound => [
                Self::default("AllowVNetInBound", 65000, Access::Allow, network),
                Self::default(
                    "AllowAzureLoadBalancerInBound",
                    65001,
                    Access::Allow,
                    end(BuiltinTag::AzureLoadBalancer),
                ),
                Self::default("DenyAllInBound", 65500, Access::Deny, RemoteEnd::Any),
            ],
            Direction::Outbound => [
                Self::default("AllowVnetOutBound", 65000, Access::Allow, network),
                Self::default("AllowInternetOutBound", 65001, Access::Allow, end(BuiltinTag::Internet)),
                Self::default("DenyAllOutBound", 65500, Access::Deny, RemoteEnd::Any),
            ],
        }
    }
}

fn members(groups: &[AsgId]) -> Option<Box<MemberList>> {
    (!groups.is_empty()).then(|| Box::new(MemberList(groups.to_vec())))
}

fn local_end(spec: &AddressSpec) -> LocalEnd {
    match spec {
        AddressSpec::Any => LocalEnd::Any,
        AddressSpec::These { tags, .. } if tags.iter().any(|tag| tag.name() == BuiltinTag::VirtualNetwork.name()) => {
            LocalEnd::Any
        }
        AddressSpec::These { ips, .. } => LocalEnd::Ips(Box::new(ips.clone())),
    }
}

fn remote_end(spec: &AddressSpec, atoms: &AtomTable) -> RemoteEnd {
    let AddressSpec::These { ips, tags } = spec else {
        return RemoteEnd::Any;
    };
    let mut list = RemoteList { ips: ips.clone(), ..RemoteList::default() };
    for tag in tags {
        match (BuiltinTag::find(tag.name()), atoms.id(tag)) {
            (Some(BuiltinTag::VirtualNetwork), _) => list.virtual_network = true,
            (Some(BuiltinTag::AzureLoadBalancer), _) => {
                list.ips = list.ips.union(&builtin::HOST.into());
            }
            (Some(BuiltinTag::Platform(service)), _) => list.platform.push(service),
            (_, Some(id)) => list.tags.push(id),
            // Validation has refused tags that the catalogue does not list.
            (_, None) => {}
        }
    }
    match (list.ips.is_empty(), list.virtual_network, list.tags.as_slice(), list.platform.as_slice()) {
        (true, true, [], []) => RemoteEnd::VirtualNetwork,
        (true, false, [id], []) => RemoteEnd::Tag(*id),
        _ => RemoteEnd::List(Box::new(list)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_rules_take_about_ten_kilobytes() {
        assert!(size_of::<CompiledRule>() <= 104, "{}", size_of::<CompiledRule>());
    }
}
