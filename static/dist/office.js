"use strict";
// forms.js
{
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
}
// htmx.js
{
// What htmx 4 needs to be told: empty filters stay out of the address, hidden tabs do not poll, and a request
// that failed without an answer says so.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET" || !(request.body instanceof FormData)) return;
  for (const [name, value] of [...request.body.entries()]) {
    if (value === "") request.body.delete(name);
  }
});

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.detail.ctx.sourceElement.hasAttribute("data-poll")) event.preventDefault();
});
}
// keys.js
{
// The office by keyboard: / or Ctrl-K searches, g and a letter goes, j and k move along the rows, Enter opens,
// ? shows all; any other letter triggers the button that carries it as data-key.
const waitForLetter = 1200; // ms after g
let going = 0;

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function search() {
  const field = document.querySelector("[data-search]");
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

function move(by) {
  const links = [...document.querySelectorAll("[data-row]")];
  if (links.length === 0) return false;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next].focus();
  links[next].closest("tr")?.scrollIntoView({ block: "nearest" });
  return true;
}

function press(letter) {
  if (letter === "/") return search();
  if (letter === "?") {
    document.getElementById("keys")?.showModal();
    return true;
  }
  if (letter === "j") return move(1);
  if (letter === "k") return move(-1);
  if (letter === "g") {
    going = Date.now();
    return true;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(letter)}"]`);
  button?.click();
  return button !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    if (search()) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key.length !== 1) return;

  if (Date.now() - going < waitForLetter) {
    going = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
      return;
    }
  }
  if (press(event.key)) event.preventDefault();
});

// The help lists where g leads, from the navigation itself.
const list = document.querySelector("[data-go-list]");
for (const link of list ? document.querySelectorAll("[data-go]") : []) {
  const row = document.createElement("div");
  const dt = document.createElement("dt");
  for (const letter of ["g", link.dataset.go]) {
    const kbd = document.createElement("kbd");
    kbd.className = "k-kbd";
    kbd.textContent = letter;
    dt.append(kbd, " ");
  }
  const dd = document.createElement("dd");
  dd.textContent = link.querySelector("[data-label]").textContent;
  row.append(dt, dd);
  list.append(row);
}
}
// menus.js
{
// Menus and dialogs: Esc and a click outside close a menu, links with data-dialog open their dialog
// instead of the page they lead to, data-close closes what is around it.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }

  const closer = event.target.closest("[data-close]");
  if (closer) {
    const dialog = closer.closest("dialog");
    if (dialog) dialog.close();
    else closer.closest("[data-flash]")?.remove();
    return;
  }

  const opener = event.target.closest("[data-dialog]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  const menu = opener.closest("details[data-menu]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  dialog.showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Browsers without closedby: a click on the backdrop lands on the dialog itself.
if (!("closedBy" in HTMLDialogElement.prototype)) {
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement)) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
}
}
