//! Commands that open traffic, in the words of the Azure CLI: what a line of a policy means, as what one types.
//!
//! What a policy computes becomes a variable of the shell (`Storage.$REGION`), and so do the names of one's own
//! resources. Priorities are where one may begin; a rule that denies has to have a higher number.

use palisade_source::report::{Mend, OpenLine, OpenRemote, OpenTraffic};

use crate::text::capitalized;

/// The commands that open what a rule wants open: in a security group, or on the whole path in a firewall as well.
pub(crate) fn mends(opens: &[OpenTraffic]) -> Vec<Mend> {
    let mut mends: Vec<Mend> = Vec::new();
    for open in opens {
        let by_host = open.lines.iter().all(|line| matches!(line.remote, OpenRemote::Host(_)));
        let (title, commands) = match (open.whole_path, by_host) {
            (false, _) => ("in the security group", in_group(&open.lines)),
            (true, false) => (IN_FIREWALL, in_firewall(&open.lines)),
            (true, true) => (BY_HOST, in_firewall(&open.lines)),
        };
        let mend = Mend { language: "azurecli".to_owned(), title: title.to_owned(), text: commands.join("") };
        if !mend.text.is_empty() && !mends.contains(&mend) {
            mends.push(mend);
        }
    }
    mends
}

/// What a command on the whole path is for.
const IN_FIREWALL: &str = "in the policy of an Azure Firewall on the way";
/// The same for host names, which are often another way to open what a service tag opens.
const BY_HOST: &str = "in the policy of an Azure Firewall on the way, by host names";

/// A command that is written over several lines.
fn command(lines: &[String]) -> String {
    format!("{}\n", lines.join(" \\\n  "))
}

/// Groups know no host names: lines to hosts have none.
fn in_group(lines: &[OpenLine]) -> Vec<String> {
    let named = lines.iter().filter(|line| !matches!(line.remote, OpenRemote::Host(_)));
    named.zip((FIRST_PRIORITY..).step_by(PRIORITY_STEP)).map(|(line, priority)| group_rule(line, priority)).collect()
}

/// The priority of the first rule that is shown; between two there is room for more.
const FIRST_PRIORITY: u16 = 200;
/// See [`FIRST_PRIORITY`].
const PRIORITY_STEP: usize = 10;

fn group_rule(line: &OpenLine, priority: u16) -> String {
    let (direction, end) = if line.inbound { ("Inbound", "source") } else { ("Outbound", "destination") };
    command(&[
        format!("az network nsg rule create --resource-group $RESOURCE_GROUP --nsg-name $GROUP --name {}", name(line)),
        format!("--priority {priority} --direction {direction} --access Allow --protocol {}", protocol(line)),
        format!("--{end}-address-prefixes {} --destination-port-ranges {}", remote(line), ports(line)),
    ])
}

/// A rule of a firewall takes many other ends, so lines with the same protocol and ports are one command. What comes in
/// does so past a firewall by translation, which is another matter.
fn in_firewall(lines: &[OpenLine]) -> Vec<String> {
    let mut left: Vec<&OpenLine> = lines.iter().filter(|line| !line.inbound).collect();
    let mut commands = Vec::new();
    while let Some(first) = left.first().copied() {
        let (alike, others) = left.into_iter().partition::<Vec<_>, _>(|line| are_alike(first, line));
        commands.push(firewall_rule(first, &alike));
        left = others;
    }
    commands
}

/// Whether one rule can be about both.
fn are_alike(one: &OpenLine, other: &OpenLine) -> bool {
    let kind = |line: &OpenLine| match &line.remote {
        OpenRemote::Host(host) => (true, host.contains('*') && line.protocol != "tcp"),
        _ => (false, false),
    };
    one.protocol == other.protocol && one.ports == other.ports && kind(one) == kind(other)
}

fn firewall_rule(first: &OpenLine, alike: &[&OpenLine]) -> String {
    let remotes: Vec<String> = alike.iter().map(|line| remote(line)).collect();
    let (remotes, ports) = (remotes.join(" "), ports(first));
    let network = |ends: &str| {
        let how = format!("--ip-protocols {} --destination-ports {ports}", firewall_protocol(first));
        ("NetworkRule", format!("--{ends} {remotes}"), how)
    };
    let (kind, ends, how) = match &first.remote {
        OpenRemote::Host(_) if first.protocol == "tcp" => {
            let protocols: Vec<String> = first.ports.iter().map(|port| format!("Https={port}")).collect();
            ("ApplicationRule", format!("--target-fqdns {remotes}"), format!("--protocols {}", protocols.join(" ")))
        }
        OpenRemote::Host(host) if host.contains('*') => {
            let protocol = &first.protocol;
            return format!(
                "# {protocol} {ports} to {remotes}: a network rule takes no pattern, use the service tag\n"
            );
        }
        OpenRemote::Host(_) => network("destination-fqdns"),
        _ => network("destination-addresses"),
    };
    command(&[
        format!("az network firewall policy rule-collection-group collection rule add --name {}", name(first)),
        "--resource-group $RESOURCE_GROUP --policy-name $POLICY".to_owned(),
        "--rule-collection-group-name $COLLECTION_GROUP --collection-name $COLLECTION".to_owned(),
        format!("--rule-type {kind} --source-addresses $SUBNET_PREFIX"),
        ends,
        how,
    ])
}

fn protocol(line: &OpenLine) -> String {
    match line.protocol.as_str() {
        "any" => "'*'".to_owned(),
        word => capitalized(word),
    }
}

fn firewall_protocol(line: &OpenLine) -> String {
    if line.protocol == "any" { "Any".to_owned() } else { line.protocol.to_uppercase() }
}

fn ports(line: &OpenLine) -> String {
    let quoted = |port: &String| if port == "*" { "'*'".to_owned() } else { port.clone() };
    line.ports.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The other end as an argument of the shell.
fn remote(line: &OpenLine) -> String {
    match &line.remote {
        OpenRemote::Tag(text) | OpenRemote::Cidr(text) => variables(text),
        OpenRemote::Host(text) => format!("\"{}\"", variables(text)),
        OpenRemote::Any => "'*'".to_owned(),
        OpenRemote::Computed(text) => variable(text),
    }
}

/// A name for the rule: of the other end and the protocol.
fn name(line: &OpenLine) -> String {
    let end = match &line.remote {
        OpenRemote::Tag(text) | OpenRemote::Host(text) | OpenRemote::Cidr(text) => text.as_str(),
        OpenRemote::Computed(text) => text.rsplit('.').next().unwrap_or(text),
        OpenRemote::Any => "all",
    };
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = end.chars().map(word).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    format!("allow-{}-{}", words.join("-"), line.protocol)
}

/// A text with what stands in braces as variables of the shell.
fn variables(text: &str) -> String {
    let mut parts = text.split('{');
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expr, rest) = part.split_once('}').unwrap_or((part, ""));
        // A name that goes on would be read as part of the variable's.
        let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let variable = variable(expr);
        let variable = if goes_on { format!("${{{}}}", variable.trim_start_matches('$')) } else { variable };
        written.push_str(&variable);
        written.push_str(rest);
    }
    written
}

/// The last name in an expression of the policy, as a variable of the shell.
fn variable(expr: &str) -> String {
    let mut names = expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let last = names.rfind(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    format!("${}", last.unwrap_or("value").to_uppercase())
}

#[cfg(test)]
mod unit {
    use super::*;

    fn line(inbound: bool, protocol: &str, ports: &[&str], remote: OpenRemote) -> OpenLine {
        let ports = ports.iter().map(|&port| port.to_owned()).collect();
        OpenLine { inbound, protocol: protocol.to_owned(), ports, remote }
    }

    fn commands(whole_path: bool, lines: Vec<OpenLine>) -> String {
        mends(&[OpenTraffic { whole_path, lines }]).into_iter().map(|mend| mend.text).collect()
    }

    #[test]
    fn a_group_takes_tags_and_no_hosts() {
        let tag = line(false, "tcp", &["1", "2-3"], OpenRemote::Tag("Tag.{compute.region}".to_owned()));
        let host = line(false, "tcp", &["1"], OpenRemote::Host("*.example.org".to_owned()));
        let way_in = line(true, "any", &["*"], OpenRemote::Any);
        assert_eq!(
            commands(false, vec![tag, host, way_in]),
            "az network nsg rule create --resource-group $RESOURCE_GROUP --nsg-name $GROUP --name allow-tag-compute-region-tcp \\\n  \
               --priority 200 --direction Outbound --access Allow --protocol Tcp \\\n  \
               --destination-address-prefixes Tag.$REGION --destination-port-ranges 1 2-3\n\
             az network nsg rule create --resource-group $RESOURCE_GROUP --nsg-name $GROUP --name allow-all-any \\\n  \
               --priority 210 --direction Inbound --access Allow --protocol '*' \\\n  \
               --source-address-prefixes '*' --destination-port-ranges '*'\n"
        );
    }

    #[test]
    fn a_firewall_takes_hosts_by_application_and_patterns_by_nothing_else() {
        let host = |protocol, host: &str| line(false, protocol, &["1"], OpenRemote::Host(host.to_owned()));
        let lines =
            vec![host("tcp", "*.{region}x.org"), host("udp", "a.org"), host("tcp", "b.org"), host("udp", "*.org")];
        let shown = commands(true, lines);
        assert!(shown.contains("--target-fqdns \"*.${REGION}x.org\" \"b.org\" \\\n  --protocols Https=1\n"), "{shown}");
        assert!(
            shown.contains("--destination-fqdns \"a.org\" \\\n  --ip-protocols UDP --destination-ports 1\n"),
            "{shown}"
        );
        assert!(
            shown.ends_with("# udp 1 to \"*.org\": a network rule takes no pattern, use the service tag\n"),
            "{shown}"
        );
    }

    #[test]
    fn what_comes_in_is_nothing_that_a_firewall_rule_opens() {
        assert_eq!(commands(true, vec![line(true, "tcp", &["1"], OpenRemote::Any)]), "");
    }
}
