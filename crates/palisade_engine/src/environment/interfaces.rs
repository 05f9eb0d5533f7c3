//! Interfaces whose address is outside their subnet.

use palisade_net::IpSet;
use palisade_yaml::Document;

use super::codes;
use super::fault::{Fault, Faults};
use super::index::{Match, NameIndex};
use super::load::LoadedEntity;
use super::locate::site_in;
use crate::bindings::Bindings;
use crate::data::Data;
use crate::evaluate::path::fields::items;
use crate::place::Segment;

/// What the check asks.
pub(super) struct Interfaces<'a> {
    pub(super) entities: &'a [LoadedEntity],
    pub(super) names: &'a NameIndex,
    pub(super) documents: &'a [&'a Document],
}

impl Interfaces<'_> {
    /// Checks every interface.
    pub(super) fn check(&self, bindings: &Bindings, faults: &mut Faults) {
        self.entities.iter().for_each(|entity| self.interface(entity, bindings, faults));
    }

    /// An interface's address lies in its subnet.
    fn interface(&self, interface: &LoadedEntity, bindings: &Bindings, faults: &mut Faults) {
        let (Some(binding), Some(subnet)) = (&bindings.interface, &bindings.subnet) else { return };
        if interface.record != binding.record {
            return;
        }
        let (Some(Data::Ip(ip)), Some(Data::Reference(name))) =
            (interface.body.get(binding.ip), interface.body.get(binding.subnet))
        else {
            return;
        };
        let Match::Found(at) = self.names.find(&[subnet.record], name) else { return };
        let Some(stands) = self.entities.get(at as usize) else { return };
        let prefixes = items(&stands.body, Some(subnet.prefixes)).iter();
        let ranges: Option<Vec<_>> =
            prefixes.map(|data| if let Data::Cidr(cidr) = data { Some(*cidr) } else { None }).collect();
        let Some(set) = ranges.map(|ranges| ranges.into_iter().collect::<IpSet>()).filter(|set| !set.is_empty()) else {
            return;
        };
        if !set.contains(*ip) {
            let message = format!("`{ip}` of `{}` is outside its subnet `{name}`, {set}", interface.name);
            let place = interface.place.child(Segment::Key("ip".into()));
            let help = "name the subnet in which it stands, or mend the address".to_owned();
            faults.push(Fault::on(codes::INVALID_VALUE, site_in(self.documents, &place), message).help(Some(help)));
        }
    }
}
