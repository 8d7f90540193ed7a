//! The URL of a queue, and the endpoint or region that it names.

use std::{fmt, str::FromStr};

use axum::http::Uri;

/// A queue, and the endpoint or region that it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueUrl {
    url: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Aws { region: String },
    Elsewhere { endpoint: String },
}

impl QueueUrl {
    /// The endpoint of SQS, and of S3 too, unless it is AWS's own.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        match &self.place {
            Place::Elsewhere { endpoint } => Some(endpoint),
            Place::Aws { .. } => None,
        }
    }

    /// The region in the URL, where the queue is AWS's.
    pub(crate) fn region(&self) -> Option<&str> {
        match &self.place {
            Place::Aws { region } => Some(region),
            Place::Elsewhere { .. } => None,
        }
    }
}

impl FromStr for QueueUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a URL such as https://sqs.eu-central-1.amazonaws.com/123456789012/InboundFlow-events";
        let uri = text.parse::<Uri>().ok().filter(|uri| uri.query().is_none());
        let host = uri.as_ref().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        let host = host.and_then(Uri::host).ok_or_else(expected)?;
        let mut ends = text.rsplitn(3, '/');
        let (queue, account) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
        let endpoint = ends.next().unwrap_or_default();
        // `https://host/queue` would leave `https:/`.
        if queue.is_empty() || account.is_empty() || !endpoint.contains(host) {
            return Err(expected().to_owned());
        }
        let place = match region(host) {
            Some(region) => Place::Aws { region: region.to_owned() },
            None => Place::Elsewhere { endpoint: endpoint.to_owned() },
        };
        Ok(Self { url: text.to_owned(), place })
    }
}

fn region(host: &str) -> Option<&str> {
    let host = host.strip_prefix("sqs.")?;
    let region = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    (!region.contains('.')).then_some(region)
}

impl fmt::Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_in_a_region_of_aws_or_at_an_endpoint() {
        let place = |url: &str| url.parse::<QueueUrl>().map(|url| url.place);
        for (host, region) in [
            ("sqs.eu-central-1.amazonaws.com", "eu-central-1"),
            ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            let expected = Place::Aws { region: region.to_owned() };
            assert_eq!(place(&format!("https://{host}/123456789012/InboundFlow-events")), Ok(expected));
        }
        for endpoint in [
            "http://127.0.0.1:3000/_local/aws",
            "http://localhost:4566",
            "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com",
        ] {
            let expected = Place::Elsewhere { endpoint: endpoint.to_owned() };
            assert_eq!(place(&format!("{endpoint}/000000000000/events")), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_queue_is_refused() {
        for url in [
            "events",
            "https://sqs.eu-central-1.amazonaws.com",
            "https://sqs.eu-central-1.amazonaws.com/events",
            "https://sqs.eu-central-1.amazonaws.com/1/events/",
            "ftp://localhost/1/events",
            "http://localhost/1/events?x",
        ] {
            let refusal = url.parse::<QueueUrl>().expect_err(url);
            assert!(refusal.contains("/123456789012/InboundFlow-events"), "{refusal}");
        }
    }
}
