// Forms: data-guard asks before unsaved changes are lost, an error summary takes the focus once, and a second
// submit of a form that is under way is dropped.
const answerTime = 5000; // ms until a form may be sent again: its answer may have been a download

const changed = (form) => form.setAttribute("data-changed", "");

document.addEventListener("input", (event) => {
  if (event.target.form?.matches("[data-guard]")) changed(event.target.form);
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-changed]")) event.preventDefault();
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
  setTimeout(() => form.removeAttribute("data-sent"), answerTime);
});

// Back and forward may show the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});

// Fields that were refused are not saved.
function refused() {
  const summary = document.querySelector("[data-focus]");
  if (!summary) return;
  summary.removeAttribute("data-focus");
  summary.focus();
  const form = summary.closest("form[data-guard]");
  if (form && summary.querySelector("a")) changed(form);
}

refused();
document.addEventListener("htmx:after:swap", refused);
