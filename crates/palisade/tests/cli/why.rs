//! `why`: the derivation of any outcome.

use serde_json::Value;

use crate::folder::{Folder, Run, shared_environment};

const RULE: &str = "azureml.v2.public_ip.public_ip_inbound";

fn folder() -> Folder {
    let text = |name| shared_environment(&format!("quickstart-{name}.yaml"));
    Folder::new().with("bad.yaml", &text("broken-inbound-44224")).with("good.yaml", &text("locked-down"))
}

/// The step with a text, wherever in a derivation.
fn find<'a>(steps: &'a Value, text: &str) -> Option<&'a Value> {
    let steps = steps.as_array()?;
    steps.iter().find_map(|step| if step["text"] == text { Some(step) } else { find(&step["steps"], text) })
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error} in {}", run.out))
}

#[test]
fn a_violation_is_derived_clause_by_clause_down_to_the_deciding_rule() {
    let run = folder().run(&["why", RULE, "computes.cluster001", "bad.yaml"]).exits(0);
    let at: Vec<usize> = [
        "computes.cluster001` (bad.yaml:256:3): violation\n",
        "  pack `azureml_v2`: `w.sdk == v2` → true\n    `w.sdk` → v2 (bad.yaml:246:5)\n",
        "  when `trains(compute)` → true\n",
        "          `compute.kind` → compute_cluster (bad.yaml:257:5)\n",
        "  needs `compute.public_ip` → true (bad.yaml:260:5)\n",
        "  when `compute.public_ip` → true (bad.yaml:260:5)\n",
        "  require `compute.subnet permits service_to_compute()` → violation: ",
        "rules.deny-internet-inbound` (priority 110) at the subnet (bad.yaml:43:15)\n",
    ]
    .iter()
    .map(|text| run.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", run.out)))
    .collect();
    assert!(at.is_sorted(), "in the order of the clauses:\n{}", run.out);
}

#[test]
fn a_pass_names_the_rule_that_lets_the_flow_through() {
    let run = folder().run(&["why", RULE, "cluster001", "good.yaml", "--output", "json"]).exits(0);
    let document = json(&run);
    assert_eq!((&document["version"], &document["outcome"]), (&1.into(), &"pass".into()));
    let require = find(&document["instances"][0]["steps"], "compute.subnet permits service_to_compute()").unwrap();
    assert_eq!((&require["kind"], &require["value"]), (&"require".into(), &"holds".into()));
    let flow = &require["flows"][0];
    assert_eq!((&flow["verdict"], &flow["priority"]), (&"allowed".into(), &130.into()));
}

#[test]
fn what_does_not_apply_names_the_condition_and_where_its_value_stands() {
    let folder = folder();
    let run = folder.run(&[
        "why",
        "azureml.v1.public_ip.public_ip_inbound",
        "cluster001",
        "bad.yaml",
        "--pack",
        "azureml_v1",
    ]);
    run.exits(0)
        .says(": not_applicable\n")
        .says("pack `azureml_v1`: `w.sdk == v1` → false\n    `w.sdk` → v2 (bad.yaml:246:5)");
    let private = shared_environment("quickstart-no-public-ip.yaml");
    let folder = folder.with("private.yaml", &private);
    let run = folder.run(&["why", RULE, "cluster001", "private.yaml"]).exits(0).says(": not_applicable\n");
    run.says("when `compute.public_ip` → false: it does not apply (private.yaml:");
}

#[test]
fn alternatives_are_required_once() {
    let rule = "import azure.network.{Subnet}\nrule r(subnet: Subnet) {\n  severity error\n  \
                require either { subnet.nat_gateway is not none } or { subnet.route_table is not none }\n    \
                else \"`{subnet}` has no way out\"\n}\n";
    let network =
        "virtual_networks: { n: { address_space: [10.0.0.0/16], subnets: { one: { prefixes: [10.0.1.0/24] } } } }";
    let folder = Folder::new().with("policies/house.pal", rule).with("env.yaml", network);
    let run = folder.run(&["why", "house.r", "n/one", "env.yaml"]).exits(0);
    run.says("  require `either { subnet.nat_gateway is not none } or {");
}

#[test]
fn what_is_not_stated_is_named_with_the_key_that_would_hold_it() {
    let stated = shared_environment("quickstart-locked-down.yaml");
    let open: String = stated.split_inclusive('\n').filter(|line| !line.contains("public_ip:")).collect();
    let folder = folder().with("open.yaml", &open);
    let run = folder.run(&["why", RULE, "cluster001", "open.yaml"]).exits(0).says(": undetermined\n");
    run.says(
        "needs `compute.public_ip` → undetermined: it depends on `computes.cluster001.public_ip`, which is not stated",
    );
}

#[test]
fn a_bad_question_is_2_and_says_what_was_meant() {
    let folder = folder();
    let ask = |rule: &str, place: &str| folder.run(&["why", rule, place, "bad.yaml"]).exits(2);
    ask("azureml.v2.public_ip.public_ip_inbond", "cluster001")
        .says("did you mean `azureml.v2.public_ip.public_ip_inbound`?");
    ask("free_addresses", "cluster001")
        .says("`free_addresses` is the name of ")
        .says("`azureml.v1.prerequisites.free_addresses`");
    ask("azureml.v2.public_ip", "cluster001").says("is a module with ");
    ask(RULE, "cluster01").says("there is no `cluster01`").says("did you mean `cluster001`?");
    ask(RULE, "vnet-contoso-ab12/snet-training").says("is about each Compute");
    folder.run(&["why", RULE, "cluster001", "none.yaml"]).exits(2);
}

/// A network of many subnets, of which the seventh and the ninth are too full.
fn many() -> Folder {
    let policy = "\
import azure.network.{VirtualNetwork}

/// No subnet is full.
rule room(network: VirtualNetwork) {
  severity error
  let limit = 250
  for subnet in network.subnets {
    when subnet.used_addresses is set
    require subnet.used_addresses < limit
  }
  require all subnet in network.subnets: (subnet.used_addresses ?? 0) < 250
}
";
    let subnet = |at: u32| {
        let used = if at == 7 || at == 9 { 251 } else { at };
        format!(
            "      - {{ name: s{at}, prefixes: [10.0.{at}.0/24], used_addresses: {used}, network_security_group: none }}\n"
        )
    };
    let subnets: String = (1..=12).map(subnet).collect();
    let environment = format!("virtual_networks:\n  ml:\n    address_space: [10.0.0.0/16]\n    subnets:\n{subnets}");
    Folder::new().with("policies/house.pal", policy).with("env.yaml", &environment)
}

#[test]
fn of_many_elements_those_that_decide_are_shown_first_and_the_rest_is_counted() {
    let run = many().run(&["why", "room", "ml", "env.yaml", "--policies", "policies"]).exits(0);
    let elements = |under: &str| -> Vec<String> {
        let after = run.out.split_once(under).unwrap_or_else(|| panic!("no {under:?} in {}", run.out)).1;
        let indented = after.lines().skip(1).take_while(|line| line.starts_with("    "));
        indented.filter(|line| line.starts_with("    for") || line.starts_with("    …")).map(str::to_owned).collect()
    };
    let of_for = elements("for `network.subnets`");
    assert_eq!(of_for.len(), 6, "{}", run.out);
    assert!(of_for[0].starts_with("    for `ml/s1` → pass") && of_for[4].starts_with("    for `ml/s9` → violation"));
    assert_eq!(of_for[5], "    … 7 more are not listed");
    let of_all = elements("require `all subnet in network.subnets:");
    assert!(
        of_all[3].starts_with("    for `ml/s7` → false") && of_all[5] == "    … 7 more are not listed",
        "{of_all:?}"
    );
    run.says("let `250` → 250\n").says("`subnet.used_addresses` → 251 (env.yaml:11:");
}
