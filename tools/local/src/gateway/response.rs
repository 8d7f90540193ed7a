//! The gateway responses of the template, with their variables filled in.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use serde_json::Value;

use crate::stack::GatewayResponse;

/// Renders a gateway response for a request with this `$context`.
pub(super) fn render(response: &GatewayResponse, context: &Value) -> Response<Body> {
    let mut rendered = Response::new(Body::from(substitute(&response.body, context)));
    *rendered.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // It may be said over TLS alone, and `dev` has none.
    let said = response.headers.iter().filter(|(name, _)| **name != "Strict-Transport-Security");
    for (name, source) in said {
        let value = match source.strip_prefix('\'').and_then(|quoted| quoted.strip_suffix('\'')) {
            Some(literal) => Some(literal.to_owned()),
            None => source.strip_prefix("context.").and_then(|path| look_up(context, path)),
        };
        // A header whose source is missing is left out.
        if let (Ok(name), Some(Ok(value))) =
            (name.parse::<HeaderName>(), value.map(|value| HeaderValue::from_str(&value)))
        {
            headers.insert(name, value);
        }
    }
    rendered
}

/// Puts values for `$context.…`; nothing for what is missing.
fn substitute(template: &str, context: &Value) -> String {
    let mut pieces = template.split("$context.");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end =
            piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(piece.len());
        let (path, rest) = piece.split_at(end);
        text.push_str(&look_up(context, path).unwrap_or_default());
        text.push_str(rest);
    }
    text
}

fn look_up(context: &Value, path: &str) -> Option<String> {
    match path.split('.').try_fold(context, |value, name| value.get(name))? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_are_filled_in_and_missing_ones_left_out() {
        let headers = [("X-A", "'\"q\";w=60'"), ("X-B", "context.authorizer.reset"), ("X-C", "context.gone")];
        let response = GatewayResponse {
            status: 429,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: r#"{"id":"$context.authorizer.request_id","gone":"$context.gone.too","t":"$context.requestTime"}"#
                .to_owned(),
        };
        let context = json!({"requestTime": "now", "authorizer": {"request_id": "req_1", "reset": 60}});
        let rendered = render(&response, &context);
        assert_eq!(rendered.status(), 429);
        assert_eq!(rendered.headers()["x-a"], "\"q\";w=60");
        assert_eq!(rendered.headers()["x-b"], "60");
        assert!(!rendered.headers().contains_key("x-c"));
        assert_eq!(substitute(&response.body, &context), r#"{"id":"req_1","gone":"","t":"now"}"#);
    }
}
