// One script for every page. Each feature looks for what it serves and stays away where that is missing, so the same
// file works on our pages and on Quarto's. Data come as scripts that call `recount.*`: a page opened from the file
// system may load a script but not fetch a file.
(() => {
  "use strict";

  const page = document.currentScript;
  const root = document.body?.dataset.root ?? new URL("..", page.src).href;
  const html = document.documentElement;
  const loading = new Map();
  const given = {};
  const specs = new Map();

  window.recount = {
    search: (rows) => { given.search = rows; },
    previews: (rows) => { given.previews = rows; },
    provenance: (rows) => { given.provenance = rows; },
    evidence: (name, table) => { (given.evidence ??= {})[name] = table; },
    chart: (label, spec) => { specs.set(label, spec); },
    vega: null,
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

  const isDark = () => document.body.classList.contains("quarto-dark")
    || html.dataset.theme === "dark"
    || (!html.dataset.theme && !document.body.classList.contains("quarto-light")
      && matchMedia("(prefers-color-scheme: dark)").matches);

  // Light and dark

  const themed = [];
  const theme = () => {
    const button = document.querySelector(".theme-button");
    button?.addEventListener("click", () => {
      html.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("recount-theme", html.dataset.theme); } catch { /* private windows refuse; the choice lasts a page */ }
      themed.forEach((changed) => changed());
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => themed.forEach((changed) => changed()));
    new MutationObserver(() => themed.forEach((changed) => changed()))
      .observe(document.body, { attributes: true, attributeFilter: ["class"] });
  };

  // The list of chapters as a drawer on narrow screens

  const menu = () => {
    const button = document.querySelector(".menu-button");
    const sidebar = document.querySelector(".sidebar");
    if (!button || !sidebar) return;
    button.setAttribute("role", "button");
    button.setAttribute("aria-controls", "chapters");
    const set = (open) => {
      document.body.classList.toggle("menu-open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    set(false);
    const toggle = (event) => {
      event.preventDefault();
      hide();
      const open = !document.body.classList.contains("menu-open");
      set(open);
      if (open) sidebar.querySelector("a[aria-current], a")?.focus({ preventScroll: true });
    };
    button.addEventListener("click", toggle);
    button.addEventListener("keydown", (event) => { if (event.key === " ") toggle(event); });
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".sidebar, .menu-button") || event.target.closest(".sidebar a")) set(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.body.classList.contains("menu-open")) { set(false); button.focus(); }
    });
    const here = sidebar.querySelector("[aria-current]");
    if (here && here.offsetTop > sidebar.clientHeight - 80) sidebar.scrollTop = here.offsetTop - 120;
  };

  // Which section is being read

  const contents = () => {
    const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
    if (!links.size) return;
    const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    let waiting = false;
    const mark = () => {
      waiting = false;
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 140).pop();
      links.forEach((link, id) => (passed?.id === id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    };
    addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(mark); } }, { passive: true });
    mark();
  };

  // Tabs: without a script all are shown one below the other

  let tabCount = 0;
  const tabs = () => document.querySelectorAll(".tabset").forEach((set) => {
    const panels = [...set.querySelectorAll(":scope > .tab")];
    if (!panels.length) return;
    const list = make("div", { class: "tab-list", role: "tablist" });
    const buttons = panels.map((panel) => {
      const id = `tab-${++tabCount}`;
      const title = panel.querySelector(".tab-title").textContent.trim();
      const button = make("button", { type: "button", role: "tab", id, "aria-controls": `${id}-panel` }, title);
      Object.assign(panel, { id: panel.id || `${id}-panel` });
      button.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", id);
      panel.tabIndex = 0;
      return button;
    });
    const choose = (at, focus) => {
      buttons.forEach((button, i) => {
        button.setAttribute("aria-selected", String(i === at));
        button.tabIndex = i === at ? 0 : -1;
        panels[i].hidden = i !== at;
      });
      if (focus) buttons[at].focus();
    };
    buttons.forEach((button, i) => {
      button.addEventListener("click", () => choose(i));
      button.addEventListener("keydown", (event) => {
        const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: buttons.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        choose((to + buttons.length) % buttons.length, true);
      });
    });
    list.append(...buttons);
    set.prepend(list);
    set.classList.add("ready");
    choose(0);
    // A link into a hidden tab opens it.
    const open = () => {
      const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const at = target ? panels.findIndex((panel) => panel.contains(target)) : -1;
      if (at >= 0 && panels[at].hidden) { choose(at); target.scrollIntoView(); }
    };
    addEventListener("hashchange", open);
    open();
  });

  // Popovers: origins of computed values, previews of references, notes and works

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
    const box = make("div", { class: "popover", id: "recount-popover", role: pinned ? "dialog" : "tooltip", "aria-label": pinned ? "Origin" : null });
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
    if (!id || element.closest("a, button, summary")) return;
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

  const previews = () => {
    const kinds = "a.cross-reference, a.citation-link, .note a, a.quarto-xref";
    document.querySelectorAll(kinds).forEach((link) => {
      const id = decodeURIComponent(link.hash.slice(1));
      const open = listen(link, async () => {
        if (link.closest(".note")) {
          const note = document.getElementById(id)?.cloneNode(true);
          note?.querySelectorAll("[role=doc-backlink]").forEach((back) => back.remove());
          note?.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
          return note ? [...note.childNodes] : null;
        }
        await load("assets/previews.js");
        const told = given.previews?.[id];
        if (!told) return null;
        const [name, text, picture] = told;
        return [
          picture ? make("img", { src: root + picture, alt: "" }) : null,
          name ? make("p", { class: "value" }, name) : null,
          make("p", {}, text),
        ].filter(Boolean);
      });
      link.addEventListener("focus", () => { if (link.matches(":focus-visible")) open(); });
      link.addEventListener("blur", () => { if (shown?.by === link) hide(); });
    });
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

  // Search

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const find = (query) => {
    const words = plain(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    if (!words.length) return { words, hits: [] };
    given.folded ??= given.search.map(([, , title, text]) => [plain(title), plain(text)]);
    const hits = [];
    given.folded.forEach(([title, text], i) => {
      let score = 0;
      for (const word of words) {
        const inTitle = title.includes(word);
        const count = text.split(word).length - 1;
        if (!inTitle && !count) return;
        score += (inTitle ? 8 : 0) + Math.min(count, 6) / Math.sqrt(1 + text.length / 900);
      }
      if (words.length > 1 && text.includes(words.join(" "))) score += 6;
      hits.push([score, i]);
    });
    return { words, hits: hits.sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, 25).map(([, i]) => given.search[i]) };
  };

  const marked = (text, words) => {
    const folded = plain(text);
    // Folding may change lengths; then the marks would be off and the plain text is better.
    const at = folded.length === text.length ? Math.min(...words.map((word) => folded.indexOf(word)).filter((i) => i >= 0), text.length) : 0;
    const start = at > 70 && at < text.length ? text.lastIndexOf(" ", at - 50) + 1 : 0;
    const piece = text.slice(start, start + 190);
    const out = make("span");
    if (start) out.append("… ");
    const parts = folded.length === text.length && words.length
      ? piece.split(new RegExp(`(${words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, "")).join("|")})`, "iu")) : [piece];
    parts.forEach((part, i) => out.append(i % 2 ? make("mark", {}, part) : part));
    if (start + 190 < text.length) out.append(" …");
    return out;
  };

  const search = () => {
    const button = document.querySelector("[data-open=search]");
    if (!button) return;
    const input = make("input", { type: "search", "aria-label": "Search the book", placeholder: "Search the book", autocomplete: "off", spellcheck: "false" });
    const results = make("ul", { class: "results" });
    const said = make("p", { class: "said", role: "status" });
    const close = make("button", { type: "button" }, "Close");
    const dialog = make("dialog", { class: "search", "aria-label": "Search" }, make("form", { method: "dialog", role: "search" }, input, close), said, results);
    document.body.append(dialog);
    const open = async () => {
      dialog.showModal();
      input.select();
      said.textContent = "Type a few words.";
      await load("assets/search-index.js");
      update();
    };
    const update = () => {
      if (!given.search) return;
      const { words, hits } = find(input.value);
      said.textContent = !words.length ? "Type a few words." : hits.length ? `${hits.length} section${hits.length === 1 ? "" : "s"}` : "Nothing found. Try fewer or other words.";
      results.replaceChildren(...hits.map(([address, chapter, title, text]) => make("li", {},
        make("a", { href: root + address }, make("strong", {}, title), title === chapter ? null : make("small", {}, chapter), make("small", {}, marked(text, words))))));
    };
    input.addEventListener("input", update);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest(".results a")) dialog.close(); });
    dialog.addEventListener("keydown", (event) => {
      const links = [...results.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" && links.length) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (at ? links[at - 1] : input).focus(); }
      if (event.key === "Enter" && document.activeElement === input) { event.preventDefault(); links[0]?.click(); }
    });
    button.addEventListener("click", open);
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !dialog.open && !event.target.closest("input, textarea, select, [contenteditable]")) {
        event.preventDefault();
        open();
      }
    });
  };

  // Charts: the picture stays until its chart is ready, and comes back on paper

  const look = () => {
    const style = getComputedStyle(html);
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

  const draw = async (figure) => {
    const label = figure.dataset.chart;
    await Promise.all([load(`charts/${label}.js`), load("assets/vega.js")]);
    const spec = specs.get(label);
    if (!spec || !window.vegaEmbed) return;
    // On our pages the figure carries the label, on Quarto's the picture itself.
    const image = figure.matches("img") ? figure : figure.querySelector(".plate img");
    const plate = figure.querySelector(".plate") ?? figure.parentElement;
    const alt = image?.alt ?? "";
    const target = make("div", { class: "chart" });
    const render = async () => {
      const wanted = isDark() ? merged(spec, { config: look() }) : merged(spec, { config: { background: "transparent" } });
      const result = await window.vegaEmbed(target, wanted, { actions: false, renderer: "svg", ast: true, tooltip: { theme: isDark() ? "dark" : "light" } });
      // Vega marks its parts for screen readers one by one; the picture's own words and the table say it better.
      target.querySelectorAll("svg").forEach((svg) => { svg.setAttribute("role", "img"); svg.setAttribute("aria-label", alt); svg.style.maxWidth = "100%"; if (svg.getAttribute("viewBox")) svg.style.height = "auto"; });
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
      let dark = isDark();
      themed.push(async () => { if (dark !== isDark()) { dark = isDark(); result.finalize(); await render(); } });
    } catch (error) {
      target.remove();
      console.error(`chart ${label}:`, error);
    }
  };

  const charts = () => {
    const figures = document.querySelectorAll("[data-chart]");
    if (!figures.length || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver((seen) => seen.forEach((entry) => {
      if (!entry.isIntersecting) return;
      watch.unobserve(entry.target);
      draw(entry.target).catch(() => { /* the picture stays */ });
    }), { rootMargin: "400px" });
    figures.forEach((figure) => watch.observe(figure));
  };

  // Evidence

  const evidence = async () => {
    const home = document.querySelector("[data-evidence]");
    if (!home) return;
    const part = (name) => home.querySelector(`[data-${name}]`);
    const [select, words, only, filters, count, rowsAt] = ["table", "words", "selected", "filters", "count", "rows"].map(part);
    const chosen = new Set();
    let order = { column: 0, down: false };
    const STEP = 250;
    let most = STEP;

    const readHash = () => {
      const match = location.hash.match(/^#rows=(.*)$/);
      if (!match) return;
      chosen.clear();
      match[1].split(";").map(decodeURIComponent).filter(Boolean).forEach((row) => chosen.add(row));
      const first = [...chosen][0]?.split(":")[0];
      if ([...select.options].some((option) => option.value === first)) select.value = first;
      only.checked = chosen.size > 0;
    };
    const writeHash = () => {
      const rows = address([...chosen]);
      history.replaceState(null, "", rows ? `#rows=${rows}` : location.pathname.split("/").pop());
    };

    const table = () => given.evidence[select.value];
    const open = async () => {
      await load(`assets/evidence/${select.value}.js`);
      buildFilters();
      draw();
    };

    const buildFilters = () => {
      const { columns, rows } = table();
      order = { column: 0, down: false };
      filters.replaceChildren(...columns.flatMap((name, at) => {
        const kinds = [...new Set(rows.flatMap((row) => row[at].split(";")))].filter(Boolean).sort();
        if (name === "id" || kinds.length < 2 || kinds.length > 16 || kinds.length > rows.length / 2) return [];
        const choice = make("select", { "data-column": at }, make("option", { value: "" }, "all"), ...kinds.map((kind) => make("option", { value: kind }, kind)));
        choice.addEventListener("change", () => { most = STEP; draw(); });
        return [make("label", {}, `${name.replaceAll("_", " ")} `, choice)];
      }));
    };

    const numeric = (text) => (/^-?[\d.,]+$/.test(text) ? Number(text.replaceAll(",", "")) : NaN);
    const draw = () => {
      const from = select.value;
      const { columns, rows, uses, places } = table();
      const idAt = columns.indexOf("id");
      const wanted = plain(words.value).split(/\s+/).filter(Boolean);
      const kinds = [...filters.querySelectorAll("select")].filter((choice) => choice.value).map((choice) => [Number(choice.dataset.column), choice.value]);
      const found = rows.filter((row) => {
        if (only.checked && !chosen.has(`${from}:${row[idAt]}`)) return false;
        if (kinds.some(([at, kind]) => !row[at].split(";").includes(kind))) return false;
        const text = wanted.length ? plain(row.join(" ")) : "";
        return wanted.every((word) => text.includes(word));
      });
      const by = order.column;
      found.sort((a, b) => {
        const [x, y] = [numeric(a[by]), numeric(b[by])];
        const compared = !Number.isNaN(x) && !Number.isNaN(y) ? x - y : a[by].localeCompare(b[by]);
        return order.down ? -compared : compared;
      });
      const others = [...chosen].filter((row) => !row.startsWith(`${from}:`)).map((row) => row.split(":")[0]);
      const elsewhere = others.length ? `, ${others.length} more selected in ${[...new Set(others)].join(", ")}` : "";
      count.textContent = `${found.length} of ${rows.length} rows, ${chosen.size} selected${elsewhere}`;
      const head = make("tr", {}, make("th", { class: "tick-head", scope: "col" }, make("span", { class: "for-ears" }, "Select")),
        ...columns.map((name, at) => {
          const button = make("button", { type: "button" }, `${name.replaceAll("_", " ")}${at === by ? (order.down ? " ▾" : " ▴") : ""}`);
          button.addEventListener("click", () => {
            order = { column: at, down: at === order.column && !order.down };
            draw();
            rowsAt.querySelectorAll("thead button")[at].focus();
          });
          return make("th", { scope: "col", "aria-sort": at === by ? (order.down ? "descending" : "ascending") : null }, button);
        }),
        make("th", { class: "tick-head", scope: "col" }, "used in"));
      const body = found.slice(0, most).map((row) => {
        const name = `${from}:${row[idAt]}`;
        const box = make("input", { type: "checkbox", "aria-label": `Select ${row[idAt]}` });
        box.checked = chosen.has(name);
        const line = make("tr", { class: box.checked ? "chosen" : null }, make("td", {}, box),
          ...row.map((cell, at) => make("td", {}, ...linked(columns[at], cell))),
          make("td", { class: "uses" }, ...usesOf((uses[row[idAt]] ?? []).map((at) => places[at]))));
        box.addEventListener("change", () => {
          if (box.checked) chosen.add(name); else chosen.delete(name);
          line.classList.toggle("chosen", box.checked);
          writeHash();
          count.textContent = count.textContent.replace(/, \d+ selected/, `, ${chosen.size} selected`);
        });
        return line;
      });
      rowsAt.replaceChildren(make("thead", {}, head), make("tbody", {}, ...body));
      home.querySelector("[data-more]")?.remove();
      if (found.length > most) {
        const more = make("button", { type: "button", "data-more": true }, `Show ${Math.min(STEP * 4, found.length - most)} more`);
        more.addEventListener("click", () => { most += STEP * 4; draw(); });
        home.append(more);
      }
    };
    // A row that many values rest on shows the first few places and folds the rest.
    const usesOf = (found) => {
      const links = found.map(([to, text]) => make("a", { href: root + to }, text));
      if (links.length < 7) return links;
      return [...links.slice(0, 4), make("details", {}, make("summary", {}, `${links.length - 4} more`), ...links.slice(4))];
    };
    const linked = (column, cell) => {
      if (column !== "source" || !cell || !given.previews) return [cell];
      return cell.split(";").flatMap((key, i) => {
        const known = given.previews[`ref-${key}`];
        const where = given.previews[""]?.[1] ?? "";
        return [i ? "; " : "", known ? make("a", { href: `${root}${where}#ref-${key}`, title: known[1] }, key) : key];
      });
    };

    await load("assets/previews.js");
    readHash();
    await open();
    select.addEventListener("change", () => { most = STEP; words.value = ""; if (![...chosen].some((row) => row.startsWith(`${select.value}:`))) only.checked = false; open(); });
    words.addEventListener("input", () => { most = STEP; draw(); });
    only.addEventListener("change", draw);
    part("clear").addEventListener("click", () => { chosen.clear(); words.value = ""; only.checked = false; writeHash(); buildFilters(); draw(); });
    addEventListener("hashchange", () => { readHash(); open(); });
  };

  // What scrolls sideways must be reachable by keyboard
  const scrolling = () => document.querySelectorAll("pre").forEach((block) => {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  });

  theme();
  menu();
  contents();
  scrolling();
  tabs();
  values();
  previews();
  search();
  charts();
  evidence();
})();
