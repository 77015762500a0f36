"use strict";
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
