import type { Organisations } from '../../../domain/organisations/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { pressed } from '../../../platform/forms.ts';
import { formOf, goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { ACTS, askingRow, idIn, PATHS, toStrongProof } from './list.ts';
import { organisationConsentPage } from './models.ts';

/** Who asks, for which organisation, and what comes of a yes. What is not asked of this person does not exist here. */
export async function showConsent(visitor: Visitor, organisations: Organisations): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const found = (await organisations.asking(subscriber)).find(({ id }) => id === ctx.params.id);
  if (!found) throw new EidError('http.not_found');
  parts.views.show(
    ctx,
    organisationConsentPage,
    {
      ...(await askingRow(visitor, found)),
      ...{ id: found.id, answerBefore: found.answerBefore ?? null, mayGive: subscriber.accountLevel === 2 },
      ...{ form: formOf(visitor, PATHS.consent, ACTS.consent), backUrl: PATHS.all },
    },
    { path: `${PATHS.asked}/${found.id}` },
  );
}

/** Given or declined: a yes takes a strong proof of level 2, a no takes this session. */
export async function takeConsent(visitor: Visitor, organisations: Organisations): Promise<void> {
  const { ctx, subscriber, proofs } = visitor;
  const gives = pressed(ctx, 'give');
  if (!gives && !pressed(ctx, 'decline')) return goTo(visitor, PATHS.all);
  const done = await organisations.answer(subscriber, idIn(visitor), { answer: gives ? 'given' : 'declined', proofs });
  if (!done.answered && done.reason === 'step_up') return toStrongProof(visitor, 'organisations');
  const word = done.answered ? (gives ? 'given' : 'declined') : 'gone';
  return goTo(visitor, `${PATHS.all}?notice=organisation-${word}`);
}
