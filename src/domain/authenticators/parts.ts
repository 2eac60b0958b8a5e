import { randomBytes } from 'node:crypto';
import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { AnyAdapter, Random } from './adapter.ts';
import type { ChipCardBinding } from './adapters/chip-card.ts';
import { maskedPhone } from './adapters/message-otp.ts';
import type { PasskeyBinding } from './adapters/passkey-wire.ts';
import type { PasswordBinding } from './adapters/password.ts';
import type { RecoveryCodeBinding } from './adapters/recovery-code.ts';
import type { Catalogue } from './catalogue.ts';
import type { Challenges } from './challenges.ts';
import type { Store, StoredAuthenticator } from './store.ts';
import type { Limits } from './throttles/limits.ts';
import type { Throttle } from './throttles/throttle.ts';
import type { Authenticator, AuthenticatorChange, AuthenticatorsOptions } from './types.ts';

declareErrors('authenticators', {
  replayed: {
    status: 409,
    when: 'The same code or answer was accepted a moment ago in another request, so this one is undone.',
  },
  busy: { status: 503, when: 'Every place for hashing passwords is taken and the queue before them is full.' },
});

/** What verifier and binder share. */
export interface Parts
  extends Pick<
    AuthenticatorsOptions,
    'database' | 'sealer' | 'clock' | 'journal' | 'policy' | 'codes' | 'holdingUnlocked'
  > {
  readonly catalogue: Catalogue;
  readonly store: Store;
  readonly throttle: Throttle;
  readonly challenges: Challenges;
  readonly limits: Limits;
  readonly random: Random;
  /** Whether faces can be compared here. */
  readonly faces: boolean;
  readonly notify: (change: AuthenticatorChange) => Promise<readonly Write[]>;
}

/** Randomness of the process. */
export const random: Random = (bytes) => randomBytes(bytes);

/** Somebody else used the same code, counter or challenge first. */
export const replayed = (): Error => new EidError('authenticators.replayed');
export const isReplayed = (error: unknown): boolean =>
  error instanceof EidError && error.code === 'authenticators.replayed';

/** A row as its adapter knows it. */
export const boundOf = (adapter: AnyAdapter, stored: StoredAuthenticator) => ({
  id: stored.id,
  subscriberId: stored.subscriberId,
  binding: adapter.binding.parse(stored.binding) as unknown,
});

/** Made for one page and typed back from it: what is bound already was bound by this answer, and only what it was told was lost. */
export const isThatVeryOne = ({ kind, status, binding }: StoredAuthenticator, other: unknown): boolean =>
  (kind === 'recovery-code' || kind === 'totp') &&
  status === 'active' &&
  JSON.stringify(binding) === JSON.stringify(other);

/** A row as pages show it. */
export function shown(stored: StoredAuthenticator): Authenticator {
  const { id, kind, name, status, createdAt, lastUsedAt } = stored;
  return { id, kind, name, status, createdAt, ...(lastUsedAt ? { lastUsedAt } : {}), ...details(stored) };
}

function details({ kind, binding }: StoredAuthenticator): Partial<Authenticator> {
  if (kind === 'passkey') {
    const { aaguid, backedUp, backupEligible, transports } = binding as PasskeyBinding;
    return { passkey: { aaguid, backedUp, deviceOnly: !backupEligible, transports } };
  }
  if (kind === 'password') return { password: { alone: (binding as PasswordBinding).alone } };
  if (kind === 'chip-card') {
    const { documentNumber, expiresOn } = binding as ChipCardBinding;
    return { card: { ending: documentNumber.slice(-3), expiresOn } };
  }
  if (kind === 'recovery-code') return { sheet: { left: (binding as RecoveryCodeBinding).codes.length } };
  if (kind === 'message-otp') return { message: { to: maskedPhone((binding as { phone: string }).phone) } };
  return {};
}
