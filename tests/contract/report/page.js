"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const form = one(".filter");
  const areas = all(".area");
  const rows = all(".op").map((node) => ({
    node,
    area: node.parentElement.dataset.area,
    text: node.dataset.text.toLowerCase(),
    cells: node.dataset.cells.trim().split(" ").map((cell) => cell.split(":")),
  }));
  const failures = all(".failure");
  const inputs = ["q", "outcome", "law", "area"].map((id) => one("#" + id));

  function filter() {
    const [q, outcome, law, area] = inputs.map((input) => input.value);
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const fits = (cell) => (!law || cell[0] === law) && (!outcome || cell[1] === outcome);
      const shown = words.every((word) => row.text.includes(word))
        && (!area || row.area === area)
        && row.cells.some((cell) => fits(cell) && (cell[1] !== "inapplicable" || !law));
      row.node.hidden = !shown;
      found += shown;
    }
    for (const each of areas) {
      each.hidden = !all(".op", each).some((node) => !node.hidden);
      if (!each.hidden && (q || outcome || law || area)) each.open = true;
    }
    one("#found").textContent = found + " of " + rows.length + " operations";
    one("#nothing").hidden = found > 0;
  }

  function clear() {
    form.reset();
    filter();
  }

  function reveal() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest(".op[hidden], .area[hidden]")) clear();
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    const op = target.closest(".op");
    (op || target).scrollIntoView({ block: "start" });
    if (op) op.firstElementChild.focus({ preventScroll: true });
  }

  function copier(block) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = block.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of all(".clear")) button.addEventListener("click", () => { clear(); inputs[0].focus(); });
  one("#fold").addEventListener("click", (event) => {
    const open = areas.every((each) => !each.open);
    for (const each of areas) each.open = open;
    event.target.textContent = open ? "Fold areas" : "Unfold areas";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      inputs[0].focus();
    } else if (event.key === "Escape" && event.target === inputs[0]) {
      clear();
    }
  });
  all(".code").forEach(copier);
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => {
    for (const each of [...areas, ...failures]) each.open = true;
  });
  filter();
  reveal();
})();
