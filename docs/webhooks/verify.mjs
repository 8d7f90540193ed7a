// Verifies InboundFlow's webhooks. Node 18 or newer, nothing to install.

import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

// Whether webhook-signature is that of webhook-id, webhook-timestamp and the body (a Buffer, as it came).
export function verifyStandard(secret, id, timestamp, signature, body, now = Math.floor(Date.now() / 1000)) {
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = "v1," + createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return (signature ?? "").split(" ").some((one) => same(expected, one));
}

// Whether X-InboundFlow-Signature is that of the body (a Buffer, as it came). It says nothing of the time.
export function verifyDocumented(secret, signature, body) {
  const expected = "sha256=" + createHmac("sha256", secret).update(body).digest("hex");
  return same(expected, signature ?? "");
}

function same(expected, received) {
  const [a, b] = [Buffer.from(expected), Buffer.from(received)];
  // Takes as long wherever the first difference is.
  return a.length === b.length && timingSafeEqual(a, b);
}
