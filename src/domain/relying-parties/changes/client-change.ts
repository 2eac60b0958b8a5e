import type { Fault } from '../client.ts';
import { needsSecret, type ParsedRegistration, parseRegistration } from '../registration.ts';

/** What a change request says of a client: its whole registration, whether it may be used, and perhaps a new secret. */
export interface ClientChange extends ParsedRegistration {
  /** True: it is registered and may not be used. */
  readonly disabled: boolean;
  /** SHA-256 of a new secret, hexadecimal: the proposer saw the secret once. The one there was stays without it. */
  readonly secretHash?: string;
  /** ISO 8601: the secret there was stays good until then. */
  readonly previousSecretUntil?: string;
}

const HASH = /^[0-9a-f]{64}$/;

/** A change of a client as it was handed in, or every fault of it. Outside a sandbox there are no clients of a sandbox. */
export function parseClientChange(
  input: unknown,
  { sandbox }: { readonly sandbox: boolean },
):
  | { readonly parsed: true; readonly subject: string; readonly value: ClientChange }
  | { readonly parsed: false; readonly faults: Fault[] } {
  const given = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const { disabled = false, secretHash, previousSecretUntil, ...rest } = given;
  const result = parseRegistration(typeof input === 'object' ? rest : input);
  const faults: Fault[] = result.parsed ? [] : [...result.faults];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  if (typeof disabled !== 'boolean') fault('disabled', 'True or false.');
  if (secretHash !== undefined && !(typeof secretHash === 'string' && HASH.test(secretHash)))
    fault('secretHash', 'A SHA-256 of 64 hexadecimal digits.');
  if (previousSecretUntil !== undefined) {
    if (
      typeof previousSecretUntil !== 'string' ||
      !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(previousSecretUntil) ||
      Number.isNaN(Date.parse(previousSecretUntil))
    )
      fault('previousSecretUntil', 'A moment such as 2027-01-31T00:00:00Z.');
    if (secretHash === undefined) fault('previousSecretUntil', 'This goes with a new secret.');
  }
  if (given.environment === 'sandbox' && !sandbox) fault('environment', 'This is no sandbox.');
  if (result.parsed && secretHash !== undefined && !needsSecret(result.registration))
    fault('secretHash', 'This client has no secret.');
  if (!result.parsed || faults.length > 0) return { parsed: false, faults };
  const value = {
    ...result.registration,
    disabled: disabled as boolean,
    ...(secretHash === undefined ? {} : { secretHash: secretHash as string }),
    ...(previousSecretUntil === undefined ? {} : { previousSecretUntil: previousSecretUntil as string }),
  };
  return { parsed: true, subject: value.clientId, value };
}
