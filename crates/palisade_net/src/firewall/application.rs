//! The protocols that application rules understand, with their ports: `http:80`, `https:443`, `mssql:1433`.

use std::{fmt, str::FromStr};

use crate::error::{ValueError, nearest};
use crate::ports::Port;

/// A protocol in which a firewall reads the name that a client asks for (fact `net.fw.app-only-http`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ApplicationKind {
    /// HTTP, by its `Host` header.
    Http,
    /// HTTPS, by the server name of TLS.
    Https,
    /// SQL Server's protocol.
    Mssql,
}

impl ApplicationKind {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Http, Self::Https, Self::Mssql];

    /// The word that rules use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Mssql => "mssql",
        }
    }

    /// The port on which it is spoken unless somebody chose another (fact `x.fw.ports-meaning`).
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Mssql => 1433,
        }
    }
}

/// A protocol on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationProtocol {
    /// Which protocol.
    pub kind: ApplicationKind,
    /// On which port of the host.
    pub port: u16,
}

impl ApplicationProtocol {
    /// Each protocol on its usual port.
    pub const USUAL: [Self; 3] =
        [Self::usual(ApplicationKind::Http), Self::usual(ApplicationKind::Https), Self::usual(ApplicationKind::Mssql)];

    /// Those of the web.
    pub(crate) const WEB: [Self; 2] = [Self::usual(ApplicationKind::Http), Self::usual(ApplicationKind::Https)];

    const fn usual(kind: ApplicationKind) -> Self {
        Self { kind, port: kind.usual_port() }
    }
}

impl FromStr for ApplicationProtocol {
    type Err = ValueError;

    /// Reads `https:443`, whatever its case.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (word, port) = text.split_once(':').map_or((text, None), |(word, port)| (word, Some(port)));
        let found = ApplicationKind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word));
        let Some(kind) = found else {
            let meant = nearest(word, ApplicationKind::ALL.map(ApplicationKind::word));
            let meant = meant.map(|word| port.map_or_else(|| word.to_owned(), |port| format!("{word}:{port}")));
            return Err(ValueError::new(format!("`{text}` is not a protocol of application rules"))
                .help("application rules see `http`, `https` and `mssql`, each with a port; write a network rule for any other protocol")
                .suggest_if(meant));
        };
        let Some(port) = port else {
            return Err(ValueError::new(format!("`{text}` has no port"))
                .help("write the protocol with the port of the host")
                .suggest(format!("{}:{}", kind.word(), kind.usual_port())));
        };
        match port.parse::<Port>()? {
            Port(0) => Err(ValueError::new(format!("port 0 of `{text}` is no port of a host"))
                .help("write a port from 1 to 65535")),
            Port(port) => Ok(Self { kind, port }),
        }
    }
}

impl fmt::Display for ApplicationProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.port)
    }
}
