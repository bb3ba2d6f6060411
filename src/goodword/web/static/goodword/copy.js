// Copies what a field or a block shows. Over plain HTTP browsers have no clipboard: then the text is chosen, to be copied by hand.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const shown = document.getElementById(button.dataset.copy);
    const text = "value" in shown ? shown.value : shown.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.done;
    } catch {
      choose(shown);
      if (document.execCommand("copy")) button.textContent = button.dataset.done;
    }
  });
}

function choose(shown) {
  if ("select" in shown) {
    shown.focus();
    shown.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(shown);
  const chosen = getSelection();
  chosen.removeAllRanges();
  chosen.addRange(range);
}
