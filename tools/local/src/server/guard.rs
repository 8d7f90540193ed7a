//! The guard against requests of web pages. A browser lets any page send requests to this machine, and a page whose name is made to resolve to this
//! machine reads the answers too. Nothing here asks for credentials, so a request is looked at first: the `Host` that it
//! was sent to and the `Origin` of the page that sent it have to be names of this machine.
#![expect(clippy::disallowed_types, reason = "it stands before the servers, where requests are whole")]

use std::net::IpAddr;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header},
    middleware::{Next, from_fn},
    response::IntoResponse as _,
};
use serde_json::json;

use super::ListenAddress;

/// The name that a container has for the machine that it runs on.
const FROM_CONTAINERS: &str = "host.docker.internal";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SHOWN_CHARACTERS: usize = 100;

/// The hosts for which requests are taken, by their `Host`.
#[derive(Clone, Copy, Debug)]
pub enum Hosts {
    /// Names and addresses of this machine, and the address that it was told to listen on.
    Here,
    /// Names and addresses of this machine, and the name that a container has for it.
    HereAndContainers,
    /// Any host, since a tunnel hands on the name that it was reached by.
    Any,
}

/// Refuses the requests of other sites' pages, before anything is done.
pub fn guarded(router: Router, hosts: Hosts, listens: &ListenAddress) -> Router {
    let listens = listens.clone();
    router.layer(from_fn(move |request: Request, next: Next| {
        let refusal = refusal(hosts, &listens, request.uri(), request.headers());
        async move {
            match refusal {
                Some(sentence) => refused(&sentence),
                None => next.run(request).await,
            }
        }
    }))
}

/// A refusal in the form in which AWS's SDKs look for a reason.
fn refused(sentence: &str) -> Response<Body> {
    let body = json!({"__type": "AccessDeniedException", "message": sentence});
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::FORBIDDEN, json, format!("{body}\n")).into_response()
}

/// The reason for which a request is not taken.
fn refusal(hosts: Hosts, listens: &ListenAddress, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let asked = headers.get_all(header::HOST).iter().map(text);
    let asked = asked.chain(uri.authority().map(ToString::to_string));
    if let Some(host) = asked.into_iter().find(|host| !hosts.take(host, listens)) {
        return Some(format!(
            "This port answers requests to this machine's own names, such as localhost and 127.0.0.1, and to what --listen \
             names; the Host of this one is {}.",
            shown(&host)
        ));
    }
    if let Some(origin) = headers.get_all(header::ORIGIN).iter().map(text).find(|origin| !is_here(origin)) {
        return Some(format!(
            "This port answers no pages but those of this machine, and the Origin of this request is {}.",
            shown(&origin)
        ));
    }
    // A picture or a script of another page brings no Origin; following a link to here is not what they do.
    let said = |name: &HeaderName, word: &str| headers.get(name).is_some_and(|value| value == word);
    let embedded = said(&FETCH_SITE, "cross-site")
        && headers.contains_key(&FETCH_MODE)
        && !said(&FETCH_MODE, "navigate")
        && !headers.contains_key(header::ORIGIN);
    embedded.then(|| {
        "This port answers no pages but those of this machine, and another one embeds this.".to_owned()
    })
}

impl Hosts {
    fn take(self, host: &str, listens: &ListenAddress) -> bool {
        match self {
            Self::Any => true,
            Self::Here => is_here(&format!("http://{host}")) || listens.is_host(host),
            Self::HereAndContainers => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                name.eq_ignore_ascii_case(FROM_CONTAINERS) || Self::Here.take(host, listens)
            }
        }
    }
}

/// Whether an origin, or the address that a request was sent to, is this machine's. No resolver answers for names under
/// `localhost` but this machine's own.
fn is_here(origin: &str) -> bool {
    let origin = origin.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let host = origin.and_then(|uri| uri.host().map(str::to_ascii_lowercase)).unwrap_or_default();
    let name = host.strip_suffix('.').unwrap_or(&host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

fn shown(value: &str) -> String {
    format!("{:?}", value.chars().take(SHOWN_CHARACTERS).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(hosts: Hosts, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), value.parse::<HeaderValue>().expect("a value"))
        });
        refusal(hosts, &ListenAddress::default(), &Uri::from_static("/"), &headers.collect()).is_some()
    }

    #[test]
    fn a_name_of_this_machine_is_taken_and_no_other() {
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "api.localhost",
            "api.localhost:3000",
            "localhost.",
            "127.0.0.1:3000",
            "127.1.2.3",
            "[::1]",
            "[::1]:8000",
        ] {
            assert!(!is_refused(Hosts::Here, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:3000",
            "127.0.0.1.evil.example",
            "0.0.0.0:3000",
            "10.0.0.1",
            "[::]",
            "[fe80::1]",
            "",
            "localhost@evil.example",
            "evil.example/localhost",
            "nolocalhost",
            "dev:3000",
            "host.docker.internal:8000",
            "localhost:3000, evil.example",
        ] {
            assert!(is_refused(Hosts::Here, &[("host", host)]), "{host}");
        }
        assert!(!is_refused(Hosts::HereAndContainers, &[("host", "host.docker.internal:8000")]));
        assert!(is_refused(Hosts::HereAndContainers, &[("host", "evil.example")]));
        assert!(!is_refused(Hosts::Any, &[("host", "of-a-tunnel.example")]));
        assert!(!is_refused(Hosts::Here, &[]), "no browser leaves it out");
        let both = [("host", "localhost"), ("host", "evil.example")];
        assert!(is_refused(Hosts::Here, &both), "all of them count");
        let whole = Uri::from_static("http://evil.example/v1/me");
        assert!(refusal(Hosts::Here, &ListenAddress::default(), &whole, &HeaderMap::new()).is_some());
    }

    #[test]
    fn the_name_that_was_told_is_taken_for_this_machines_but_not_for_a_pages() {
        let told = ListenAddress::new(std::net::Ipv4Addr::LOCALHOST.into(), "dev");
        let is_refused = |hosts, name: &'static str, value: &str| {
            let value = value.parse::<HeaderValue>().expect("a value");
            let headers = [(HeaderName::from_static(name), value)].into_iter().collect();
            refusal(hosts, &told, &Uri::from_static("/"), &headers).is_some()
        };
        for hosts in [Hosts::Here, Hosts::HereAndContainers] {
            for host in ["dev", "dev:3000", "DEV:8000", "localhost:3000"] {
                assert!(!is_refused(hosts, "host", host), "{host}");
            }
            for host in
                ["dev.evil.example", "evil.example", "my-dev", "dev, evil.example", "dev@evil.example"]
            {
                assert!(is_refused(hosts, "host", host), "{host}");
            }
            assert!(is_refused(hosts, "origin", "http://dev:3000"));
        }
    }

    #[test]
    fn a_page_of_this_machine_is_taken_and_no_other() {
        for hosts in [Hosts::Here, Hosts::HereAndContainers, Hosts::Any] {
            for origin in
                ["http://localhost:5173", "http://127.0.0.1", "https://app.localhost", "http://[::1]:3000"]
            {
                assert!(!is_refused(hosts, &[("host", "localhost"), ("origin", origin)]), "{origin}");
            }
            for origin in [
                "null",
                "",
                "https://evil.example",
                "http://localhost.evil.example",
                "http://host.docker.internal:8000",
                "file://",
                "chrome-extension://localhost",
            ] {
                assert!(is_refused(hosts, &[("host", "localhost"), ("origin", origin)]), "{origin}");
            }
        }
    }

    #[test]
    fn a_link_may_lead_here_and_a_page_of_elsewhere_embeds_nothing() {
        let host = ("host", "localhost:3000");
        let from = |mode| {
            is_refused(Hosts::Here, &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)])
        };
        assert!(!from("navigate"));
        assert!(from("no-cors") && from("cors"));
        assert!(!is_refused(
            Hosts::Here,
            &[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]
        ));
    }
}
