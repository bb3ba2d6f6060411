// Passkeys: a form says what it wants (data-passkey="create" or "get"); the answer of the device goes in as its credential.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (one) => ({ ...one, id: bytes(one.id) });

  function opened(options) {
    const asked = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (asked.user) asked.user = named(asked.user);
    if (asked.excludeCredentials) asked.excludeCredentials = asked.excludeCredentials.map(named);
    if (asked.allowCredentials) asked.allowCredentials = asked.allowCredentials.map(named);
    return { publicKey: asked };
  }

  function written(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[part]) response[part] = text(credential.response[part]);
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment,
    });
  }

  async function options(form) {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
    return (await answer.json()).request_options;
  }

  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      const kept = form.elements.credential;
      if (kept.value) return;
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      try {
        const asked = opened(await options(form));
        const credential = await navigator.credentials[form.dataset.passkey](asked);
        kept.value = written(credential);
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
