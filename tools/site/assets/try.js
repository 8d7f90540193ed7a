// The forms of the reference: they send the request to the API that serves the page, and show what it answers.
"use strict";

(() => {
  const words = document.currentScript.dataset;
  // The site is below docs/ of the same place as v1/: at the root, or below a stage.
  const api = new URL("../", document.currentScript.src);
  const shown = /^(x-request-id|x-ratelimit-.*|retry-after|idempotent-replayed|allow)$/;
  const stored = "inboundflow-api-key";

  for (const trial of document.querySelectorAll("details.try")) {
    trial.hidden = false;
    const form = trial.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  // One key for all forms, for as long as the tab is open. It goes into a header, never into an address.
  const keys = [...document.querySelectorAll(".try .key")];
  for (const input of keys) {
    input.addEventListener("input", () => {
      fill(input.value, input);
      remember((storage) => storage.setItem(stored, input.value.trim()));
    });
  }
  remember((storage) => fill(storage.getItem(stored) ?? ""));

  function remember(use) {
    try {
      use(sessionStorage);
    } catch {
      // A browser that stores nothing asks for the key on each page.
    }
  }

  function fill(key, except) {
    for (const input of keys) if (input !== except) input.value = key;
  }

  async function send(form) {
    const result = form.querySelector(".result");
    const { method } = form.dataset;
    if (location.protocol === "file:") return say(result, words.unserved);
    if (method === "DELETE" && !confirm(words.confirm)) return;
    say(result, words.sending);
    const started = performance.now();
    let sent;
    try {
      sent = headers(form);
    } catch ({ message }) {
      return say(result, message);
    }
    try {
      const answer = await fetch(address(form), { method, headers: sent, body: body(form), cache: "no-store" });
      const text = await answer.text();
      if (!answer.headers.has("x-request-id")) return say(result, words.unserved);
      show(result, answer, text, Math.round(performance.now() - started));
    } catch {
      say(result, words.unserved);
    }
  }

  function inputs(form, place) {
    return [...form.querySelectorAll(`[data-in="${place}"]`)].filter((input) => input.value.trim());
  }

  function address(form) {
    let path = form.dataset.path;
    for (const { name, value } of inputs(form, "path")) path = path.replace(`{${name}}`, encodeURIComponent(value.trim()));
    const url = new URL(path.slice(1), api);
    for (const { name, value } of inputs(form, "query")) url.searchParams.set(name, value.trim());
    return url;
  }

  function headers(form) {
    const headers = new Headers();
    const key = form.querySelector(".key");
    set(headers, "Authorization", `Bearer ${key.value.trim().replace(/^Bearer\s+/i, "")}`, key.labels[0].firstElementChild.textContent);
    for (const { name, value } of inputs(form, "header")) set(headers, name, value.trim(), name);
    if (body(form)) headers.set("Content-Type", "application/json");
    return headers;
  }

  // Where a header cannot carry the value, the error says which of them it is.
  function set(headers, name, value, label) {
    try {
      headers.set(name, value);
    } catch {
      throw new Error(words.unsendable.replace("{}", label));
    }
  }

  function body(form) {
    return inputs(form, "body")[0]?.value;
  }

  function say(result, text) {
    result.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
  }

  function show(result, answer, text, milliseconds) {
    const status = Object.assign(document.createElement("p"), {
      className: answer.ok ? "status good" : "status bad",
      textContent: `${answer.status} ${answer.statusText} · ${milliseconds} ms`,
    });
    const headers = [...answer.headers].filter(([name]) => shown.test(name)).map(([name, value]) => `${name}: ${value}`);
    result.replaceChildren(status, pre(headers.join("\n"), "headers"), pre(pretty(text), "answer"));
  }

  function pre(text, className) {
    return Object.assign(document.createElement("pre"), { textContent: text, className, tabIndex: 0 });
  }

  function pretty(text) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
})();
