import { EidError } from '../../platform/errors.ts';
import type { HashingPool } from '../../platform/hashing-pool.ts';
import { LEAST_ALONE } from './adapters/password.ts';
import type { Ready } from './types.ts';

/** The binding of an authenticator that is put in place without a ceremony. */
export async function readyBinding(subscriberId: string, ready: Ready, hashing: HashingPool): Promise<unknown> {
  if (ready.kind === 'totp') return { secret: ready.secret, lastStep: 0 };
  if (ready.kind === 'message-otp') return { phone: ready.phone };
  if (ready.kind === 'chip-card') return ready.card;
  if (ready.kind === 'face') return { subscriberId };
  const password = ready.password.normalize('NFC');
  const phc = await hashing.hash(password);
  if (phc === undefined) throw new EidError('authenticators.busy');
  return { phc, alone: [...password].length >= LEAST_ALONE };
}
