"""What JSON Schema cannot say of a valid request, so that valid requests are valid: a cursor comes from the page before,
events are shown to an endpoint that there is, a time range begins in the past and before it ends, and an endpoint is
where the deployment lets webhooks go. Requests that are meant to be invalid are left as they are, but for one thing: no
endpoint is anywhere but on this machine, where nothing listens, so that no delivery leaves it."""

from datetime import datetime, timezone

import schemathesis
from schemathesis.generation import GenerationMode

ENDPOINT = "http://127.0.0.1:9/inboundflow"


def moment(text):
    time = datetime.fromisoformat(text.replace("z", "Z").replace("t", "T"))
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def mend(body):
    """A time range that the API takes."""
    try:
        since = moment(body["since"])
        if since >= datetime.now(timezone.utc):
            body["since"] = "2026-02-24T08:00:00Z"
            since = moment(body["since"])
        if body.get("until") and moment(body["until"]) <= since:
            del body["until"]
    except (ValueError, OverflowError):
        # Python's calendar ends sooner than the API's.
        body["since"] = "2026-02-24T08:00:00Z"
        body.pop("until", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict) and str(case.body.get("url")).lower().startswith("http"):
        case.body["url"] = ENDPOINT
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
        case.query.pop("webhook_id", None)
    if case.operation.path.endswith("/{id}/replay") and isinstance(case.body, dict) and "since" in case.body:
        mend(case.body)
