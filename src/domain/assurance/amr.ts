import { matches, type Proof, type ShownPattern, shownBy } from './proofs.ts';

/** One value of `amr` and the proofs that it stands for. */
export interface AmrRow {
  readonly value: string;
  readonly proof: ShownPattern;
  readonly clause: string;
}

/** The `amr` values of a proof, all from the registry of RFC 8176 §2. */
export const AMR_VALUES: readonly AmrRow[] = [
  { value: 'pwd', proof: { kind: 'password' }, clause: 'RFC 8176 §2 pwd: password-based authentication' },
  { value: 'otp', proof: { kind: 'totp' }, clause: 'RFC 8176 §2 otp: one-time password' },
  { value: 'otp', proof: { kind: 'message-otp', channel: 'sms' }, clause: 'RFC 8176 §2 otp: one-time password' },
  { value: 'sms', proof: { kind: 'message-otp', channel: 'sms' }, clause: 'RFC 8176 §2 sms: confirmation by SMS' },
  { value: 'hwk', proof: { kind: 'passkey', keyStorage: 'hardware' }, clause: 'RFC 8176 §2 hwk: hardware-secured key' },
  { value: 'swk', proof: { kind: 'passkey', keyStorage: 'software' }, clause: 'RFC 8176 §2 swk: software-secured key' },
  // Without attestation nobody knows where the key lives; then we do not say.
  { value: 'pop', proof: { kind: 'passkey', keyStorage: 'unknown' }, clause: 'RFC 8176 §2 pop: possession of a key' },
  { value: 'user', proof: { kind: 'passkey' }, clause: 'RFC 8176 §2 user: presence test (WebAuthn UP flag)' },
  { value: 'sc', proof: { kind: 'chip-card', chip: 'genuine' }, clause: 'RFC 8176 §2 sc: smart card' },
  { value: 'face', proof: { kind: 'face', pad: 'evaluated' }, clause: 'RFC 8176 §2 face: facial recognition' },
];

/** The `amr` of the counted proofs; `mfa` where more than one factor made the level (RFC 8176 §2 mfa). */
export function amrOf(counted: readonly Proof[], authenticationLevel: number): string[] {
  const shown = counted.map(shownBy);
  const values = AMR_VALUES.filter((row) => shown.some((one) => matches(one, row.proof))).map((row) => row.value);
  return [...new Set(authenticationLevel >= 2 ? [...values, 'mfa'] : values)];
}
