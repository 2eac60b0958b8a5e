// What both passkey pages share. Browsers that cannot translate the JSON of WebAuthn Level 3 §5.1.8–5.1.10 get it done here.

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const withIds = (list) => list?.map((item) => ({ ...item, id: decode(item.id) }));

/** Whether this browser knows passkeys at all. */
export const supported = typeof window.PublicKeyCredential === 'function';

/** `PublicKeyCredentialRequestOptionsJSON` for `navigator.credentials.get`. */
export function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: decode(json.challenge), allowCredentials: withIds(json.allowCredentials) ?? [] };
}

/** `PublicKeyCredentialCreationOptionsJSON` for `navigator.credentials.create`. */
export function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: decode(json.challenge),
    user: { ...json.user, id: decode(json.user.id) },
    excludeCredentials: withIds(json.excludeCredentials) ?? [],
  };
}

/** The answer as the JSON text that the server reads. */
export function responseText(credential) {
  try {
    if (credential.toJSON) return JSON.stringify(credential.toJSON());
  } catch {
    // Some password managers hand over an object whose toJSON refuses to work; its parts can still be read.
  }
  const { response } = credential;
  const parts = {
    clientDataJSON: encode(response.clientDataJSON),
    ...(response.attestationObject
      ? { attestationObject: encode(response.attestationObject), transports: response.getTransports?.() ?? [] }
      : {
          authenticatorData: encode(response.authenticatorData),
          signature: encode(response.signature),
          ...(response.userHandle ? { userHandle: encode(response.userHandle) } : {}),
        }),
  };
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: credential.getClientExtensionResults(),
    ...(credential.authenticatorAttachment ? { authenticatorAttachment: credential.authenticatorAttachment } : {}),
  });
}

/** Says what happened in the page's own words, below the form. */
export function tell(kind) {
  const box = document.getElementById('passkey-trouble');
  const line = box.querySelector('p');
  line.textContent = kind ? (line.dataset[kind] ?? line.dataset.failed) : '';
  box.hidden = !kind;
}
