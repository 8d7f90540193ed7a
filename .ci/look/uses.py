"""What a reader does with pages: without scripts, in the dark, copying, searching, trying the API out."""
from browser import NARROW, WIDE, Reader

WITHOUT_SCRIPTS = ("en/index", "de/webhooks", "fr/reference-calls", "es/getting-started")
COLOURS = """() => {
  const channels = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    const isClear = colour === "transparent" || /, 0\\)$/.test(colour);
    return isClear ? (one.parentElement ? ground(one.parentElement) : "rgb(255, 255, 255)") : colour;
  };
  const of = (what) => {
    const one = document.querySelector(what);
    const [text, behind] = [light(getComputedStyle(one).color), light(ground(one))];
    return { behind, contrast: (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05) };
  };
  return { text: of("article p"), code: of("figure.code pre code"), link: of("article a:not(.anchor)"), heading: of("h1") };
}"""


def without_scripts(browser, root):
    """The content and the menu are there, and links lead on."""
    problems = []
    for size in (WIDE, NARROW):
        reader = Reader(browser, root, size, java_script_enabled=False)
        for path in WITHOUT_SCRIPTS:
            reader.open(f"{path}.html")
            page = reader.page
            reader.check(page.locator("h1").is_visible(), "no heading without scripts")
            reader.check(page.locator("figure.code pre").first.is_visible(), "no code without scripts")
            shown = page.locator(".copy, .search, .theme, details.try").filter(visible=True).count()
            reader.check(shown == 0, f"{shown} things are shown that need scripts")
            if size is NARROW:
                page.locator("details.menu > summary").tap()
            menu = page.locator("details.menu nav" if size is NARROW else ".sidebar nav")
            reader.check(menu.is_visible(), "no menu without scripts")
            menu.locator("a[href='errors.html']").click()
            page.wait_for_url("**/errors.html")
            reader.check(page.url == f"{root}/docs/{path[:2]}/errors.html", "the menu leads elsewhere")
            page.locator("nav.languages a:not([aria-current])").first.click()
            page.wait_for_url("**/errors.html")
            reader.check(page.url.endswith("/errors.html") and f"/{path[:2]}/" not in page.url, "the language stayed")
        problems += reader.close()
    return problems


def languages(browser, root):
    """Clicking from language to language stays on the page."""
    reader = Reader(browser, root)
    reader.open("en/errors.html")
    for language in ("de", "fr", "es", "en"):
        reader.page.locator(f"nav.languages a[lang={language}]").click()
        reader.page.wait_for_url(f"**/{language}/errors.html")
        reader.check(reader.page.locator("html").get_attribute("lang") == language, f"not in {language}")
    return reader.close()


def dark(browser, root):
    """By the system's setting and by the button, which is remembered."""
    reader = Reader(browser, root, color_scheme="dark")
    for path in ("en/getting-started", "de/reference-webhooks", "fr/errors"):
        reader.open(f"{path}.html")
        for what, colours in reader.page.evaluate(COLOURS).items():
            reader.check(colours["behind"] < 0.1, f"{what}: it is not dark behind it: {colours}")
            reader.check(colours["contrast"] >= 4.5, f"{what}: contrast {colours}")
        reader.picture(f"dark-{path.replace('/', '-')}")
    problems = reader.close()
    reader = Reader(browser, root, color_scheme="light")
    reader.open("en/index.html")
    behind = lambda: reader.page.evaluate(COLOURS)["text"]["behind"]
    reader.check(behind() > 0.8, "it is not light")
    reader.page.locator("button.theme").click()
    reader.check(behind() < 0.1, "the button does not darken")
    reader.open("en/lists.html")
    reader.check(behind() < 0.1, "the choice is forgotten on the next page")
    reader.page.locator("button.theme").click()
    reader.check(behind() > 0.8, "the button does not lighten")
    return problems + reader.close()


def copying(browser, root):
    reader = Reader(browser, root)
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.open("en/getting-started.html")
    figures = reader.page.locator("figure.code")
    for at in range(figures.count()):
        figure = figures.nth(at)
        figure.locator("button.copy").click()
        copied = reader.page.evaluate("navigator.clipboard.readText()")
        reader.check(copied == figure.locator("code").text_content() and copied, f"the copied code is {copied!r}")
    reader.check(figures.count() > 1, "there is nothing to copy")
    return reader.close()


def searching(browser, root):
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
        # A word that stands in no heading.
        reader.page.keyboard.press("/")
        reader.page.keyboard.type("recording_url")
        results.first.wait_for()
        leads = results.evaluate_all("links => links.map(link => link.href)")
        wanted = f"/docs/{language}/reference-calls.html#Call"
        reader.check(any(link.endswith(wanted) for link in leads), f"recording_url leads to {leads}")
        problems += reader.close()
    return problems


def trying(browser, root, key):
    """The form of the reference asks the API that serves the page."""
    problems = []
    for size, name in ((WIDE, "wide"), (NARROW, "narrow")):
        reader = Reader(browser, root, size)
        reader.open("en/reference-calls.html")
        trial = reader.page.locator("#listCalls details.try")
        trial.locator("summary").click()
        trial.locator("input.key").fill(key)
        trial.locator("[type=submit]").click()
        trial.locator(".status").wait_for()
        status, answer = trial.locator(".status").text_content(), trial.locator("pre.answer").text_content()
        reader.check(status.startswith("200") and '"caller_phone"' in answer, f"it answers {status}: {answer}")
        trial.scroll_into_view_if_needed()
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        reader.check(not reader.page.evaluate(overflow), "an answer makes the page wider than the window")
        reader.picture(f"try-{name}")
        reader.expected = 401
        trial.locator("input.key").fill("sk_live_your_key_here")
        trial.locator("[type=submit]").click()
        trial.locator(".status.bad").wait_for()
        status, answer = trial.locator(".status").text_content(), trial.locator("pre.answer").text_content()
        reader.check(status.startswith("401") and '"unauthorized"' in answer, f"a wrong key: {status}: {answer}")
        problems += reader.close()
    return problems
