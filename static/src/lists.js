// Lists of things in an order of one's own: a button moves its item up or down, and keeps the focus.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const item = button.closest("[data-orderable-item]");
  const other = button.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
  if (!other) return;
  if (button.dataset.move === "1") other.after(item);
  else other.before(item);
  button.focus();
});

// Selected rows: their boxes belong to the form of the bulk bar, which also holds what is selected on other pages.
// The address, the filter, and the links to other pages and orders keep up with the boxes.
const selecting = (address, ids) => {
  const url = new URL(address, location.href);
  if (ids) url.searchParams.set("select", ids);
  else url.searchParams.delete("select");
  return url.href;
};
const filter = () => document.querySelector("form.k-filter [name=select]");

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-select]");
  if (!box) return;
  const bar = document.getElementById(box.getAttribute("form"));
  const selected = new FormData(bar).getAll("select"), ids = selected.join(",");
  bar.classList.toggle("hidden", selected.length === 0);
  bar.querySelector("[data-bulk-count]").textContent = selected.length;
  if (filter()) filter().value = ids;
  history.replaceState(history.state, "", selecting(location.href, ids));
  for (const link of document.querySelectorAll("#list thead a, #list .k-pager a")) link.href = selecting(link.href, ids);
});

// Back and Forward bring along what is selected, to another page or search of the same list. What selects all that was
// found, or nothing, is undone by them.
const brought = (from) => {
  if (!from?.url || !filter() || new URL(from.url).pathname !== location.pathname) return location.href;
  const ids = new URL(from.url).searchParams.get("select"), own = new URL(location.href).searchParams.get("select");
  const undone = selecting(from.url) === selecting(location.href) || ids === "all" || own === "all";
  return undone || ids === own ? location.href : selecting(location.href, ids);
};

window.navigation?.addEventListener("currententrychange", ({ navigationType, from }) => {
  // htmx asks for the address a moment later
  if (navigationType === "traverse") history.replaceState(history.state, "", brought(from));
});

window.addEventListener("pageshow", () => {
  const arrival = window.navigation?.activation;
  if (arrival?.navigationType !== "traverse") return;
  const address = brought(arrival.from);
  if (address !== location.href) location.replace(address);
});
