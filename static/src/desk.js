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
