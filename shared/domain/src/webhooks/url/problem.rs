//! Why a URL is refused: the facts, which `message` puts into words.

use std::net::IpAddr;

use url::ParseError;

/// Why deliveries may not go to a URL. In its `Display` a sentence in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// It is longer than this, in bytes.
    TooLong {
        /// The most.
        max: usize,
    },
    /// It has white space, a control character or a backslash in it.
    WhiteSpace,
    /// It does not begin with `https://`.
    NotHttps,
    /// It has a user name or a password in it.
    Credentials,
    /// It cannot be read.
    Unreadable(UrlFault),
    /// It has a fragment.
    Fragment,
    /// It means the sender's own machine.
    Loopback {
        /// As it calls it.
        host: String,
    },
    /// It has a port that is not allowed.
    Port {
        /// That port.
        port: u16,
        /// Those that are.
        allowed: Vec<u16>,
    },
    /// Its address is not on the public internet.
    NotGlobal {
        /// That address.
        ip: IpAddr,
    },
    /// Its name is one that only a private network knows.
    PrivateName {
        /// How such names end.
        ending: &'static str,
    },
    /// Its host ends with a dot.
    EndsWithDot,
    /// Its host is a name without a domain.
    ShortName {
        /// That name.
        name: String,
    },
}

/// What in a URL cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// There is no host.
    EmptyHost,
    /// The host is no name of the international kind.
    InternationalName,
    /// The port is no number of a port.
    Port,
    /// The host is no IPv4 address, though it looks like one.
    Ipv4,
    /// The host is no IPv6 address, though it looks like one.
    Ipv6,
    /// There is a character in the host that no name has.
    DomainCharacter,
    /// Something else, which no URL with a scheme and a host has.
    Other,
}

impl From<ParseError> for UrlFault {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::EmptyHost => Self::EmptyHost,
            ParseError::IdnaError => Self::InternationalName,
            ParseError::InvalidPort => Self::Port,
            ParseError::InvalidIpv4Address => Self::Ipv4,
            ParseError::InvalidIpv6Address => Self::Ipv6,
            ParseError::InvalidDomainCharacter => Self::DomainCharacter,
            _ => Self::Other,
        }
    }
}
