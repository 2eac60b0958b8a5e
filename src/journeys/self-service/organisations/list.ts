import type { Followed, Organisations, Representation } from '../../../domain/organisations/index.ts';
import { formOf, goTo, noticeOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { type ActingRow, type ApplicationRow, type AskingRow, organisationsPage, type StateWord } from './models.ts';

/** Where the pages are. */
export const PATHS = {
  all: '/account/organisations',
  one: '/account/organisations/new',
  application: '/account/organisations/applications',
  asked: '/account/organisations/consents',
  withdraw: '/account/organisations/withdraw',
  consent: '/account/organisations/consent',
  leave: '/account/organisations/leave',
} as const;

/** What each form's token is good for. */
export const ACTS = {
  one: 'organisation-new',
  withdraw: 'organisation-withdraw',
  consent: 'organisation-consent',
  leave: 'organisation-leave',
} as const;

const NOTICES = ['applied', 'withdrawn', 'given', 'declined', 'left', 'gone'].map((word) => `organisation-${word}`);

/** Minutes that a proof may be old by when it is asked for anew; the domain judges it by its own rules. */
const PROOF_SECONDS = 900;

/** Away to a fresh proof of level 2 that is strong, and back to one of these pages. */
export const toStrongProof = (visitor: Visitor, target: 'organisations' | 'add-organisation'): void =>
  goTo(
    visitor,
    visitor.parts.signInUrl(target, { authenticationLevel: 2, maxAge: PROOF_SECONDS, strong: true, accountLevel: 2 }),
  );

/** What an application is called, in one word. */
export function wordOf({ state, waitingFor }: Pick<Followed, 'state' | 'waitingFor'>): StateWord {
  if (state === 'APPROVED' || state === 'REFUSED' || state === 'WITHDRAWN')
    return state.toLowerCase() as 'approved' | 'refused' | 'withdrawn';
  return waitingFor ?? 'checking';
}

export const rowOf = (one: Followed): ApplicationRow => ({
  ...{ reference: one.reference, code: one.enterpriseCode, state: wordOf(one), submittedAt: one.submittedAt },
  ...{ name: one.known?.name ?? null, url: `${PATHS.application}/${one.id}` },
});

const actingRow = ({ id, organisation, role, beganAt, endedAt, endReason }: Representation): ActingRow => ({
  ...{ id, name: organisation.name, code: organisation.enterpriseCode, role, since: beganAt },
  suspended: organisation.status !== 'active',
  ended: endedAt && endReason ? { at: endedAt, reason: endReason } : null,
});

/** Another's application, as whoever is asked reads it. */
export async function askingRow(
  { parts }: Visitor,
  one: Awaited<ReturnType<Organisations['asking']>>[number],
): Promise<AskingRow> {
  const applicant = await parts.subscribers.find(one.subscriberId);
  return {
    ...{ name: one.known?.name ?? one.enterpriseCode, code: one.enterpriseCode },
    ...{ applicant: applicant?.fullName ?? null, url: `${PATHS.asked}/${one.id}` },
  };
}

/** Which organisations I act for, what I have applied for, and what others ask of me. */
export async function showOrganisations(visitor: Visitor, organisations: Organisations): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const [acting, applications, asking] = await Promise.all([
    organisations.representationsOf(subscriber.id),
    organisations.applicationsOf(subscriber.id),
    organisations.asking(subscriber),
  ]);
  parts.views.show(ctx, organisationsPage, {
    acting: acting.map(actingRow),
    applications: applications.map(rowOf),
    asking: await Promise.all(asking.map((one) => askingRow(visitor, one))),
    leave: formOf(visitor, PATHS.leave, ACTS.leave),
    ...{ newUrl: PATHS.one, mayApply: subscriber.accountLevel === 2, notice: noticeOf(visitor, NOTICES) },
  });
}

/** Acts for one no longer. What is another's, or over, is passed over in silence. */
export async function leave(visitor: Visitor, organisations: Organisations): Promise<void> {
  const left = await organisations.leave(visitor.subscriber, idIn(visitor));
  goTo(visitor, `${PATHS.all}?notice=organisation-${left ? 'left' : 'gone'}`);
}

/** What a form is about. */
export const idIn = ({ ctx }: Visitor): string => (ctx.request.body as Record<string, string>).id ?? '';
