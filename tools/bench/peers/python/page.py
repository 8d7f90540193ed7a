"""One Query, and the calls that it finds."""

import base64
import json

from tables import calls

FIELDS = (
    "id",
    "caller_phone",
    "caller_name",
    "status",
    "duration_seconds",
    "summary",
    "transcript",
    "recording_url",
    "transfer_status",
    "started_at",
    "ended_at",
    "assistant_id",
    "contact_id",
    "created_at",
)


def query(organization: str, limit: int) -> tuple[list[dict], str | None]:
    """The newest calls: one more than asked for shows whether there are more."""
    items = calls.query(
        IndexName="by_created",
        KeyConditionExpression="organization_id = :organization",
        ExpressionAttributeValues={":organization": organization},
        ScanIndexForward=False,
        Limit=limit + 1,
    )["Items"]
    next_cursor = cursor(items[limit - 1]) if len(items) > limit else None
    return [call(item) for item in items[:limit]], next_cursor


def call(item: dict) -> dict:
    record = {field: item.get(field) for field in FIELDS}
    # boto3 reads every number as a Decimal.
    if record["duration_seconds"] is not None:
        record["duration_seconds"] = int(record["duration_seconds"])
    # Stored with milliseconds, shown with them only where there are some.
    record["created_at"] = record["created_at"].replace(".000Z", "Z")
    return record


def cursor(item: dict) -> str:
    place = json.dumps({"created_at": item["created_at"], "id": item["id"]}, separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
