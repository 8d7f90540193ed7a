"""Verifies InboundFlow's webhooks. Python 3.9 or newer, nothing to install."""

import base64
import hashlib
import hmac
import re
import time

TOLERANCE_SECONDS = 300


def verify_standard(secret, delivery_id, timestamp, signature, body, now=None):
    """Whether webhook-signature is that of webhook-id, webhook-timestamp and the body (bytes, as they came)."""
    now = int(time.time()) if now is None else now
    if not re.fullmatch("[0-9]{1,12}", timestamp or "") or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret[len("whsec_"):])
    signed = f"{delivery_id}.{timestamp}.".encode(errors="replace") + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    return any([_same(expected, one) for one in (signature or "").split(" ")])


def verify_documented(secret, signature, body):
    """Whether X-InboundFlow-Signature is that of the body (bytes, as they came). It says nothing of the time."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return _same(expected.encode(), signature or "")


def _same(expected, received):
    # Takes as long wherever the first difference is.
    return hmac.compare_digest(expected, received.encode(errors="replace"))
