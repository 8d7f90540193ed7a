//! Request ids, which responses and log lines share.

use crate::key::sha256_hex;

/// `req_` and the first 12 hex digits of the gateway's request id, which is a UUID; of its hash
/// where it is none (an HTTP API's is not).
#[must_use]
pub fn request_id(gateway: &str) -> String {
    let digits: String = gateway.chars().filter(|c| *c != '-').take(12).collect();
    if gateway.len() == 36 && digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return format!("req_{}", digits.to_ascii_lowercase());
    }
    format!("req_{}", &sha256_hex(gateway.as_bytes())[..12])
}

#[cfg(test)]
mod tests {
    use super::request_id;

    #[test]
    fn a_request_id_is_the_start_of_the_gateways() {
        assert_eq!(request_id("C6AF9AC6-7b61-41e6-9a41-93e8deadbeef"), "req_c6af9ac67b61");
    }

    #[test]
    fn an_id_that_is_no_uuid_is_hashed() {
        for odd in [
            "JKJaXmPLvHcESHA=",
            "",
            "Root=1-5e272390-8c398be037738dc042009320",
            "é",
            &"-".repeat(36),
            &"é".repeat(18),
        ] {
            let id = request_id(odd);
            assert!(id.len() == 16 && id[4..].bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        }
    }
}
