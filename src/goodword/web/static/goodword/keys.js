/* What does a key do here? It clicks the element that names it: aria-keyshortcuts="a", or data-keys="g r" for two in a row.
 *
 * Single keys are as this person set them, and sleep in fields. In lists, elements with data-row are walked.
 * No filter of htmx is used for keys: under this content security policy those would let any key through.
 */
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("desk-data").textContent);
  const SEQUENCE_MS = 1500;
  const own = data.keys.map;
  const theirs = Object.fromEntries(Object.entries(own).map(([key, mine]) => [mine, key]));
  let first = "";
  let firstTimer = 0;
  let here = null;

  const desk = (window.desk = { data, words: data.words, said: () => {}, copied: () => {} });

  /* The key of the desk that a pressed one stands for; "" where it was given to nothing. */
  const meant = (pressed) => theirs[pressed] || (pressed in own ? "" : pressed);
  desk.mine = (key) => own[key] || key;

  /* What can be pressed now: the page, or only the dialog that lies over it. */
  desk.ground = () => [...document.querySelectorAll("dialog[open]")].filter((one) => one.matches(":modal")).pop() || document.body;
  const isShown = (element) => element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) : element.offsetParent !== null;
  const isOff = (element) => element.disabled || element.getAttribute("aria-disabled") === "true" || element.closest("[inert], fieldset:disabled");

  /* Listeners are told the key this person really presses; the key of the desk is kept beside it. */
  desk.readKeys = () => {
    for (const element of document.querySelectorAll("[aria-keyshortcuts]:not([data-desk-key])")) {
      const named = element.getAttribute("aria-keyshortcuts");
      element.dataset.deskKey = named;
      if (named.length !== 1) continue;
      if (data.keys.on) element.setAttribute("aria-keyshortcuts", desk.mine(named));
      else element.removeAttribute("aria-keyshortcuts");
    }
  };

  desk.withKeys = () => {
    desk.readKeys();
    return [...desk.ground().querySelectorAll("[data-desk-key], [data-keys]")].filter((one) => (isShown(one) || one.closest(".places")) && !isOff(one));
  };
  const named = (key) => desk.withKeys().find((one) => one.dataset.deskKey === key);
  const inARow = (keys) => desk.withKeys().find((one) => one.dataset.keys === keys);
  const begins = (key) => desk.withKeys().some((one) => (one.dataset.keys || "").startsWith(`${key} `));

  desk.isTyping = (element) =>
    Boolean(element && element.closest && element.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable], [role=combobox]"));

  function press(element) {
    if (element.matches("input, select, textarea")) {
      element.focus();
      if (element.select) element.select();
    } else if (element.matches("summary")) {
      element.click();
      const inside = element.parentElement.querySelector(".list a, .list button, .list input:not([type=hidden]), [data-first]");
      if (element.parentElement.open && inside) inside.focus();
    } else element.click();
  }

  /* ---- rows */
  desk.rows = () => [...desk.ground().querySelectorAll("[data-row]")].filter(isShown);
  const boxOf = (row) => row.querySelector("input[type=checkbox]:not(:disabled)");
  const linkOf = (row) => row.querySelector("a[data-open]") || row.querySelector("a[href]");

  function stand(row, isQuiet) {
    if (here) here.removeAttribute("data-here");
    here = row;
    if (!row) return;
    row.setAttribute("data-here", "");
    const target = linkOf(row) || boxOf(row) || row.querySelector("button");
    if (isQuiet) return; // whoever pointed at it sees it: a page that moves under the finger takes the click elsewhere
    if (target) target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function walk(step, choosesToo) {
    const rows = desk.rows();
    if (!rows.length) return false;
    const at = rows.indexOf(here);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
    if (choosesToo && here && here !== next) choose(here, true);
    stand(next);
    if (choosesToo) choose(next, true);
    return true;
  }

  function choose(row, to) {
    const box = boxOf(row);
    if (!box) return false;
    if (to === undefined) box.click();
    else if (box.checked !== to) box.click();
    return true;
  }

  function inRows(key, event) {
    if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1, false);
    if (event.shiftKey && (event.key === "J" || event.key === "K")) return walk(event.key === "J" ? 1 : -1, true);
    if (key === "x") return Boolean(here && choose(here));
    if (key === ".") return copyRef();
    return false;
  }

  function copyRef() {
    const from = (here && (here.dataset.ref ? here : here.querySelector("[data-ref]"))) || desk.ground().querySelector("[data-ref]");
    if (!from) return false;
    desk.copied(from.dataset.ref);
    return true;
  }

  function openRow(event) {
    if (!here || !here.isConnected || event.target.closest("a, button, summary, input") && !here.contains(event.target)) return false;
    const link = linkOf(here);
    if (!link || event.target.closest("button, summary")) return false;
    if (event.shiftKey) location.assign(link.href);
    else link.click();
    return true;
  }

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest("[data-row]");
    if (row && row !== here) stand(row, true);
  });
  document.addEventListener("htmx:beforeSwap", () => {
    desk.hereBefore = here && (here.dataset.ref || here.id || "");
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (here && here.isConnected) return;
    const name = desk.hereBefore;
    stand(name ? desk.rows().find((row) => row.dataset.ref === name || row.id === name) || null : null, true);
  });

  /* ---- keys with Ctrl work everywhere, single keys not where somebody types */
  function withControl(event) {
    if (event.key === "k" || event.key === "K") return pressNamed("Control+K Meta+K", true);
    if (event.key === ".") return pressNamed("Control+.", true);
    if (event.key !== "Enter") return false;
    const form = event.target.form || (event.target.closest && event.target.closest("form"));
    if (!form) return false;
    form.requestSubmit(form.querySelector("button[data-submit], .btn.primary:not([type=button])") || undefined);
    return true;
  }

  function pressNamed(name, evenUnder) {
    desk.readKeys();
    const found = evenUnder ? document.querySelector(`[data-desk-key="${name}"]:not([hidden])`) : named(name);
    if (!found) return false;
    press(found);
    return true;
  }

  function single(event) {
    if (event.key === "Enter") return openRow(event);
    if (first) {
      const keys = `${first} ${meant(event.key)}`;
      forget();
      const found = inARow(keys);
      if (found) press(found);
      return Boolean(found);
    }
    const key = meant(event.key);
    if (!key) return false;
    if (inRows(key, event)) return true;
    if (event.repeat) return false;
    const found = named(key);
    if (found) {
      press(found);
      return true;
    }
    if (key === "z" && desk.rows().length && desk.density) return desk.density();
    if (begins(key)) {
      first = key;
      firstTimer = setTimeout(forget, SEQUENCE_MS);
      return true;
    }
    return false;
  }

  function forget() {
    first = "";
    clearTimeout(firstTimer);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || (event.key.length > 1 && event.key !== "Enter")) return;
    const isControlled = event.ctrlKey || event.metaKey;
    if (!isControlled && (!data.keys.on || desk.isTyping(event.target))) return;
    if (isControlled ? withControl(event) : single(event)) event.preventDefault();
  });

  desk.readKeys();
})();
