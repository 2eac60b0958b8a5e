import { z } from 'zod';
import { UNLOCK_PROOF_SECONDS } from '../../domain/guardianships/index.ts';
import { EidError } from '../../platform/errors.ts';
import { parseForm, pressed } from '../../platform/forms.ts';
import { wardLockPage } from './models.ts';
import { goTo } from './visit.ts';
import { type Guardian, nameHeld, WARDS } from './wards.ts';

/** `ward` names a guardianship by the application that began it, never by the ward's account. */
const wardForm = z.object({ ward: z.string().max(64) });

/** What a lock of a ward's account does, before it is made. */
export async function showWardLock(guardian: Guardian): Promise<void> {
  const { ctx, parts, session } = guardian;
  const ward = String(ctx.query.ward ?? '');
  const name = await nameHeld(guardian, ward);
  if (name === undefined) throw new EidError('http.not_found');
  const form = { action: WARDS.lock, csrf: parts.csrf.token(session.uid, WARDS.lock), errors: {} };
  parts.views.show(ctx, wardLockPage, { ...form, ward, name });
}

/** Locks at once: whatever is open ends in the statement of the lock, which tells the ward's addresses and the guardian's. */
export async function lockWard(guardian: Guardian): Promise<void> {
  const { ctx, parts, subscriber } = guardian;
  if (pressed(ctx, 'cancel')) return goTo(guardian, WARDS.all);
  const parsed = parseForm(ctx, wardForm);
  const outcome = parsed.ok ? await parts.wardLocks.lock(subscriber, parsed.values.ward) : 'not_held';
  goTo(guardian, `${WARDS.all}?notice=${outcome}`);
}

/** Lifts what the guardian has locked, after a fresh and strong proof of their level 2. */
export async function unlockWard(guardian: Guardian): Promise<void> {
  const { ctx, parts, subscriber, session } = guardian;
  const parsed = parseForm(ctx, wardForm);
  const outcome = parsed.ok ? await parts.wardLocks.unlock(subscriber, parsed.values.ward, session.proofs) : 'not_held';
  if (outcome !== 'more') return goTo(guardian, `${WARDS.all}?notice=${outcome}`);
  const wanted = { authenticationLevel: 2, maxAge: UNLOCK_PROOF_SECONDS, strong: true, accountLevel: 2 } as const;
  // Back to the list: the button is pressed again by whoever has proven it.
  return goTo(guardian, parts.signInUrl('wards', wanted));
}
