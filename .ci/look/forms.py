"""The forms of the reference, which ask the API that serves the page."""
import json

from browser import NARROW, WIDE, Reader
from system import ROOT, dev

# Nothing listens there: what the forms have sent to an endpoint leaves this machine as little as the forms do.
EXAMPLE, HERE = "https://hooks.example.com/", "http://127.0.0.1:9/"


def showing(browser, root, key):
    """What a form shows: an answer, a refusal."""
    problems = []
    for size, name in ((WIDE, "wide"), (NARROW, "narrow")):
        reader = Reader(browser, root, size)
        reader.open("en/reference-calls.html")
        trial = reader.page.locator("#listCalls details.try")
        trial.locator("summary").click()
        trial.locator("input.key").fill(key)
        status, answer = sent(trial)
        reader.check(status.startswith("200") and '"caller_phone"' in answer, f"it answers {status}: {answer}")
        trial.scroll_into_view_if_needed()
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        reader.check(not reader.page.evaluate(overflow), "an answer makes the page wider than the window")
        reader.picture(f"try-{name}")
        reader.expected = 401
        trial.locator("input.key").fill("sk_live_your_key_here")
        status, answer = sent(trial, ".bad")
        reader.check(status.startswith("401") and '"unauthorized"' in answer, f"a wrong key: {status}: {answer}")
        problems += reader.close()
    return problems


def sent(trial, kind=""):
    """Sends a form; the status and the body that it shows."""
    trial.locator("[type=submit]").click()
    trial.locator(f".status{kind}").wait_for()
    return trial.locator(".status").text_content(), trial.locator("pre.answer").text_content()


def every_form(browser):
    """Each answers as the document has it that all went well."""
    document = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    right = {operation["operationId"]: min(operation["responses"])
             for path in document["paths"].values() for operation in path.values()}
    problems = []
    for language, size in (("en", WIDE), ("fr", NARROW)):
        # Of its own, since a contact is new only once.
        system = dev("--requests-per-minute", "1000")
        reader = Reader(browser, system["url"], size)
        reader.page.on("dialog", lambda dialog: dialog.accept())
        reader.open(f"{language}/reference-account.html")
        reader.page.locator("details.try summary").first.click()
        # It is remembered for the other pages.
        reader.page.locator("input.key").first.fill(system["api_key"])
        # Where the key is kept first, and the others in the document's order.
        operations = [operation for page in ["account"] + [tag["name"] for tag in document["tags"] if tag["name"] != "me"]
                      for operation in forms(reader, f"{language}/reference-{page}.html", right)]
        reader.check(sorted(operations) == sorted(right), f"there are forms of {operations}")
        problems += reader.close()
    return problems


def forms(reader, path, right):
    """Sends each form of a page as it is; where it asks for an id, with that of what an earlier one made."""
    reader.open(path)
    found = reader.page.locator("details.try").evaluate_all(
        "all => all.map((one) => [one.closest('section').id, one.querySelector('form').dataset.method])")
    made = dict.fromkeys(("id", "delivery_id"), "00000000-0000-4000-8000-000000000000")
    for operation, method in sorted(found, key=lambda one: one[1] == "DELETE"):
        trial = reader.page.locator(f"#{operation} details.try")
        if trial.get_attribute("open") is None:
            trial.locator("summary").click()
        for empty in [one for one in trial.locator("[data-in=path]").all() if not one.input_value()]:
            empty.fill(made[empty.get_attribute("name")])
        for body in trial.locator("[data-in=body]").all():
            body.fill(body.input_value().replace(EXAMPLE, HERE))
        status, answer = sent(trial)
        reader.check(status.startswith(f"{right[operation]} "), f"{operation} answers {status}: {answer}")
        if operation in ("createWebhook", "testWebhook") and status.startswith("20"):
            made["id" if operation == "createWebhook" else "delivery_id"] = json.loads(answer)["data"]["id"]
    return [operation for operation, _ in found]
