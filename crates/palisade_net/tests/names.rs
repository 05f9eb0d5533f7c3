//! Host names, by the forms of the library's own data and by Azure's documents (facts part B.5).
#![allow(clippy::unwrap_used, reason = "what a test cannot set up fails the test")]

use palisade_net::*;

const NAMES: &str = include_str!("../../../policies/azure/host_names.yaml");

fn names() -> HostNames {
    HostNames::from_yaml(NAMES).unwrap()
}

fn host(text: &str) -> Fqdn {
    text.parse().unwrap()
}

/// The resources that a host may mean: the last word of their type, the subresource, the name, and the alias.
fn means(text: &str) -> Vec<String> {
    let (names, host) = (names(), host(text));
    let all = names.resources().iter().flat_map(|resource| resource.hosts.iter().map(move |form| (resource, form)));
    let one = |(resource, form): (&NamedResource, &HostName)| {
        let found = form.matches(&host)?;
        let kind = resource.resource.rsplit('.').next().unwrap_or_default();
        let (name, alias) = (found.name.unwrap_or_default(), form.alias(&host).unwrap_or_default());
        Some(format!("{kind} {} {name} {alias}", form.subresource))
    };
    all.filter_map(one).collect()
}

#[test]
fn the_first_label_is_the_account() {
    assert_eq!(
        means("mlstore.blob.core.windows.net"),
        ["StorageAccount blob mlstore mlstore.privatelink.blob.core.windows.net"]
    );
    assert_eq!(
        means("MLSTORE.file.core.windows.net"),
        ["StorageAccount file mlstore mlstore.privatelink.file.core.windows.net"]
    );
    assert_eq!(means("mlstore.z13.web.core.windows.net").len(), 1);
}

#[test]
fn a_vault_points_to_a_zone_of_another_name() {
    assert_eq!(means("mlkv.vault.azure.net"), ["KeyVault vault mlkv mlkv.privatelink.vaultcore.azure.net"]);
}

#[test]
fn a_registry_has_a_data_endpoint_for_each_region() {
    assert_eq!(means("mlacr.azurecr.io"), ["ContainerRegistry registry mlacr mlacr.privatelink.azurecr.io"]);
    assert_eq!(
        means("mlacr.eastus2.data.azurecr.io"),
        ["ContainerRegistry registry mlacr mlacr.eastus2.data.privatelink.azurecr.io"]
    );
}

#[test]
fn a_workspace_has_names_that_do_not_hold_its_own() {
    assert_eq!(
        means("0f1e.workspace.eastus2.api.azureml.ms"),
        ["Workspace amlworkspace  0f1e.workspace.eastus2.privatelink.api.azureml.ms"]
    );
    assert_eq!(means("ml-ws-eastus2-0f1e.eastus2.notebooks.azure.net").len(), 1);
    assert_eq!(means("ci-1.eastus2.instances.ml.azure.ms").len(), 1);
}

#[test]
fn other_hosts_mean_no_resource() {
    for other in [
        "pypi.org",
        "blob.core.windows.net",
        "a.b.blob.core.windows.net",
        "xblob.core.windows.net",
        "*.vault.azure.net",
    ] {
        assert_eq!(means(other), [""; 0], "{other}");
    }
}

#[test]
fn a_pattern_overlaps_the_forms_whose_hosts_it_may_hold() {
    let overlaps = |text: &str| {
        let (names, pattern) = (names(), host(text));
        let forms = names.resources().iter().flat_map(|resource| &resource.hosts).cloned().collect::<Vec<_>>();
        forms.iter().filter(|form| form.overlaps(&pattern)).map(|form| form.subresource.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(overlaps("*.blob.core.windows.net"), ["blob"]);
    assert_eq!(overlaps("*store.blob.core.windows.net"), ["blob"]);
    assert_eq!(overlaps("*.core.windows.net"), ["blob", "file", "queue", "table", "dfs", "web"]);
    assert_eq!(overlaps("*ob.core.windows.net"), ["blob"]);
    assert_eq!(overlaps("*.eastus2.data.azurecr.io"), ["registry"]);
    assert_eq!(overlaps("*.example.org"), [""; 0]);
    assert_eq!(overlaps("*.a.b.c.blob.core.windows.net"), [""; 0]);
    assert_eq!(overlaps("*.a.b.c.eastus2.instances.azureml.ms"), ["amlworkspace"]);
}

#[test]
fn the_host_of_a_resource_follows_from_its_name_and_region() {
    let names = names();
    let region: Region = "eastus2".parse().unwrap();
    let hosts = |kind: &str, region: Option<&Region>| {
        let resource = names.resources().iter().find(|one| one.resource.ends_with(kind)).unwrap();
        resource
            .hosts
            .iter()
            .filter_map(|form| form.host_of("one", region))
            .map(|host| host.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(hosts("ContainerRegistry", Some(&region)), ["one.azurecr.io", "one.eastus2.data.azurecr.io"]);
    assert_eq!(hosts("ContainerRegistry", None), ["one.azurecr.io"]);
    assert_eq!(hosts("Workspace", Some(&region)), [""; 0]);
}

#[test]
fn what_cannot_be_a_host_name_is_refused() {
    let error = |form: &str| {
        let text = format!("resources: [{{ type: a.B, hosts: [{{ subresource: s, {form} }}] }}]");
        HostNames::from_yaml(&text).unwrap_err().message
    };
    assert_eq!(
        error("name: '{nme}', under: a.b, zone: c.d"),
        "the host name `{nme}.a.b` has the part `{nme}`, which is no `{name}`, `{region}` or `{part}`"
    );
    assert_eq!(
        error("name: '{name}', under: '*.a.b', zone: c.d"),
        "the host name `{name}.*.a.b` stands under a pattern, or its zone is one"
    );
    assert!(error("name: '{name}', under: a, zone: c.d").starts_with("`a` is not a host name"));
    assert!(error("nme: x").starts_with("the catalogue of host names cannot be read"));
}
