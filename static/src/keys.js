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
