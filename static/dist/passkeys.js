"use strict";
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
