// One Query, and the calls that it finds.

import { QueryCommand } from "@aws-sdk/lib-dynamodb";

const FIELDS = [
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
];

/** The newest calls: one more than asked for shows whether there are more. */
export async function query(client, organization, limit) {
  const { Items: items } = await client.send(
    new QueryCommand({
      TableName: `${process.env.TABLE_PREFIX}Calls`,
      IndexName: "by_created",
      KeyConditionExpression: "organization_id = :organization",
      ExpressionAttributeValues: { ":organization": organization },
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  const next_cursor = items.length > limit ? cursor(items[limit - 1]) : null;
  return { data: items.slice(0, limit).map(call), has_more: next_cursor !== null, next_cursor };
}

function call(item) {
  const record = {};
  for (const field of FIELDS) record[field] = item[field] ?? null;
  // Stored with milliseconds, shown with them only where there are some.
  record.created_at = record.created_at.replace(".000Z", "Z");
  return record;
}

function cursor({ created_at, id }) {
  return Buffer.from(JSON.stringify({ created_at, id })).toString("base64url");
}
