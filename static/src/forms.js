// Forms: data-guard asks before unsaved changes are lost, an error summary takes the focus, and a second
// submit of a form that is under way is dropped.
const changed = () => document.querySelector("form[data-guard][data-changed]");

document.addEventListener("input", (event) => {
  event.target.form?.matches("[data-guard]") && event.target.form.setAttribute("data-changed", "");
});

window.addEventListener("beforeunload", (event) => {
  if (changed()) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  form.removeAttribute("data-changed");
});

// Back and forward may show the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});

const focusSummary = () => document.querySelector("[data-focus]")?.focus();
focusSummary();
document.addEventListener("htmx:after:swap", focusSummary);
