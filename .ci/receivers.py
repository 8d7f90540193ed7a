"""A receiver of webhooks on this machine, and an organization with endpoints there."""
import http.server
import importlib.util
import json
import threading
import time

from system import ROOT, expect

# What a receiver does that copied the code of docs/webhooks.
specification = importlib.util.spec_from_file_location("verify", ROOT / "docs/webhooks/verify.py")
verify = importlib.util.module_from_spec(specification)
specification.loader.exec_module(verify)


class Receiver:
    """A server on this machine that answers each path as it was told, and keeps what it got."""

    def __init__(self):
        self.answers, self.got, self.lock = {}, [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    answers = receiver.answers.setdefault(self.path, [200])
                    status = answers.pop(0) if len(answers) > 1 else answers[0]
                    receiver.got.append((self.path, self.headers, body, time.time()))
                text = f"answered {status}".encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def at(self, path, event=None):
        with self.lock:
            return [got for got in self.got if got[0] == path and event in (None, got[1]["X-InboundFlow-Event"])]


class Shop:
    """An organization with endpoints."""

    def __init__(self, stack, organization):
        self.stack, self.organization = stack, organization
        self.new_key = lambda: stack.key(organization)[1]
        self.asked, self.secrets = 0, {}

    def ask(self, path, method="GET", body=None, status=200):
        # Who waits asks more often than 60 times a minute.
        if self.asked % 40 == 0:
            self.key = self.new_key()
        self.asked += 1
        headers = {"Content-Type": "application/json"} if body is not None else {}
        answer = self.stack.ask(path, self.key, method, None if body is None else json.dumps(body), **headers)
        expect(answer[0] == status, f"{method} {path}: {answer[0]} {answer[2]}")
        return json.loads(answer[2])

    def endpoint(self, url, *events):
        made = self.ask("/v1/webhooks", "POST", {"url": url, "events": list(events)}, 201)["data"]
        self.secrets[made["id"]] = made["secret"]
        return made["id"]

    def delivery(self, endpoint, delivery):
        return self.ask(f"/v1/webhooks/{endpoint}/deliveries/{delivery}")["data"]


def check_signed(shop, endpoint, got):
    """That a request is as the page for receivers has it. Returns its body."""
    _, headers, body, at = got
    delivery, timestamp = headers["X-InboundFlow-Delivery-Id"], headers["X-InboundFlow-Timestamp"]
    secret, told = shop.secrets[endpoint], json.loads(body)
    expect(verify.verify_documented(secret, headers["X-InboundFlow-Signature"], body), "the documented signature is wrong")
    expect(verify.verify_standard(secret, headers["webhook-id"], headers["webhook-timestamp"],
                                  headers["webhook-signature"], body), "the standard signature is wrong")
    expect((headers["webhook-id"], headers["webhook-timestamp"]) == (delivery, timestamp), "the headers do not agree")
    expect(abs(int(timestamp) - at) < 15, f"it is of {timestamp} and came at {at}")
    expect(headers["Content-Type"] == "application/json" and headers["User-Agent"] == "InboundFlow-Webhook/1.0",
           str(headers))
    expect(list(told) == ["event", "timestamp", "organization_id", "delivery_id", "data"], body.decode())
    expect((told["event"], told["delivery_id"], told["organization_id"]) ==
           (headers["X-InboundFlow-Event"], delivery, shop.organization), body.decode())
    return told
