"""Receives InboundFlow's webhooks: verifies each, keeps it once, and answers before any work is done.

WEBHOOK_SECRET=whsec_… python3 receiver.py
"""

import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from verify import verify_standard

SECRET = os.environ.get("WEBHOOK_SECRET") or sys.exit("WEBHOOK_SECRET is not set: the endpoint's secret, whsec_…")
MAX_BODY_BYTES = 1024 * 1024


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return self.answer(400)
        body = self.rfile.read(int(length))
        signed = [self.headers.get(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
        if not verify_standard(SECRET, *signed, body):
            return self.answer(400)
        keep(json.loads(body)["delivery_id"], body)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def keep(delivery_id, body):
    with sqlite3.connect("webhooks.db") as inbox:
        inbox.execute("CREATE TABLE IF NOT EXISTS inbox (delivery_id TEXT PRIMARY KEY, body TEXT, done INTEGER)")
        # A second try of the same delivery finds it there, and changes nothing.
        inbox.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?, 0)", (delivery_id, body.decode()))


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "4000"))), Receiver)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
