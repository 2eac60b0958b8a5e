import type { CardReading } from '../../../src/journeys/card-reading.ts';
import {
  lockCodePage,
  lockedNowPage,
  lockPage,
  unlockCardPage,
  unlockPage,
  unlockPasswordPage,
  unlockResultPage,
} from '../../../src/journeys/locking/models.ts';
import type { View } from '../../../src/platform/views.ts';

const OPENED = new Date('2026-11-25T21:00:00+07:00');
const form = (action: string) => ({ action, csrf: 'token', errors: {}, notice: null });

/** The pages that lock and unlock without a session. */
export function lockingSamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
  { reading, request }: { readonly reading: CardReading; readonly request: object },
): void {
  sample(lockPage, '', { ...form('/lock'), identifier: '', phone: 'own' });
  sample(lockPage, 'wrong', {
    ...form('/lock'),
    ...{ identifier: '0973', phone: 'second', errors: { identifier: 'fields.identifier.form' } },
    notice: { key: 'rejected.throttled', values: { minutes: 25, hours: 0 } },
  });
  const asked = { identifier: '097204012345', challenge: 'sealed' };
  sample(lockCodePage, '', { ...form('/lock/code'), ...asked, phone: 'own' });
  sample(lockCodePage, 'wrong', {
    ...form('/lock/code'),
    ...{ ...asked, phone: 'second', errors: { code: 'rejected.code.wrong' } },
  });
  sample(lockedNowPage, '', {});
  const passkey = { action: '/unlock/passkey', csrf: 'token', challengeId: 'challenge', options: request };
  const card = { action: '/unlock/card', csrf: 'token' };
  sample(unlockPage, '', { notice: null, passkey, card });
  sample(unlockPage, 'weak', { notice: 'unlock.weak', passkey: null, card });
  sample(unlockCardPage, '', { ...form('/unlock/card'), reading });
  sample(unlockPasswordPage, '', { ...form('/unlock/password'), state: 'sealed' });
  sample(unlockPasswordPage, 'wrong', {
    ...form('/unlock/password'),
    ...{ state: 'sealed', errors: { password: 'rejected.password.alone' } },
  });
  sample(unlockResultPage, '', { outcome: 'unlocked', open: [] });
  sample(unlockResultPage, 'still', {
    outcome: 'still_locked',
    open: [
      { ground: 'card_expired', openedAt: OPENED },
      { ground: 'authority_request', openedAt: OPENED },
    ],
  });
  sample(unlockResultPage, 'counter', { outcome: 'counter', open: [] });
}
