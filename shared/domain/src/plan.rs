//! The keys of the gateway's usage plan, against which requests count. API Gateway compares their values; an API key itself never
//! reaches it, only its hash.

use std::str::FromStr;

use crate::key::KeyHash;

/// The number of plan keys where API keys share them.
pub const POOL_SIZE: u16 = 1024;

/// How API keys map onto the keys of the usage plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKeys {
    /// Each API key has a plan key of its own, whose value is the hash.
    Individual,
    /// API keys share a fixed set of plan keys, chosen by their hash: an account holds at most 10 000.
    Pooled,
}

impl PlanKeys {
    /// The value of the plan key of an API key.
    #[must_use]
    pub fn value(self, prefix: &str, hash: &KeyHash) -> String {
        match self {
            Self::Individual => hash.to_hex(),
            Self::Pooled => pooled(prefix, hash.spread(POOL_SIZE)),
        }
    }
}

/// The value of the plan key of all requests without a well-formed API key. Values are unique within an account and region, and
/// so carry the deployment's prefix.
#[must_use]
pub fn anonymous(prefix: &str) -> String {
    format!("{prefix}anonymous-plan-key")
}

/// The value of the plan key of all requests for the documentation, so that its readers and callers without a key do not use up
/// each other's.
#[must_use]
pub fn documentation(prefix: &str) -> String {
    format!("{prefix}documentation-plan-key")
}

/// The name and the value of one of the shared keys.
#[must_use]
pub fn pooled(prefix: &str, number: u16) -> String {
    format!("{prefix}pooled-plan-key-{number:04}")
}

impl FromStr for PlanKeys {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "individual" => Ok(Self::Individual),
            "pooled" => Ok(Self::Pooled),
            _ => Err("expected individual or pooled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::key::ApiKey;

    #[test]
    fn shared_keys_are_chosen_evenly() {
        let hashes = (0..4000).map(|_| ApiKey::generate().expect("random bytes").hash());
        let values: HashSet<String> =
            hashes.map(|hash| PlanKeys::Pooled.value("InboundFlow-", &hash)).collect();
        assert!((950..=usize::from(POOL_SIZE)).contains(&values.len()), "{}", values.len());
    }

    /// Another number would need another key in every deployed plan.
    #[test]
    fn a_hash_keeps_its_shared_key() {
        let hash = KeyHash::from_hex(&format!("ffee{}", "0".repeat(60))).expect("a hash");
        assert_eq!(PlanKeys::Pooled.value("a-", &hash), "a-pooled-plan-key-1006");
    }

    #[test]
    fn every_value_is_long_enough_for_api_gateway() {
        let hash = ApiKey::generate().expect("random bytes").hash();
        let of_keys = [PlanKeys::Individual, PlanKeys::Pooled].map(|keys| keys.value("a-", &hash));
        let values = of_keys.into_iter().chain([anonymous("a-"), documentation("a-")]);
        for value in values {
            assert!((20..=128).contains(&value.len()), "{value}");
        }
    }
}
