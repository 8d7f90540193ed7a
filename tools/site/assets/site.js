// What pages can do beyond reading: copying, light and dark, searching. Each works without it, too, or is not shown.
"use strict";

const words = document.currentScript.dataset;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Copying

for (const figure of document.querySelectorAll("figure.code")) {
  const button = element("button", { type: "button", className: "copy", textContent: words.copy });
  button.addEventListener("click", async () => {
    await copy(figure.querySelector("code"));
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = words.copy), 2000);
  });
  figure.querySelector("figcaption").append(button);
}

async function copy(code) {
  // Only pages from https and from this machine may write to the clipboard directly.
  if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent);
  getSelection().selectAllChildren(code);
  document.execCommand("copy");
}

// Light and dark

const toggle = document.querySelector(".theme");
toggle.hidden = false;
toggle.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // It then holds for this page.
  }
});

// The other languages have the same sections

for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", () => (link.hash = location.hash));
}

// The section that is being read

const links = [...document.querySelectorAll("nav.contents a, .sidebar ul ul a, .menu ul ul a")];
const sections = [...document.querySelectorAll("article [id]")].filter((one) => links.some((link) => link.hash === `#${one.id}`));
const here = document.querySelector(".menu .here");
const page = here?.textContent;
let marked;

function reading() {
  const isShown = (section) => section.getBoundingClientRect().top < innerHeight;
  // The last sections may be too short to come up to the top.
  const isEnd = scrollY > 0 && innerHeight + scrollY > document.documentElement.scrollHeight - 2;
  if (isEnd) return sections.find((section) => `#${section.id}` === location.hash && isShown(section)) ?? sections.at(-1);
  return sections.findLast((section) => section.getBoundingClientRect().top < 120);
}

function follow() {
  const section = reading();
  if (section === marked) return;
  marked = section;
  for (const link of links) {
    const isHere = link.hash === `#${section?.id}`;
    if (isHere) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
    if (isHere) reveal(link);
    if (isHere && here) here.textContent = `${page} › ${link.firstElementChild?.textContent ?? link.textContent}`;
  }
  if (!section && here) here.textContent = page;
}

// An open menu covers a phone's page, also where a section of it was chosen.
const menu = document.querySelector(".menu");
menu?.addEventListener("click", (event) => event.target.closest("nav a") && (menu.open = false));

// Scrolls the list that a link is in, and not the page.
function reveal(link) {
  const list = link.closest(".sidebar, nav.contents");
  if (!list) return;
  const [place, frame] = [link.getBoundingClientRect(), list.getBoundingClientRect()];
  if (place.top < frame.top || place.bottom > frame.bottom) list.scrollTop += place.top - frame.top - frame.height / 3;
}

document.querySelectorAll(".sidebar [aria-current=page]").forEach(reveal);
if (links.length) {
  addEventListener("scroll", follow, { passive: true });
  addEventListener("hashchange", follow);
  follow();
}

// Searching

// What can be found, with the words that are compared; empty until somebody searches.
let index = [];
const search = document.querySelector(".search");
if (search) start(search, search.querySelector("input"), search.querySelector("ul"));

function start(search, input, results) {
  search.hidden = false;
  input.addEventListener("focus", load, { once: true });
  input.addEventListener("input", () => show(input, results));
  search.addEventListener("keydown", (event) => {
    const places = [input, ...results.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) places.at((places.indexOf(document.activeElement) + step) % places.length).focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === input) places[1]?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const isChord = event.ctrlKey || event.metaKey;
    const isSlash = event.key === "/" && !isChord && !event.altKey && !event.target.closest("input, textarea, select");
    if (!isSlash && !(isChord && event.key === "k")) return;
    event.preventDefault();
    input.focus();
  });
  document.addEventListener("click", (event) => search.contains(event.target) || (results.hidden = true));
  results.addEventListener("click", close);

  function close() {
    input.value = "";
    results.hidden = true;
    input.blur();
  }

  function load() {
    const onload = () => {
      index = window.searchIndex.map((entry) => ({ entry, words: entry.map(plain) }));
      show(input, results);
    };
    document.head.append(element("script", { src: input.dataset.index, onload }));
  }
}

// Small letters without accents: "Prasentation" finds "Präsentation".
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function show(input, results) {
  // As the index trims its words: /v1/calls is in it as v1/calls.
  const trimmed = (word) => word.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "");
  const asked = plain(input.value).split(/\s+/).map(trimmed).filter(Boolean);
  const ranked = index
    .map(({ entry, words }) => [rank(words, asked), entry])
    .filter(([rank]) => rank)
    .sort(([a], [b]) => b - a)
    .slice(0, 8);
  results.replaceChildren(
    ...ranked.map(([, [title, place, href]]) =>
      element("li", {}, element("a", { href }, element("span", { textContent: title }), element("small", { textContent: place }))),
    ),
  );
  if (!ranked.length) results.append(element("li", { textContent: words.nothingFound }));
  results.hidden = !asked.length;
}

// Nothing where a word is missing. Titles with the words come first, then what is to be found by them, then what stands on
// a page of that title, and last the texts that have them; pages come before their sections.
function rank([title, place, , keywords, text], asked) {
  const [, page] = place.split(" › ");
  const weigh = (word) =>
    Math.max(4 * within(title, word), 3 * within(keywords, word), 2 * within(page ?? "", word), within(text, word));
  const weights = asked.map(weigh);
  return weights.every(Boolean) ? weights.reduce((sum, weight) => sum + weight, page ? 0 : 0.5) : 0;
}

// A whole word is more than its beginning, and that more than a part within: "try" is not in "country" as it is in "try it".
function within(text, word) {
  const words = ` ${text} `;
  return words.includes(` ${word} `) ? 1 : words.includes(` ${word}`) ? 0.8 : words.includes(word) ? 0.3 : 0;
}
