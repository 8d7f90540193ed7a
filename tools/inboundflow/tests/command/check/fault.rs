//! Faults of a server, as `faults.toml` lists them: what is spoiled, and which promises then differ.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::HeaderMap;
use domain::{Timestamp, catalogue};
use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// The placeholder in a promise's name for each list of the API.
const LIST: &str = "{list}";
/// The placeholder for each list whose elements are records, as events are not.
const RECORD: &str = "{record}";

/// One row of `faults.toml`. All of its patterns are of a whole text, and fit anything where they are not given.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The name of the fault: what is wrong with the server.
    pub(crate) name: String,
    /// Method and path of the requests that are met, such as `GET /v1/calls`.
    on: Option<Pattern>,
    /// The `Authorization` headers of the requests that are met, each on a line.
    key: Option<Pattern>,
    /// The statuses of the responses that are met.
    status: Option<Pattern>,
    /// The bodies of those responses.
    body: Option<Pattern>,
    /// The number of the only response that is met, counted from 1.
    nth: Option<u32>,
    /// The number of responses after which one is met again, beginning with the first.
    every: Option<u32>,
    /// A part of the path, and what stands in its place before the API sees it.
    ask: Option<(Part, String)>,
    /// What is done to the response before the client sees it: a verb and what it takes.
    #[serde(default)]
    change: Vec<Vec<String>>,
    /// The variable that is given the caller's organization's key in the place of the right one.
    pub(crate) swap: Option<String>,
    /// Further options of `check`.
    #[serde(default)]
    pub(crate) options: Vec<String>,
    /// The words that `check` says meanwhile.
    pub(crate) says: Option<String>,
    /// The promises that differ, as `group: promise`.
    finds: Vec<String>,
    #[serde(skip)]
    met: AtomicU32,
}

/// A pattern of a whole text.
struct Pattern(Regex);

/// A pattern of a part of a text.
struct Part(Regex);

/// A request as it was sent.
pub(crate) struct Request {
    /// The method and the path with its query.
    pub(crate) line: String,
    /// The `Authorization` headers, each on a line.
    pub(crate) key: String,
}

/// A response on its way to the client.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Table {
    fault: Vec<Fault>,
}

/// Every row of the table.
pub(crate) fn faults() -> Vec<Fault> {
    toml::from_str::<Table>(include_str!("faults.toml")).unwrap().fault
}

impl Fault {
    /// The promises that differ, in the order of their names.
    pub(crate) fn finds(&self) -> Vec<String> {
        let lists =
            catalogue::ALL.iter().filter(|resource| resource.read.is_some()).map(|resource| resource.name);
        let (records, events): (Vec<&str>, Vec<&str>) = lists.partition(|name| *name != "events");
        let each = |promise: &String| match promise {
            _ if promise.contains(LIST) => {
                records.iter().chain(&events).map(|name| promise.replace(LIST, name)).collect()
            }
            _ if promise.contains(RECORD) => {
                records.iter().map(|name| promise.replace(RECORD, name)).collect()
            }
            _ => vec![promise.clone()],
        };
        let mut finds: Vec<String> = self.finds.iter().flat_map(each).collect();
        finds.sort_unstable();
        finds
    }

    /// The path that the API is asked for instead, if the fault changes it.
    pub(crate) fn asked(&self, path: &str) -> Option<String> {
        let (part, other) = self.ask.as_ref()?;
        Some(part.0.replace(path, other).into_owned())
    }

    /// Spoils a response that the fault is in.
    pub(crate) fn spoil(&self, request: &Request, response: &mut Response) {
        let fits =
            |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|it| it.0.is_match(text));
        if !fits(&self.on, &request.line)
            || !fits(&self.key, &request.key)
            || !fits(&self.status, &response.status.to_string())
            || !fits(&self.body, &response.text)
        {
            return;
        }
        let before = self.met.fetch_add(1, Ordering::SeqCst);
        if self.nth.is_none_or(|nth| before + 1 == nth)
            && self.every.is_none_or(|every| before.is_multiple_of(every))
        {
            for step in &self.change {
                response.change(&step.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }
}

impl Response {
    /// Does one thing to the response. A place in the body is its members' names with dots between; `*` is each element.
    fn change(&mut self, step: &[&str]) {
        match step {
            ["admit"] => self.become_a(200, &json!({"data": [], "has_more": false, "next_cursor": null})),
            ["refuse", status, code] => {
                let status = status.parse().unwrap();
                self.become_a(status, &json!({"error": {"code": code, "message": "no", "status": status}}));
            }
            ["status", status] => self.status = status.parse().unwrap(),
            ["header", name] => drop(self.headers.remove(*name)),
            // No minute's end any more, but at most a minute from now, whatever the second is.
            ["header", name, "off by a second"] => {
                let is_begun = Timestamp::now().unix_ms() / 1000 % 60 < 30;
                self.add(name, if is_begun { -1 } else { 1 });
            }
            ["header", name, value] => self.set(name, value),
            ["header", name, "+", seconds] => self.add(name, seconds.parse().unwrap()),
            ["text", part, other] => {
                self.text = Regex::new(part).unwrap().replace(&self.text, *other).into_owned()
            }
            [verb, place, rest @ ..] => {
                let Ok(mut body) = serde_json::from_str(&self.text) else { return };
                edit(
                    &mut body,
                    &place.split('.').filter(|part| !part.is_empty()).collect::<Vec<_>>(),
                    verb,
                    rest,
                );
                self.text = body.to_string();
            }
            _ => panic!("no such step: {step:?}"),
        }
    }

    /// Becomes another response, with the `meta` of this one.
    fn become_a(&mut self, status: u16, other: &Value) {
        self.status = status;
        let Ok(body) = serde_json::from_str::<Value>(&self.text) else { return };
        let mut other = other.clone();
        other["meta"] = body["meta"].clone();
        self.text = other.to_string();
    }

    fn add(&mut self, name: &str, seconds: i64) {
        let value: i64 = self.headers[name].to_str().unwrap().parse().unwrap();
        self.set(name, &(value + seconds).to_string());
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let name: axum::http::HeaderName = name.parse().unwrap();
        self.headers.insert(name, value.parse().unwrap());
    }
}

/// Finds the place in a value, and edits what is there. Where there is no such place, nothing happens.
fn edit(value: &mut Value, place: &[&str], verb: &str, with: &[&str]) {
    match (place, value) {
        (["*", rest @ ..], Value::Array(elements)) => {
            elements.iter_mut().for_each(|element| edit(element, rest, verb, with));
        }
        ([name], Value::Object(members)) if verb == "set" => {
            members.insert((*name).to_owned(), serde_json::from_str(with[0]).unwrap());
        }
        ([name], Value::Object(members)) if verb == "delete" => drop(members.shift_remove(*name)),
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*name) {
                edit(member, rest, verb, with);
            }
        }
        ([], Value::Object(members)) if verb == "reverse" => {
            *members = std::mem::take(members).into_iter().rev().collect::<Map<_, _>>();
        }
        ([], Value::Array(elements)) => match verb {
            "reverse" => elements.reverse(),
            "shift" => drop((!elements.is_empty()).then(|| elements.remove(0))),
            "repeat" => elements.insert(0, elements[0].clone()),
            "append" => elements.push(serde_json::from_str(with[0]).unwrap()),
            "by-id" => elements.sort_by_key(|record| {
                let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
                (std::cmp::Reverse(text("created_at")), text("id"))
            }),
            other => panic!("no such verb for a list: {other}"),
        },
        ([], Value::String(text)) if verb == "replace" => {
            *text = Regex::new(with[0]).unwrap().replace(text, with[1]).into_owned();
        }
        _ => {}
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Regex::new(&format!("^(?s:{text})$")).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Regex::new(&String::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}
