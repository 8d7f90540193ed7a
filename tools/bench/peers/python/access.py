"""One UpdateItem that authenticates a key and counts its request."""

from dataclasses import dataclass
from datetime import datetime

from tables import api_keys

SLOTS = 13
BASE = 1_000_000
SCOPE = "calls:read"
USABLE = (
    "attribute_exists(key_hash) AND attribute_not_exists(revoked_at) "
    "AND (attribute_not_exists(expires_at) OR expires_at > :now)"
)


class Refused(Exception):
    """The key is none, or is one no longer."""


@dataclass
class Caller:
    """Whose key it is, and how its minute stands."""

    organization: str
    scopes: list[str]
    limit: int
    count: int


def count(key_hash: str, now: datetime) -> Caller:
    minute = int(now.timestamp()) // 60
    slot = slot_name(minute)
    stale = ", ".join(slot_name(minute + ahead) for ahead in range(2, SLOTS - 1))
    try:
        answer = api_keys.update_item(
            Key={"key_hash": key_hash},
            UpdateExpression=(
                f"SET {slot} = if_not_exists({slot}, :base) + :one, last_used_at = :now REMOVE {stale}"
            ),
            ConditionExpression=USABLE,
            ExpressionAttributeValues={":base": minute * BASE, ":one": 1, ":now": fixed_width(now)},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except api_keys.meta.client.exceptions.ConditionalCheckFailedException as error:
        raise Refused(reason(error.response.get("Item"))) from error
    key = answer["Attributes"]
    return Caller(
        organization=key["organization_id"],
        scopes=key["scopes"],
        limit=int(key["requests_per_minute"]),
        count=int(key[slot]) - minute * BASE,
    )


def reason(old: dict | None) -> str:
    if old is None:
        return "Unknown API key."
    return "This API key has been revoked." if "revoked_at" in old else "This API key has expired."


def slot_name(minute: int) -> str:
    return f"m{minute % SLOTS}"


def fixed_width(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
