import { clearedPage, stillTherePage } from '../../../src/journeys/kiosk/models.ts';
import {
  cancelledPage,
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

/** The pages of recovering an account, of what is made ready for it, and those of shared machines. */
export function recoverySamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
  { creation, request }: { creation: object; request: object },
): void {
  const at = new Date('2026-03-14T02:05:00Z');
  const post = (action: string) => ({ action, csrf: 'token' });
  const form = { ...post('/recover'), errors: {} };
  const identifier = '097204012345';
  const cancel = post('/recover/cancel');
  const challengeId = 'challenge';

  sample(identifyPage, '', { ...form, identifier: '', notice: null });
  const wrongNumber = { identifier: 'fields.identifier.form' };
  sample(identifyPage, 'wrong', {
    ...form,
    ...{ identifier: '097 204', notice: 'recover.notice.over', errors: wrongNumber },
  });
  const all = ['printed-code', 'own-phone', 'second-phone', 'e-mail', 'passkey'] as const;
  sample(methodsPage, '', { ...form, identifier, proven: null, methods: [...all], notice: null });
  sample(methodsPage, 'second', { ...form, identifier, proven: 'printed-code', methods: all.slice(1), notice: null });
  sample(provePage, 'sheet', { ...form, identifier, method: 'printed-code', challengeId });
  sample(provePage, 'wrong', {
    ...{ ...form, identifier, method: 'own-phone', challengeId },
    errors: { code: 'fields.code.form' },
  });
  sample(provePasskeyPage, '', { ...form, identifier, challengeId, options: request });
  sample(waitingPage, '', { until: at, hours: 71, minutes: 12, code: '7K3M 92QF 4XTB 01AZ', cancel });
  const bound = (id: string, kind: string, name: string | null, lost: boolean) => ({
    ...{ id, kind, name, lost },
    ending: kind === 'message-otp' ? '678' : null,
  });
  const complete = {
    ...{ ...form, name: 'Công Tằng Tôn Nữ Thị Hoàng Thục Uyên', challengeId, options: creation, cancel },
    bound: [bound('a1', 'passkey', 'iPhone của Uyên', true), bound('a2', 'message-otp', null, false)],
    reproofing: true,
  };
  sample(completePage, '', { ...complete, password: null });
  sample(completePage, 'password', {
    ...{ ...complete, reproofing: false, password: { ...post('/recover/complete-password'), ending: '678' } },
    errors: { password: 'recover.password.too-common' },
  });
  sample(donePage, '', { accountUrl: '/account' });
  sample(continuePage, '', { ...form, first: '', second: '' });
  sample(cancelPage, '', form);
  sample(cancelledPage, '', { lock: post('/recover/lock'), locked: false });
  sample(cancelledPage, 'locked', { lock: null, locked: true });

  const phone = { ...post('/account/recovery/phone'), entered: '' };
  const mail = { ...post('/account/recovery/e-mail'), entered: '' };
  const remove = post('/account/recovery/remove');
  const sheetUrl = '/account/recovery-codes/new';
  const ready = { errors: {}, notice: null, left: null, sheetUrl, addresses: [], phone, mail, remove };
  sample(recoveryPage, '', ready);
  sample(recoveryPage, 'ready', {
    ...{ ...ready, left: 9 },
    addresses: [
      { medium: 'sms', masked: '••• ••• 678', since: at },
      { medium: 'mail', masked: 'u•••••@thu-dien-tu.example', since: at },
    ],
  });
  const codes = Array.from({ length: 10 }, (_, index) => `7K3M-92QF-4XTB-${String(index).padStart(4, '0')}`);
  const url = 'https://id.example/help#phone';
  sample(recoveryCodesPage, '', {
    ...{ ...post('/account/recovery-codes'), errors: {}, codes, challengeId, madeAt: at, replaces: true },
    download: post('/account/recovery-codes/download'),
    help: { url, qr: { size: 21, path: 'M0 0h7v1h-7zM0 6h7v1h-7z' } },
    backUrl: '/account/recovery',
  });
  sample(confirmAddressPage, '', {
    ...{ ...post('/account/recovery/confirm'), errors: { code: 'fields.code.form' }, medium: 'sms' },
    ...{ masked: '••• ••• 678', challengeId, backUrl: '/account/recovery' },
  });

  sample(clearedPage, '', { startUrl: '/' });
  sample(stillTherePage, '', { seconds: 60, clearedUrl: '/kiosk/cleared', backUrl: '/help' });
}
