/* Is what somebody writes safe? <textarea data-draft="note:ref_…"> (or an input) goes to the server while it is typed, and comes back.
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

  async function keep(place, text, more, isSecondTry) {
    try {
      const answer = await desk.post(data.draft, { place, text }, more);
      if (answer.status === 204) return true;
      const isTurnedAway = answer.redirected || answer.status === 401 || answer.status === 403;
      if (isTurnedAway && !isSecondTry && await desk.secondsLeft()) return keep(place, text, more, true); // signed in again elsewhere
    } catch { // no line: the next pause tries again
    }
    return false;
  }

  function sentPlaces() {
    return JSON.parse(sessionStorage.getItem(SENT) || "[]");
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
      sessionStorage.setItem(SENT, JSON.stringify([...sentPlaces(), place]));
    });
    if (area.value === area.defaultValue) restore(area, place);
  }

  async function restore(area, place) {
    const answer = await fetch(`${data.draft}?place=${encodeURIComponent(place)}`, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const { text } = await answer.json();
    if (!text || text === area.value || area.value !== area.defaultValue) return;
    area.value = text;
    saidBeside(area, words.restored);
  }

  /* The form was accepted if the next page says that something was done: only then is the draft no longer needed. */
  const watchAll = () => document.querySelectorAll("[data-draft]:is(textarea, input)").forEach(watch);
  const sent = sentPlaces();
  const isDone = document.querySelector("[data-toast].ok, [data-accepted]");
  sessionStorage.removeItem(SENT);
  Promise.all(isDone ? sent.map((place) => keep(place, "")) : []).then(watchAll);
  document.addEventListener("htmx:afterSettle", watchAll);
})();
