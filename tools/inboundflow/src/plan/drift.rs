//! The differences between the table of keys and the usage plan, by comparison alone.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{
    RecordId, Timestamp,
    plan::{POOL_SIZE, pooled},
};
use store::KeyStanding;

use super::control::GatewayKey;

/// A key this young may belong to a `keys create` that is under way.
const TOO_YOUNG: Duration = Duration::from_secs(10 * 60);
/// For how long the gateway's key of an API key that ended is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// One thing that is not as it should be.
pub(super) struct Finding {
    pub(super) subject: Subject,
    /// The gateway's key's name.
    pub(super) name: String,
    pub(super) drift: Drift,
}

/// Whose key of the gateway it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Key(RecordId),
    Shared(u16),
}

/// How it differs, with what mending takes. Not `Debug`: a value is a hash.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Drift {
    Missing { value: String },
    WrongValue { value: String, wrong: Vec<String> },
    Disabled { id: String },
    Detached { id: String },
    Enabled { id: String },
    Orphan { id: String },
    Ended { id: String },
    Duplicate { id: String },
}

impl Drift {
    /// For programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::WrongValue { .. } => "wrong_value",
            Self::Disabled { .. } => "disabled",
            Self::Detached { .. } => "detached",
            Self::Enabled { .. } => "enabled_though_revoked",
            Self::Orphan { .. } => "orphan",
            Self::Ended { .. } => "ended_long_ago",
            Self::Duplicate { .. } => "duplicate",
        }
    }

    /// For people: what is wrong, and what mending makes of it.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Missing { .. } => ("has no key in the gateway", "made"),
            Self::WrongValue { .. } => ("has a key of another value in the gateway", "made anew"),
            Self::Disabled { .. } => ("is disabled in the gateway", "enabled"),
            Self::Detached { .. } => ("is not in the usage plan", "put into it"),
            Self::Enabled { .. } => ("is revoked, but enabled in the gateway", "disabled"),
            Self::Orphan { .. } => ("is in the gateway, but no such key exists", "deleted"),
            Self::Ended { .. } => ("ended more than 30 days ago, but is in the gateway", "deleted"),
            Self::Duplicate { .. } => ("is in the gateway more than once", "deleted"),
        }
    }
}

/// The gateway's keys by name, and which of them are in the plan.
pub(super) struct Census {
    keys: HashMap<String, Vec<GatewayKey>>,
    attached: HashSet<String>,
}

impl Census {
    pub(super) fn new(keys: Vec<GatewayKey>, attached: HashSet<String>) -> Self {
        let mut by_name: HashMap<String, Vec<GatewayKey>> = HashMap::new();
        for key in keys {
            by_name.entry(key.name.clone()).or_default().push(key);
        }
        Self { keys: by_name, attached }
    }

    /// Where each API key has one of its own, whose name is `prefix` and its id.
    pub(super) fn individual(&self, prefix: &str, table: &[KeyStanding], now: Timestamp) -> Vec<Finding> {
        let mut findings: Vec<Finding> = table.iter().flat_map(|key| self.of_key(prefix, key, now)).collect();
        let known: HashSet<RecordId> = table.iter().map(|key| key.key_id).collect();
        for (name, keys) in &self.keys {
            // What has another form of name is somebody else's.
            let Some(key_id) = name.strip_prefix(prefix).and_then(|id| id.parse::<RecordId>().ok()) else {
                continue;
            };
            if known.contains(&key_id) {
                continue;
            }
            let old = keys.iter().filter(|key| is_old(key, now));
            findings.extend(old.map(|key| Finding {
                subject: Subject::Key(key_id),
                name: name.clone(),
                drift: Drift::Orphan { id: key.id.clone() },
            }));
        }
        findings.sort_by(|a, b| a.name.cmp(&b.name));
        findings
    }

    /// Where API keys share a fixed set.
    pub(super) fn pooled(&self, prefix: &str) -> Vec<Finding> {
        (0..POOL_SIZE)
            .flat_map(|number| {
                let name = pooled(prefix, number);
                self.wanted(Subject::Shared(number), &name, &name)
            })
            .collect()
    }

    fn of_key(&self, prefix: &str, key: &KeyStanding, now: Timestamp) -> Vec<Finding> {
        let name = format!("{prefix}{}", key.key_id);
        let subject = Subject::Key(key.key_id);
        let Some(end) = key.ended(now) else { return self.wanted(subject, &name, &key.hash.to_hex()) };
        let long_ago = end.plus(KEPT) <= now;
        let drift = |found: &GatewayKey| {
            let id = found.id.clone();
            if long_ago {
                return Some(Drift::Ended { id });
            }
            (key.revoked_at.is_some() && found.enabled).then_some(Drift::Enabled { id })
        };
        let found = self.keys.get(&name).into_iter().flatten();
        found.filter_map(drift).map(|drift| Finding { subject, name: name.clone(), drift }).collect()
    }

    /// There must be exactly one key of this name, with this value, enabled, in the plan.
    fn wanted(&self, subject: Subject, name: &str, value: &str) -> Vec<Finding> {
        let found = self.keys.get(name).map_or(&[][..], Vec::as_slice);
        let (right, wrong): (Vec<_>, Vec<_>) =
            found.iter().partition(|key| key.value.as_deref() == Some(value));
        let mut drifts = Vec::new();
        match right.split_first() {
            None if wrong.is_empty() => drifts.push(Drift::Missing { value: value.to_owned() }),
            None => {
                let wrong = wrong.iter().map(|key| key.id.clone()).collect();
                drifts.push(Drift::WrongValue { value: value.to_owned(), wrong });
            }
            Some((key, more)) => {
                let id = &key.id;
                if !key.enabled {
                    drifts.push(Drift::Disabled { id: id.clone() });
                }
                if !self.attached.contains(id) {
                    drifts.push(Drift::Detached { id: id.clone() });
                }
                let surplus = more.iter().chain(&wrong);
                drifts.extend(surplus.map(|key| Drift::Duplicate { id: key.id.clone() }));
            }
        }
        drifts.into_iter().map(|drift| Finding { subject, name: name.to_owned(), drift }).collect()
    }
}

/// A key of unknown age is taken for a young one.
fn is_old(key: &GatewayKey, now: Timestamp) -> bool {
    key.created_seconds
        .and_then(|seconds| Timestamp::from_unix_ms(seconds.saturating_mul(1000)))
        .is_some_and(|created| created.plus(TOO_YOUNG) <= now)
}

#[cfg(test)]
mod tests {
    use domain::key::{ApiKey, KeyHash};

    use super::*;

    const PREFIX: &str = "x-key-";
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn hash() -> KeyHash {
        ApiKey::generate().expect("random bytes").hash()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    /// A key that ends like this on the first of January, with one of the gateway's, `days` later.
    fn codes(revoked: bool, expires: bool, enabled: bool, days: u32) -> Vec<&'static str> {
        let end = at("2026-01-01T00:00:00Z");
        let key = KeyStanding {
            key_id: RecordId::from_u128(1),
            hash: hash(),
            requests_per_minute: 60,
            expires_at: expires.then_some(end),
            revoked_at: revoked.then_some(end),
        };
        let found = GatewayKey {
            id: "a".to_owned(),
            name: format!("{PREFIX}{}", key.key_id),
            value: Some(key.hash.to_hex()),
            enabled,
            created_seconds: Some(0),
        };
        let census = Census::new(vec![found], HashSet::from(["a".to_owned()]));
        let findings = census.individual(PREFIX, &[key], end.plus(DAY * days));
        findings.iter().map(|finding| finding.drift.code()).collect()
    }

    #[test]
    fn a_key_that_ended_is_kept_for_a_month_and_disabled_if_it_was_revoked() {
        assert_eq!(codes(true, false, true, 1), ["enabled_though_revoked"]);
        assert_eq!(codes(true, false, false, 1), [""; 0]);
        assert_eq!(codes(false, true, true, 29), [""; 0], "the function says that it has expired");
        assert_eq!(codes(false, true, true, 30), ["ended_long_ago"]);
        assert_eq!(codes(true, true, false, 31), ["ended_long_ago"]);
        assert_eq!(codes(false, false, true, 99), [""; 0]);
        assert_eq!(codes(false, false, false, 99), ["disabled"]);
    }

    #[test]
    fn of_several_keys_with_one_name_the_right_one_stays() {
        let (id, hash) = (RecordId::from_u128(1), hash());
        let key = |key_id: &str, value: &str| GatewayKey {
            id: key_id.to_owned(),
            name: format!("{PREFIX}{id}"),
            value: Some(value.to_owned()),
            enabled: true,
            created_seconds: None,
        };
        let census = Census::new(vec![key("wrong", "w"), key("right", &hash.to_hex())], HashSet::new());
        let table =
            [KeyStanding { key_id: id, hash, requests_per_minute: 60, expires_at: None, revoked_at: None }];
        let findings = census.individual(PREFIX, &table, at("2026-01-01T00:00:00Z"));
        let codes: Vec<_> = findings.iter().map(|finding| finding.drift.code()).collect();
        assert_eq!(codes, ["detached", "duplicate"]);
        assert!(findings[1].drift == Drift::Duplicate { id: "wrong".to_owned() });
    }

    #[test]
    fn every_shared_key_is_wanted() {
        let findings = Census::new(Vec::new(), HashSet::new()).pooled("x-");
        assert_eq!(findings.len(), usize::from(POOL_SIZE));
        assert_eq!(findings[7].name, "x-pooled-plan-key-0007");
    }
}
