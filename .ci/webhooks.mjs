// Holds docs/webhooks/verify.mjs against the published test vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { verifyDocumented, verifyStandard } from "../docs/webhooks/verify.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../docs/webhook-vectors.json", import.meta.url), "utf8"));
const standard = (headers) => ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name]);

for (const { name, secret, now, headers, body, valid } of cases) {
  const bytes = Buffer.from(body);
  const judged = {
    documented: verifyDocumented(secret, headers["X-InboundFlow-Signature"], bytes),
    standard: verifyStandard(secret, ...standard(headers), bytes, now),
  };
  assert.deepEqual(judged, valid, name);
}

// Node gives undefined for a header that is not there.
const { secret, now, headers, body } = cases[0];
for (let none = 0; none < 3; none++) {
  const values = standard(headers).with(none, undefined);
  assert.equal(verifyStandard(secret, ...values, Buffer.from(body), now), false);
}
assert.equal(verifyDocumented(secret, undefined, Buffer.from(body)), false);
console.log(`verify.mjs judges ${cases.length} vectors as published`);
