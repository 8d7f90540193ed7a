"""GET /v1/calls with boto3 and Powertools for AWS Lambda."""

import hashlib
import json
import time
from datetime import datetime, timezone

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.logging import correlation_paths

import access
import page

app = APIGatewayRestResolver()
logger = Logger(service="calls")

ERRORS = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 429: "rate_limited"}


@app.get("/v1/calls")
def list_calls() -> Response:
    now = datetime.now(timezone.utc)
    key = app.current_event.headers.get("Authorization", "").removeprefix("Bearer ")
    if not key:
        return refuse(401, "Missing API key.", now)
    limit = app.current_event.get_query_string_value("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 100):
        return refuse(400, "limit must be a number from 1 to 100.", now)
    try:
        caller = access.count(hashlib.sha256(key.encode()).hexdigest(), now)
    except access.Refused as refused:
        return refuse(401, str(refused), now)
    if caller.count > caller.limit:
        return refuse(429, "Too many requests with this API key.", now, caller)
    if access.SCOPE not in caller.scopes:
        return refuse(403, f"This API key lacks the scope {access.SCOPE}.", now, caller)
    calls, next_cursor = page.query(caller.organization, int(limit))
    body = {"data": calls, "has_more": next_cursor is not None, "next_cursor": next_cursor}
    return answer(200, body, now, caller)


def refuse(status: int, message: str, now: datetime, caller: access.Caller | None = None) -> Response:
    error = {"code": ERRORS[status], "message": message, "status": status}
    return answer(status, {"error": error}, now, caller or access.Caller("", [], limit=60, count=60))


def answer(status: int, body: dict, now: datetime, caller: access.Caller) -> Response:
    request_id = app.current_event.request_context.request_id.replace("-", "")[:12]
    body["meta"] = {"request_id": f"req_{request_id}", "timestamp": access.fixed_width(now)}
    headers = {
        "X-RateLimit-Limit": str(caller.limit),
        "X-RateLimit-Remaining": str(max(caller.limit - caller.count, 0)),
        "X-RateLimit-Reset": str((int(now.timestamp()) // 60 + 1) * 60),
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, content_type="application/json", headers=headers, body=text)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict, context) -> dict:
    started = time.perf_counter()
    response = app.resolve(event, context)
    duration_ms = (time.perf_counter() - started) * 1000
    logger.info("request_finished", status=response["statusCode"], duration_ms=duration_ms)
    return response
