// Asks the browser for a passkey, and sends what it answers along with the form.

import { all } from './dom.js';

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (byte) => byte.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

/** The options with bytes where JSON has text. */
function read(json) {
  const options = JSON.parse(json);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  options.excludeCredentials = known(options.excludeCredentials);
  options.allowCredentials = known(options.allowCredentials);
  return options;
}

const PARTS = ['attestationObject', 'authenticatorData', 'clientDataJSON', 'signature', 'userHandle'];

/** A passkey's answer as JSON. */
function written(credential) {
  const given = PARTS.filter((part) => credential.response[part]);
  const response = Object.fromEntries(given.map((part) => [part, text(credential.response[part])]));
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

const WHY = {
  NotAllowedError: 'Your browser didn’t finish. Try again.',
  InvalidStateError: 'This device already has a passkey for your account.',
  SecurityError: 'Passkeys don’t work at this address. Open Covey at the address that your practice uses.',
};

async function answer(form) {
  const error = form.querySelector('[data-passkey-error]');
  error.hidden = true;
  try {
    const options = { publicKey: read(form.dataset.options) };
    const credential = await navigator.credentials[form.dataset.passkey](options);
    form.elements.passkey.value = written(credential);
    form.submit();
  } catch (cause) {
    error.textContent = WHY[cause.name] ?? 'This browser can’t use passkeys here. Use another way.';
    error.hidden = false;
  }
}

for (const form of all('form[data-passkey]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    answer(form);
  });
  if ('passkeyAsk' in form.dataset && globalThis.PublicKeyCredential) answer(form);
}
