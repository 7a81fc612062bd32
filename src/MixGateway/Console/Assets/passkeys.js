// Asks the browser for a passkey and sends its answer with the form around the button. Where passkeys cannot work, nothing of this is shown:
// in a browser without them, without TLS, and on another domain than the one that they are made for.
'use strict';

const form = document.querySelector('form[data-passkey]');
const words = form.dataset;
const button = form.querySelector('[data-passkey-start]');
const problem = form.querySelector('[data-passkey-problem]');
const renewAfter = 8 * 60 * 1000;
let waiting = null;

const isOffered = () => {
  const { hostname } = location;
  return typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
    && (hostname === words.domain || hostname.endsWith(`.${words.domain}`)) && !/^[\d.]+$|:/.test(hostname);
};

async function challenge() {
  const token = form.querySelector('input[name=__RequestVerificationToken]').value;
  const response = await fetch(words.url, { method: 'POST', headers: { RequestVerificationToken: token } });
  if (!response.ok) { throw new Error(`${response.status}`); }
  const { options, state } = await response.json();
  return { options: JSON.parse(options), state };
}

async function answer(mediation, signal) {
  const { options, state } = await challenge();
  const credential = words.passkey === 'add'
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), mediation, signal });
  form.querySelector('input[name$=".Passkey"]').value = JSON.stringify(credential);
  form.querySelector('input[name$=".State"]').value = state;

  // Not requestSubmit: the fields for a password are empty, and need not be filled.
  form.submit();
}

function tell(error) {
  if (error.name === 'AbortError') { return; }
  problem.textContent = error.name === 'InvalidStateError' ? words.known : error.name === 'NotAllowedError' ? words.cancelled : words.failed;
  problem.hidden = false;
}

async function start() {
  waiting?.abort();
  waiting = new AbortController();
  problem.hidden = true;
  button.disabled = true;
  try {
    await answer(undefined, waiting.signal);
  } catch (error) {
    tell(error);
  } finally {
    button.disabled = false;
  }
}

// The browser offers passkeys among its suggestions for the address, until the challenge has to be renewed. Not once more after one was refused.
async function suggest() {
  if (!words.suggest || !await PublicKeyCredential.isConditionalMediationAvailable?.()) { return; }
  waiting = new AbortController();
  const { signal } = waiting;
  const renew = setTimeout(() => {
    waiting.abort();
    suggest();
  }, renewAfter);
  signal.addEventListener('abort', () => clearTimeout(renew));
  try {
    await answer('conditional', signal);
  } catch (error) {
    // Nobody has asked for anything yet, so there is nothing to tell.
    clearTimeout(renew);
  }
}

if (isOffered()) {
  form.querySelector('[data-passkey-offer]').hidden = false;
  for (const note of document.querySelectorAll('[data-passkey-missing]')) { note.hidden = true; }
  button.addEventListener('click', start);
  suggest();
}
