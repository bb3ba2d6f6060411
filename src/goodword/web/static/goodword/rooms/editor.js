/* What does a token do here? It opens where it stands, is saved when it is left, and Escape leaves it alone.
 *
 * Without this script tokens are links and their forms are forms; this only spares the way there and back.
 */
(() => {
  "use strict";
  const opener = (form) => form.closest(".at") && form.closest(".at").querySelector(".token");
  const openForms = () => [...document.querySelectorAll("form[data-token]")];
  const dirty = new WeakSet();

  function shut(form, isFocused) {
    const token = opener(form);
    if (!token) return;
    token.setAttribute("aria-expanded", "false");
    form.remove();
    if (isFocused) token.focus();
  }

  function focusIn(form) {
    const marked = form.querySelector("[autofocus]");
    if (marked) {
      marked.focus();
      return;
    }
    const shown = [...form.querySelectorAll("input[type=text], textarea, select:not([data-refit])")].filter((one) => one.offsetParent !== null);
    const wanted = form.querySelector("[aria-invalid]") || shown[0] || form.querySelector("input:not([type=hidden]), button");
    if (!wanted) return;
    wanted.focus();
    if (wanted.select) wanted.select();
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const token = event.target.closest(".token");
    if (!token) return;
    const own = openForms().find((form) => opener(form) === token);
    if (own) {
      event.preventDefault();
      shut(own, true);
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const told = event.target;
    if (!told.matches || !told.matches(".slot, form[data-token]")) return;
    const form = told.matches(".slot") ? told.querySelector("form[data-token]") : told;
    if (!form) return;
    if ("unsaved" in form.dataset) dirty.add(form);
    for (const other of openForms()) if (other !== form) leave(other);
    if (opener(form)) opener(form).setAttribute("aria-expanded", "true");
    focusIn(form);
  });

  /* Another kind of reward has other fields. */
  document.addEventListener("change", (event) => {
    const pick = event.target.closest("[data-refit]");
    if (pick) pick.parentElement.querySelector(".refit").click();
  });

  /* Leaving a token saves what was typed there; nothing typed, nothing saved. */
  function leave(form) {
    if (dirty.has(form)) form.requestSubmit(form.querySelector(".btn.primary"));
    else shut(form, false);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-token]");
    if (form) dirty.add(form);
  });

  document.addEventListener("click", (event) => {
    const away = event.target.closest("[data-shut]");
    if (away) {
      const form = away.closest("form[data-token]");
      if (opener(form)) {
        event.preventDefault();
        shut(form, true);
      }
      return;
    }
    if (event.target.closest("form[data-token], .token, form[data-then], dialog, label")) return;
    for (const form of openForms()) if (opener(form)) leave(form);
  });

  /* Test and Publish take along what is typed in an open token. */
  document.addEventListener("submit", (event) => {
    const then = event.target.dataset.then;
    const form = then && openForms().find((one) => dirty.has(one));
    if (!form) return;
    event.preventDefault();
    form.querySelector("[name=then]").value = then;
    form.requestSubmit(form.querySelector(".btn.primary"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const form = event.target.closest && event.target.closest("form[data-token]");
    if (event.key === "Escape" && form && opener(form)) {
      event.preventDefault();
      shut(form, true);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      const open = form || openForms().find((one) => dirty.has(one));
      if (open) open.requestSubmit(open.querySelector(".btn.primary"));
      else document.getElementById("saved").focus();
    }
  });

  /* Back from saving: the token that was changed has the focus again, and the page stands where it stood. */
  const kept = sessionStorage.getItem("editor-scroll");
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-token]")) sessionStorage.setItem("editor-scroll", String(scrollY));
  });
  sessionStorage.removeItem("editor-scroll");
  const open = openForms()[0];
  if (open && "unsaved" in open.dataset) dirty.add(open);
  const token = location.hash.startsWith("#at-") ? document.querySelector(`${location.hash} > .token`) : null;
  const come = () => requestAnimationFrame(() => {
    if (open) focusIn(open);
    else if (token) token.focus({ preventScroll: Boolean(kept) });
    if (kept && token && !open) scrollTo(0, Number(kept));
  });
  /* The browser goes to the fragment by itself when all is loaded, and would take the focus along. */
  if (document.readyState === "complete") come();
  else addEventListener("load", come, { once: true });
})();
