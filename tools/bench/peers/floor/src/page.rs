//! One `Query`, and its answer's items as the records that they are: strings are copied as they
//! stand in the answer, never unescaped.

use lambda_runtime::Error;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// What the answer's body has of the page.
#[derive(Deserialize)]
pub(crate) struct Page<'a> {
    #[serde(rename = "Items", borrow)]
    pub(crate) calls: Vec<Call<'a>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Call<'a> {
    #[serde(borrow)]
    id: Attribute<'a>,
    caller_phone: Option<Attribute<'a>>,
    caller_name: Option<Attribute<'a>>,
    status: Attribute<'a>,
    duration_seconds: Option<Attribute<'a>>,
    summary: Option<Attribute<'a>>,
    transcript: Option<Attribute<'a>>,
    recording_url: Option<Attribute<'a>>,
    transfer_status: Option<Attribute<'a>>,
    started_at: Option<Attribute<'a>>,
    ended_at: Option<Attribute<'a>>,
    assistant_id: Option<Attribute<'a>>,
    contact_id: Option<Attribute<'a>>,
    created_at: CreatedAt<'a>,
}

#[derive(Deserialize)]
enum Attribute<'a> {
    #[serde(borrow)]
    S(&'a RawValue),
    N(&'a str),
}

/// Stored with milliseconds, shown with them only where there are some.
#[derive(Deserialize)]
enum CreatedAt<'a> {
    S(&'a str),
}

#[derive(Serialize)]
struct Cursor<'a> {
    created_at: &'a str,
    id: &'a Attribute<'a>,
}

/// The request's body: one call more than asked for shows whether there are more.
pub(crate) fn request(table_prefix: &str, organization: &str, limit: usize) -> String {
    format!(
        r#"{{"TableName":"{table_prefix}Calls","IndexName":"by_created","KeyConditionExpression":"organization_id = :organization","ExpressionAttributeValues":{{":organization":{{"S":"{organization}"}}}},"ScanIndexForward":false,"Limit":{}}}"#,
        limit + 1
    )
}

impl Call<'_> {
    /// Where the page after this call begins.
    pub(crate) fn cursor(&self) -> Result<String, Error> {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

        let CreatedAt::S(created_at) = &self.created_at;
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Cursor { created_at, id: &self.id })?))
    }
}

impl Serialize for Attribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::S(text) => text.serialize(serializer),
            Self::N(number) => number.parse::<u64>().map_err(S::Error::custom)?.serialize(serializer),
        }
    }
}

impl Serialize for CreatedAt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::S(text) = self;
        match text.strip_suffix(".000Z") {
            Some(seconds) => serializer.collect_str(&format_args!("{seconds}Z")),
            None => serializer.serialize_str(text),
        }
    }
}
