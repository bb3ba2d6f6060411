/* What is new? Follows the client's stream and renews what the page marks, never under the eyes of somebody who reads.
 *
 * <div id="live" data-stream="/c/acme/live" data-decision="123" ...>    the seat: where to listen, what the page already knows
 * <section id="tiles" data-live>                                        renewed in place, from the page's own address
 * <tbody id="rows" data-live="list"> <tr data-live-key="ref_1">             rows change in place; new ones wait behind a chip
 * data-live-from="/other/address"                                       a lighter address that answers the same element
 */
(() => {
  "use strict";
  const LEAST_PAUSE_MS = 2000;
  const SILENT_MS = 50000; // the stream says something every fifteen seconds
  const AWAY_MS = 15000; // a window in the background gives its connection up: a browser has six for one server
  const TRY_AGAIN_MS = 30000;
  const OURS = new Set(["open", "tabindex", "style", "hidden", "data-here"]); // what scripts and people set on elements
  const seat = document.getElementById("live");
  if (!seat || !window.EventSource) return;

  let source = null;
  let known = Number(seat.dataset.decision);
  let isStale = false; // something was decided that this page does not show yet
  let isAsking = false;
  let pauseMs = LEAST_PAUSE_MS;
  let askedAt = 0;
  let heardAt = Date.now();
  let timer = 0;
  let awayTimer = 0;
  const waiting = new Map(); // list -> its newest state, until the reader asks for it

  const marked = () => [...document.querySelectorAll("[data-live][id]")];
  const isTyping = () => {
    const focused = document.activeElement;
    return Boolean(focused && focused.matches("input, textarea, select, [contenteditable]"));
  };
  const isSelecting = () => {
    const selection = document.getSelection();
    return Boolean(selection && !selection.isCollapsed);
  };
  const isBusyReading = () => document.hidden || isTyping() || isSelecting();

  function renewSoon() {
    if (!isStale || isAsking || timer || isBusyReading()) return;
    const wait = Math.max(0, askedAt + pauseMs - Date.now()) + Math.random() * 200;
    timer = setTimeout(() => { timer = 0; renew(); }, wait);
  }

  async function renew() {
    if (!isStale || isAsking || isBusyReading()) return;
    const addresses = new Map();
    for (const element of marked()) {
      const address = element.dataset.liveFrom || location.pathname + location.search;
      addresses.set(address, [...(addresses.get(address) || []), element]);
    }
    if (!addresses.size) return;
    isAsking = true;
    isStale = false;
    askedAt = Date.now();
    try {
      for (const [address, elements] of addresses) {
        const answer = await fetch(address, { headers: { "Goodword-Live": "1" }, credentials: "same-origin", redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (isBusyReading()) { isStale = true; break; }
        elements.forEach((element) => show(element, fresh.getElementById(element.id)));
        const freshSeat = fresh.getElementById("live");
        if (freshSeat) known = Number(freshSeat.dataset.decision);
      }
    } catch {
      isStale = true;
    }
    isAsking = false;
    pauseMs = Math.max(LEAST_PAUSE_MS, 10 * (Date.now() - askedAt)); // a page that is slow to make is asked for less often
    renewSoon();
  }

  function show(element, fresh) {
    if (!fresh || !element.isConnected) return;
    if (element.dataset.live === "list") showList(element, fresh);
    else replace(element, fresh);
  }

  function replace(element, fresh) {
    const before = element.getBoundingClientRect();
    morph(element, fresh);
    const grown = element.getBoundingClientRect().height - before.height;
    if (before.bottom < 0 && grown && !CSS.supports("overflow-anchor", "auto")) window.scrollBy(0, grown);
  }

  /* Only what differs is touched: what is open stays open, what has the focus keeps it, what is chosen stays chosen. */
  function morph(here, fresh) {
    if (here.isEqualNode(fresh)) return;
    if (here.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
      here.data = fresh.data;
      flash(here.parentElement);
    } else if (here.nodeName === fresh.nodeName && here.childNodes.length === fresh.childNodes.length) {
      if (here.nodeType === Node.ELEMENT_NODE) morphAttributes(here, fresh);
      [...here.childNodes].forEach((child, n) => morph(child, fresh.childNodes[n]));
    } else if (here.contains(document.activeElement)) {
      isStale = true;
    } else {
      const made = document.importNode(fresh, true);
      here.replaceWith(made);
      if (made.nodeType === Node.ELEMENT_NODE) flash(made);
    }
  }

  function morphAttributes(here, fresh) {
    for (const { name } of [...here.attributes]) if (!OURS.has(name) && !fresh.hasAttribute(name)) here.removeAttribute(name);
    for (const { name, value } of [...fresh.attributes]) {
      if (!OURS.has(name) && here.getAttribute(name) !== value) here.setAttribute(name, value);
    }
  }

  function showList(list, fresh) {
    const rows = new Map([...list.querySelectorAll("[data-live-key]")].map((row) => [row.dataset.liveKey, row]));
    let fewer = rows.size;
    let more = 0;
    for (const row of fresh.querySelectorAll("[data-live-key]")) {
      const here = rows.get(row.dataset.liveKey);
      if (!here) { more += 1; continue; }
      fewer -= 1;
      morph(here, row);
    }
    // A full page that gets new rows loses as many at its end: only what left the list counts.
    const left = Math.max(0, fewer - more);
    if (more || left) waiting.set(list, fresh); else waiting.delete(list);
    tell(list, more, left);
  }

  function flash(element) {
    if (window.htmx) window.htmx.process(element);
    if (element.closest("svg")) return;
    element.classList.remove("renewed");
    void element.getBoundingClientRect(); // restarts the animation
    element.classList.add("renewed");
    setTimeout(() => element.classList.remove("renewed"), 2000);
  }

  /* The chip lies over the head of the list and takes no room, so nothing moves when it comes. */
  function tell(list, more, left) {
    const chip = seat.querySelector("button");
    if (!more && !left) { chip.hidden = true; return; }
    chip.textContent = more ? seat.dataset.saysNew.replace("%n", more.toLocaleString(document.documentElement.lang))
      : seat.dataset.saysLess.replace("%n", left.toLocaleString(document.documentElement.lang));
    chip.hidden = false;
    chip.onclick = () => {
      const fresh = waiting.get(list);
      chip.hidden = true;
      if (!fresh) return;
      waiting.delete(list);
      const known = new Set([...list.querySelectorAll("[data-live-key]")].map((row) => row.dataset.liveKey));
      list.innerHTML = fresh.innerHTML;
      if (window.htmx) window.htmx.process(list);
      list.querySelectorAll("[data-live-key]").forEach((row) => { if (!known.has(row.dataset.liveKey)) flash(row); });
      const first = list.querySelector("[data-live-key] a, [data-live-key]");
      if (first) first.focus({ preventScroll: true });
      list.scrollIntoView({ block: "nearest" });
    };
  }

  function lost(isLost) {
    const banner = seat.querySelector("p");
    if (!isLost) { banner.hidden = true; return; }
    if (!banner.hidden || document.hidden) return;
    const since = new Date(heardAt).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    banner.querySelector("span").textContent = seat.dataset.saysLost.replace("%t", since);
    banner.hidden = false;
  }

  function listen() {
    if (source || document.hidden || !marked().length) return;
    source = new EventSource(seat.dataset.stream);
    const heard = () => { heardAt = Date.now(); lost(false); };
    source.addEventListener("here", heard);
    source.addEventListener("standing", (event) => {
      heard();
      if (JSON.parse(event.data).decision !== known) { isStale = true; renewSoon(); }
    });
    source.addEventListener("decided", () => {
      heard();
      isStale = true;
      document.body.dispatchEvent(new CustomEvent("live"));
      renewSoon();
    });
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) { stop(); setTimeout(listen, TRY_AGAIN_MS * (1 + Math.random() / 4)); lost(true); }
    };
  }

  function stop() {
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(awayTimer);
    if (document.hidden) awayTimer = setTimeout(stop, AWAY_MS);
    else { heardAt = source ? heardAt : Date.now(); listen(); renewSoon(); }
  });
  document.addEventListener("selectionchange", renewSoon);
  document.addEventListener("focusout", () => setTimeout(renewSoon));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", listen);
  setInterval(() => {
    if (document.hidden || !marked().length || Date.now() - heardAt < SILENT_MS) return;
    lost(true);
    stop();
    listen();
  }, 5000);
  listen();
})();
