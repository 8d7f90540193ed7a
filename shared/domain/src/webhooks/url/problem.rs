//! The problems that an endpoint's URL can have, as facts. `message` puts them into words.

use std::net::IpAddr;

use url::ParseError;

/// Why deliveries may not go to a URL. Its `Display` is a sentence in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// The URL is too long.
    TooLong {
        /// The longest URL, in bytes.
        max: usize,
    },
    /// The URL has white space, a control character or a backslash in it.
    WhiteSpace,
    /// The URL does not begin with `https://`.
    NotHttps,
    /// The URL has a user name or a password in it.
    Credentials,
    /// The URL cannot be read.
    Unreadable(UrlFault),
    /// The URL has a fragment.
    Fragment,
    /// The URL names the sender's own machine.
    Loopback {
        /// The host of the URL.
        host: String,
    },
    /// The URL has a port that is not allowed.
    Port {
        /// The port of the URL.
        port: u16,
        /// The ports that are allowed.
        allowed: Vec<u16>,
    },
    /// The URL's host is an address that is not on the public internet.
    NotGlobal {
        /// The address in the URL.
        ip: IpAddr,
    },
    /// The URL's host is a name that only a private network knows.
    PrivateName {
        /// The ending of the name.
        ending: &'static str,
    },
    /// The URL's host ends with a dot.
    EndsWithDot,
    /// The URL's host is a name without a domain.
    ShortName {
        /// The host's name.
        name: String,
    },
}

/// The part of a URL that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// The URL has no host.
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
    /// Something else is wrong, which no URL with a scheme and a host has.
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
