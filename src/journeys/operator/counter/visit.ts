import type { Counter, CounterApplication, Officer } from '../../../domain/counter/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { notesOf } from '../../../platform/request.ts';
import type { PostForm } from '../page-parts.ts';
import { writeDownLook } from '../people/person-seen.ts';
import { formOf, goTo, type Visit } from '../visit.ts';

/** Where the pages of a counter are. */
export const COUNTER = {
  queue: '/operator/counter',
  find: '/operator/counter/find',
  new: '/operator/new-application',
  one: '/operator/counter/:id',
  take: '/operator/counter/:id/take',
  card: '/operator/counter/:id/card',
  read: '/operator/counter/:id/card/read',
  practise: '/operator/counter/:id/practise',
  state: '/operator/counter/:id/card/:session',
  portrait: '/operator/counter/:id/portrait',
  picture: '/operator/counter/:id/pictures/:kind',
  fingerprints: '/operator/counter/:id/fingerprints',
  approve: '/operator/counter/:id/approve',
  propose: '/operator/counter/:id/propose',
  dismiss: '/operator/counter/:id/dismiss',
  confirm: '/operator/counter/:id/confirm',
  ask: '/operator/counter/:id/ask',
  refuse: '/operator/counter/:id/refuse',
  withdraw: '/operator/counter/:id/withdraw',
  code: '/operator/counter/:id/code',
  handout: '/operator/counter/:id/handout',
} as const;

/** A server without the systems that are asked at a counter has none. */
export function counterOf({ parts }: Visit): Counter {
  if (!parts.counter) throw new EidError('http.not_found');
  return parts.counter;
}

/** Who acts, as the counter knows them. */
export const officerOf = ({ acting: { operatorId, person, office } }: Visit): Officer => ({
  operatorId,
  person,
  office,
});

/** The application of the address, to an officer of its office or above it; nobody else learns that there is one. */
export async function applicationOf(visit: Visit): Promise<CounterApplication> {
  const found = await counterOf(visit).find(visit.ctx.params.id ?? '', officerOf(visit));
  if (!found) throw new EidError('http.not_found');
  return found;
}

/** The look at a person, before it is answered: in their own list where they have an account, in the journal in any case. */
export async function noteLook(visit: Visit, application: CounterApplication): Promise<void> {
  const account = await accountOf(visit, application);
  if (account) await writeDownLook(visit, { subscriberId: account.id, reason: 'counter_visit', page: 'level_2' });
  else await counterOf(visit).noteView(application, officerOf(visit));
}

/** The account that the number has at this moment; what is practised is about nobody's. */
export const accountOf = async ({ parts }: Visit, { training, applicant, accountId }: CounterApplication) =>
  training
    ? undefined
    : accountId !== undefined
      ? parts.subscribers.find(accountId)
      : applicant && parts.subscribers.locate(applicant.identityNumber);

/** The relying parties that an account is linked with, by name. */
export async function linkedOf({ parts, ctx }: Visit, subscriberId: string): Promise<string[]> {
  const { locale } = notesOf(ctx.req);
  const links = await parts.accountLinks.of(subscriberId);
  const names = await Promise.all(
    links.map(async ({ clientId }) => (await parts.relyingParties.find(clientId))?.relyingParty.name),
  );
  return names.flatMap((name) => (name ? [name[locale]] : []));
}

/** The form of one act of this application. */
export const actOf = (visit: Visit, pattern: string, { id }: Pick<CounterApplication, 'id'>): PostForm =>
  formOf(visit, pattern, id);

/** Back to the application, with what came of the act. */
export const backTo = (visit: Visit, { id }: Pick<CounterApplication, 'id'>, notice?: string): void =>
  goTo(visit, `/operator/counter/${id}${notice ? `?notice=${notice}` : ''}`);
