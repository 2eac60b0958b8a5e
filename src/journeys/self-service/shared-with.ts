import type { Consent } from '../../domain/consents/index.ts';
import { notesOf } from '../../platform/request.ts';
import type { SharedWith } from './models.ts';
import type { Visitor } from './visitor.ts';

/** The consents that stand, the newest first. */
async function standing({ parts, subscriber }: Visitor): Promise<Consent[]> {
  const history = await parts.consents.history(subscriber.id);
  return history.filter((entry) => entry.state === 'given');
}

/** Who may have something of mine, and what that is. */
export async function sharedWith(visitor: Visitor): Promise<SharedWith[]> {
  const { locale } = notesOf(visitor.ctx.req);
  const consents = await standing(visitor);
  return Promise.all(
    consents.map(async ({ clientId, scopes, claims, givenAt }) => {
      const client = await visitor.parts.client(clientId);
      return {
        clientId,
        name: client?.relyingParty.name[locale] ?? clientId,
        claims: visitor.parts.claimsOf({ scopes, claims }),
        since: givenAt,
      };
    }),
  );
}

/**
 * Takes a consent back. At once: the grants of this person at that client, and so every token that rests on them, end in the
 * statement that records it (Decree 356/2025: withdrawal; decisions, "Tokens").
 */
export async function withdrawConsent(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const asked = (ctx.request.body as Record<string, string>).client;
  const consent = (await standing(visitor)).find((one) => one.clientId === asked);
  if (consent) await parts.withdraw(consent, { kind: 'subscriber', id: subscriber.id });
  ctx.status = 303;
  ctx.redirect('/account?notice=withdrawn');
  ctx.status = 303;
}
