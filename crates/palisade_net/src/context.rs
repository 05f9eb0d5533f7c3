//! What a verdict depends on besides groups and flows: the catalogue, how far the virtual network extends at the place, and
//! what is known about the addresses of service tags and of application security groups.

use std::sync::Arc;

use crate::address::AddressSpec;
use crate::catalogue::TagCatalogue;
use crate::ip_set::IpSet;
use crate::members::Members;
use crate::prefixes::ServiceTagFile;

/// The network around the place that is asked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NetworkContext<'a> {
    /// The service tags. Groups must have been compiled with the same catalogue.
    pub catalogue: &'a TagCatalogue,
    /// The address spaces of the network and its peers, and on-premises prefixes. The host's address is added.
    pub virtual_network: IpSet,
    /// The prefixes of the subnet's user-defined routes, if it has any.
    pub routes: Option<AddressSpec>,
    /// Whether `VirtualNetwork` holds those prefixes.
    pub virtual_network_tag: VirtualNetworkTag,
    /// Where service tags lie.
    pub prefixes: TagPrefixes,
    /// Who is a member of which application security group; without it nothing is known.
    pub members: Option<&'a Members>,
}

impl<'a> NetworkContext<'a> {
    /// A network without user-defined routes, and without Microsoft's service tag file.
    pub fn new(catalogue: &'a TagCatalogue, virtual_network: IpSet) -> Self {
        Self {
            catalogue,
            virtual_network,
            routes: None,
            virtual_network_tag: VirtualNetworkTag::default(),
            prefixes: TagPrefixes::Unknown,
            members: None,
        }
    }

    /// The same network with the addresses of service tags.
    #[must_use]
    pub fn with_prefixes(mut self, file: Arc<ServiceTagFile>) -> Self {
        self.prefixes = TagPrefixes::Known(file);
        self
    }

    /// The same network with the members of application security groups.
    #[must_use]
    pub fn with_members(mut self, members: &'a Members) -> Self {
        self.members = Some(members);
        self
    }

    /// The same network with user-defined routes.
    #[must_use]
    pub fn with_routes(mut self, routes: AddressSpec, tag: VirtualNetworkTag) -> Self {
        self.routes = Some(routes);
        self.virtual_network_tag = tag;
        self
    }
}

/// Whether the tag `VirtualNetwork` holds the prefixes of user-defined routes. Azure's documentation says that it may
/// (fact `net.tag.vnet`); where a verdict depends on it, somebody has to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VirtualNetworkTag {
    /// Nobody has looked: a verdict that differs is undetermined.
    #[default]
    Unsettled,
    /// It does.
    WithRoutes,
    /// It does not.
    WithoutRoutes,
}

/// What is known of the addresses of service tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagPrefixes {
    /// Only how tags lie in each other; not where.
    #[default]
    Unknown,
    /// Exactly where, from Microsoft's service tag file. A tag that the catalogue has and the file has not leaves open what
    /// depends on it.
    Known(Arc<ServiceTagFile>),
}
