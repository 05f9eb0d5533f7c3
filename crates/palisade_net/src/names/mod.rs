//! Names: which resource a host name may mean, and which address the machines of a network get for it.
//!
//! * `hosts` reads from data how resources are named and which private zone stands for a name (facts part B.5);
//! * `dns` follows a question through DNS servers, forwarders and the private zones that are linked to networks.

mod dns;
mod hosts;

pub use dns::{Alias, Answer, Dns, DnsQuestion, DnsServer, DnsZone, Forward, Resolution, ZoneRecord};
pub use hosts::{HostMatch, HostName, HostNames, NamedResource};
