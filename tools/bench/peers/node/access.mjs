// One UpdateItem that authenticates a key and counts its request.

import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";

export const SCOPE = "calls:read";
const SLOTS = 13;
const BASE = 1_000_000;
const USABLE =
  "attribute_exists(key_hash) AND attribute_not_exists(revoked_at) " +
  "AND (attribute_not_exists(expires_at) OR expires_at > :now)";

const slotName = (minute) => `m${minute % SLOTS}`;

/** Whose key it is and how its minute stands, or why it is refused. */
export async function count(client, keyHash, now) {
  const minute = Math.floor(now.getTime() / 60_000);
  const slot = slotName(minute);
  const stale = Array.from({ length: SLOTS - 3 }, (_, nth) => slotName(minute + nth + 2)).join(", ");
  try {
    const { Attributes: key } = await client.send(
      new UpdateCommand({
        TableName: `${process.env.TABLE_PREFIX}ApiKeys`,
        Key: { key_hash: keyHash },
        UpdateExpression: `SET ${slot} = if_not_exists(${slot}, :base) + :one, last_used_at = :now REMOVE ${stale}`,
        ConditionExpression: USABLE,
        ExpressionAttributeValues: { ":base": minute * BASE, ":one": 1, ":now": now.toISOString() },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return {
      organization: key.organization_id,
      scopes: key.scopes,
      limit: key.requests_per_minute,
      count: key[slot] - minute * BASE,
    };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { refused: reason(error.Item) };
    throw error;
  }
}

function reason(old) {
  if (!old) return "Unknown API key.";
  return old.revoked_at ? "This API key has been revoked." : "This API key has expired.";
}
