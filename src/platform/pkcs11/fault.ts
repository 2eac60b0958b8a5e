/** What keeps a key module from working, in a sentence that says what to do about it. */
export const PKCS11_FAULTS = {
  absent: 'Nothing listens at the socket of the key module: p11-kit server must run there.',
  denied: 'The socket of the key module does not let this user in.',
  lost: 'The connection to the key module was closed.',
  silent: 'The key module does not answer in time.',
  garbled: 'What answers at the socket of the key module is not p11-kit server, or another version of it.',
  no_token: 'The key module has no token of this label.',
  ambiguous: 'The key module has two tokens of this label: give one of them another.',
  pin_refused:
    'The token refuses the PIN. It is not tried again before the next start, since a few wrong ones lock the token.',
  pin_in_doubt:
    'Somebody has given this token a wrong PIN. It is not tried with ours until a login by hand has shown that the token is well: pkcs11-tool --login.',
  pin_locked: 'The PIN of the token is locked.',
  no_key: 'The token does not have this key.',
  busy: 'All sessions with the key module are in use.',
  failed: 'The key module reports an error.',
} as const satisfies Record<string, string>;

export type Pkcs11FaultCode = keyof typeof PKCS11_FAULTS;

/** A fault of module, token or the way there: expected, and told to the operator. `message` is one sentence. */
export class Pkcs11Fault extends Error {
  readonly code: Pkcs11FaultCode;
  /** The module's own answer (`CKR_…`, PKCS #11 v3.0 §5.1), when it gave one. */
  readonly answer: number | undefined;
  constructor(code: Pkcs11FaultCode, { about, answer }: { about?: string; answer?: number } = {}) {
    const more = about ?? (answer === undefined ? undefined : `0x${answer.toString(16)}`);
    super(more === undefined ? PKCS11_FAULTS[code] : `${PKCS11_FAULTS[code]} (${more})`);
    this.name = 'Pkcs11Fault';
    this.code = code;
    this.answer = answer;
  }
}
