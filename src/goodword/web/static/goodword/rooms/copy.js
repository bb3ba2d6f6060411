/* Copies a text: data-copy names the field that holds it, data-copy-text is the text itself.
 * A server without TLS has no clipboard for pages: then the old command is tried, and at last the text stands selected.
 */
(() => {
  "use strict";

  function choose(field) {
    const folded = field.closest("details");
    if (folded) folded.open = true;
    field.focus();
    field.select();
  }

  function byCommand(text, field) {
    const box = field || document.createElement("textarea");
    if (!field) {
      box.value = text;
      box.readOnly = true;
      box.className = "hidden";
      document.body.append(box);
    }
    const before = document.activeElement;
    const folded = box.closest("details");
    const wasOpen = folded && folded.open;
    choose(box);
    const isDone = document.execCommand("copy");
    if (isDone && folded) folded.open = wasOpen;
    if (isDone && before) before.focus();
    if (!field) box.remove();
    return isDone;
  }

  async function copy(text, field) {
    if (navigator.clipboard && window.isSecureContext) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        // not allowed here: the old way
      }
    }
    return byCommand(text, field);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    event.preventDefault();
    const field = button.dataset.copy ? document.getElementById(button.dataset.copy) : null;
    const text = field ? field.value : button.dataset.copyText || "";
    const isDone = text && (await copy(text, field));
    const told = button.parentElement.querySelector("[data-copied]");
    if (told) told.hidden = !isDone;
    if (!isDone && field) choose(field);
  });
})();
