"""Searching: by the keyboard alone, and by the words that readers have for things."""
from browser import NARROW, Reader

# Words that come with readers from other documentation, and where each has to lead, in every language.
EVERYWHERE = {
    "sync": "lists.html#poll",
    "poll": "lists.html#poll",
    "polling": "lists.html#poll",
    "pagination": "lists.html#cursors",
    "sdk": "tools.html",
    "try": "authentication.html#browser",
    "gdpr": "requests.html#personal-data",
    "delete": "reference-webhooks.html#deleteWebhook",
    "changelog": "changelog.html",
    "status": "errors.html#codes",
    "cancel": "ingest.html#status",
    "docker": "getting-started.html#start",
    "429": "authentication.html#rate-limit",
    "csv": "command-line.html#export",
    "swagger": "tools.html#openapi",
    "hmac": "webhooks.html#verify",
    "replay": "webhooks.html#replay",
    "breaking": "changelog.html#promise",
}
OWN = {
    "en": {"privacy": "requests.html#personal-data", "delete endpoint": "webhooks.html#change", "retry": "errors.html#retry",
           "cancel appointment": "ingest.html#status", "permission": "authentication.html#scopes"},
    "de": {"dsgvo": "requests.html#personal-data", "löschen": "webhooks.html#change", "synchronisieren": "lists.html#poll",
           "stornieren": "ingest.html#status", "berechtigung": "authentication.html#scopes"},
    "fr": {"rgpd": "requests.html#personal-data", "supprimer": "webhooks.html#change", "synchroniser": "lists.html#poll",
           "annuler": "ingest.html#status", "droits": "authentication.html#scopes"},
    "es": {"rgpd": "requests.html#personal-data", "eliminar": "webhooks.html#change", "sincronizar": "lists.html#poll",
           "cancelar": "ingest.html#status", "permiso": "authentication.html#scopes"},
}
# A reader looks no further.
SEEN = 5


def by_keyboard(browser, root):
    """Words of the language find its pages, with the keyboard alone."""
    problems = []
    for language, word in (("en", "key"), ("de", "seite"), ("fr", "erreur"), ("es", "clave")):
        reader = Reader(browser, root)
        reader.open(f"{language}/index.html")
        reader.page.keyboard.press("/")
        reader.page.keyboard.type(word)
        results = reader.page.locator(".results a")
        results.first.wait_for()
        leads = results.first.evaluate("link => link.href")
        reader.page.keyboard.press("Enter")
        reader.page.wait_for_url(leads)
        reader.check(f"/docs/{language}/" in leads, f"{word} leads to {leads}")
        # What stands in no heading: a field, and a path as it is pasted.
        for asked, place in (("recording_url", "Call"), ("/v1/calls/{id}", "getCall")):
            reader.page.keyboard.press("/")
            reader.page.keyboard.insert_text(asked)
            results.first.wait_for()
            leads = results.evaluate_all("links => links.map(link => link.href)")
            wanted = f"/docs/{language}/reference-calls.html#{place}"
            reader.check(any(link.endswith(wanted) for link in leads), f"{asked} leads to {leads}")
            reader.page.keyboard.press("Escape")
        problems += reader.close()
    return problems


def by_synonyms(browser, root):
    """Each word leads where it has to, among the first results, and each result says where it stands."""
    problems = []
    for language, own in OWN.items():
        reader = Reader(browser, root, NARROW if language == "es" else None)
        reader.open(f"{language}/index.html")
        field, results = reader.page.locator(".search input"), reader.page.locator(".results a")
        for word, place in {**EVERYWHERE, **own}.items():
            field.fill(word)
            results.first.wait_for()
            found = results.evaluate_all("all => all.map((one) => [one.href, one.innerText])")
            links = [link.rpartition("/")[2] for link, _ in found]
            reader.check(place in links[:SEEN], f"{word} leads to {links}")
            reader.check(all(len(text.split("\n")) == 2 for _, text in found), f"{word}: a result does not say where: {found}")
            reader.check(len({text for _, text in found}) == len(found), f"{word}: two results read alike: {found}")
        problems += reader.close()
    return problems
