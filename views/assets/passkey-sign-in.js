import { requestOptions, responseText, supported, tell } from './webauthn.js';

const form = document.getElementById('passkey-form');
if (form && supported) {
  form.hidden = false;
  document.getElementById('passkey-or')?.removeAttribute('hidden');
  const button = document.getElementById('passkey');
  const options = JSON.parse(form.dataset.options);
  let waiting = new AbortController();

  const send = (credential) => {
    document.getElementById('response').value = responseText(credential);
    form.submit();
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    tell();
    button.disabled = true;
    // Only one prompt at a time: the one that waits in the identifier field gives way.
    waiting.abort();
    waiting = new AbortController();
    try {
      send(await navigator.credentials.get({ publicKey: requestOptions(options), signal: waiting.signal }));
    } catch (error) {
      button.disabled = false;
      // A cancelled and a timed-out prompt look the same, on purpose (WebAuthn Level 3 §14.5.1).
      tell(error.name === 'NotAllowedError' || error.name === 'AbortError' ? 'cancelled' : 'failed');
    }
  });

  // The page may come back from the browser's cache with its button still pressed.
  window.addEventListener('pageshow', () => {
    button.disabled = false;
  });

  const field = document.querySelector('input[autocomplete~="webauthn"]');
  if (field && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    try {
      send(
        await navigator.credentials.get({
          publicKey: requestOptions(options),
          mediation: 'conditional',
          signal: waiting.signal,
        }),
      );
    } catch {
      // Nobody chose a passkey from the field, or the button took over. There is nothing to say.
    }
  }
}
