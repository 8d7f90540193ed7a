"""What a reader does with pages: without scripts, in light and dark, following, copying."""
from browser import NARROW, WIDE, Reader

WITHOUT_SCRIPTS = ("en/index", "de/webhooks", "fr/reference-calls", "es/getting-started")
# How the page is, and the texts that stand out from what is behind them by less than WCAG's AA asks.
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
  const contrast = (one) => {
    const [text, behind] = [light(getComputedStyle(one).color), light(ground(one))];
    return (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
  };
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const texts = [...document.body.querySelectorAll("*")].filter((one) => [...one.childNodes].some(isText));
  const faint = texts.filter((one) => one.checkVisibility() && contrast(one) < 4.5);
  const behind = light(ground(document.querySelector("article p")));
  return {
    scheme: behind < 0.1 ? "dark" : behind > 0.8 ? "light" : `neither: ${behind}`,
    texts: texts.length,
    faint: faint.map((one) => `${contrast(one).toFixed(2)} ${one.outerHTML.slice(0, 80)}`),
  };
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


def keeping(browser, root):
    """A first page brings its files with it; each further one is one request, in any language."""
    reader = Reader(browser, root)
    asked, kept = {}, set()
    session = reader.context.new_cdp_session(reader.page)
    session.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    session.on("Network.responseReceived", lambda event: asked.update({event["requestId"]: event["response"]}))
    session.send("Network.enable")

    def requests(path):
        asked.clear()
        kept.clear()
        reader.open(path)
        sent = [one["url"] for key, one in asked.items() if key not in kept and not one["fromDiskCache"]]
        # The icon comes when the browser has time for it, with this page or the next.
        return [url for url in sent if "/favicon." not in url]

    first = requests("en/index.html")
    reader.check(len(first) == 4, f"a first page asked for {first}")
    for path in ("en/errors.html", "de/lists.html", "en/index.html"):
        further = requests(path)
        reader.check(further == [reader.page.url], f"after it, {path} asked for {further}")
    return reader.close()


def languages(browser, root):
    """Clicking from language to language stays on the page."""
    reader = Reader(browser, root)
    reader.open("en/errors.html")
    for language in ("de", "fr", "es", "en"):
        reader.page.locator(f"nav.languages a[lang={language}]").click()
        reader.page.wait_for_url(f"**/{language}/errors.html")
        reader.check(reader.page.locator("html").get_attribute("lang") == language, f"not in {language}")
    return reader.close()


def light_and_dark(browser, root):
    """By the system's setting and by the button, which is remembered."""
    problems = []
    for scheme in ("light", "dark"):
        reader = Reader(browser, root, color_scheme=scheme)
        for path in ("en/getting-started", "de/reference-webhooks", "fr/errors", "es/webhooks"):
            reader.open(f"{path}.html")
            reader.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            colours = reader.page.evaluate(COLOURS)
            reader.check(colours["scheme"] == scheme, f"it is {colours['scheme']}, not {scheme}")
            reader.check(colours["texts"] > 100 and not colours["faint"], f"{scheme}: faint: {colours['faint'][:5]}")
            reader.picture(f"{scheme}-{path.replace('/', '-')}")
        problems += reader.close()
    reader = Reader(browser, root, color_scheme="light")
    reader.open("en/index.html")
    now = lambda: reader.page.evaluate(COLOURS)["scheme"]
    reader.check(now() == "light", "it is not light")
    reader.page.locator("button.theme").click()
    reader.check(now() == "dark", "the button does not darken")
    reader.open("en/lists.html")
    reader.check(now() == "dark", "the choice is forgotten on the next page")
    reader.page.locator("button.theme").click()
    reader.check(now() == "light", "the button does not lighten")
    return problems + reader.close()


def choosing(browser, root):
    """On a phone the menu leads to a section of the page that is open, and gets out of the way."""
    reader = Reader(browser, root, NARROW)
    reader.open("es/reference-contacts.html")
    reader.page.locator(".menu > summary").tap()
    reader.page.locator(".menu a[href='#createContact']").tap()
    reader.check(not reader.page.locator(".menu nav").is_visible(), "the menu covers what was chosen")
    at = reader.page.locator("#createContact h2").evaluate("one => one.getBoundingClientRect().top")
    reader.check(40 < at < 200, f"what was chosen begins at {at}")
    return reader.close()


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


def following(browser, root):
    """Navigation marks the section that is read, where the reader sees it, and the page does not jump."""
    problems = []
    marks = """(list) => {
      const frame = document.querySelector(list).getBoundingClientRect();
      const isSeen = (one) => one.getBoundingClientRect().top >= frame.top && one.getBoundingClientRect().bottom <= frame.bottom;
      const marked = [...document.querySelectorAll(`${list} [aria-current=location]`)];
      const head = document.querySelector(".top").getBoundingClientRect().bottom;
      return [marked.map((one) => isSeen(one) ? one.hash : `${one.hash} out of sight`),
        document.querySelector(decodeURI(location.hash)).getBoundingClientRect().top >= head];
    }"""
    for path, size, links in (("de/reference-webhooks", WIDE, ".sidebar"), ("fr/webhooks", WIDE, "nav.contents"),
                              ("en/webhooks", {"width": 1024, "height": 768}, ".sidebar")):
        reader = Reader(browser, root, size)
        reader.open(f"{path}.html")
        page_entry = reader.page.locator(".sidebar [aria-current=page]")
        reader.check(page_entry.is_visible() and not reader.page.evaluate("scrollY"), "the page's entry is not seen")
        sections = reader.page.locator(f"{links} ul a[href^='#']").evaluate_all("all => all.map((one) => one.hash)")
        reader.check(len(sections) > 15, f"{links} has {sections}")
        for section in sections:
            reader.page.goto(f"{root}/docs/{path}.html{section}")
            reader.page.wait_for_function("(hash) => document.querySelector(`[aria-current=location][href='${hash}']`)", arg=section)
            marked, is_seen = reader.page.evaluate(marks, links)
            reader.check(marked == [section], f"{links} marks {marked} at {section}")
            reader.check(is_seen, f"{section} begins below the line at the top")
        problems += reader.close()
    return problems
