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
