// What a reader may ask of a page: where a computed value comes from, and charts that answer. It works on our pages and
// on Quarto's, and stays away where there is nothing to serve. Data come as scripts that call `recount.*`: a page
// opened from the file system may load a script but not fetch a file.
(() => {
  "use strict";

  const page = document.currentScript;
  const root = document.body?.dataset.root ?? new URL("..", page.src).href;
  const html = document.documentElement;
  html.classList.add("scripted");
  const loading = new Map();
  const given = {};
  const specs = new Map();

  window.recount = {
    search: (rows) => { given.search = rows; },
    previews: (rows) => { given.previews = rows; },
    provenance: (rows) => { given.provenance = rows; },
    origins: (rows) => { given.origins = rows; },
    evidence: (name, table) => { (given.evidence ??= {})[name] = table; },
    chart: (label, spec) => { specs.set(label, spec); },
    tools: null,
  };

  const load = (file) => {
    if (!loading.has(file)) {
      loading.set(file, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = root + file;
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      }));
    }
    return loading.get(file);
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const isDark = () => document.body.classList.contains("quarto-dark")
    || html.dataset.theme === "dark"
    || (!html.dataset.theme && !document.body.classList.contains("quarto-light")
      && matchMedia("(prefers-color-scheme: dark)").matches);

  // Who wants to know that light turned to dark: our own switch says so, Quarto's changes the class of the body.
  const themed = [];
  const changed = () => themed.forEach((tell) => tell());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  new MutationObserver(changed).observe(document.body, { attributes: true, attributeFilter: ["class"] });

  // Boxes beside a word: origins of computed values, previews of references, notes and works

  let shown = null;
  let timer = 0;
  // What Escape has just closed does not open again because the focus returns to it.
  let dismissed = null;
  const hide = () => {
    clearTimeout(timer);
    if (!shown) return;
    shown.box.remove();
    shown.by.removeAttribute("aria-describedby");
    if (shown.by.hasAttribute("aria-expanded")) shown.by.setAttribute("aria-expanded", "false");
    shown = null;
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(hide, 260); };

  const show = (by, content, { pinned = false } = {}) => {
    if (shown?.by === by) { shown.pinned ||= pinned; return; }
    hide();
    const box = make("div", { class: "peek", id: "recount-popover", role: pinned ? "dialog" : "tooltip", "aria-label": pinned ? "Origin" : null });
    box.append(...content);
    // Beside its word, so that the next press of Tab walks into it.
    if (by.matches(".computed")) by.after(box); else (document.querySelector("main") ?? document.body).append(box);
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => { if (!shown?.pinned) later(); });
    box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget) && event.relatedTarget !== by) hide(); });
    place(box, by);
    shown = { box, by, pinned };
    by.setAttribute("aria-describedby", box.id);
    if (by.hasAttribute("aria-expanded")) by.setAttribute("aria-expanded", "true");
  };

  const place = (box, by) => {
    const at = [...by.getClientRects()][0] ?? by.getBoundingClientRect();
    const frame = box.offsetParent ?? html;
    const origin = frame === document.body || frame === html ? { left: -scrollX, top: -scrollY } : frame.getBoundingClientRect();
    const width = box.offsetWidth;
    const height = box.offsetHeight;
    const left = Math.max(12, Math.min(at.left, innerWidth - width - 12));
    const below = at.bottom + 6 + height < innerHeight || at.top < height + 70;
    box.style.left = `${left - origin.left}px`;
    box.style.top = `${(below ? at.bottom + 6 : at.top - height - 6) - origin.top}px`;
  };

  const listen = (element, content) => {
    let over = false;
    const open = async (options) => {
      const parts = await content();
      if (parts) show(element, parts, options);
    };
    element.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "touch") return;
      over = true;
      clearTimeout(timer);
      timer = setTimeout(() => { if (over) open(); }, 130);
    });
    element.addEventListener("pointerleave", () => { over = false; if (!shown?.pinned) later(); else clearTimeout(timer); });
    return open;
  };

  const address = (rows) => rows.map((row) => row.split(":").map(encodeURIComponent).join(":")).join(";");

  const origin = async (id) => {
    await load("assets/provenance.js");
    const told = given.provenance?.[id];
    if (!told) return null;
    const [text, what, formula, rows, sources] = told;
    const facts = make("dl");
    const fact = (name, value) => { if (value) facts.append(make("dt", {}, name), make("dd", {}, value)); };
    fact("How", formula);
    if (sources.length) {
      await load("assets/previews.js");
      fact("Sources", sources.map((key) => short(key)).join("; "));
    }
    const parts = [make("p", { class: "value" }, text), make("p", {}, what), facts];
    if (rows.length) {
      const to = `${root}evidence.html#rows=${address(rows)}`;
      const words = rows.length === 1 ? "See the row behind it" : `See the ${rows.length} rows behind it`;
      parts.push(make("p", {}, make("a", { href: to }, words)));
    }
    return parts;
  };

  const short = (key) => {
    const entry = given.previews?.[`ref-${key}`]?.[1];
    const year = entry?.match(/\b(\d{4}[a-z]?|n\.d\.)/)?.[1];
    return entry ? `${entry.split(/[,.]/)[0]}${year ? ` ${year}` : ""}` : key;
  };

  const values = () => document.querySelectorAll(".computed").forEach((element) => {
    const id = element.dataset.value ?? element.getAttribute("value");
    if (!id) return;
    // The evidence page links to where a value stands first; our pages carry the name already.
    if (!element.id && !document.getElementById(`value-${id}`)) {
      element.id = `value-${id}`;
      if (decodeURIComponent(location.hash) === `#value-${id}`) element.scrollIntoView();
    }
    if (element.closest("a, button, summary")) return;
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    element.setAttribute("aria-expanded", "false");
    const open = listen(element, () => origin(id));
    const toggle = () => (shown?.by === element && shown.pinned ? hide() : open({ pinned: true }));
    element.addEventListener("click", toggle);
    element.addEventListener("focus", () => { if (element !== dismissed && element.matches(":focus-visible")) open({ pinned: true }); });
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); }
    });
    element.addEventListener("blur", (event) => {
      if (shown?.by === element && !shown.box.contains(event.relatedTarget) && event.relatedTarget) hide();
    });
  });

  const closing = () => {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !shown) return;
      const by = shown.by;
      const inside = shown.box.contains(document.activeElement);
      hide();
      if (!inside) return;
      dismissed = by;
      by.focus();
      dismissed = null;
    });
    document.addEventListener("pointerdown", (event) => {
      if (shown && !shown.box.contains(event.target) && !shown.by.contains(event.target)) hide();
    });
    addEventListener("resize", hide);
  };

  // Charts: the picture stays until its chart is ready, and comes back on paper

  const look = () => {
    const style = getComputedStyle(document.body);
    const ink = style.getPropertyValue("--ink").trim() || "#222";
    const quiet = style.getPropertyValue("--quiet").trim() || "#555";
    const rule = style.getPropertyValue("--rule").trim() || "#ddd";
    const part = { labelColor: quiet, titleColor: ink };
    return {
      background: "transparent",
      axis: { ...part, domainColor: rule, tickColor: rule, gridColor: rule },
      legend: part, header: part, title: { color: ink, subtitleColor: quiet },
      view: { stroke: null },
      ...(isDark() ? { text: { color: ink }, rule: { color: quiet } } : {}),
    };
  };

  const merged = (base, over) => {
    const out = { ...base };
    for (const [name, value] of Object.entries(over)) {
      const nested = value && typeof value === "object" && !Array.isArray(value);
      out[name] = nested ? merged(base[name] && typeof base[name] === "object" ? base[name] : {}, value) : value;
    }
    return out;
  };

  const LEAST = 560;

  const draw = async (label, image) => {
    await Promise.all([load(`charts/${label}.js`), load("assets/vega.js")]);
    const spec = specs.get(label);
    if (!spec || !window.vegaEmbed) return;
    const plate = image.closest(".plate") ?? image.parentElement;
    plate.classList.add("plate");
    const alt = image.alt;
    const target = make("div", { class: "chart" });
    const render = async () => {
      const wanted = isDark() ? merged(spec, { config: look() }) : merged(spec, { config: { background: "transparent" } });
      const result = await window.vegaEmbed(target, wanted, { actions: false, renderer: "svg", ast: true, tooltip: { theme: isDark() ? "dark" : "light" } });
      // Vega marks its parts for screen readers one by one; the picture's own words and the table say it better.
      target.querySelectorAll("svg").forEach((svg) => {
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", alt);
        if (!svg.getAttribute("viewBox")) return;
        // It shrinks with the column, but not until its words cannot be read: then it scrolls in its frame.
        Object.assign(svg.style, { maxWidth: "100%", minWidth: `${Math.min(svg.viewBox.baseVal.width, LEAST)}px`, height: "auto" });
      });
      target.removeAttribute("role");
      target.querySelectorAll(".vega-embed, .chart-wrapper").forEach((part) => part.removeAttribute("role"));
      return result;
    };
    target.style.visibility = "hidden";
    plate.append(target);
    plate.style.minHeight = `${plate.offsetHeight - target.offsetHeight}px`;
    try {
      const result = await render();
      target.style.visibility = "";
      plate.style.minHeight = "";
      plate.classList.add("live");
      if (plate.scrollWidth > plate.clientWidth) {
        for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": alt })) plate.setAttribute(name, value);
      }
      let dark = isDark();
      themed.push(async () => { if (dark !== isDark()) { dark = isDark(); result.finalize(); await render(); } });
    } catch (error) {
      target.remove();
      console.error(`chart ${label}:`, error);
    }
  };

  const charts = () => {
    // On Quarto's pages the frame is marked and named, and the picture marked as well.
    const labels = new Map();
    document.querySelectorAll(".drawn[id]").forEach((part) => {
      const image = part.querySelector("img");
      if (image) labels.set(image, part.id);
    });
    if (!labels.size || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver((seen) => seen.forEach((entry) => {
      if (!entry.isIntersecting) return;
      watch.unobserve(entry.target);
      draw(labels.get(entry.target), entry.target).catch(() => { /* the picture stays */ });
    }), { rootMargin: "400px" });
    labels.forEach((label, image) => watch.observe(image));
  };

  window.recount.tools = { root, given, load, make, plain, address, isDark, changed, listen, hide, shownBy: () => shown?.by };
  values();
  closing();
  charts();
})();
