//! Objects in S3, which pointers point at. For this one request the SDK of S3 would be a fifth of the function: the request
//! is signed here, and goes over connections as the other services' do.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector as _, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
};
use aws_smithy_types::byte_stream::ByteStream;
use domain::chain;
use dynamodb::aws::{Signer, http_connector};
use tokio::time::{sleep, timeout};

/// The time-out of an attempt, up to the object's first byte, and of each piece of the object after that.
const TIMEOUT: Duration = Duration::from_secs(3);
const STALLED: Duration = Duration::from_secs(5);
/// The pauses before further attempts, where S3 may soon have what it had not.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];
/// The errors of S3 for an object that does not become readable by itself.
const NEVER_READABLE: [&str; 6] = [
    "AccessDenied",
    "InvalidBucketName",
    "InvalidObjectState",
    "KeyTooLongError",
    "NoSuchBucket",
    "NoSuchKey",
];
/// The errors of S3 that pass by themselves, whatever their status.
const TRANSIENT: [&str; 2] = ["RequestTimeout", "SlowDown"];

/// The buckets that the function may read.
#[derive(Clone, Debug)]
pub struct Objects {
    config: SdkConfig,
    connector: SharedHttpConnector,
}

/// Why an object was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ObjectError {
    /// The object cannot be read, however often it is asked for.
    Unreadable(String),
    /// S3 did not return the object at any attempt.
    Unavailable(String),
}

/// The error of one attempt to fetch an object.
enum FetchError {
    Transient(String),
    Lasting(ObjectError),
}

impl Objects {
    /// The buckets in the configuration's region, or at its endpoint.
    #[must_use]
    pub fn new(config: SdkConfig) -> Self {
        Self { config, connector: http_connector() }
    }

    /// The bytes of an object that has `max_bytes` at the most.
    pub(crate) async fn get(
        &self,
        bucket: &str,
        key: &str,
        max_bytes: usize,
    ) -> Result<Vec<u8>, ObjectError> {
        let mut response = self.response(&self.url(bucket, key)).await?;
        let length = response.headers().get("content-length").and_then(|length| length.parse().ok());
        let length = length.filter(|length| *length <= max_bytes).ok_or_else(|| {
            ObjectError::Unreadable(format!("an event may have {max_bytes} bytes at the most"))
        })?;
        let mut object = Vec::with_capacity(length);
        let mut body = ByteStream::new(response.take_body());
        loop {
            match timeout(STALLED, body.next()).await {
                Ok(Some(Ok(bytes))) => object.extend_from_slice(&bytes),
                Ok(None) => return Ok(object),
                Ok(Some(Err(error))) => return Err(ObjectError::Unavailable(chain(&error))),
                Err(_) => return Err(ObjectError::Unavailable("the object stopped coming".to_owned())),
            }
        }
    }

    /// The response that begins with an object, after as many attempts as it takes.
    async fn response(&self, url: &str) -> Result<HttpResponse, ObjectError> {
        let mut pauses = PAUSES.iter();
        loop {
            let attempt = timeout(TIMEOUT, self.attempt(url)).await;
            let late = |_| Err(FetchError::Transient(format!("no response in {} s", TIMEOUT.as_secs())));
            match attempt.unwrap_or_else(late) {
                Ok(response) => return Ok(response),
                Err(FetchError::Lasting(error)) => return Err(error),
                Err(FetchError::Transient(why)) => match pauses.next() {
                    Some(pause) => sleep(*pause).await,
                    None => return Err(ObjectError::Unavailable(why)),
                },
            }
        }
    }

    async fn attempt(&self, url: &str) -> Result<HttpResponse, FetchError> {
        let request = self.request(url).await;
        let request =
            request.map_err(|error| FetchError::Lasting(ObjectError::Unavailable(chain(&*error))))?;
        let response = self.connector.call(request).await;
        let mut response = response.map_err(|error| FetchError::Transient(chain(&error)))?;
        let status = response.status().as_u16();
        if status == 200 {
            return Ok(response);
        }
        let body = ByteStream::new(response.take_body()).collect().await;
        let body = body.map_err(|error| FetchError::Transient(chain(&error)))?.to_vec();
        Err(refused(status, &String::from_utf8_lossy(&body)))
    }

    async fn request(&self, url: &str) -> Result<HttpRequest, BoxError> {
        Signer::s3(&self.config).await?.request("GET", url, &[], "", SystemTime::now())
    }

    /// The URL of an object: the bucket has a host of its own, but at an emulator, and where TLS has no certificate for it.
    fn url(&self, bucket: &str, key: &str) -> String {
        let key = escaped(key);
        if let Some(endpoint) = self.config.endpoint_url() {
            return format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/'));
        }
        let fips = if self.config.use_fips() == Some(true) { "-fips" } else { "" };
        let dual_stack = if self.config.use_dual_stack() == Some(true) { ".dualstack" } else { "" };
        let region = self.config.region().map_or("", AsRef::as_ref);
        let host = format!("s3{fips}{dual_stack}.{region}.{}", suffix(region));
        match bucket.contains('.') {
            true => format!("https://{host}/{bucket}/{key}"),
            false => format!("https://{bucket}.{host}/{key}"),
        }
    }
}

/// The error that a response without an object stands for.
fn refused(status: u16, body: &str) -> FetchError {
    // S3's errors are XML, of which only the code quotes nothing of the request.
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map(|(code, _)| code).unwrap_or_default();
    let why = format!("{status} {code}");
    match status {
        _ if NEVER_READABLE.contains(&code) => FetchError::Lasting(ObjectError::Unreadable(code.to_owned())),
        429 | 500.. => FetchError::Transient(why),
        _ if TRANSIENT.contains(&code) => FetchError::Transient(why),
        _ => FetchError::Lasting(ObjectError::Unavailable(why)),
    }
}

/// The domain that the hosts of a region end with.
fn suffix(region: &str) -> &'static str {
    match region.split_once('-').map(|(area, rest)| (area, rest.split('-').next())) {
        Some(("cn", _)) => "amazonaws.com.cn",
        Some(("eusc", _)) => "amazonaws.eu",
        Some(("us", Some("iso"))) => "c2s.ic.gov",
        Some(("us", Some("isob"))) => "sc2s.sgov.gov",
        Some(("us", Some("isof"))) => "csp.hci.ic.gov",
        Some(("eu", Some("isoe"))) => "cloud.adc-e.uk",
        _ => "amazonaws.com",
    }
}

/// A key as a URL's path has it.
fn escaped(key: &str) -> String {
    key.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_config::{BehaviorVersion, Region};
    use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, http_client_fn},
        result::ConnectorError,
    };

    use super::*;

    /// A connector that notes the address of a request, and sends nothing.
    #[derive(Clone, Debug, Default)]
    struct Asked(Arc<Mutex<Option<String>>>);

    impl HttpConnector for Asked {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            *self.0.lock().expect("no panic while locked") = Some(request.uri().to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user("nobody is asked".into())))
        }
    }

    fn config(region: &str, fips: bool, dual_stack: bool) -> SdkConfig {
        let credentials = Credentials::new("AKID", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .build()
    }

    /// The URL that the SDK of S3 asks for.
    async fn of_the_sdk(config: &SdkConfig, bucket: &str, key: &str) -> String {
        let asked = Asked::default();
        let connector = SharedHttpConnector::new(asked.clone());
        let http = http_client_fn(move |_, _| connector.clone());
        let client = aws_sdk_s3::Client::new(&config.clone().into_builder().http_client(http).build());
        client.get_object().bucket(bucket).key(key).send().await.expect_err("nobody is asked");
        let url = asked.0.lock().expect("no panic while locked").take().expect("a request");
        url.split('?').next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn an_object_has_the_url_that_the_sdk_of_s3_asks_for() {
        let plain = [
            "eu-central-1",
            "us-east-1",
            "us-gov-west-1",
            "cn-north-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "us-isof-south-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ];
        let plain = plain.map(|region| (region, false, false));
        let special = [(true, false), (false, true), (true, true)]
            .into_iter()
            .flat_map(|(fips, dual)| ["us-east-1", "us-gov-west-1"].map(|region| (region, fips, dual)));
        let special = special.chain([("cn-north-1", false, true)]);
        for (region, fips, dual_stack) in plain.into_iter().chain(special) {
            let config = config(region, fips, dual_stack);
            let objects = Objects::new(config.clone());
            for bucket in ["inboundflow-events-1a2b3c", "dotted.name"] {
                for key in ["48e2/ended.json", "/a b//../ü~(1)*'!+%41&c=d.json"] {
                    let expected = of_the_sdk(&config, bucket, key).await;
                    assert_eq!(objects.url(bucket, key), expected, "{region} {fips} {dual_stack}");
                }
            }
        }
    }
}
