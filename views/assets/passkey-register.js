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
  // Boxes of another form on the page that say something about this one too.
  form.addEventListener('formdata', ({ formData }) => {
    for (const box of document.querySelectorAll(`input[data-also="${form.id}"]:checked`))
      formData.append(box.name, box.value);
  });
  window.addEventListener('pageshow', () => {
    button.disabled = false;
  });
}
