"""What holds of every page, at every width, in every language."""
from urllib.parse import urldefrag

LANGUAGES = ("en", "de", "fr", "es")
# All that is asked of the document at once: the way to the browser and back is what takes time.
FACTS = """() => {
  const all = (what, of) => [...document.querySelectorAll(what)].map(of);
  // Below an operation's heading, the reference has others that are the same for each.
  const headings = [...document.querySelectorAll("article h2, .frame:not(.reference) article h3")];
  const wide = () => {
    const width = document.documentElement.clientWidth;
    const scrolls = (one) => one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    const sticksOut = (one) => one.getBoundingClientRect().left + one.scrollWidth > width + 1 && !scrolls(one);
    return all("body *", (one) => one).filter(sticksOut).map((one) => one.outerHTML.slice(0, 120)).at(-1);
  };
  const shown = (what) => all(what, (one) => one).filter((one) => one.checkVisibility());
  // Columns scroll, and a shade that does not says so; every other line is wrapped.
  const cutCode = (pre) => pre.scrollWidth > pre.clientWidth + 1 && !getComputedStyle(pre).backgroundAttachment.includes("local");
  const gap = (box) => (box.nextElementSibling?.getBoundingClientRect().top ?? Infinity) - box.getBoundingClientRect().bottom;
  return {
    lang: document.documentElement.lang,
    title: document.title,
    description: document.querySelector("meta[name=description]")?.content,
    h1: all("h1", (one) => one.textContent),
    anchorless: headings
      .filter((one) => {
        const id = one.id || one.closest("section")?.id;
        return !id || one.querySelector("a.anchor")?.hash !== `#${id}`;
      })
      .map((one) => one.textContent),
    ids: all("[id]", (one) => one.id),
    links: [...all("a[href], link[href]", (one) => one.href), ...all("script[src]", (one) => one.src)],
    current: all(".sidebar [aria-current=page]", (one) => one.href),
    pages: all(".sidebar nav > ul > li > a", (one) => one.href),
    languages: Object.fromEntries(all("nav.languages a", (one) => [one.lang, one.href])),
    spoken: all("nav.languages [aria-current]", (one) => one.lang),
    overflow: document.documentElement.scrollWidth > document.documentElement.clientWidth ? wide() ?? "something" : null,
    cut: all(".table", (one) => one).filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent.slice(0, 60)),
    code: shown("pre").length,
    cutCode: shown("pre").filter(cutCode).map((one) => one.textContent.slice(0, 60)),
    wrappedKeys: shown(".l").filter((one) => one.textContent.includes("Authorization: Bearer $") && one.offsetHeight > 30).length,
    badges: [...new Set(shown(".method").map((one) => `${one.offsetWidth} x ${one.offsetHeight}`))],
    touching: shown(".overview, .code, .try, .table").filter((one) => Math.abs(gap(one)) < 5).map((one) => one.textContent.slice(0, 60)),
    small: shown("input, select, textarea").filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16).length,
    sticking: shown(".samples").filter((one) => getComputedStyle(one).position === "sticky" && one.offsetHeight > innerHeight - 60).length,
    menu: getComputedStyle(document.querySelector("details.menu") ?? document.body).display !== "none",
    sidebar: getComputedStyle(document.querySelector(".sidebar") ?? document.body).display !== "none",
  };
}"""


def check_page(reader, language, slug, is_narrow):
    """Opens a page and returns what it says of itself."""
    reader.open(f"{language}/{slug}.html")
    facts = reader.page.evaluate(FACTS)
    check, here = reader.check, f"{reader.root}/docs/{language}/{slug}.html"
    check(facts["lang"] == language, f"its language is {facts['lang']}")
    check(len(facts["h1"]) == 1, f"its h1 are {facts['h1']}")
    check(facts["h1"] and facts["h1"][0] in facts["title"] and facts["description"], "title and description")
    check(not facts["anchorless"], f"headings without an anchor: {facts['anchorless']}")
    check(len(set(facts["ids"])) == len(facts["ids"]), "an id stands twice")
    check(facts["current"] == [here], f"the navigation marks {facts['current']}")
    check(facts["overflow"] is None, f"it is wider than the window: {facts['overflow']}")
    check(not facts["cut"], f"tables are wider than their column: {facts['cut']}")
    check(not facts["cutCode"], f"code is cut off: {facts['cutCode']}")
    check(is_narrow or not facts["wrappedKeys"], f"{facts['wrappedKeys']} lines with the key are wrapped")
    check(len(facts["badges"]) < 2, f"methods have badges of {facts['badges']}")
    check(not facts["touching"], f"boxes touch what follows them: {facts['touching']}")
    check(not (is_narrow and facts["small"]), f"a phone zooms into {facts['small']} fields")
    check(not facts["sticking"], f"{facts['sticking']} examples end below the window")
    check(facts["menu"] == is_narrow and facts["sidebar"] != is_narrow, "menu or sidebar")
    expected = {other: f"{reader.root}/docs/{other}/{slug}.html" for other in LANGUAGES}
    check(facts["languages"] == expected and facts["spoken"] == [language], f"languages: {facts['languages']}")
    return facts


def check_links(root, seen, fetch):
    """Fetches each link of this host once. `seen` has what each page said of itself, by its address."""
    problems, fetched, others = [], {}, set()
    for page, facts in seen.items():
        for link in facts["links"]:
            address, fragment = urldefrag(link)
            if not address.startswith(f"{root}/"):
                others.add(link)
                continue
            if address not in fetched:
                # Where a reader has been, there is a page, if only one that says that there is none.
                fetched[address] = 200 if address in seen else fetch(address)
            if fetched[address] != 200:
                problems.append(f"{page}: {link} answers {fetched[address]}")
            elif fragment and fragment not in seen.get(address, {"ids": []})["ids"]:
                problems.append(f"{page}: {link} leads nowhere in the page")
    problems += [f"a link by {link.split(':')[0]}: {link}" for link in others if not link.startswith("https://")]
    return problems, len(fetched), others
