// The evidence page: every row of every table, searched, filtered, sorted and selected.
(() => {
  "use strict";

  const { root, given, load, make, plain, address } = window.recount.tools;

  const evidence = async () => {
    const home = document.querySelector("[data-evidence]");
    if (!home) return;
    const part = (name) => home.querySelector(`[data-${name}]`);
    const [select, words, only, filters, count, rowsAt] = ["table", "words", "selected", "filters", "count", "rows"].map(part);
    const chosen = new Set();
    let order = { column: 0, down: false };
    const STEP = 250;
    let most = STEP;

    // Rows are named one by one, or by the figure or table that shows them.
    const readHash = async () => {
      const [, kind, said] = location.hash.match(/^#(rows|of)=(.*)$/) ?? [];
      if (!kind) return;
      if (kind === "of") await load("assets/origins.js");
      const named = kind === "of" ? given.origins[decodeURIComponent(said)] ?? [] : said.split(";").map(decodeURIComponent);
      chosen.clear();
      named.filter(Boolean).forEach((row) => chosen.add(row));
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
          ...row.map((cell, at) => make("td", { class: cell.length > 60 ? "long" : /^\d{4}-\d\d/.test(cell) ? "date" : null }, ...linked(columns[at], cell))),
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
    // The first place is shown and the rest folded, or a row would be as tall as the places that use it are many.
    const usesOf = (found) => {
      const links = found.map(([to, text]) => make("a", { href: root + to }, text));
      if (links.length < 3) return links;
      return [links[0], make("details", {}, make("summary", {}, `${links.length - 1} more`), ...links.slice(1))];
    };
    const linked = (column, cell) => {
      if (column !== "source" || !cell || !given.previews) return [cell.includes(" ") ? cell : cell.replaceAll(";", "; ")];
      return cell.split(";").flatMap((key, i) => {
        const known = given.previews[`ref-${key}`];
        const where = given.previews[""]?.[1] ?? "";
        return [i ? "; " : "", known ? make("a", { href: `${root}${where}#ref-${key}`, title: known[1] }, key) : key];
      });
    };

    await load("assets/previews.js");
    await readHash();
    await open();
    select.addEventListener("change", () => { most = STEP; words.value = ""; if (![...chosen].some((row) => row.startsWith(`${select.value}:`))) only.checked = false; open(); });
    words.addEventListener("input", () => { most = STEP; draw(); });
    only.addEventListener("change", draw);
    part("clear").addEventListener("click", () => { chosen.clear(); words.value = ""; only.checked = false; writeHash(); buildFilters(); draw(); });
    addEventListener("hashchange", async () => { await readHash(); open(); });
  };

  evidence();
})();
