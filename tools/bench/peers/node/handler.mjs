// GET /v1/calls with the AWS SDK v3.

import { createHash } from "node:crypto";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

import { SCOPE, count } from "./access.mjs";
import { query } from "./page.mjs";

const ERRORS = { 400: "bad_request", 401: "unauthorized", 403: "forbidden", 429: "rate_limited" };

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
/** The organizations of the keys that were good before, by their hashes. */
const known = new Map();

export async function handler(event) {
  const started = performance.now();
  const response = await listCalls(event);
  const duration_ms = performance.now() - started;
  const request_id = requestId(event);
  const status = response.statusCode;
  console.log(JSON.stringify({ level: "INFO", message: "request_finished", request_id, status, duration_ms }));
  return response;
}

async function listCalls(event) {
  const now = new Date();
  const respond = (status, body, rate) => answer(event, now, status, body, rate);
  const refuse = (status, message, rate) =>
    respond(status, { error: { code: ERRORS[status], message, status } }, rate);

  const authorization = event.headers.Authorization ?? event.headers.authorization;
  if (!authorization?.startsWith("Bearer ")) return refuse(401, "Missing API key.");
  const limit = event.queryStringParameters?.limit ?? "50";
  if (!/^\d{1,3}$/.test(limit) || +limit < 1 || +limit > 100) {
    return refuse(400, "limit must be a number from 1 to 100.");
  }
  const hash = createHash("sha256").update(authorization.slice("Bearer ".length)).digest("hex");

  const organization = known.get(hash);
  const [caller, early] = await Promise.all([
    count(client, hash, now),
    organization && query(client, organization, +limit),
  ]);
  if (caller.refused) return refuse(401, caller.refused);
  if (caller.count > caller.limit) return refuse(429, "Too many requests with this API key.", caller);
  if (!caller.scopes.includes(SCOPE)) return refuse(403, `This API key lacks the scope ${SCOPE}.`, caller);
  const page = early ?? (await query(client, caller.organization, +limit));
  known.set(hash, caller.organization);
  return respond(200, page, caller);
}

function answer(event, now, statusCode, body, rate = { limit: 60, count: 60 }) {
  const meta = { request_id: requestId(event), timestamp: now.toISOString() };
  return {
    statusCode,
    headers: {
      "Content-Type": "application/json",
      "X-RateLimit-Limit": String(rate.limit),
      "X-RateLimit-Remaining": String(Math.max(rate.limit - rate.count, 0)),
      "X-RateLimit-Reset": String((Math.floor(now.getTime() / 60_000) + 1) * 60),
    },
    body: JSON.stringify({ ...body, meta }),
  };
}

function requestId(event) {
  return `req_${event.requestContext.requestId.replaceAll("-", "").slice(0, 12)}`;
}
