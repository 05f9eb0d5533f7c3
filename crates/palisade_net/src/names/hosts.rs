//! How Azure names the hosts of its resources. It is data, read from a YAML text that the caller supplies
//! (`policies/azure/host_names.yaml`).

use serde::Deserialize;
use smol_str::SmolStr;

use crate::catalogue_file::read;
use crate::error::ValueError;
use crate::fqdn::Fqdn;
use crate::region::Region;

/// How the resources of all types are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostNames {
    resources: Vec<NamedResource>,
}

/// How the resources of one type are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedResource {
    /// The declaration of the resource, by its full name.
    pub resource: SmolStr,
    /// The service tag that holds the addresses of its hosts, if one does.
    pub tag: Option<SmolStr>,
    /// Whether its rules for public addresses are for clients in its own region too.
    pub regional_ip_rules: bool,
    /// Its hosts.
    pub hosts: Vec<HostName>,
}

/// One form of host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    /// The part of the resource that answers, as private endpoints name it.
    pub subresource: SmolStr,
    /// The private DNS zone of the name.
    pub zone: SmolStr,
    under: SmolStr,
    labels: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Label {
    Text(SmolStr),
    Name,
    Region,
    Part,
    /// One label or more; only in front.
    Any,
}

/// What a host says of the resource that it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostMatch {
    /// The resource's name, if it stands in the host.
    pub name: Option<SmolStr>,
    /// Its region, likewise.
    pub region: Option<SmolStr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    resources: Vec<ResourceEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceEntry {
    #[serde(rename = "type")]
    resource: SmolStr,
    tag: Option<SmolStr>,
    #[serde(default = "yes")]
    regional_ip_rules: bool,
    hosts: Vec<HostEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostEntry {
    subresource: SmolStr,
    name: SmolStr,
    under: SmolStr,
    zone: SmolStr,
}

fn yes() -> bool {
    true
}

impl HostNames {
    /// Reads the text of `host_names.yaml`.
    pub fn from_yaml(text: &str) -> Result<Self, ValueError> {
        let file: File = read(text, "host names")?;
        let resources = file.resources.into_iter().map(|entry| {
            let hosts = entry.hosts.into_iter().map(host_name).collect::<Result<_, _>>()?;
            let ResourceEntry { resource, tag, regional_ip_rules, .. } = entry;
            Ok(NamedResource { resource, tag, regional_ip_rules, hosts })
        });
        Ok(Self { resources: resources.collect::<Result<_, ValueError>>()? })
    }

    /// The types of resources, as in the text.
    pub fn resources(&self) -> &[NamedResource] {
        &self.resources
    }
}

fn host_name(entry: HostEntry) -> Result<HostName, ValueError> {
    let wrong = |why: String| ValueError::new(format!("the host name `{}.{}` {why}", entry.name, entry.under));
    let (under, zone): (Fqdn, Fqdn) = (entry.under.parse()?, entry.zone.parse()?);
    if under.is_pattern() || zone.is_pattern() {
        return Err(wrong("stands under a pattern, or its zone is one".to_owned()));
    }
    let mut labels = Vec::new();
    for (at, text) in entry.name.split('.').enumerate() {
        labels.push(match text {
            "{name}" => Label::Name,
            "{region}" => Label::Region,
            "{part}" => Label::Part,
            "*" if at == 0 => Label::Any,
            _ if text.is_empty() || text.contains(['{', '}', '*']) => {
                return Err(wrong(format!(
                    "has the part `{text}`, which is no `{{name}}`, `{{region}}` or `{{part}}`"
                )));
            }
            plain => Label::Text(plain.to_ascii_lowercase().into()),
        });
    }
    let text = |name: Fqdn| SmolStr::from(name.as_str());
    Ok(HostName { subresource: entry.subresource, zone: text(zone), under: text(under), labels })
}

impl HostName {
    /// What a host of this form says; `None` if it has another form, or is a pattern.
    pub fn matches(&self, host: &Fqdn) -> Option<HostMatch> {
        if host.is_pattern() {
            return None;
        }
        let front = host.as_str().strip_suffix(self.under.as_str())?.strip_suffix('.')?;
        let mut found = HostMatch::default();
        let mut given = front.rsplit('.');
        for label in self.labels.iter().rev() {
            let text = given.next()?;
            match label {
                Label::Text(wanted) if wanted != text => return None,
                Label::Name => found.name = Some(text.into()),
                Label::Region => found.region = Some(text.into()),
                Label::Any => return Some(found),
                Label::Text(_) | Label::Part => {}
            }
        }
        given.next().is_none().then_some(found)
    }

    /// Whether some host of this form is one of the pattern's.
    pub fn overlaps(&self, pattern: &Fqdn) -> bool {
        let Some(ending) = pattern.as_str().strip_prefix('*') else { return self.matches(pattern).is_some() };
        // What comes before the first dot of the ending may be part of a longer label.
        let (partial, whole) = match ending.split_once('.') {
            Some((partial, whole)) => (partial, whole),
            None => (ending, ""),
        };
        let under = self.under.split('.').map(|text| Label::Text(text.into()));
        let own: Vec<Label> = self.labels.iter().cloned().chain(under).collect();
        let mut own = own.iter().rev();
        for text in whole.rsplit('.').filter(|text| !text.is_empty()) {
            match own.next() {
                Some(Label::Text(wanted)) if wanted != text => return false,
                Some(Label::Any) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        match own.next() {
            Some(Label::Text(wanted)) => wanted.ends_with(partial),
            Some(_) => true,
            None => false,
        }
    }

    /// The host of the resource of that name; `None` if more than name and region is needed, or the region is not known.
    pub fn host_of(&self, name: &str, region: Option<&Region>) -> Option<Fqdn> {
        let mut front = Vec::with_capacity(self.labels.len());
        for label in &self.labels {
            front.push(match label {
                Label::Text(text) => text.as_str(),
                Label::Name => name,
                Label::Region => region?.as_str(),
                Label::Part | Label::Any => return None,
            });
        }
        format!("{}.{}", front.join("."), self.under).parse().ok()
    }

    /// The name in the private zone to which a host of this form points once it has a private endpoint.
    pub fn alias(&self, host: &Fqdn) -> Option<SmolStr> {
        Some(format!("{}{}", host.as_str().strip_suffix(self.under.as_str())?, self.zone).into())
    }
}
