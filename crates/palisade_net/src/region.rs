//! Region names. Azure writes one region in three ways (`East US 2`, `EastUS2`, `eastus2`); the last, Azure Resource
//! Manager's, is the canonical one. Which regions exist, and `AzureCloud`'s own codes, is data: see [`crate::TagCatalogue`].

use std::{fmt, str::FromStr};

use smol_str::SmolStr;

use crate::error::ValueError;

/// A region in Azure Resource Manager's spelling: lower case, without spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(SmolStr);

impl Region {
    /// The canonical name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = ValueError;

    /// Reads any of the spellings. Whether the region exists is for the catalogue to say.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let canonical: String = text.split(' ').collect::<String>().to_ascii_lowercase();
        let starts_well = canonical.starts_with(|c: char| c.is_ascii_lowercase());
        if starts_well && canonical.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(Self(canonical.into()));
        }
        Err(ValueError::new(format!("`{text}` is not a region"))
            .help("a region is written like `eastus2` or `East US 2`"))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
