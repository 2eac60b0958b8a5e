import { creationOptions, responseText, supported, tell } from './webauthn.js';

const form = document.getElementById('register-form');
const button = document.getElementById('continue');
if (!supported) tell('unsupported');
else {
  button.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    tell();
    button.disabled = true;
    try {
      const publicKey = creationOptions(JSON.parse(form.dataset.options));
      document.getElementById('response').value = responseText(await navigator.credentials.create({ publicKey }));
      form.submit();
    } catch (error) {
      button.disabled = false;
      // InvalidStateError: this authenticator already holds a passkey of the account (WebAuthn Level 3 §5.1.3).
      tell(
        { InvalidStateError: 'known', NotAllowedError: 'cancelled', AbortError: 'cancelled' }[error.name] ?? 'failed',
      );
    }
  });
  window.addEventListener('pageshow', () => {
    button.disabled = false;
  });
}
