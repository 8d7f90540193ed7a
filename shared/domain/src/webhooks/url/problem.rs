//! The problems that an endpoint's URL can have, as facts. `message` puts them into words.

use std::net::IpAddr;

use url::ParseError;

/// Why deliveries may not go to a URL. Its `Display` is a sentence in English.
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
    /// It names the sender's own machine.
    Loopback {
        /// The host of the URL.
        host: String,
    },
    /// It has a port that is not allowed.
    Port {
        /// That port.
        port: u16,
        /// The ports that are allowed.
        allowed: Vec<u16>,
    },
    /// Its address is not on the public internet.
    NotGlobal {
        /// That address.
        ip: IpAddr,
    },
    /// Its name is one that only a private network knows.
    PrivateName {
        /// The ending of its name.
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

/// The part of a URL that cannot be read.
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
