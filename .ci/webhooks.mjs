// Holds docs/webhooks/verify.mjs, and the JavaScript on the site's pages, against the published test vectors.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

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

// What a page shows has one signature to check, and takes the time from the clock.
const site = new URL("../docs/site/", import.meta.url);
const pages = readdirSync(site).map((language) => new URL(`${language}/webhooks.md`, site)).filter((page) => existsSync(page));
assert.notEqual(pages.length, 0);
for (const page of pages) {
  const [, shown] = readFileSync(page, "utf8").match(/^```js\n(.*?)^```/ms);
  const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(shown)}`);
  for (const { name, secret, now, headers, body, valid } of cases) {
    Date.now = () => now * 1000;
    assert.equal(isGenuine(secret, headers, Buffer.from(body)), valid.standard, `${page.pathname}: ${name}`);
  }
  Date.now = () => now * 1000;
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
    assert.equal(isGenuine(secret, { ...headers, [name]: undefined }, Buffer.from(body)), false);
  }
}
console.log(`the JavaScript of ${pages.length} pages judges ${cases.length} vectors as published`);
