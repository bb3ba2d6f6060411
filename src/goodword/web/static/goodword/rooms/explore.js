/* What does this line say here? Walks the steps of a drawing, by pointer or keys, and sums those that are drawn over.
 *
 * <figure data-explore="table" data-href="/rows">    the table under it holds every number; each row its first and last day
 * Nothing is asked of the server, and without this script the table says the same, each step a link to its rows.
 */
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const number = (cell) => Number(cell.textContent.replace(/[^0-9]/g, ""));
  const spoken = (value) => value.toLocaleString(document.documentElement.lang);

  function explore(figure) {
    const table = document.getElementById(figure.dataset.explore);
    const drawing = figure.querySelector("svg.trend");
    if (!table || !drawing || figure.querySelector(".explored")) return;
    const steps = [...table.tBodies[0].rows].map((row) => ({
      name: row.cells[0].textContent.trim(), first: row.dataset.first, last: row.dataset.last,
      joined: number(row.cells[1]), customers: number(row.cells[2]),
    }));
    if (steps.length < 2) return;
    const { width, height } = drawing.viewBox.baseVal;
    let at = steps.length - 1; // where the reader stands
    let from = at; // where a span began
    let isDrawing = false;

    const band = document.createElementNS(SVG, "rect");
    band.setAttribute("class", "band");
    band.setAttribute("y", "0");
    band.setAttribute("height", height);
    band.setAttribute("visibility", "hidden");
    drawing.prepend(band);

    const seat = document.createElement("div"); // takes the focus: a drawing of lines is no control by itself
    seat.className = "explorer";
    seat.tabIndex = 0;
    seat.setAttribute("role", "slider");
    seat.setAttribute("aria-label", figure.dataset.label);
    seat.setAttribute("aria-valuemin", "1");
    seat.setAttribute("aria-valuemax", String(steps.length));
    seat.setAttribute("aria-valuenow", String(at + 1));
    seat.setAttribute("aria-valuetext", steps[at].name);
    drawing.replaceWith(seat);
    seat.append(drawing);

    const told = document.createElement("p");
    told.className = "explored";
    const words = document.createElement("span");
    const link = document.createElement("a");
    link.textContent = figure.dataset.open;
    link.hidden = true;
    words.textContent = figure.dataset.hint;
    told.append(words, " ", link);
    figure.querySelector("figcaption").after(told);

    const span = () => [Math.min(from, at), Math.max(from, at)];
    function show() {
      const [first, last] = span();
      const chosen = steps.slice(first, last + 1);
      const name = first === last ? steps[at].name
        : figure.dataset.span.replace("{first}", steps[first].name).replace("{last}", steps[last].name);
      const sum = (key) => spoken(chosen.reduce((all, step) => all + step[key], 0));
      const says = `${name}: ${figure.dataset.joined} ${sum("joined")}, ${figure.dataset.customers} ${sum("customers")}`;
      words.textContent = says;
      const days = new URLSearchParams({ from: steps[first].first, to: steps[last].last });
      link.href = `${figure.dataset.href}${figure.dataset.href.includes("?") ? "&" : "?"}${days}`;
      link.hidden = false;
      seat.setAttribute("aria-valuenow", String(at + 1));
      seat.setAttribute("aria-valuetext", says);
      const step = width / (steps.length - 1);
      band.setAttribute("x", Math.max(0, (first - 0.5) * step));
      band.setAttribute("width", Math.min(width, (last + 0.5) * step) - Math.max(0, (first - 0.5) * step));
      band.setAttribute("visibility", "visible");
    }

    function stepUnder(event) {
      const box = drawing.getBoundingClientRect();
      const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
      return Math.round(part * (steps.length - 1));
    }
    seat.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" && !isDrawing) return;
      at = stepUnder(event);
      if (!isDrawing && !event.shiftKey) from = at;
      show();
    });
    seat.addEventListener("pointerdown", (event) => {
      at = stepUnder(event);
      if (!event.shiftKey) from = at;
      isDrawing = true;
      seat.setPointerCapture(event.pointerId);
      show();
    });
    const rest = () => { isDrawing = false; };
    seat.addEventListener("pointerup", rest);
    seat.addEventListener("pointercancel", rest);
    seat.addEventListener("focus", show);
    seat.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1 };
      if (event.key === "Enter" && link.href) { event.preventDefault(); location.assign(link.href); return; }
      if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      at = Math.max(0, Math.min(steps.length - 1, moves[event.key]));
      if (!event.shiftKey) from = at;
      show();
    });
  }

  const all = () => document.querySelectorAll("figure[data-explore]").forEach(explore);
  new MutationObserver(all).observe(document.querySelector("main"), { childList: true, subtree: true }); // figures are renewed
  all();
})();
