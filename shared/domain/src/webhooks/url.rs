//! The URLs of endpoints, and the policy of which ones deliveries may go to.

mod problem;

use std::{fmt, net::IpAddr};

use url::{Host, Url};

pub use self::problem::{UrlFault, UrlProblem};
use super::is_global;

/// The longest URL, in bytes.
pub(crate) const MAX_URL_BYTES: usize = 2048;
/// The environment variable with the ports that are allowed, with commas between.
const PORTS_VARIABLE: &str = "WEBHOOK_PORTS";
/// The environment variable that is `true` where deliveries may go to the machine itself.
pub const ALLOW_LOOPBACK_VARIABLE: &str = "WEBHOOK_ALLOW_LOOPBACK";

/// Endings of names that only a private network knows (RFC 6762, RFC 8375, and what ICANN reserved).
const PRIVATE_ENDINGS: [&str; 3] = [".local", ".internal", ".home.arpa"];

/// An endpoint's URL, as text and parsed. Its `Debug` shows the host alone, since the path may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    text: String,
    url: Url,
}

/// The policy of a deployment on the URLs of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPolicy {
    /// The allowed ports.
    pub ports: Vec<u16>,
    /// Whether `localhost` and loopback addresses are allowed as well, with any port and without TLS.
    pub loopback: bool,
}

impl WebhookUrl {
    /// The URL as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host: a name in ASCII, or an address, an IPv6 one in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port, whether or not it was given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The IP address in the URL, if its host is one.
    #[must_use]
    pub fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
        }
    }

    /// Reads a URL without asking the policy.
    fn read(text: &str) -> Result<Self, UrlProblem> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlProblem::TooLong { max: MAX_URL_BYTES });
        }
        // The parser would drop line ends and tabs, and take a backslash for a slash.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(UrlProblem::WhiteSpace);
        }
        // The parser would also take `https:example.com` and `https:///example.com`.
        let host = text.split_once("://").filter(|(scheme, _)| is_http(scheme)).map(|(_, rest)| rest);
        let Some(host) = host.filter(|host| !host.starts_with('/')) else { return Err(UrlProblem::NotHttps) };
        if host.split(['/', '?', '#']).next().is_some_and(|host| host.contains('@')) {
            return Err(UrlProblem::Credentials);
        }
        let url = Url::parse(text).map_err(|error| UrlProblem::Unreadable(error.into()))?;
        Ok(Self { text: text.to_owned(), url })
    }

    /// Whether the URL names the sender's own machine.
    fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            _ => self.literal().is_some_and(|ip| ip.to_canonical().is_loopback()),
        }
    }
}

impl UrlPolicy {
    /// Reads `WEBHOOK_PORTS` (443 unless set) and `WEBHOOK_ALLOW_LOOPBACK` (`false` unless set).
    ///
    /// # Errors
    /// A sentence that names the variable that is wrong.
    pub fn from_variables(read: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let ports = read(PORTS_VARIABLE).unwrap_or_else(|| "443".to_owned());
        let port = |text: &str| text.trim().parse().ok().filter(|port| *port != 0);
        let ports = ports.split(',').map(port).collect::<Option<Vec<u16>>>();
        let ports = ports.ok_or_else(|| format!("{PORTS_VARIABLE}: expected ports such as 443,8443"))?;
        let loopback = match read(ALLOW_LOOPBACK_VARIABLE).as_deref() {
            Some("true") => true,
            Some("false") | None => false,
            Some(_) => return Err(format!("{ALLOW_LOOPBACK_VARIABLE}: expected true or false")),
        };
        Ok(Self { ports, loopback })
    }

    /// Reads a URL, and refuses one that deliveries may not go to. A name that passes may still have
    /// addresses that do not: see [`UrlPolicy::admits`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, text: &str) -> Result<WebhookUrl, UrlProblem> {
        let webhook = WebhookUrl::read(text)?;
        let url = webhook.url();
        if url.fragment().is_some() {
            return Err(UrlProblem::Fragment);
        }
        if webhook.is_loopback() {
            return if self.loopback { Ok(webhook) } else { Err(loopback(webhook.host())) };
        }
        if url.scheme() != "https" {
            return Err(UrlProblem::NotHttps);
        }
        if !self.ports.contains(&webhook.port()) {
            return Err(UrlProblem::Port { port: webhook.port(), allowed: self.ports.clone() });
        }
        match webhook.literal() {
            Some(ip) if !is_global(ip) => Err(UrlProblem::NotGlobal { ip }),
            Some(_) => Ok(webhook),
            None => check_name(webhook.host()).map(|()| webhook),
        }
    }

    /// Whether a delivery to `url` may connect to `ip`, an address of its host. Names can resolve to any address, so each one is
    /// checked before it is connected to.
    #[must_use]
    pub fn admits(&self, url: &WebhookUrl, ip: IpAddr) -> bool {
        match self.loopback && url.is_loopback() {
            true => ip.to_canonical().is_loopback(),
            false => is_global(ip),
        }
    }
}

fn is_http(scheme: &str) -> bool {
    ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

fn loopback(host: &str) -> UrlProblem {
    UrlProblem::Loopback { host: host.to_owned() }
}

/// Refuses a name that cannot have a public address.
fn check_name(name: &str) -> Result<(), UrlProblem> {
    if name.ends_with(".localhost") {
        return Err(loopback(name));
    }
    if let Some(ending) = PRIVATE_ENDINGS.into_iter().find(|ending| name.ends_with(ending)) {
        return Err(UrlProblem::PrivateName { ending });
    }
    if name.ends_with('.') {
        return Err(UrlProblem::EndsWithDot);
    }
    if !name.contains('.') {
        return Err(UrlProblem::ShortName { name: name.to_owned() });
    }
    Ok(())
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}…)", self.host())
    }
}

#[cfg(test)]
mod tests;
