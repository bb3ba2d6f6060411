/* Go, find, do: what can be reached from here, out of what the page already holds; and the keys of this page. */
(() => {
  "use strict";
  const { desk } = window;
  const { data, words, fill } = desk;
  const MOST = 14;
  const palette = document.getElementById("palette");
  const text = document.getElementById("palette-text");
  const list = document.getElementById("palette-list");
  const nothing = palette.querySelector(".empty");
  let shown = [];
  let at = 0;

  const plain = (words_) => words_.toLocaleLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const labelOf = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".kbd, .kbd-row, .hidden, .caret, .waits, [aria-hidden=true], svg").forEach((one) => one.remove());
    return (element.dataset.label || element.getAttribute("aria-label") || copy.textContent || element.title).replace(/\s+/g, " ").trim();
  };
  const labelled = (element) => (!element.dataset.label && element.matches("input, select, textarea") && element.labels && element.labels[0] ? element.labels[0].textContent.trim() : labelOf(element));
  const capsOf = (element) => (data.keys.on ? (element.dataset.keys || element.dataset.deskKey || "").split(" ").map(desk.mine) : []);

  /* Everything that this page offers: what can be done here, where one can go, the rest, other clients. */
  function possibilities() {
    const rooms = data.go.filter((one) => !one.here).map((one) => ({
      says: fill(words.go_to, one.name), name: one.name, run: () => location.assign(one.href), keys: data.keys.on ? one.keys.split(" ").map(desk.mine) : [],
    }));
    const here = [];
    const rest = [];
    const known = new Set();
    for (const element of document.querySelectorAll("[data-desk-key], [data-do], .top .me button, .top .me a")) {
      if (element.closest("dialog, [data-no-do], .search, .rail .places, .saved, .switcher") || (element.dataset.opens === "palette") || element.disabled) continue;
      const says = labelled(element);
      if (!says || known.has(says)) continue;
      known.add(says);
      (element.closest("main") ? here : rest).push({ says, name: says, run: () => element.click(), keys: (element.dataset.deskKey || "").length === 1 ? capsOf(element) : [] });
    }
    for (const one of data.clients) {
      if (!one.here) rest.push({ says: fill(words.switch_to, one.name), name: one.name, colour: one.colour, run: () => location.assign(one.href), keys: [] });
    }
    return [...here, ...rooms, ...rest];
  }

  /* How well a name fits what was typed: 0 for not at all. */
  function fit(name, typed) {
    const whole = plain(name);
    if (!typed) return 1;
    if (whole.startsWith(typed)) return 4;
    if (whole.split(/\s+/).some((word) => word.startsWith(typed))) return 3;
    if (whole.includes(typed)) return 2;
    let from = 0;
    for (const letter of typed) {
      from = whole.indexOf(letter, from) + 1;
      if (!from) return 0;
    }
    return typed.length > 1 ? 1 : 0;
  }

  function look() {
    const typed = plain(text.value.trim());
    shown = possibilities().map((one) => ({ ...one, fits: Math.max(fit(one.name, typed), fit(one.says, typed)) }))
      .filter((one) => one.fits).sort((a, b) => b.fits - a.fits).slice(0, MOST);
    const search = document.querySelector("form.search");
    if (search && typed) {
      const written = text.value.trim();
      shown.push({ says: fill(words.find, written), keys: [], run: () => {
        search.querySelector("input[name=q]").value = written;
        search.requestSubmit();
      } });
    }
    at = 0;
    list.replaceChildren(...shown.map(item));
    nothing.hidden = shown.length > 0;
    nothing.textContent = shown.length ? "" : words.nothing;
    point();
  }

  function item(one, index) {
    const entry = document.createElement("li");
    entry.id = `palette-${index}`;
    entry.setAttribute("role", "option");
    if (one.colour) {
      const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      swatch.setAttribute("viewBox", "0 0 10 10");
      swatch.setAttribute("class", "swatch");
      swatch.setAttribute("width", "10");
      swatch.setAttribute("aria-hidden", "true");
      const square = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of [["width", "10"], ["height", "10"], ["rx", "3"], ["fill", one.colour]]) square.setAttribute(name, value);
      swatch.append(square);
      entry.append(swatch);
    }
    const says = document.createElement("span");
    says.textContent = one.says;
    says.className = "word";
    entry.append(says, caps(one.keys));
    entry.addEventListener("click", () => run(index));
    entry.addEventListener("mousemove", () => { if (at !== index) { at = index; point(); } });
    return entry;
  }

  function caps(keys) {
    const row = document.createElement("span");
    row.className = "kbd-row";
    for (const key of keys) {
      const cap = document.createElement("span");
      cap.className = "kbd";
      cap.textContent = key;
      row.append(cap);
    }
    return row;
  }

  function point() {
    [...list.children].forEach((entry, index) => entry.setAttribute("aria-selected", String(index === at)));
    const entry = list.children[at];
    if (entry) entry.scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", entry ? entry.id : "");
  }

  function run(index) {
    const one = shown[index];
    palette.close();
    if (one) one.run();
  }

  palette.addEventListener("desk:open", () => {
    text.value = "";
    look();
  });
  text.addEventListener("input", look);
  text.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      at = (at + step + shown.length) % shown.length;
      point();
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    }
  });

  /* ---- the keys of this page, and no others */
  const help = document.getElementById("help");
  help.addEventListener("desk:open", () => {
    const parts = [[words.on_page, []], [words.in_lists, []], [words.go, []], [words.everywhere, []]];
    const [page, lists, go, everywhere] = parts.map((part) => part[1]);
    if (data.keys.on) {
      const seen = new Set();
      for (const element of desk.withKeys()) {
        const sequence = element.dataset.keys;
        const key = element.dataset.deskKey;
        if (!sequence && (!key || key.length !== 1 || seen.has(key))) continue;
        seen.add(key || sequence);
        const into = sequence && element.closest(".rail") ? go : element.closest(".rail, .top") ? everywhere : page;
        into.push([capsOf(element), labelled(element)]);
      }
      const rows = desk.rows();
      if (rows.length) {
        lists.push([[desk.mine("j")], words.next_row], [[desk.mine("k")], words.row_before]);
        if (rows.some((row) => row.querySelector("a[href]"))) lists.push([["Enter"], words.open_row], [["Shift", "Enter"], words.open_page]);
        if (rows.some((row) => row.querySelector("input[type=checkbox]"))) lists.push([[desk.mine("x")], words.choose_row], [["Shift", "j"], words.extend]);
        if (!seen.has("z")) lists.push([[desk.mine("z")], words.density]);
      }
      if (document.querySelector("[data-ref]")) lists.push([[desk.mine(".")], words.copy_ref]);
    }
    everywhere.push([["Ctrl", "K"], words.palette]);
    if (document.querySelector('[data-desk-key="Control+."]')) everywhere.push([["Ctrl", "."], words.switch]);
    everywhere.push([["Ctrl", "Enter"], words.submit], [["Esc"], words.close]);
    const inside = help.querySelector(".in");
    inside.replaceChildren();
    if (!data.keys.on) inside.append(Object.assign(document.createElement("p"), { textContent: words.keys_off }));
    for (const [heading, entries] of parts) {
      if (!entries.length) continue;
      const block = document.createElement("section");
      block.append(Object.assign(document.createElement("h3"), { textContent: heading }));
      const rows = document.createElement("dl");
      for (const [keys, says] of entries) {
        const name = document.createElement("dt");
        name.append(caps(keys));
        name.dataset.pressed = keys.join(" ");
        rows.append(name, Object.assign(document.createElement("dd"), { textContent: says }));
      }
      block.append(rows);
      inside.append(block);
    }
  });
})();
