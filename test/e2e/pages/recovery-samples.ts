import { drawn } from '../../../src/journeys/card-reading.ts';
import {
  afterwardsPage,
  cancelPage,
  completePage,
  continuePage,
  donePage,
  identifyPage,
  methodsPage,
  provePage,
  provePasskeyPage,
  waitingPage,
} from '../../../src/journeys/recovery/models.ts';
import {
  confirmAddressPage,
  recoveryCodesPage,
  recoveryPage,
} from '../../../src/journeys/self-service/recovery/models.ts';
import type { View } from '../../../src/platform/views.ts';

/** Adds the pages of a recovery, and of what prepares for one. */
export function recoverySamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  const form = { action: '/recover/act', csrf: 'token', errors: {} };
  const options = { challenge: 'AAAA', rpId: 'localhost', allowCredentials: [], userVerification: 'required' };
  const creation = {
    ...{ challenge: 'AAAA', rp: { id: 'localhost', name: 'SenID' }, user: { id: 'AAAA', name: 'A', displayName: 'A' } },
    ...{ pubKeyCredParams: [{ type: 'public-key', alg: -7 }], excludeCredentials: [] },
  };
  const cancel = { action: '/recover/cancel', csrf: 'token' };
  const code = '7K3M-Q9TX-0HVB-2R5D';

  sample(identifyPage, '', { ...form, identifier: '', notice: null });
  sample(identifyPage, 'wrong', {
    ...form,
    ...{ identifier: '097 204', notice: 'recover.notice.over', errors: { identifier: 'fields.identifier.form' } },
  });
  const methods = ['printed-code', 'passkey', 'own-phone', 'second-phone', 'e-mail'] as const;
  sample(methodsPage, '', { ...form, identifier: '097204012345', proven: null, methods, notice: null });
  sample(methodsPage, 'second', {
    ...form,
    ...{ identifier: '', proven: 'second-phone', methods: methods.slice(0, 2), notice: 'recover.notice.refused' },
  });
  for (const method of ['printed-code', 'own-phone', 'second-phone', 'e-mail'] as const)
    sample(provePage, method, { ...form, method, identifier: '097204012345', challengeId: 'challenge' });
  sample(provePage, 'wrong', {
    ...{ ...form, method: 'printed-code', identifier: '097204012345', challengeId: '' },
    errors: { code: 'recover.rejected.code.wrong' },
  });
  sample(provePasskeyPage, '', { ...form, identifier: '097204012345', challengeId: 'challenge', options });
  sample(waitingPage, '', { until: new Date('2026-11-29T02:15:00Z'), hours: 71, minutes: 59, code, cancel });
  const bound = [
    ['password', null, null, true],
    ['passkey', 'Điện thoại của tôi, chiếc màu xanh mua ở phố Huế', null, true],
    ['message-otp', null, '678', false],
    ['chip-card', null, '345', false],
    ['recovery-code', null, null, true],
  ].map(([kind, name, ending, lost], index) => ({
    ...{ id: `00000000-0000-4000-8000-00000000000${index}`, kind: kind as string, name: name as string | null },
    ...{ ending: ending as string | null, lost: lost as boolean },
  }));
  const name = 'Nguyễn Phúc Vĩnh Thụy Bảo Trân Công Tằng Tôn Nữ';
  sample(completePage, '', {
    ...{ ...form, name, bound, challengeId: 'challenge', options: creation, reproofing: true, code, cancel },
    password: { action: '/recover/complete-password', csrf: 'token', ending: '678' },
  });
  sample(completePage, 'wrong', {
    ...{ ...form, name, bound: [], challengeId: 'challenge', options: creation, reproofing: false, code: null, cancel },
    ...{ password: null, errors: { passkey: 'rejected.passkey.malformed' } },
  });
  sample(donePage, '', { accountUrl: '/account' });
  sample(continuePage, '', { ...form, first: '', second: '' });
  sample(continuePage, 'wrong', { ...form, first: code, second: '', errors: { first: 'recover.continue.wrong' } });
  sample(cancelPage, '', form);
  const at = new Date('2026-11-29T02:15:00Z');
  const lock = { action: '/recover/cancel/x/lock', csrf: 'token', until: new Date('2026-12-06T02:15:00Z') };
  sample(afterwardsPage, 'cancelled', { fate: 'cancelled', at: null, lock: { ...lock, why: 'cancelled' }, hint: null });
  sample(afterwardsPage, 'half', { fate: 'cancelled', at: null, lock: { ...lock, why: 'half' }, hint: null });
  sample(afterwardsPage, 'passkey', { fate: 'cancelled', at: null, lock: { ...lock, why: 'passkey' }, hint: null });
  sample(afterwardsPage, 'completed', { fate: 'completed', at, lock: { ...lock, why: 'completed' }, hint: null });
  sample(afterwardsPage, 'late', { fate: 'completed', at, lock: null, hint: 'elsewhere' });
  sample(afterwardsPage, 'nothing', { fate: 'nothing', at: null, lock: null, hint: 'elsewhere' });
  sample(afterwardsPage, 'locked', { fate: 'locked', at: null, lock: null, hint: null });
  sample(afterwardsPage, 'locked-for-holder', { fate: 'locked-for-holder', at: null, lock: null, hint: 'locked' });
  sample(afterwardsPage, 'already-locked', { fate: 'already-locked', at: null, lock: null, hint: 'locked' });
  sample(afterwardsPage, 'not-locked', { fate: 'not-locked', at: null, lock: null, hint: 'elsewhere' });

  const post = (action: string) => ({ action: `/account/recovery/${action}`, csrf: 'token' });
  const empty = {
    ...{ errors: {}, notice: null, left: null, sheetUrl: '/account/recovery-codes/new', addresses: [] },
    phone: { ...post('phone'), entered: '', begun: 'begun' },
    mail: { ...post('e-mail'), entered: '', begun: 'begun' },
    ...{ remove: post('remove'), stepUpUrl: null },
  };
  sample(recoveryPage, '', empty);
  sample(recoveryPage, 'step-up', { ...empty, phone: null, mail: null, stepUpUrl: '/account/recovery' });
  sample(recoveryPage, 'prepared', {
    ...empty,
    ...{ notice: 'account.notice.codes-made', left: 1, errors: { phone: 'account.recovery.phone.known' } },
    addresses: [
      { medium: 'sms', masked: '+84 ••• ••• 678', since: new Date('2026-03-14T02:05:00Z'), settlesAt: null },
      {
        ...{ medium: 'mail', masked: 'n•••@nguoi-than-trong-gia-dinh.example' },
        ...{ since: new Date('2026-03-14T02:05:00Z'), settlesAt: new Date('2026-03-17T02:05:00Z') },
      },
    ],
  });
  sample(recoveryCodesPage, '', {
    ...{ ...post('codes'), errors: { code: 'account.codes.wrong' }, challengeId: 'challenge', replaces: true },
    ...{ codes: Array.from({ length: 8 }, () => code), madeAt: new Date('2026-11-27T02:15:00Z') },
    ...{ download: post('download'), backUrl: '/account/recovery' },
    help: { url: 'http://localhost:3000/help#phone', qr: drawn('http://localhost:3000/help#phone') },
  });
  for (const medium of ['sms', 'mail'] as const)
    sample(confirmAddressPage, medium, {
      ...{ ...post('confirm'), errors: {}, medium, challengeId: 'challenge', begun: 'begun' },
      masked: medium === 'sms' ? '+84 ••• ••• 678' : 'n•••@nguoi-than-trong-gia-dinh.example',
      backUrl: '/account/recovery',
    });
}
