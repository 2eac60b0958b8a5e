import type { ActingFor } from '../../domain/organisations/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { form, go, type Visit } from './journey.ts';
import { chooseOrganisationPage } from './models.ts';
import { showNext } from './next.ts';

/** For yourself, or for an organisation that you act for: asked at each sign-in of a client that wants to know. */
export async function showOrganisations(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  const subscriber = await person(visit);
  if (!subscriber) throw parts.lost();
  const choices = (await parts.organisations?.choices(subscriber.id)) ?? [];
  parts.views.show(
    ctx,
    chooseOrganisationPage,
    {
      ...form(visit, 'organisation'),
      name: subscriber.fullName,
      organisations: choices.map(({ enterpriseCode: code, name, role }) => ({ code, name, role })),
    },
    { path: `/interaction/${paused.uid}` },
  );
}

/** What was chosen counts when this person acts for it at this moment; anything else is asked again. */
export async function takeOrganisation(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  // Before somebody has signed in well enough there was nothing to choose.
  if (paused.prompt.name !== 'organisation') return showNext(visit);
  const subscriber = await person(visit);
  if (!subscriber) throw parts.lost();
  const { for: chosen = '' } = ctx.request.body as Record<string, string>;
  if (chosen === 'self') return go(ctx, await paused.actsFor(null));
  const acting = await parts.organisations?.actsFor(subscriber.id, chosen);
  return acting ? go(ctx, await paused.actsFor(acting.enterpriseCode)) : showOrganisations(visit);
}

/** The organisation of this request as it stands now; `ended`: the person has chosen one that they act for no longer. */
export async function actingFor(
  { parts, paused }: Visit,
  { id }: Subscriber,
): Promise<ActingFor | 'ended' | undefined> {
  if (paused.organisation === null) return undefined;
  return (await parts.organisations?.actsFor(id, paused.organisation)) ?? 'ended';
}

/** Back to the relying party: an answer for the person themselves is not what was chosen. */
export async function endedMeanwhile({ ctx, paused }: Visit): Promise<void> {
  go(ctx, await paused.refused('access_denied', 'the end-user no longer acts for the organisation'));
}

const person = async ({ parts, paused }: Visit): Promise<Subscriber | undefined> => {
  const subscriber = paused.session && (await parts.subscribers.find(paused.session.accountId));
  return subscriber?.state === 'active' ? subscriber : undefined;
};
