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
document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-select]");
  if (!box) return;
  const bar = document.getElementById(box.getAttribute("form"));
  const ids = new FormData(bar).getAll("select");
  bar.classList.toggle("hidden", ids.length === 0);
  bar.querySelector("[data-bulk-count]").textContent = ids.length;
  const keep = (address) => {
    const url = new URL(address, location.href);
    if (ids.length > 0) url.searchParams.set("select", ids.join(","));
    else url.searchParams.delete("select");
    return url;
  };
  const filter = document.querySelector("form.k-filter [name=select]");
  if (filter) filter.value = ids.join(",");
  history.replaceState(history.state, "", keep(location.href));
  for (const link of document.querySelectorAll("#list thead a, #list .k-pager a")) link.href = keep(link.href);
});
