// The search over everything: opening it shows where one can go; arrows move along what was found, Enter opens
// it, typing goes on.
const dialog = document.getElementById("find");
const form = dialog?.querySelector("[data-find]");

if (form) {
  new MutationObserver(() => {
    if (!dialog.open) return;
    form.elements.q.select();
    form.dispatchEvent(new CustomEvent("find"));
  }).observe(dialog, { attributeFilter: ["open"] });
}

const found = (form) => [...(form.parentElement?.querySelectorAll("[data-found]") ?? [])];

document.addEventListener("keydown", (event) => {
  const here = event.target.closest("[data-find], [data-found-region]");
  if (!here || event.isComposing) return;
  const form = here.parentElement.querySelector("[data-find]");
  const links = found(form), at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) form.elements.q.focus();
    else links[Math.min(next, links.length - 1)]?.focus();
  } else if (event.key === "Enter" && at < 0 && links.length > 0) {
    event.preventDefault();
    links[0].click();
  } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    form.elements.q.focus(); // the letter lands in the field
  }
});
