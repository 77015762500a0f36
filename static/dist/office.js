"use strict";
// desk.js
{
// Beside each other: while a page is in sight, it says that its record is open and shows who else has it.
const askAgain = 20000; // ms

const here = document.querySelector("[data-here]");
let shown = "";

const editing = () => here.hasAttribute("data-editing") || document.querySelector("form[data-guard][data-changed]") !== null;

async function sayHere() {
  if (document.hidden) return;
  try {
    const body = new URLSearchParams({ editing: String(editing()) });
    const response = await fetch(here.dataset.here, { method: "POST", body, redirect: "manual" });
    const text = response.ok ? await response.text() : "";
    if (text === shown) return;
    shown = text;
    here.innerHTML = text;
  } catch {
    // it asks again anyway
  }
}

if (here) {
  sayHere();
  setInterval(sayHere, askAgain);
  document.addEventListener("visibilitychange", sayHere);
}

// Two versions of a field: the one that is chosen shows in the field, and typing there chooses one's own.
document.addEventListener("change", (event) => {
  const { take, value } = event.target.dataset;
  const field = take && event.target.form.elements[take];
  if (!field || !("value" in field) || field.type === "checkbox") return;
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const mine = event.target.form?.querySelector(`[data-take="${CSS.escape(event.target.name)}"][value="mine"]`);
  if (!mine) return;
  mine.checked = true;
  mine.dataset.value = event.target.value;
  mine.closest("label").querySelector(".k-clash-value").textContent = event.target.value;
});
}
// drafts.js
{
// Drafts: what is typed into a form with data-draft is sent there once the typing rests, and when the page is left or
// goes out of sight, so that it outlives the page. Nothing is sent unless somebody typed: it counts as a sign that they are there.
const rest = 1500; // ms without typing
const outlives = 60000; // bytes that a browser still sends for a page that is gone

const form = document.querySelector("form[data-draft]");
let timer = 0;
let sending = null; // an AbortController while a draft is on its way

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, rest);
}

function typed() {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !form.querySelector(`[type="password"][name="${CSS.escape(name)}"]`)) body.append(name, value);
  }
  return body;
}

async function keep() {
  if (sending) return later(); // one after the other, so that the last one stays
  clearTimeout(timer);
  timer = 0;
  const body = typed();
  const keepalive = body.toString().length < outlives;
  const mine = (sending = new AbortController());
  let kept = false;
  try {
    const { ok } = await fetch(form.dataset.draft, { method: "POST", body, redirect: "manual", keepalive, signal: mine.signal });
    kept = ok;
  } catch {
    // the next typing tries again; leaving the page asks first
  }
  if (sending === mine) sending = null;
  form.toggleAttribute("data-kept", kept);
}

// What is saved is no draft any more.
function stop() {
  clearTimeout(timer);
  timer = 0;
  sending?.abort();
}

if (form) {
  // a form shown again after a button or a mistake holds what was typed until then
  if (form.hasAttribute("data-changed") && !document.querySelector("#draft[data-restored]")) later();
  form.addEventListener("input", later);
  form.addEventListener("submit", stop);
  // what is pending when the page is left, before the next one is asked for; phones only say that it is hidden
  window.addEventListener("beforeunload", () => timer && keep());
  document.addEventListener("visibilitychange", () => document.hidden && timer && keep());
}

// Whoever discards what was restored is not asked once more.
document.querySelector("#draft[data-restored] form")?.addEventListener("submit", () => {
  stop();
  form?.removeAttribute("data-changed");
});
}
// find.js
{
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
}
// forms.js
{
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
}
// htmx.js
{
// What htmx 4 needs to be told: empty filters stay out of the address, hidden tabs do not poll, and a request
// that failed says so in a flash instead of putting an error page into the middle of this one.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET" || !(request.body instanceof FormData)) return;
  for (const [name, value] of [...request.body.entries()]) {
    if (value === "") request.body.delete(name);
  }
});

const polls = (ctx) => ctx.sourceElement.hasAttribute("data-poll");

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && polls(event.detail.ctx)) event.preventDefault();
});

function failed(ctx, text) {
  if (polls(ctx)) return; // it asks again anyway
  for (const old of document.querySelectorAll("#flash [data-failed]")) old.remove();
  const flash = document.getElementById("flash-failed").content.firstElementChild.cloneNode(true);
  flash.setAttribute("data-failed", "");
  if (text) flash.querySelector("p").textContent = text;
  document.getElementById("flash").append(flash);
}

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 400 || !/^\s*<!doctype/i.test(ctx.text)) return;
  event.preventDefault();
  const main = new DOMParser().parseFromString(ctx.text, "text/html").querySelector("main");
  failed(ctx, [...main.querySelectorAll("h1, p")].map((e) => e.textContent.trim()).join(" · "));
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (ctx && !ctx.response) failed(ctx);
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-failed] [data-close]")?.closest("[data-failed]").remove();
});
}
// keep.js
{
// What is shown once can be taken along: data-copy copies the element it names, data-print prints the page.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    button.querySelector("[role=status]").textContent = button.dataset.copied;
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
}
// keys.js
{
// The office by keyboard: Ctrl-K searches everything, / the list on the page, g and a letter goes, j and k move
// along the rows, x selects one, Enter opens, ? shows all; any other letter triggers the button that carries it as data-key.
const waitForLetter = 1200; // ms after g
let going = 0;

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function search() {
  const field = document.querySelector("[data-search]");
  if (!field) return find();
  field.focus();
  field.select();
  return true;
}

function find() {
  const dialog = document.getElementById("find");
  if (!dialog) return false;
  if (!dialog.open) dialog.showModal();
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
  if (letter === "x") {
    const box = document.activeElement?.closest("tr")?.querySelector("[data-select]");
    box?.click();
    return Boolean(box);
  }
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
    if (find()) event.preventDefault();
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
// lists.js
{
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
// passkeys.js
{
// Passkeys: a form with data-passkey="get" or "create" asks the browser the question in data-options, and posts
// the answer like any other field. Until then it is hidden: nothing is promised that the browser cannot do.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question(json) {
  const options = JSON.parse(json);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const credential of list ?? []) credential.id = bytes(credential.id);
  }
  return options;
}

function answer(credential) {
  const given = credential.response, response = { clientDataJSON: text(given.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[part]) response[part] = text(given[part]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: {},
  });
}

async function ask(form) {
  const failed = form.querySelector("[data-passkey-failed]"), button = form.querySelector("[type=submit]");
  failed.hidden = button.disabled = true;
  try {
    const publicKey = question(form.dataset.options);
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.querySelector("[data-passkey-answer]").value = answer(credential);
    form.submit();
  } catch {
    failed.hidden = false; // cancelled, timed out, or nothing that fits
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  for (const element of document.querySelectorAll("[data-with-passkey]")) element.hidden = false;
  for (const element of document.querySelectorAll("[data-without-passkey]")) element.hidden = true;
}
}
// tabs.js
{
// Tabs that do not fit scroll sideways: begin where the page is.
for (const here of document.querySelectorAll(".k-tabs [aria-current]")) {
  const tabs = here.parentElement;
  tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
}
}
