"""Chromium, and what it complains of while a page is open."""
import contextlib
import os
import pathlib
import shutil
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")
# What needs more than a container gives, and what would ask other hosts.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PICTURES = os.environ.get("PICTURES")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WIDEST = {"width": 1920, "height": 1080}


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Reader:
    """Somebody with a browser window, who notices what goes wrong in it."""

    def __init__(self, browser, root, size=None, **settings):
        narrow = {"is_mobile": True, "has_touch": True} if size is NARROW else {}
        self.root, self.problems = root, []
        self.context = browser.new_context(viewport=size or WIDE, reduced_motion="reduce", **narrow, **settings)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", self.hears)
        self.page.on("pageerror", lambda error: self.problem(f"script: {error}"))
        self.page.on("requestfailed", self.sees_failure)
        self.page.on("request", self.sees_request)
        self.page.on("response", self.sees_response)
        self.expected = None

    def problem(self, what):
        self.problems.append(f"{self.page.url}: {what}")

    def hears(self, message):
        """What breaks the Content-Security-Policy is told there as well."""
        is_expected = self.expected and f"status of {self.expected}" in message.text
        if message.type in ("error", "warning") and not is_expected:
            self.problem(f"console: {message.text}")

    def sees_request(self, request):
        if urlsplit(request.url).netloc != urlsplit(self.root).netloc and not request.url.startswith("data:"):
            self.problem(f"asks another host: {request.url}")

    def sees_failure(self, request):
        # Who goes on to the next page does not wait for this one's icon.
        if request.failure != "net::ERR_ABORTED":
            self.problem(f"failed: {request.url}: {request.failure}")

    def sees_response(self, response):
        if response.status >= 400 and response.status != self.expected:
            self.problem(f"{response.status}: {response.url}")

    def check(self, holds, what):
        if not holds:
            self.problem(what)

    def open(self, path):
        """Opens a page of the site."""
        answer = self.page.goto(f"{self.root}/docs/{path}", wait_until="load")
        self.check(answer and answer.status == 200, f"answered {answer and answer.status}")

    def picture(self, name):
        """The whole page. Taking it is slower than all checks, so it is only done for somebody who looks."""
        if PICTURES:
            self.page.screenshot(path=pathlib.Path(PICTURES) / f"{name}.png", full_page=True, animations="disabled")

    def close(self):
        """Returns what went wrong."""
        self.context.close()
        return self.problems
