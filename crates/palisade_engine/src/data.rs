//! What a body in an environment file says, typed and without positions.
//!
//! A [`Data`] is one field's value. Bodies of records are slices in the order of [`crate::types::RecordDef::fields`].
//! Everything is cheap to clone: larger parts are shared.

use std::net::IpAddr;
use std::sync::Arc;

use palisade_net::{AddressSpec, Cidr, Fqdn, PortSet, ProtocolSet, Region, ServiceTag};
use smol_str::SmolStr;

/// A value read from an environment file, or a field's default.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Data {
    /// Absent where that means unknown (`T?`).
    Absent,
    /// Absent or `none` where that means that there is none (`T or none`).
    None,
    /// Unreadable; the file's fault is reported and nothing is checked.
    Error,
    /// A Bool.
    Bool(bool),
    /// An Int.
    Int(i64),
    /// A Text.
    Text(SmolStr),
    /// A Date: days since 1970-01-01.
    Date(i32),
    /// A Duration: seconds.
    Duration(i64),
    /// An Ip.
    Ip(IpAddr),
    /// A Cidr, also as a Prefix.
    Cidr(Cidr),
    /// A service tag, also as a Prefix.
    Tag(Arc<ServiceTag>),
    /// Addresses.
    Addresses(Arc<AddressSpec>),
    /// A Port.
    Port(u16),
    /// Ports.
    Ports(Arc<PortSet>),
    /// Protocols; a Protocol is a set of one.
    Protocols(ProtocolSet),
    /// A Region.
    Region(Region),
    /// A Fqdn.
    Fqdn(Arc<Fqdn>),
    /// A reference as written: a name or a place.
    Reference(SmolStr),
    /// A variant of an enum, by its index, with its fields.
    Variant(u16, Arc<[Data]>),
    /// A record, field by field.
    Record(Arc<[Data]>),
    /// A list.
    List(Arc<[Data]>),
    /// A map of anything but entities, in the file's order.
    Map(Arc<[(SmolStr, Data)]>),
    /// The names of the entities of a collection, in the file's order; the entities stand on their own.
    Entities(Arc<[SmolStr]>),
}
