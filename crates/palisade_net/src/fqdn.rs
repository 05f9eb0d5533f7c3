//! Host name patterns as Azure Firewall takes them: exact, `*.a.b` (any depth, not `a.b` itself), `*a.b` (any ending).

use std::{fmt, str::FromStr};

use smol_str::SmolStr;

use crate::error::ValueError;

/// A host name or a pattern of host names, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fqdn(SmolStr);

impl Fqdn {
    /// `*`, which covers every host. Only firewalls take it, so it is not read where a host name is (fact `net.fw.wildcards`).
    pub fn any() -> Self {
        Self(SmolStr::new_static("*"))
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern stands for more than one host.
    pub fn is_pattern(&self) -> bool {
        self.0.starts_with('*')
    }

    /// Whether the pattern covers `other`: the same host, or every host of that pattern.
    pub fn matches(&self, other: &Self) -> bool {
        match self.0.strip_prefix('*') {
            None => self.0 == other.0,
            // The star stands for at least one character before a dot; every ending before other text may be the whole name.
            Some(ending) if ending.starts_with('.') => other.0.len() > ending.len() && other.0.ends_with(ending),
            Some(ending) => other.0.ends_with(ending),
        }
    }
}

impl FromStr for Fqdn {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = |why: &str| {
            ValueError::new(format!("`{text}` is not a host name: {why}"))
                .help("write a full name such as `ml.azure.com`, or `*.a.b` for every name below `a.b`, or `*a.b` for every name with that ending")
        };
        let lower = text.to_ascii_lowercase();
        let (name, exact) = match lower.strip_prefix('*') {
            None => (lower.as_str(), true),
            Some(ending) => (ending.strip_prefix('.').unwrap_or(ending), false),
        };
        if name.contains('*') {
            return Err(wrong("a `*` stands only at the start"));
        }
        if name.contains("://") || name.contains('/') {
            return Err(wrong("it is a URL").suggest_if(host_of_url(name)));
        }
        if name.len() > 253 {
            return Err(wrong("it is longer than 253 characters"));
        }
        let labels: Vec<&str> = name.split('.').collect();
        for label in &labels {
            check_label(label).map_err(|why| wrong(&why))?;
        }
        if exact && labels.len() < 2 {
            return Err(wrong("it has no dot"));
        }
        if labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(wrong("its last part is a number, as in an address"));
        }
        Ok(Self(lower.into()))
    }
}

fn host_of_url(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', ':']).next().filter(|host| host.contains('.')).map(str::to_owned)
}

fn check_label(label: &str) -> Result<(), String> {
    if label.is_empty() {
        return Err("a part between dots is empty".to_owned());
    }
    if label.len() > 63 {
        return Err(format!("`{label}` is longer than 63 characters"));
    }
    if let Some(odd) = label.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
        return Err(format!("`{odd}` cannot stand in it"));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(format!("`{label}` starts or ends with `-`"));
    }
    Ok(())
}

impl fmt::Display for Fqdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
