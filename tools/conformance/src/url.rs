//! URLs of the API and of services, as the command line takes them.

use std::net::IpAddr;

use http::Uri;
use reqwest::Url;

/// Reads the API's base URL, with or without a slash or `/v1` at its end.
///
/// # Errors
/// What is expected, where the text is no such URL.
pub fn base_url(text: &str) -> Result<String, String> {
    let expected =
        "expected the API's base URL, such as http://127.0.0.1:3000 or https://api.example.com/live";
    let url = endpoint_url(text).map_err(|_| expected.to_owned())?;
    if url.contains(['?', '#', '@']) {
        return Err(expected.to_owned());
    }
    let bare = url.trim_end_matches('/');
    Ok(bare.strip_suffix("/v1").unwrap_or(bare).trim_end_matches('/').to_owned())
}

/// Reads the endpoint of a service.
///
/// # Errors
/// What is expected, where it is no such URL.
pub fn endpoint_url(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok();
    let whole =
        uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    whole.then(|| text.to_owned()).ok_or_else(|| "expected a URL such as http://127.0.0.1:8000".to_owned())
}

/// Whether a URL is this machine's. It is read as the HTTP client reads it, to which `127.1` is an address, too.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    // RFC 6761: no name under localhost leads elsewhere.
    let name = host.trim_end_matches('.');
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_end_in_a_slash_or_the_version() {
        for url in ["http://x:1", "http://x:1/", "http://x:1/v1", "http://x:1/v1/"] {
            assert_eq!(base_url(url).as_deref(), Ok("http://x:1"));
        }
        assert_eq!(base_url("https://x.example/live/v1/").as_deref(), Ok("https://x.example/live"));
        for url in ["", "x", "ftp://x", "http://", "http://x/?a=b", "http://a:b@x"] {
            assert!(base_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn only_this_machine_is_taken_for_an_emulator() {
        for url in [
            "http://127.0.0.1:8000",
            "http://127.8.9.1",
            "http://127.1:80",
            "http://localhost",
            "http://LocalHost.:3000/live",
            "http://api.localhost:3000",
            "http://[::1]:8000/",
            "http://[::ffff:127.0.0.1]:8000",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://localhost.example.com",
            "http://127.example.com",
            "http://notlocalhost",
            "http://[::ffff:10.0.0.1]",
            "http://10.0.0.1:8000",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
