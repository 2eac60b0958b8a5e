import {
  activatedPage,
  activatePage,
  codePage,
  facePage,
  identityPage,
  phonePage,
  privacyPage,
  standingPage,
  startPage,
  statusFormPage,
  stopPage,
  stoppedPage,
  submittedPage,
  summaryPage,
  tooYoungPage,
  wardLockPage,
  wardPage,
  wardsPage,
  waysPage,
} from '../../../src/journeys/enrolment/models.ts';
import type { View } from '../../../src/platform/views.ts';

/** The pages of signing up, with the longest texts that are likely. */
export function enrolmentSamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  const form = { action: '/sign-up/form', csrf: 'token', errors: {} };
  const at = new Date('2026-03-14T02:05:00Z');
  const typed = {
    accountType: 'citizen',
    identityNumber: '098 190 000123',
    fullName: 'Công Tằng Tôn Nữ Thị Hoàng Thục Uyên',
    ...{ day: '17', month: '05', year: '1990' },
  } as const;
  const empty = { ...typed, identityNumber: '', fullName: '', day: '', month: '', year: '' };

  sample(startPage, '', { nextUrl: '/sign-up/identity' });
  sample(identityPage, '', { ...form, ...empty, step: 1 });
  sample(identityPage, 'wrong', {
    ...form,
    ...{ ...typed, accountType: 'foreigner', step: 1 },
    errors: { identityNumber: 'sign-up.number.form', birthdate: 'sign-up.birthdate.none' },
  });
  sample(tooYoungPage, '', { wardsUrl: '/account/wards' });
  sample(phonePage, '', { ...form, step: 2, phone: '' });
  sample(phonePage, 'wrong', { ...form, step: 2, phone: '091', errors: { phone: 'sign-up.phone.form' } });
  const lede = { key: 'sign-up.code.lede', values: { ending: '678' } };
  sample(codePage, '', { ...form, step: 2, lede, resend: true, notice: 'message-code.sent-again' });
  sample(codePage, 'status', {
    ...form,
    ...{ step: null, lede: 'sign-up.status.code.lede', resend: false, notice: null },
    errors: { code: 'sign-up.code.over' },
  });
  sample(privacyPage, '', { ...form, step: 3 });
  sample(privacyPage, 'wrong', { ...form, step: 3, errors: { agree: 'sign-up.privacy.agree.missing' } });
  sample(facePage, '', { ...form, step: 4, backUrl: '/sign-up/privacy' });
  sample(facePage, 'wrong', {
    ...{ ...form, step: null, backUrl: '/sign-up/application' },
    errors: { picture: 'face.unreadable' },
  });
  const said = { ...typed, identityNumber: '098190000123', birthdate: '1990-05-17', phone: '+84912345678', step: 5 };
  sample(summaryPage, '', { ...form, ...said });
  sample(summaryPage, 'wrong', { ...form, ...said, errors: { form: 'sign-up.summary.too-many' } });
  sample(submittedPage, '', { reference: '7K3M9-2QF4X', dueAt: at, statusUrl: '/sign-up/application' });
  sample(statusFormPage, '', { ...form, reference: '' });
  const standing = {
    ...{ reference: '7K3M9-2QF4X', form: 'APP_L1' as const, submittedAt: at, dueAt: at, overdue: false },
    ...{ told: null, waiting: false, answerBefore: null, activation: null, activateBefore: null },
  } as const;
  const shown = { withdraw: { action: '/sign-up/withdraw', csrf: 'token' }, pictureUrl: null, notice: null };
  sample(standingPage, 'waiting', {
    ...{ ...shown, provisionalYear: 2027 },
    standing: { ...standing, state: 'CHECKING', overdue: true, waiting: true },
  });
  sample(standingPage, 'needs-info', {
    ...{ ...shown, provisionalYear: null },
    pictureUrl: '/sign-up/picture',
    standing: { ...standing, state: 'NEEDS_INFO', answerBefore: at },
  });
  sample(standingPage, 'issued', {
    ...{ withdraw: null, pictureUrl: null, notice: null, provisionalYear: null },
    standing: { ...standing, state: 'APPROVED', activation: 'issued', activateBefore: at },
  });
  sample(standingPage, 'refused', {
    ...{ withdraw: null, pictureUrl: null, notice: null, provisionalYear: null },
    standing: { ...standing, state: 'REFUSED', told: 'details' },
  });
  sample(stopPage, '', { ...form, code: '' });
  sample(stopPage, 'wrong', { ...form, code: '7K3M9', errors: { code: 'sign-up.long-code.unknown' } });
  sample(stoppedPage, '', { locked: true });
  sample(activatePage, '', { ...form, code: '' });
  const ways = {
    ...form,
    challengeId: 'challenge',
    options: { challenge: 'AAAA', rp: { id: 'localhost', name: 'SenID' }, user: { id: 'AAAA', name: 'Lan' } },
    password: { action: '/sign-up/activate/password', csrf: 'token' },
  };
  sample(waysPage, '', ways);
  sample(waysPage, 'wrong', { ...ways, errors: { password: 'sign-up.password.too-common' } });
  sample(activatedPage, '', { accountUrl: '/account' });
  const list = { newUrl: '/account/wards/new', backUrl: '/account' };
  const ward = {
    ...{ name: 'Nguyễn Gạo Nếp', reference: '7K3M9-2QF4X', submittedAt: at, dueAt: at },
    ...{ hold: null, takesOverOn: null, viewUntil: null, locked: false, lockUrl: null, unlock: null },
    ...{ byCourt: false, until: null, relieved: false },
  };
  const id = '0193d5a0-0000-7000-8000-000000000001';
  sample(wardsPage, '', {
    ...list,
    ...{ mayApply: true, notice: 'wards.notice.submitted' },
    wards: [
      {
        ...{ ...ward, state: 'APPROVED', hold: 'holding', takesOverOn: '2030-04-05' },
        lockUrl: `/account/wards/lock?ward=${id}`,
      },
      {
        ...{ ...ward, name: 'Nguyễn Hạt Tiêu', state: 'APPROVED', hold: 'holding', locked: true },
        unlock: { action: '/account/wards/unlock', csrf: 'token', ward: id },
      },
      { ...ward, name: 'Phạm Ngọc Mai', state: 'APPROVED', hold: 'view_only', viewUntil: at },
      { ...ward, name: null, state: 'APPROVED', hold: 'ended' },
      { ...ward, name: 'Đinh Văn Bồng', state: 'APPROVED', hold: 'holding', byCourt: true, until: '2027-12-31' },
      { ...ward, name: 'Lò Văn Ưởng', state: 'APPROVED', hold: 'holding', byCourt: true },
      { ...ward, name: null, state: 'APPROVED', hold: 'ended', relieved: true },
      { ...ward, name: null, reference: '8TBZ2-2QF4X', state: 'CHECKING' },
    ],
  });
  sample(wardsPage, 'level-1', { ...list, mayApply: false, notice: null, wards: [] });
  sample(wardLockPage, '', { ...form, ward: id, name: 'Nguyễn Gạo Nếp' });
  sample(wardPage, '', { ...form, ...empty, court: false, begun: 'begun', backUrl: '/account/wards' });
  sample(wardPage, 'wrong', {
    ...{ ...form, ...typed, court: true, begun: 'begun', backUrl: '/account/wards' },
    errors: { form: 'wards.of-age', agree: 'sign-up.privacy.agree.missing' },
  });
}
