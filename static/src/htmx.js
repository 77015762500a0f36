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
