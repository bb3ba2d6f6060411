/* What moves on a page? Messages that leave, dialogs and drawers, chosen rows, focus after a swap, the end of a session. */
(() => {
  "use strict";
  const { desk } = window;
  const { words } = desk;
  const TOAST_MS = 10000;
  const WARN_BEFORE_SECONDS = 120;
  const byId = (id) => document.getElementById(id);
  const fill = (sentence, value) => sentence.replace("{}", value);
  desk.fill = fill;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  desk.post = (address, fields, more) =>
    fetch(address, {
      method: "POST", credentials: "same-origin", body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": token(), "X-Requested-With": "fetch" }, ...more,
    });

  /* ---- saying things: once, politely */
  desk.said = (sentence) => {
    byId("said").textContent = "";
    setTimeout(() => { byId("said").textContent = sentence; }, 50);
  };
  desk.toast = (sentence) => {
    const one = document.createElement("div");
    one.className = "toast ok";
    const text = document.createElement("p");
    text.textContent = sentence;
    one.append(text);
    document.querySelector(".toasts").append(one);
    leaveSoon(one);
  };
  function leaveSoon(toast) {
    let timer = 0;
    const leave = () => {
      toast.classList.add("leaves");
      setTimeout(() => toast.remove(), 200);
    };
    const start = () => { clearTimeout(timer); timer = setTimeout(leave, TOAST_MS); };
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
    const close = toast.querySelector("[data-leave]");
    if (close) {
      close.hidden = false;
      close.addEventListener("click", leave);
    }
    start();
  }
  document.querySelectorAll("[data-toast]").forEach(leaveSoon);

  desk.copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // plain HTTP has no clipboard
      const field = document.createElement("textarea");
      field.value = text;
      desk.ground().append(field);
      const before = document.activeElement;
      field.select();
      document.execCommand("copy");
      field.remove();
      if (before) before.focus({ preventScroll: true });
    }
    desk.toast(fill(words.copied, text));
  };

  /* ---- the look, kept on the server */
  desk.density = () => {
    const root = document.documentElement;
    const next = root.dataset.density === "compact" ? "comfortable" : "compact";
    root.dataset.density = next;
    desk.said(next === "compact" ? words.narrow : words.wide);
    desk.post("/look", { density: next });
    return true;
  };
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("button.fold");
    if (fold) {
      event.preventDefault();
      const root = document.documentElement;
      root.dataset.rail = root.dataset.rail === "icons" ? "wide" : "icons";
      desk.post("/look", { rail: root.dataset.rail });
    }
  });

  /* ---- dialogs: what opens them gets the focus back */
  document.querySelectorAll("[data-opens]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const { target } = event;
    const opener = target.closest("[data-opens], [data-confirm]");
    if (opener) {
      const dialog = byId(opener.dataset.opens || opener.dataset.confirm);
      if (dialog && !dialog.open) {
        event.preventDefault();
        dialog.dispatchEvent(new CustomEvent("desk:open"));
        dialog.showModal();
      }
    }
    const closer = target.closest("[data-close]");
    const dialog = (closer || target).closest("dialog[open]");
    if (dialog && dialog.matches(":modal") && (closer || target === dialog)) {
      event.preventDefault();
      dialog.close();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement && document.activeElement.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  /* ---- a form is sent only while its writer is signed in: else the way in would take the place of what was typed */
  const isTyped = (field) => field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.method !== "post" || !form.closest("main, dialog") || form.dataset.looked || ![...form.elements].some(isTyped)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!form.dataset.looking) lookFirst(form, submitter); // a second click while we look is no second deed
  }, true);
  async function lookFirst(form, submitter) {
    form.dataset.looking = "yes";
    const left = await secondsLeft().catch(() => null); // no line: the browser itself says so
    delete form.dataset.looking;
    if (left === 0) return;
    form.dataset.looked = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.looked;
  }
  document.addEventListener("submit", (event) => {
    if (event.submitter && !event.defaultPrevented) setTimeout(() => event.submitter.setAttribute("aria-busy", "true"));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[aria-busy=true]").forEach((one) => one.removeAttribute("aria-busy")));

  /* ---- the drawer: a page beside the list; its address is the hash, so that it can be pasted to a colleague */
  const drawer = byId("drawer");
  const inside = drawer.querySelector(".in");
  async function openDrawer(href, hash) {
    if (hash && location.hash !== `#${hash}`) history.pushState(null, "", `#${hash}`);
    byId("drawer-title").textContent = words.loading;
    drawer.querySelector("[data-page]").href = href;
    inside.setAttribute("aria-busy", "true");
    if (!drawer.open) drawer.showModal();
    try {
      const answer = await fetch(href, { credentials: "same-origin", headers: { "X-Requested-With": "drawer" } });
      if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return signedOut();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const body = page.getElementById("main") || page.body;
      const title = body.querySelector("h1");
      byId("drawer-title").textContent = title ? title.textContent.trim() : page.title;
      if (title) title.remove();
      inside.replaceChildren(...body.childNodes);
      inside.scrollTop = 0;
      if (window.htmx) window.htmx.process(inside);
      byId("drawer-title").focus();
    } catch {
      byId("drawer-title").textContent = words.not_loaded;
    } finally {
      inside.removeAttribute("aria-busy");
    }
    return undefined;
  }
  drawer.addEventListener("close", () => {
    inside.replaceChildren();
    if (location.hash) history.pushState(null, "", location.pathname + location.search);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button || drawer.contains(link)) return;
    event.preventDefault();
    openDrawer(link.href, link.dataset.drawer);
  });
  function followHash() {
    const hash = decodeURIComponent(location.hash.slice(1));
    const base = document.querySelector("[data-drawers]");
    if (/^[a-z]{3}_[0-9a-f]{32}$/.test(hash)) {
      const link = document.querySelector(`a[data-drawer="${hash}"]`);
      if (link) openDrawer(link.href, "");
      else if (base) openDrawer(base.dataset.drawers + hash, "");
    } else if (drawer.open) drawer.close();
  }
  window.addEventListener("popstate", followHash);
  window.addEventListener("hashchange", followHash);
  if (location.hash) followHash();

  /* ---- chosen rows */
  let lastBox = null;
  function count(form) {
    const boxes = [...form.querySelectorAll("[data-row] input[type=checkbox]")];
    const chosen = boxes.filter((box) => box.checked).length;
    form.querySelectorAll("[data-count]").forEach((one) => { one.textContent = fill(words.chosen, chosen); });
    form.querySelectorAll("input[data-all]").forEach((all) => {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    });
  }
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-row] input[type=checkbox]");
    if (!box || !box.form) return;
    if (event.shiftKey && lastBox && lastBox.form === box.form) {
      const boxes = [...box.form.querySelectorAll("[data-row] input[type=checkbox]")];
      const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    lastBox = box;
  });
  document.addEventListener("change", (event) => {
    const { form } = event.target;
    if (!form) return;
    if (event.target.matches("input[data-all]")) form.querySelectorAll("[data-row] input[type=checkbox]:not(:disabled)").forEach((box) => { box.checked = event.target.checked; });
    if (form.querySelector("[data-row] input[type=checkbox]")) count(form);
  });
  document.querySelectorAll("form").forEach((form) => { if (form.querySelector("[data-count]")) count(form); });

  /* ---- after a swap: the focus goes to what is new or stays, and a count is said once */
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    desk.readKeys();
    const focus = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    if (focus) focus.focus();
    else if (document.activeElement === document.body) {
      const heading = part.querySelector("h1, h2");
      if (heading) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      }
    }
    const says = part.matches("[data-says]") ? part : part.querySelector("[data-says]");
    if (says) desk.said(says.dataset.says || says.textContent.trim());
  });
  const wrong = document.querySelector(".errors[data-focus]");
  if (wrong) wrong.focus();

  /* ---- a rule as a sentence: arrows walk its tokens */
  document.addEventListener("keydown", (event) => {
    const at = event.target.closest && event.target.closest(".sentence button.token");
    if (!at || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const all = [...at.closest(".sentence").querySelectorAll("button.token")];
    const isOnward = (event.key === "ArrowRight") !== (document.documentElement.dir === "rtl");
    const next = all[all.indexOf(at) + (isOnward ? 1 : -1)];
    if (next) next.focus();
    event.preventDefault();
  });

  /* ---- the line, and the end of a session */
  const offline = byId("offline");
  const showLine = () => { offline.hidden = navigator.onLine; };
  window.addEventListener("online", showLine);
  window.addEventListener("offline", showLine);
  showLine();
  const ends = byId("session-ends");
  const ASK_AFTER_MS = 60000;
  let endsTimer = 0;
  function expect(seconds) {
    clearTimeout(endsTimer);
    ends.hidden = seconds > WARN_BEFORE_SECONDS;
    const waitMs = Math.min((seconds - WARN_BEFORE_SECONDS) * 1000, 2 ** 30);
    endsTimer = setTimeout(() => ask(), ends.hidden ? Math.max(waitMs, 1000) : 30000);
  }
  /* 0 for somebody who was signed out, and the page says so; null where the server gave no answer. */
  async function secondsLeft() {
    const answer = await fetch(ends.dataset.left, { credentials: "same-origin" });
    if (answer.status === 401) {
      signedOut();
      return 0;
    }
    if (!answer.ok) return null;
    const { seconds, token: fresh } = await answer.json();
    signedIn(fresh);
    return Math.max(seconds, 1);
  }
  desk.secondsLeft = secondsLeft;
  async function ask() {
    try {
      const seconds = await secondsLeft();
      if (seconds) expect(seconds);
    } catch { // no line; the banner about that stands already
      endsTimer = setTimeout(() => ask(), ASK_AFTER_MS);
    }
  }
  function signedOut() {
    byId("signed-out").hidden = false;
    ends.hidden = true;
  }
  desk.signedOut = signedOut;
  /* Signed in again in another window: forms that were open go on with the token of the new session. */
  function signedIn(fresh) {
    byId("signed-out").hidden = true;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = fresh; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
  }
  endsTimer = setTimeout(() => ask(), ASK_AFTER_MS);
})();
