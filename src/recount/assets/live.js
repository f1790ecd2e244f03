// Keeps an open page of the preview up to date. Loaded before every other script of the page, so that it knows who
// listens to what: when the page's body is exchanged, the listeners of the old one go with it and the page's own
// scripts run again.
(() => {
  "use strict";

  let life = new AbortController();
  const listen = EventTarget.prototype.addEventListener;
  let own = false;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (own || !(this === window || this === document || this instanceof MediaQueryList)) return listen.call(this, type, listener, options);
    const given = typeof options === "object" && options ? options : { capture: Boolean(options) };
    return listen.call(this, type, listener, given.signal ? given : { ...given, signal: life.signal });
  };

  // Vega is large, declares names for good, and is the same after every build: once is enough.
  const append = document.head.append;
  document.head.append = function (...parts) {
    append.apply(this, parts.filter((part) => {
      const again = part instanceof HTMLScriptElement && part.src.endsWith("/assets/vega.js") && window.vegaEmbed;
      if (again) queueMicrotask(() => part.dispatchEvent(new Event("load")));
      return !again;
    }));
  };

  const html = document.documentElement;
  const make = (tag, text, parts = []) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    element.append(...parts);
    return element;
  };

  // What there is to say stands in a box of its own, out of reach of the page's styles.
  const host = make("div");
  host.id = "recount-preview";
  const inside = host.attachShadow({ mode: "open" });
  const style = make("style", `
    :host { all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483647; font: 15px/1.45 system-ui, sans-serif; }
    section { max-height: 45vh; overflow: auto; padding: .7rem 1.2rem; color: #fff; border-top: 3px solid; }
    .broken { background: #4a1212; border-color: #ff8a80; }
    .verdicts { background: #123; border-color: #ffd166; }
    .building { position: absolute; right: .7rem; bottom: 100%; margin: .5rem; padding: .2rem .7rem; border-radius: 1rem; background: #333; color: #fff; }
    .lost { background: #333; border-color: #aaa; }
    h2 { font-size: 1rem; margin: 0 0 .3rem; } ul { margin: 0; padding-left: 1.1rem; } li { margin: .25rem 0; }
    code { font-family: ui-monospace, monospace; font-size: .92em; } .fix { opacity: .85; } p { margin: 0; }`);
  const said = make("div");
  said.setAttribute("role", "status");
  inside.append(style, said);

  const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
  const entry = (problem) => make("li", "", [
    make("code", problem.rule), `: ${problem.message}`,
    ...(problem.place ? [make("br"), make("code", problem.place)] : []),
    ...(problem.fix ? [make("br"), Object.assign(make("span", problem.fix), { className: "fix" })] : []),
  ]);
  const box = (name, title, entries) => {
    const section = make("section", "", [make("h2", title), make("ul", "", entries.map(entry))]);
    section.className = name;
    return section;
  };
  const show = (now) => {
    const parts = [];
    if (now.state === "building") parts.push(Object.assign(make("p", `building${now.saved.length ? ` after ${now.saved[0]}` : ""} …`), { className: "building" }));
    if (now.problems.length) parts.push(box("broken", `${counted(now.problems.length, "problem")}: the page shows the last good build`, now.problems));
    if (now.paper.problems.length) parts.push(box("broken", "The PDF could not be set; it stays as it was", now.paper.problems));
    if (now.verdicts.length) parts.push(box("verdicts", `This edit would change the verdict on ${counted(now.verdicts.length, "claim")}`, now.verdicts));
    said.replaceChildren(...parts);
    if (!host.isConnected) html.append(host);
  };

  // Exchanging the body

  let shown = null;
  const text = async () => {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    return answer.ok ? answer.text() : null;
  };

  const anchor = () => {
    const above = [...document.querySelectorAll("main [id]")].filter((one) => one.offsetParent && one.getBoundingClientRect().top <= 80).pop();
    return above ? { id: above.id, at: above.getBoundingClientRect().top, y: scrollY } : { id: "", at: 0, y: scrollY };
  };
  const back = (held) => {
    const element = held.id && document.getElementById(held.id);
    const y = element ? scrollY + element.getBoundingClientRect().top - held.at : held.y;
    scrollTo({ left: scrollX, top: y, behavior: "instant" });
  };

  const pictures = (body, version) => Promise.all([...body.querySelectorAll("img[src]")].map((image) => {
    const address = image.getAttribute("src");
    if (/^[a-z]+:/i.test(address)) return null;
    // A browser takes a picture it has already shown in this document from memory, whatever the server says.
    image.setAttribute("src", `${address.split("?")[0]}?v=${version}`);
    const early = new Image();
    early.src = new URL(image.getAttribute("src"), location.href).href;
    return early.decode().catch(() => null);
  }));

  const styles = (fresh, version) => {
    const links = [...fresh.querySelectorAll("link[rel=stylesheet]")];
    const old = [...document.head.querySelectorAll("link[rel=stylesheet]")];
    return Promise.all(links.map((link) => new Promise((done) => {
      const now = document.createElement("link");
      now.rel = "stylesheet";
      now.onload = now.onerror = done;
      now.href = `${link.getAttribute("href").split("?")[0]}?v=${version}`;
      document.head.append(now);
    }))).then(() => old.forEach((link) => link.remove()));
  };

  const exchange = async (page, version, restyle) => {
    const fresh = new DOMParser().parseFromString(page, "text/html");
    const body = document.importNode(fresh.body, true);
    await Promise.all([pictures(body, version), restyle ? styles(fresh, version) : null]);
    const held = anchor();
    const open = [...document.querySelectorAll("details[open]")].map((one) => one.querySelector("summary")?.textContent);
    const focused = document.activeElement?.id;
    life.abort();
    life = new AbortController();
    html.style.minHeight = `${html.scrollHeight}px`;
    document.body.replaceWith(body);
    document.title = fresh.title;
    body.querySelectorAll("details").forEach((one) => { if (open.includes(one.querySelector("summary")?.textContent)) one.open = true; });
    const scripts = [...fresh.querySelectorAll("head script[src]")].map((one) => one.getAttribute("src")).filter((src) => !src.includes(".preview"));
    for (const src of scripts) {
      await new Promise((done) => {
        const again = document.createElement("script");
        again.src = `${src.split("?")[0]}?v=${version}`;
        again.async = false;
        again.onload = again.onerror = () => { again.remove(); done(); };
        document.head.append(again);
      });
    }
    back(held);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    requestAnimationFrame(() => { html.style.minHeight = ""; back(held); });
  };

  let busy = Promise.resolve();
  let version = null;
  const update = async (now) => {
    if (now.state !== "ready") return;
    if (version === null || shown === null) {
      const placeholder = !document.querySelector("body[data-root]") && !document.querySelector("#main, #quarto-content");
      version = now.version;
      shown = await text();
      if (placeholder && shown !== null) location.reload();
      return;
    }
    if (now.version === version) return;
    version = now.version;
    const page = await text();
    if (page === null) return;
    const restyle = now.changed.some((path) => path.endsWith(".css"));
    // What the page itself does not say may still be on it: charts, origins of values, rows.
    const around = now.changed.some((path) => /^(assets|charts)\/|\.svg$/.test(path) && !path.endsWith("search-index.js"));
    if (page === shown && !around) return;
    shown = page;
    await exchange(page, now.version, restyle);
    document.dispatchEvent(new CustomEvent("recount:updated", { detail: { version: now.version } }));
  };

  const follow = () => {
    own = true;
    const events = new EventSource("/.preview/events");
    events.onmessage = (event) => {
      const now = JSON.parse(event.data);
      show(now);
      busy = busy.then(() => update(now)).catch((error) => { console.error(error); location.reload(); });
    };
    events.onerror = () => {
      const lost = make("section", "", [make("p", "The preview has stopped; this page stays as it is until it is started again.")]);
      lost.className = "lost";
      said.replaceChildren(lost);
      if (!host.isConnected) html.append(host);
    };
    own = false;
  };
  if (document.readyState === "loading") listen.call(document, "DOMContentLoaded", follow); else follow();
})();
