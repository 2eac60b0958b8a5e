import { Readable } from 'node:stream';
import { notesOf } from '../../../platform/request.ts';
import { namesOf } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { copyOf } from './copy.ts';
import { requestCard } from './data.ts';
import { printedPage } from './models.ts';

/** More than this nobody prints; the file has all of it. */
const PRINTED = 200;

const isFresh = ({ parts, subscriber, proofs }: Visitor): Promise<boolean> =>
  parts.authenticators.isSteppedUp(subscriber.id, { by: 'subscriber', proofs });

/** Whoever takes everything along proves themselves anew, and it is journalled before the first byte leaves. */
const noted = async ({ parts, subscriber }: Visitor, as: 'json' | 'page'): Promise<void> =>
  parts.write([
    parts.journal.append({
      type: 'subscriber.data_downloaded',
      actor: { kind: 'subscriber', id: subscriber.id },
      subscriberId: subscriber.id,
      detail: { as },
    }),
  ]);

/** All that is kept about me, as a file. */
export async function download(visitor: Visitor): Promise<void> {
  const { ctx } = visitor;
  if (!(await isFresh(visitor))) return sendToStepUp(visitor, 'data');
  await noted(visitor, 'json');
  ctx.type = 'application/json; charset=utf-8';
  ctx.attachment('senid-account.json');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = Readable.from(copyOf(visitor));
}

/** The same to be printed: who I am here, and the last of everything else. */
export async function showPrinted(visitor: Visitor): Promise<void> {
  if (!(await isFresh(visitor))) return sendToStepUp(visitor, 'print');
  await noted(visitor, 'page');
  const { ctx, parts, subscriber } = visitor;
  const { id } = subscriber;
  const nameOf = namesOf(visitor);
  const { locale } = notesOf(ctx.req);
  const [numbers, bound, links, consents, left, requests] = await Promise.all([
    parts.subscribers.identityNumbers(id),
    parts.authenticators.of(id),
    parts.accountLinks.of(id),
    parts.consents.history(id),
    parts.consents.disclosures(id, { limit: PRINTED }),
    parts.dataRequests.of(id, { limit: PRINTED }),
  ]);
  const now = parts.clock.now();
  parts.views.show(
    ctx,
    printedPage,
    {
      madeAt: now,
      facts: parts.factsOf(subscriber, locale),
      numbers: numbers.map(({ number, cancelledAt }) => ({ number, until: cancelledAt ?? null })),
      authenticators: bound.map(({ kind, name, createdAt }) => ({
        kind,
        name: name === kind ? null : name,
        createdAt,
      })),
      services: await Promise.all(
        links.map(async ({ clientId, linkedAt, lastSignInAt }) => ({
          ...{ name: await nameOf(clientId), linkedAt, lastSignInAt },
        })),
      ),
      consents: await Promise.all(
        consents.slice(0, PRINTED).map(async ({ clientId, scopes, claims, givenAt, state }) => ({
          ...{ name: await nameOf(clientId), claims: parts.claimsOf({ scopes, claims }), givenAt, state },
        })),
      ),
      disclosures: await Promise.all(
        left.map(async ({ at, clientId, claims }) => ({
          ...{ at, claims: parts.readableClaims(claims), name: await nameOf(clientId) },
        })),
      ),
      requests: requests.map((request) => requestCard(request, now)),
    },
    { path: '/account/data/print' },
  );
}
