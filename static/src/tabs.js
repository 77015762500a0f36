// Tabs that do not fit scroll sideways: begin where the page is.
for (const here of document.querySelectorAll(".k-tabs [aria-current]")) {
  const tabs = here.parentElement;
  tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
}
