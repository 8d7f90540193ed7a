"""What JSON Schema cannot say of a valid request, so that valid requests are valid: events are shown to an endpoint that
there is, a delivery that is looked at was made, and a time range begins in the past and before it ends. Requests that are
meant to be invalid are left as they are, but for one thing: no endpoint is anywhere but on this machine, where nothing
listens, so that no delivery leaves it."""

import re
from datetime import datetime, timezone
from urllib.parse import urlsplit

import requests
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

HERE = "127.0.0.1:9"
MAX_URL = 2048
# What the most lenient parser would take for a URL with a host: blanks anywhere, slashes of either kind and in any number.
BLANKS = r"[\x00-\x20]*"
BEFORE_HOST = re.compile(BLANKS.join(("", *"http", "s?", ":")) + r"[\x00-\x20/\\]*(?=[^\x00-\x20/\\])", re.IGNORECASE)

# The endpoints that were made and not deleted, each with a delivery.
endpoints = {}


def here(url):
    """The same text with this machine as its host, and what was its host as the beginning of its path: what made it
    invalid still does, and only what was too long is."""
    start = BEFORE_HOST.match(url)
    return f"{start[0]}{HERE}/{url[start.end():]}"[:max(len(url), MAX_URL)] if start else url


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
    # A body that is an example is that of other cases too: what is changed is a copy.
    if isinstance(case.body, dict):
        case.body = dict(case.body)
        if isinstance(case.body.get("url"), str):
            case.body["url"] = here(case.body["url"])
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    # A cursor belongs to one list and its filters, so that none that is made up is right.
    case.query.pop("cursor", None)
    endpoint, delivery = next(reversed(endpoints.items()), (None, None))
    if case.query.pop("webhook_id", None) and endpoint:
        case.query["webhook_id"] = endpoint
    # The other phases ask for deliveries that are not there as well, or for those that a link leads to.
    if "delivery_id" in case.path_parameters and case.meta.phase.name == TestPhase.FUZZING and endpoint:
        case.path_parameters.update(id=endpoint, delivery_id=delivery)
    if case.operation.path.endswith("/{id}/replay") and isinstance(case.body, dict) and "since" in case.body:
        mend(case.body)


@schemathesis.hook
def after_call(context, case, response):
    """Keeps count of the endpoints, and makes a delivery for each."""
    match case.operation.label, response.status_code:
        case "POST /v1/webhooks", 201:
            made, request = response.json()["data"]["id"], response.request
            headers = {"Authorization": request.headers["Authorization"]}
            tried = requests.post(f"{request.url}/{made}/test", headers=headers, timeout=10)
            endpoints[made] = tried.json()["data"]["id"]
        case "DELETE /v1/webhooks/{id}", 200:
            endpoints.pop(response.json()["data"]["id"], None)


@schemathesis.check
def no_endpoint_is_elsewhere(context, response, case):
    """What the hook before each call is there for."""
    if case.operation.path.startswith("/v1/webhooks") and response.status_code < 300:
        data = response.json()["data"]
        for one in data if isinstance(data, list) else [data]:
            assert urlsplit(one.get("url", f"http://{HERE}")).netloc == HERE, one
