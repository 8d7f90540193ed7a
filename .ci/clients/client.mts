// A program of somebody who has nothing but the types that openapi-typescript made of the document, and openapi-fetch.
// `client.mts URL`, and the key in INBOUNDFLOW_API_KEY.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./inboundflow.js";

type Call = components["schemas"]["Call"];

const url = process.argv[2] ?? "";
const key = process.env["INBOUNDFLOW_API_KEY"] ?? "";
const limit = 7;
const clientWith = (token: string) =>
  createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const client = clientWith(key);

async function* allCalls() {
  const query: paths["/v1/calls"]["get"]["parameters"]["query"] = { limit };
  for (;;) {
    const { data: page, error } = await client.GET("/v1/calls", { params: { query } });
    if (error) throw new Error(error.error.message);
    assert(page.data.length <= limit && page.has_more === (page.next_cursor !== null));
    yield page.data;
    if (page.next_cursor === null) return;
    query.cursor = page.next_cursor;
  }
}

async function allCallsAsJson() {
  const records: unknown[] = [];
  let cursor = "";
  for (;;) {
    const answer = await fetch(`${url}/v1/calls?limit=100${cursor}`, { headers: { Authorization: `Bearer ${key}` } });
    const page = await answer.json();
    records.push(...page.data);
    if (!page.has_more) return records;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

async function reads() {
  const pages: Call[][] = [];
  for await (const page of allCalls()) pages.push(page);
  const calls = pages.flat();
  assert(pages.length > 2, "too few calls to turn pages");
  assert.deepEqual(calls, await allCallsAsJson());
  console.log(`  ${calls.length} calls on ${pages.length} pages, each as in the API's own JSON`);

  const talked = calls.find((call) => call.transcript !== null);
  assert(talked);
  const { data: single } = await client.GET("/v1/calls/{id}", { params: { path: { id: talked.id } } });
  const first = single?.data.messages[0];
  assert(first && single.data.summary === talked.summary);
  console.log(`  a call with ${single.data.messages.length} messages, the first by ${first.role}`);

  const { data: leads } = await client.GET("/v1/leads", { params: { query: { status: "new" } } });
  assert(leads?.data.length && leads.data.every((lead) => lead.status === "new"));
  console.log(`  ${leads.data.length} leads with the status new`);
}

async function writes() {
  const body = { phone: "+1 (212) 555-0188", name: "Ada Example", company: null };
  const made = await client.POST("/v1/contacts", { body });
  assert.equal(made.response.status, 201);
  assert(made.data?.data.phone === "+12125550188" && made.data.data.email === null);
  const again = await client.POST("/v1/contacts", { body });
  assert.equal(again.response.status, 409);
  assert.equal(again.error?.error.code, "conflict");
  assert.equal(again.error.error.existing_id, made.data.data.id);
  console.log("  a contact (201), and the conflict with it (409), which names it");
}

async function isRefused() {
  const { error, response } = await clientWith("sk_live_your_key_here").GET("/v1/calls");
  assert.equal(response.status, 401);
  assert.equal(error?.error.code, "unauthorized");
  console.log(`  a wrong key (401): ${error.error.message}`);
}

await reads();
await writes();
await isRefused();
