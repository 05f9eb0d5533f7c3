//! Service tags by name. A tag is read by [`crate::TagCatalogue::parse_tag`], which knows the names; what addresses it
//! stands for is in `atoms`.

use std::fmt;

use smol_str::SmolStr;

use crate::region::Region;

/// A service tag in its canonical spelling, global or of one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceTag {
    name: SmolStr,
    region: Option<Region>,
}

impl ServiceTag {
    /// A tag whose name is already canonical; [`crate::TagCatalogue::parse_tag`] reads what people write.
    pub fn new(name: impl Into<SmolStr>, region: Option<Region>) -> Self {
        Self { name: name.into(), region }
    }

    /// The name without region: `Storage`, `AzureFrontDoor.FirstParty`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The region, if the tag is of one.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The same tag without region.
    #[must_use]
    pub fn global(&self) -> Self {
        Self { name: self.name.clone(), region: None }
    }
}

impl fmt::Display for ServiceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.region.as_ref().map_or(Ok(()), |region| write!(f, ".{region}"))
    }
}
