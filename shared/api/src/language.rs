//! The language of a refusal. It is looked for in the event once there is one: what is answered pays nothing for it.

use std::{fmt, marker::PhantomData};

use domain::Language;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::event::Text;

/// The headers of an event, unread.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    /// Each with all its values.
    pub(crate) multi: Option<&'a RawValue>,
    /// Each with one of its values.
    pub(crate) single: Option<&'a RawValue>,
}

/// What an object of headers, in which each has a `T`, says under `Accept-Language`.
struct Accepted<T> {
    values: Vec<T>,
    /// Whether there is no header at all.
    is_bare: bool,
}

impl Headers<'_> {
    /// The language that they ask for; English where they ask for none of ours or cannot be read.
    pub(crate) fn language(self) -> Language {
        match accepted::<Vec<Text<'_>>>(self.multi) {
            Some(multi) if !multi.is_bare => {
                Language::accepted(multi.values.iter().flatten().map(|value| &*value.0))
            }
            _ => {
                let single = accepted::<Text<'_>>(self.single);
                let values = single.iter().flat_map(|single| &single.values);
                Language::accepted(values.map(|value| &*value.0))
            }
        }
    }
}

fn accepted<'a, T: Deserialize<'a>>(headers: Option<&'a RawValue>) -> Option<Accepted<T>> {
    serde_json::from_str(headers?.get()).ok()
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Accepted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfHeaders(PhantomData))
    }
}

struct OfHeaders<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OfHeaders<T> {
    type Value = Accepted<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut accepted = Accepted { values: Vec::new(), is_bare: true };
        while let Some(name) = map.next_key::<Text<'de>>()? {
            accepted.is_bare = false;
            if name.0.eq_ignore_ascii_case("accept-language") {
                accepted.values.push(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(accepted)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn language(multi: Option<Value>, single: Option<Value>) -> Language {
        let raw = |headers: Option<Value>| headers.map(|headers| to_raw_value(&headers).expect("JSON"));
        let (multi, single) = (raw(multi), raw(single));
        Headers { multi: multi.as_deref(), single: single.as_deref() }.language()
    }

    #[test]
    fn the_header_is_found_in_either_form_and_by_any_case() {
        for name in ["Accept-Language", "accept-language", "ACCEPT-LANGUAGE"] {
            let multi = json!({"Accept": ["*/*"], name: ["de-AT"], "X-Y": ["fr"]});
            let single = json!({"Accept": "*/*", name: "de-AT", "X-Y": "fr"});
            assert_eq!(language(Some(multi.clone()), Some(single.clone())), Language::German);
            assert_eq!(language(Some(multi), None), Language::German);
            assert_eq!(language(None, Some(single.clone())), Language::German);
            assert_eq!(language(Some(json!({})), Some(single)), Language::German);
        }
    }

    #[test]
    fn several_values_are_one_list_and_the_single_one_adds_nothing() {
        let several =
            json!({"accept-language": ["fr;q=0.5", "ja, es;q=0.7"], "Accept-Language": ["de;q=0.6"]});
        let last = json!({"accept-language": "de"});
        assert_eq!(language(Some(several), Some(last.clone())), Language::Spanish);
        assert_eq!(language(Some(json!({"accept": ["*/*"]})), Some(last)), Language::English);
    }

    #[test]
    fn without_a_readable_header_it_is_english() {
        for headers in [None, Some(json!({})), Some(json!({"accept-language": 7})), Some(json!("de"))] {
            assert_eq!(language(headers.clone(), None), Language::English, "{headers:?}");
            assert_eq!(language(None, headers.clone()), Language::English, "{headers:?}");
        }
        assert_eq!(language(Some(Value::Null), Some(Value::Null)), Language::English);
    }
}
