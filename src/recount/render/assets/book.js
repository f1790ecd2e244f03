// The pages of the built-in renderer: light and dark, the drawer of chapters, tabs, previews of references, search.
// Quarto's pages have these of its own. `reading.js` comes first.
(() => {
  "use strict";

  const { root, given, load, make, plain, isDark, changed, listen, hide, shownBy } = window.recount.tools;
  const html = document.documentElement;

  // Light and dark

  const theme = () => {
    const button = document.querySelector(".theme-button");
    button?.addEventListener("click", () => {
      html.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("recount-theme", html.dataset.theme); } catch { /* private windows refuse; the choice lasts a page */ }
      changed();
    });
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

  const previews = () => {
    const kinds = "a.cross-reference, a.citation-link, .note a";
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
      link.addEventListener("blur", () => { if (shownBy() === link) hide(); });
    });
  };

  // Search

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
      // In a search field the browser spends the first Escape on its words.
      if (event.key === "Escape") { event.preventDefault(); dialog.close(); }
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

  // What scrolls sideways must be reachable by keyboard
  const scrolling = () => document.querySelectorAll("pre").forEach((block) => {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  });

  theme();
  menu();
  contents();
  scrolling();
  tabs();
  previews();
  search();
})();
