//! The OpenAPI document, read with its references followed.

use serde_json::{Map, Value};

/// An OpenAPI document.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a>(pub(crate) &'a Value);

/// An operation: a method of a path, or the request of a webhook.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: &'a str,
    /// The path of the API; none where the API itself is the client.
    pub(crate) path: Option<&'a str>,
    pub(crate) value: &'a Value,
}

impl<'a> Document<'a> {
    /// A value, or what it refers to.
    pub(crate) fn resolve(self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        match pointer.and_then(|pointer| self.0.pointer(pointer)) {
            Some(target) => self.resolve(target),
            None => value,
        }
    }

    /// The schema of that name.
    pub(crate) fn schema(self, name: &str) -> &'a Value {
        &self.0["components"]["schemas"][name]
    }

    pub(crate) fn tags(self) -> impl Iterator<Item = &'a Value> {
        array(&self.0["tags"])
    }

    /// Every operation, those that the API calls after those that it answers.
    pub(crate) fn operations(self) -> impl Iterator<Item = Operation<'a>> {
        operations(&self.0["paths"], true).chain(operations(&self.0["webhooks"], false))
    }

    /// The operation's own parameters in one place: `path`, `query` or `header`.
    pub(crate) fn parameters(self, operation: Operation<'a>, place: &str) -> Vec<&'a Value> {
        let common = self.of_every_operation();
        array(&operation.value["parameters"])
            .filter(|parameter| !common.contains(parameter))
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == place)
            .collect()
    }

    /// The parameters that every operation of the API takes, which pages show once.
    pub(crate) fn common_parameters(self) -> Vec<&'a Value> {
        self.of_every_operation().into_iter().map(|parameter| self.resolve(parameter)).collect()
    }

    fn of_every_operation(self) -> Vec<&'a Value> {
        let mut each = operations(&self.0["paths"], true).map(|operation| &operation.value["parameters"]);
        let first: Vec<&Value> = each.next().into_iter().flat_map(array).collect();
        each.fold(first, |common, own| {
            common.into_iter().filter(|parameter| array(own).any(|other| other == *parameter)).collect()
        })
    }

    /// The status and the answer, of success or of failure.
    pub(crate) fn responses(self, operation: Operation<'a>, success: bool) -> Vec<(&'a str, &'a Value)> {
        object(&operation.value["responses"])
            .filter(|(status, _)| status.starts_with('2') == success)
            .map(|(status, response)| (status, self.resolve(response)))
            .collect()
    }
}

impl<'a> Operation<'a> {
    pub(crate) fn text(self, member: &str) -> &'a str {
        text(self.value, member)
    }

    pub(crate) fn has_tag(self, tag: &str) -> bool {
        array(&self.value["tags"]).any(|own| own == tag)
    }

    /// The scopes that the operation takes.
    pub(crate) fn scopes(self) -> Vec<&'a str> {
        array(&self.value["security"])
            .flat_map(object)
            .flat_map(|(_, scopes)| array(scopes))
            .filter_map(Value::as_str)
            .collect()
    }

    /// The body that the operation takes, as JSON.
    pub(crate) fn body(self) -> Option<&'a Value> {
        json_of(&self.value["requestBody"])
    }
}

fn operations(paths: &Value, of_the_api: bool) -> impl Iterator<Item = Operation<'_>> {
    object(paths).flat_map(move |(path, item)| {
        object(item).map(move |(method, value)| Operation {
            id: text(value, "operationId"),
            method,
            path: of_the_api.then_some(path),
            value,
        })
    })
}

/// The schema and the examples of a body in JSON.
pub(crate) fn json_of(body: &Value) -> Option<&Value> {
    body["content"].get("application/json")
}

/// A member that is text; an empty one where it is not there.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

pub(crate) fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}
