// Two keys choose an outcome: the group's number, then the outcome's. Buttons do the same without this script.
(() => {
  let group = null;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "Escape") { group = null; return; }
    if (!/^[1-9]$/.test(event.key)) return;
    if (group === null) {
      const found = document.querySelector(`[data-group="${event.key}"]`);
      if (found) { group = event.key; found.querySelector("button").focus(); event.preventDefault(); }
      return;
    }
    const button = document.querySelector(`[data-keys="${group}${event.key}"]`);
    group = null;
    if (button) { button.focus(); event.preventDefault(); button.click(); }
  });
})();
