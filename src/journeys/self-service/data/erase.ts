import { FORM_SECONDS } from '../../../domain/authenticators/index.ts';
import { pressed } from '../../../platform/forms.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import { authorityFor, beginsChange } from '../begun-change.ts';
import { formOf, goTo } from '../page-parts.ts';
import { standing } from '../services/services.ts';
import type { Visitor } from '../visitor.ts';
import { sendToStepUp } from '../visitor.ts';
import { erasePage } from './models.ts';

const ERASE = 'erase';

/** What nobody needs for the account to exist, and what it rests on at the moment; after a fresh proof, which would lose the ticks. */
export async function showErase(visitor: Visitor, errors = {}): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const begun = await beginsChange(visitor, ERASE, { seconds: FORM_SECONDS });
  if (begun === undefined) return sendToStepUp(visitor, 'erase');
  const [links, consents] = await Promise.all([parts.accountLinks.of(subscriber.id), standing(visitor)]);
  parts.views.show(
    ctx,
    erasePage,
    {
      form: formOf(visitor, '/account/data/erase', 'erase'),
      ...{ errors, begun },
      ...{ links: links.length, consents: consents.length, optional: parts.hasOptional(subscriber) },
    },
    { path: '/account/data/erase' },
  );
}

/**
 * Erases what can be erased, and refuses the account itself by rule: what identifies a holder is kept for good, and the history
 * for five years (domain.md §5; invariant 10). The request and its answer are one act with what it does.
 */
export async function erase(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const wanted = ['links', 'consents', 'optional'].filter((what) => pressed(ctx, what));
  const whole = pressed(ctx, 'account');
  if (wanted.length === 0 && !whole) return showErase(visitor, { links: 'data.erase.nothing' });
  const authority = authorityFor(visitor, ERASE);
  if (!(await parts.authenticators.isSteppedUp(subscriber.id, authority))) return sendToStepUp(visitor, 'erase');
  const writes: Write[] = [];
  if (wanted.includes('optional')) {
    // A mailbox goes by the rules of the page that removes it: it is told, and the last address stays.
    const mail = { subscriber, authority, medium: 'mail' } as const;
    const gone = subscriber.email === undefined ? undefined : await parts.contacts.leaving(mail);
    if (gone?.leaves === false) return showErase(visitor, { links: `account.contacts.refused.${gone.reason}` });
    writes.push(...parts.erasingOptional(subscriber), ...(gone?.writes ?? []));
  }
  const [links, consents] = await Promise.all([parts.accountLinks.of(subscriber.id), standing(visitor)]);
  const unlinked = new Set(wanted.includes('links') ? links.map(({ clientId }) => clientId) : []);
  for (const clientId of unlinked) writes.push(...(await parts.unlinking(subscriber.id, clientId)));
  // What is unlinked is withdrawn with it.
  const rest = wanted.includes('consents') ? consents.filter(({ clientId }) => !unlinked.has(clientId)) : [];
  for (const consent of rest)
    writes.push(...(await parts.withdrawing(consent, { kind: 'subscriber', id: subscriber.id })));
  await parts.dataRequests.receive(
    {
      ...{
        subscriberId: subscriber.id,
        kind: 'erase',
        statement: [...wanted, ...(whole ? ['account'] : [])].join(', '),
      },
      decision: {
        outcome: !whole ? 'granted' : wanted.length > 0 ? 'partly' : 'refused',
        reason: !whole ? 'data.rule.erased' : wanted.length > 0 ? 'data.rule.erased-partly' : 'data.rule.permanent',
      },
    },
    writes,
  );
  return goTo(visitor, '/account/data?notice=erased');
}
