//! Random policies and environments over the declared types, well formed more often than not.
//!
//! Both are written by consuming [`Choices`], a string of bytes: the same bytes give the same text, and where they end
//! the simplest form is taken, so that shrinking the bytes shrinks the text.

pub mod environment;
pub mod policy;
mod reach;

use palisade_engine::types::{Schema, Type};

/// Bytes from which every choice is taken.
pub struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    /// Choices from these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// A number below `many`; 0 where the bytes have ended.
    pub fn below(&mut self, many: usize) -> usize {
        let byte = self.bytes.next().copied().unwrap_or(0);
        usize::from(byte) * many / 256
    }

    /// One of several.
    pub fn one<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }

    /// Whether something happens that does so once in `often` times.
    pub fn once_in(&mut self, often: usize) -> bool {
        self.below(often) + 1 == often
    }
}

/// Values of a plain type, as the language writes them; environments write the same between quotes.
fn words(schema: &Schema, ty: &Type) -> Vec<String> {
    let fixed: &[&str] = match ty {
        Type::Bool => &["true", "false"],
        Type::Int => &["0", "1", "7", "250", "9223372036854775807"],
        Type::Text => &["n0", "n1", "Microsoft.Storage", "", "a*b"],
        Type::Date => &["2026-01-31", "1970-01-01", "9999-12-31"],
        Type::Duration => &["15m", "12h", "90d", "100000000000000d"],
        Type::Ip => &["10.0.1.4", "20.1.2.3", "fd00::4"],
        Type::Cidr => &["10.0.1.0/24", "0.0.0.0/0", "20.0.0.0/8", "fd00::/64", "::/0"],
        Type::Prefix => &["10.0.0.0/16", "0.0.0.0/0", "Storage", "AzureMachineLearning"],
        Type::Addresses => &["10.0.1.0/24", "20.1.2.3", "Storage", "AzureCloud", "VirtualNetwork", "Internet"],
        Type::Port => &["443", "22", "0", "65535"],
        Type::Ports => &["443", "20-25", "8787"],
        Type::Protocol => &["tcp", "udp"],
        Type::Protocols => &["tcp", "udp", "icmp"],
        Type::Region => &["eastus2", "westeurope"],
        Type::ServiceTag => &["Storage", "Storage.eastus2", "AzureCloud", "VirtualNetwork"],
        Type::Fqdn => &["a.example.org", "*.example.org"],
        Type::Enum(id) => {
            let variants = schema.enumeration(*id).map_or(&[][..], |e| &e.variants);
            return variants.iter().filter(|v| v.fields.is_empty()).map(|v| v.name.to_string()).collect();
        }
        _ => &[],
    };
    fixed.iter().map(|&word| word.to_owned()).collect()
}
