/* Is what somebody writes safe? <textarea data-draft="note:ref_…"> goes to the server while it is typed, and comes back.
 *
 * Nothing of it stays in this browser: machines are shared.
 */
(() => {
  "use strict";
  const { desk } = window;
  const { data, words } = desk;
  const PAUSE_MS = 1200;
  const SENT = "goodword-sent";
  if (!data.draft) return;

  async function keep(place, text, more) {
    try {
      const answer = await desk.post(data.draft, { place, text }, more);
      if (answer.status === 204) return true;
      if (answer.redirected || answer.status === 401 || answer.status === 403) desk.signedOut();
    } catch { // no line: the next pause tries again
    }
    return false;
  }

  function saidBeside(area, sentence) {
    let note = area.parentElement.querySelector("[data-draft-note]");
    if (!note) {
      note = document.createElement("p");
      note.className = "hint";
      note.dataset.draftNote = "";
      area.after(note);
    }
    note.textContent = sentence;
  }

  function watch(area) {
    if (area.dataset.draftWatched) return;
    area.dataset.draftWatched = "yes";
    const place = area.dataset.draft;
    let timer = 0;
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const isKept = await keep(place, area.value);
        saidBeside(area, isKept ? words.kept : words.not_kept);
      }, PAUSE_MS);
    });
    window.addEventListener("pagehide", () => {
      if (area.value !== area.defaultValue && area.form && !area.form.dataset.sent) keep(place, area.value, { keepalive: true });
    });
    if (area.form) area.form.addEventListener("submit", () => {
      clearTimeout(timer);
      area.form.dataset.sent = "yes";
      keep(place, area.value, { keepalive: true });
      sessionStorage.setItem(SENT, place);
    });
    if (!area.value) restore(area, place);
  }

  async function restore(area, place) {
    const answer = await fetch(`${data.draft}?place=${encodeURIComponent(place)}`, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const { text } = await answer.json();
    if (!text || area.value) return;
    area.value = text;
    saidBeside(area, words.restored);
  }

  /* The form was accepted if the next page says that something was done: only then is the draft no longer needed. */
  const sent = sessionStorage.getItem(SENT);
  const isDone = sent && document.querySelector("[data-toast].ok");
  if (sent) sessionStorage.removeItem(SENT);
  (isDone ? keep(sent, "") : Promise.resolve()).then(() => document.querySelectorAll("textarea[data-draft]").forEach(watch));
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("textarea[data-draft]").forEach(watch));
})();
