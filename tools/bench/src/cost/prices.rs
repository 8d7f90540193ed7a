//! AWS's prices of what a request uses, and the sum.

/// A price in dollars, on demand and without any free tier, in us-east-1, as copies of AWS's price pages had
/// them in November 2026.
pub(super) struct Price {
    pub(super) of: &'static str,
    pub(super) usd: f64,
    /// The number of units that the price is for.
    pub(super) per: f64,
    pub(super) page: &'static str,
}

const MILLION: f64 = 1e6;
const GB: f64 = 1024.0 * 1024.0 * 1024.0;

pub(super) const GATEWAY: Price =
    price("API Gateway REST, request", 3.50, MILLION, "aws.amazon.com/api-gateway/pricing");
pub(super) const INVOCATION: Price =
    price("Lambda, invocation", 0.20, MILLION, "aws.amazon.com/lambda/pricing");
pub(super) const ARM: Price =
    price("Lambda arm64, GB-second", 0.000_013_333_4, 1.0, "aws.amazon.com/lambda/pricing");
pub(super) const X86: Price =
    price("Lambda x86_64, GB-second", 0.000_016_666_7, 1.0, "aws.amazon.com/lambda/pricing");
pub(super) const WRITE: Price =
    price("DynamoDB, write request unit", 0.625, MILLION, "aws.amazon.com/dynamodb/pricing/on-demand");
pub(super) const READ: Price =
    price("DynamoDB, read request unit", 0.125, MILLION, "aws.amazon.com/dynamodb/pricing/on-demand");
pub(super) const LOG: Price = price("CloudWatch Logs, byte", 0.50, GB, "aws.amazon.com/cloudwatch/pricing");
pub(super) const TRACE: Price = price("X-Ray, trace", 5.00, MILLION, "aws.amazon.com/xray/pricing");
pub(super) const TRANSFER: Price =
    price("transfer to the internet, byte", 0.09, GB, "aws.amazon.com/ec2/pricing/on-demand");
pub(super) const ALL: [&Price; 9] =
    [&GATEWAY, &INVOCATION, &ARM, &X86, &WRITE, &READ, &LOG, &TRACE, &TRANSFER];

/// The share of requests that X-Ray keeps, unless a rule says otherwise.
const TRACED: f64 = 0.05;
/// The bytes that CloudWatch counts for each line beside its text.
const LINE_BYTES: usize = 26;
/// A line of the gateway's own log, with what the template writes into it.
const GATEWAY_LINE: &str = concat!(
    r#"{"request_id":"req_c6af9ac67b61","gateway_request_id":"c6af9ac6-7b61-41e6-9a41-93e8deadbeef","#,
    r#" "extended_request_id":"Zk1tHGxOFiAEV2Q=","time":"24/Feb/2026:21:05:00 +0000","#,
    r#" "source_ip":"203.0.113.24","method":"GET","route":"/v1/webhooks/{id}","status":"200","#,
    r#" "response_type":"-","caller":"key","response_bytes":"51625","latency_ms":"21","#,
    r#" "function_status":"200","function_latency_ms":"14","authorizer_latency_ms":"4","firewall":"-","#,
    r#" "trace":"1-699e1a3c-5f84b1e62f2a3d4c5b6a7988"}"#,
);

/// The set-up of the functions, and the time that Lambda bills for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Billed {
    pub(crate) arm: bool,
    pub(crate) memory_mb: f64,
    pub(crate) ms: f64,
    pub(crate) identify_memory_mb: f64,
    pub(crate) identify_ms: f64,
}

/// Dollars for a million requests.
pub(crate) struct Dollars {
    pub(crate) gateway: f64,
    pub(crate) invocations: f64,
    pub(crate) duration: f64,
    pub(crate) dynamodb: f64,
    pub(crate) logs: f64,
    pub(crate) traces: f64,
    /// The transfer, which is not part of the sum: uncompressed, and so the most that it can be.
    pub(crate) transfer: f64,
}

const fn price(of: &'static str, usd: f64, per: f64, page: &'static str) -> Price {
    Price { of, usd, per, page }
}

impl Price {
    /// The price of this many units, a million times.
    fn times(&self, many: f64) -> f64 {
        self.usd / self.per * many * MILLION
    }
}

impl Billed {
    /// A function's time at its memory, in GB-seconds; Lambda rounds up to a millisecond.
    fn gb_seconds(&self) -> f64 {
        let of = |memory_mb: f64, ms: f64| memory_mb / 1024.0 * ms.ceil() / 1000.0;
        of(self.memory_mb, self.ms) + of(self.identify_memory_mb, self.identify_ms)
    }
}

impl Dollars {
    /// The cost of a million requests that each take so many units, and leave so much in the log and at the
    /// caller.
    pub(super) fn new(
        billed: &Billed,
        (reads, writes): (f64, f64),
        log_bytes: usize,
        answer_bytes: usize,
    ) -> Self {
        let lines = log_bytes + LINE_BYTES + GATEWAY_LINE.len() + LINE_BYTES;
        Self {
            gateway: GATEWAY.times(1.0),
            // The authorizer and the function.
            invocations: INVOCATION.times(2.0),
            duration: if billed.arm { ARM } else { X86 }.times(billed.gb_seconds()),
            dynamodb: dynamodb(reads, writes),
            logs: LOG.times(lines as f64),
            traces: TRACE.times(TRACED),
            transfer: TRANSFER.times(answer_bytes as f64),
        }
    }

    /// The sum of all parts but the transfer.
    pub(crate) fn sum(&self) -> f64 {
        self.gateway + self.invocations + self.duration + self.dynamodb + self.logs + self.traces
    }
}

/// The part of DynamoDB.
pub(super) fn dynamodb(reads: f64, writes: f64) -> f64 {
    READ.times(reads) + WRITE.times(writes)
}

/// The price of a million invocations' time on arm64, billed by the millisecond.
pub(crate) fn lambda_dollars(memory_mb: f64, ms: f64) -> f64 {
    ARM.times(memory_mb / 1024.0 * ms.ceil() / 1000.0)
}
