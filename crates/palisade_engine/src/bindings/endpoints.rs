//! What the engine understands of private ways to Azure's services, and of the services themselves.

use super::lookup::{Lookup, bound};
use crate::types::RecordId;

bound! {
    /// `PrivateEndpoint`
    PrivateEndpoint in "azure.endpoints"."PrivateEndpoint" { target, subnet, address, status }
}
bound! {
    /// `PrivateDnsZone`
    PrivateDnsZone in "azure.endpoints"."PrivateDnsZone" { virtual_networks }
}
bound! {
    StorageAccount in "azure.storage"."StorageAccount" { firewall }
}
bound! {
    KeyVault in "azure.key_vault"."KeyVault" { firewall }
}
bound! {
    ContainerRegistry in "azure.registry"."ContainerRegistry" { firewall }
}

/// Private endpoints and the resources that they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record or the variant of its name")]
pub struct Endpoints {
    pub private: PrivateEndpoint,
    pub approved: u16,
    pub zone: Option<PrivateDnsZone>,
    /// Resources with network rules of their own: the record, and the field of the rules.
    pub targets: Vec<(RecordId, Option<usize>)>,
}

/// The declarations of private endpoints; `None` if the program has none.
pub(super) fn endpoints(lookup: &mut Lookup<'_>) -> Option<Endpoints> {
    let private = PrivateEndpoint::find(lookup)?;
    let (_, def) = lookup.record("azure.endpoints", "PrivateEndpoint")?;
    let storage = StorageAccount::find(lookup).map(|found| (found.record, found.firewall));
    let vault = KeyVault::find(lookup).map(|found| (found.record, found.firewall));
    let registry = ContainerRegistry::find(lookup).map(|found| (found.record, found.firewall));
    Some(Endpoints {
        private,
        approved: lookup.word(def, "status", "approved")?.1,
        zone: PrivateDnsZone::find(lookup),
        targets: [storage, vault, registry].into_iter().flatten().collect(),
    })
}
