//! A large environment: as many computes, subnets and group rules as are asked for, the same text for the same size.
//!
//! Each group lets out what a compute with a public IP must reach, denies the rest of the internet, and is filled up with rules
//! about single addresses; in every tenth group a deny stands above what must be let out, so that a known number of computes is
//! shut in.

use std::fmt::Write as _;

/// How large the environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Compute clusters, spread over the first subnets.
    pub computes: usize,
    /// Subnets; each has a group of its own.
    pub subnets: usize,
    /// Rules in each group, at least [`FIXED_RULES`].
    pub rules: usize,
}

/// What the goals of speed and memory are stated for: 200,000 group rules.
pub const FULL: Size = Size { computes: 1_000, subnets: 2_000, rules: 100 };

/// The same in small, for tests.
pub const SMALL: Size = Size { computes: 20, subnets: 40, rules: 100 };

/// Rules of a group that are not filling.
pub const FIXED_RULES: usize = 7;

impl Size {
    /// The computes whose group shuts them in.
    pub fn shut_in(self) -> usize {
        (0..self.computes).filter(|number| shuts_in(number % self.subnets)).count()
    }
}

fn shuts_in(subnet: usize) -> bool {
    subnet.is_multiple_of(10)
}

/// The environment in block style.
pub fn environment(size: Size) -> String {
    let mut yaml = String::new();
    head(&mut yaml);
    networks(size, &mut yaml);
    groups(size, &mut yaml);
    computes(size, &mut yaml);
    yaml
}

fn head(yaml: &mut String) {
    yaml.push_str(concat!(
        "name: generated\n",
        "defaults:\n",
        "  subscription: sub-a\n",
        "  resource_group: rg-ml\n",
        "  region: eastus2\n",
        "workspaces:\n",
        "  ml-ws:\n",
        "    sdk: v2\n",
        "    storage_accounts:\n",
        "      - mlstore\n",
        "storage_accounts:\n",
        "  mlstore:\n",
        "    sku: standard_lrs\n",
    ));
}

fn networks(size: Size, yaml: &mut String) {
    yaml.push_str("virtual_networks:\n  ml:\n    address_space:\n      - 10.0.0.0/8\n    subnets:\n");
    for subnet in 0..size.subnets {
        let (high, low) = (subnet / 256, subnet % 256);
        write!(
            yaml,
            "      subnet-{subnet}:\n        prefixes:\n          - 10.{high}.{low}.0/24\n        network_security_group: group-{subnet}\n"
        )
        .expect("writing to memory");
    }
}

fn groups(size: Size, yaml: &mut String) {
    yaml.push_str("network_security_groups:\n");
    for group in 0..size.subnets {
        writeln!(yaml, "  group-{group}:\n    rules:").expect("writing to memory");
        for (name, priority, tail) in fixed_rules(group) {
            rule(yaml, name, priority, &tail);
        }
        for filling in 0..size.rules.saturating_sub(FIXED_RULES) {
            let host = filling + 1;
            let tail = [
                if filling % 2 == 0 { "outbound" } else { "inbound" },
                if filling % 3 == 0 { "deny" } else { "allow" },
                "tcp",
                "10.200.0.0/16",
                &format!("10.201.{}.{host}/32", group % 256),
                &format!("{}", 1_000 + filling),
            ]
            .map(str::to_owned);
            rule(yaml, &format!("filling-{filling:03}-of-group-{group}"), 1_000 + filling, &tail);
        }
    }
}

/// Direction, access, protocol, source, destination, destination ports.
type Tail = [String; 6];

fn fixed_rules(group: usize) -> [(&'static str, usize, Tail); FIXED_RULES] {
    let rule = |parts: [&str; 6]| parts.map(str::to_owned);
    // Far above: it shuts in. Below everything else: it changes nothing.
    let priority = if shuts_in(group) { 105 } else { 4_095 };
    [
        ("allow-aml-inbound", 110, rule(["inbound", "allow", "tcp", "AzureMachineLearning", "*", "44224"])),
        ("deny-high-ports", priority, rule(["outbound", "deny", "tcp", "*", "Internet", "18000-19000"])),
        ("allow-aml-tcp", 120, rule(["outbound", "allow", "tcp", "*", "AzureMachineLearning", "443,8787,18881"])),
        ("allow-aml-udp", 130, rule(["outbound", "allow", "udp", "*", "AzureMachineLearning", "5831"])),
        ("allow-batch", 140, rule(["outbound", "allow", "*", "*", "BatchNodeManagement.eastus2", "443"])),
        ("allow-storage", 150, rule(["outbound", "allow", "tcp", "*", "Storage.eastus2", "443"])),
        ("deny-internet", 4_000, rule(["outbound", "deny", "*", "*", "Internet", "*"])),
    ]
}

fn rule(yaml: &mut String, name: &str, priority: usize, tail: &Tail) {
    let [direction, access, protocol, source, destination, ports] = tail;
    write!(
        yaml,
        "      - name: {name}\n        priority: {priority}\n        direction: {direction}\n        access: {access}\n        \
         protocol: \"{protocol}\"\n        source: \"{source}\"\n        source_ports: \"*\"\n        destination: \"{destination}\"\n"
    )
    .expect("writing to memory");
    if ports.contains(',') {
        yaml.push_str("        destination_ports:\n");
        for port in ports.split(',') {
            writeln!(yaml, "          - {port}").expect("writing to memory");
        }
    } else {
        writeln!(yaml, "        destination_ports: \"{ports}\"").expect("writing to memory");
    }
}

fn computes(size: Size, yaml: &mut String) {
    yaml.push_str("computes:\n");
    for number in 0..size.computes {
        write!(
            yaml,
            "  cluster-{number}:\n    kind: compute_cluster\n    workspace: ml-ws\n    subnet: ml/subnet-{}\n    public_ip: true\n    \
             min_nodes: 0\n    max_nodes: 4\n",
            number % size.subnets
        )
        .expect("writing to memory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_is_the_same_text() {
        assert_eq!(environment(SMALL), environment(SMALL));
    }

    #[test]
    fn the_text_holds_what_was_asked_for() {
        let stream = palisade_yaml::parse(environment(SMALL));
        assert_eq!(stream.errors.len(), 0);
        let text = environment(SMALL);
        assert_eq!(text.matches("      - name: ").count(), SMALL.subnets * SMALL.rules);
        assert_eq!(text.matches("kind: compute_cluster").count(), SMALL.computes);
    }
}
