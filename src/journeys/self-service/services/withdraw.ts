import { goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { standing } from './services.ts';

const clientIn = ({ ctx }: Visitor): string => (ctx.request.body as Record<string, string>).client ?? '';

/**
 * Takes a consent back. At once: the grants of this person at that client, and so every token that rests on them, end in the
 * statement that records it, and the relying party is told in it (Decree 356/2025: withdrawal; decisions, "Tokens").
 */
export async function withdrawConsent(visitor: Visitor): Promise<void> {
  const { parts, subscriber } = visitor;
  const asked = clientIn(visitor);
  const consent = (await standing(visitor)).find((one) => one.clientId === asked);
  if (consent) await parts.write(await parts.withdrawing(consent, { kind: 'subscriber', id: subscriber.id }));
  return goTo(visitor, '/account/services?notice=withdrawn');
}

/** Unlinks a service: what was agreed to there is withdrawn, every token ends, the relying party is told. */
export async function unlinkService(visitor: Visitor): Promise<void> {
  const { parts, subscriber } = visitor;
  const link = await parts.accountLinks.find(subscriber.id, clientIn(visitor));
  if (!link) return goTo(visitor, '/account/services?notice=not-linked');
  await parts.write(await parts.unlinking(subscriber.id, link.clientId));
  return goTo(visitor, '/account/services?notice=unlinked');
}
