import { chooseOrganisationPage } from '../../../src/journeys/interactions/models.ts';
import {
  newOrganisationPage,
  organisationApplicationPage,
  organisationConsentPage,
  organisationsPage,
} from '../../../src/journeys/self-service/organisations/models.ts';
import type { Locale } from '../../../src/platform/messages.ts';
import type { View } from '../../../src/platform/views.ts';

/** Adds the pages of organisations to the samples. */
export function organisationSamples(
  locale: Locale,
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  const say = (vi: string, en: string): string => (locale === 'vi' ? vi : en);
  const day = (text: string): Date => new Date(`2026-${text}+07:00`);
  const post = (action: string) => ({ action: `/account/organisations/${action}`, csrf: 'token' });
  const backUrl = '/account/organisations';
  const silk = { name: 'Hợp tác xã Lụa Tơ Sen (thử nghiệm)', code: '0000000019' };
  const circus = {
    ...{ name: 'Công ty TNHH Một thành viên Gánh Xiếc Dế và Đèn Đom Đóm Miền Sông Nước (thử nghiệm)' },
    ...{ code: '0000000027-001', applicant: 'Lê Hoàng Quang', url: `${backUrl}/consents/b1` },
  };
  const acting = {
    ...silk,
    id: 'a1',
    role: 'legal_representative',
    since: day('11-20T09:00:00'),
    suspended: false,
    ended: null,
  } as const;
  const application = {
    ...silk,
    reference: '7K3M9-2QF4X',
    state: 'consents',
    submittedAt: day('11-25T10:00:00'),
    url: `${backUrl}/applications/c1`,
  } as const;
  const list = { leave: post('leave'), newUrl: `${backUrl}/new`, mayApply: true, notice: null };
  sample(organisationsPage, '', { ...list, acting: [], applications: [], asking: [] });
  sample(organisationsPage, 'full', {
    ...list,
    notice: 'account.notice.organisation-applied',
    asking: [circus],
    acting: [
      acting,
      { ...acting, id: 'a2', role: 'head', suspended: true },
      { ...acting, id: 'a3', role: 'authorised', ended: { at: day('11-26T08:00:00'), reason: 'left_the_list' } },
      { ...acting, id: 'a4', ended: { at: day('11-26T08:00:00'), reason: 'dissolved' } },
      { ...acting, id: 'a5', ended: { at: day('11-26T08:00:00'), reason: 'own_wish' } },
    ],
    applications: [application, { ...application, name: null, state: 'registration' }],
  });
  sample(organisationsPage, 'level-1', { ...list, mayApply: false, acting: [], applications: [], asking: [] });
  const apply = { ...post('new'), errors: {}, code: '', backUrl };
  sample(newOrganisationPage, '', apply);
  sample(newOrganisationPage, 'wrong', { ...apply, code: '12', errors: { code: 'organisations.code.malformed' } });
  const followed = {
    ...application,
    ...{ id: 'c1', reason: null, dueAt: day('11-30T23:59:59') },
    waitingFor: 'consents',
    ...{ overdue: false, answerBefore: day('12-25T10:00:00'), withdraw: post('withdraw'), backUrl },
    asked: [
      { name: 'Bùi Văn Thọ', role: 'legal_representative', answer: null },
      { name: 'Võ Thị Sáu Nguyệt', role: 'head', answer: 'given' },
      { name: 'Phượng', role: 'head', answer: 'declined' },
    ],
  } as const;
  sample(organisationApplicationPage, '', followed);
  sample(organisationApplicationPage, 'overdue', {
    ...followed,
    ...{ name: null, overdue: true, asked: [] },
    state: 'register',
    waitingFor: 'register',
  });
  sample(organisationApplicationPage, 'refused', {
    ...followed,
    ...{ waitingFor: null, withdraw: null, asked: [] },
    state: 'refused',
    reason: 'not_representative',
  });
  sample(chooseOrganisationPage, '', {
    ...{ action: '/interaction/u1/organisation', csrf: 'token', errors: {}, notice: null, name: 'Nguyễn Thị Bảo Trân' },
    relyingParty: {
      ...{ name: say('Cổng dịch vụ công tỉnh', 'Provincial portal'), mark: 'DV', colour: '#0f5c4a' },
      purpose: say('nộp hồ sơ', 'file applications'),
    },
    organisations: [
      { ...silk, role: 'legal_representative' },
      { name: circus.name, code: circus.code, role: 'authorised' },
    ],
  });
  const consent = { ...circus, id: 'b1', form: post('consent'), answerBefore: day('12-25T10:00:00'), backUrl };
  sample(organisationConsentPage, '', { ...consent, mayGive: true });
  sample(organisationConsentPage, 'level-1', {
    ...{ ...consent, mayGive: false, applicant: null, answerBefore: null, name: say(circus.name, circus.name) },
  });
}
