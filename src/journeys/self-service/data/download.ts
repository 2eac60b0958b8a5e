import { Readable } from 'node:stream';
import { EidError } from '../../../platform/errors.ts';
import { notesOf } from '../../../platform/request.ts';
import { numberIn } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { copyOf } from './copy/copy.ts';
import { LEFT_OUT } from './copy/left-out.ts';
import { PRINTED, printedList, printedSections } from './copy/printed.ts';
import { printedPage } from './models.ts';

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
  const { ctx, parts, subscriber } = visitor;
  const { list } = ctx.query;
  // A page of one list; nobody has more of them than the copy has rows.
  const page = Math.min(numberIn(ctx.query, 'page') ?? 1, 200);
  const one = list === undefined ? undefined : await printedList(visitor, String(list), Math.max(page, 1));
  if (list !== undefined && !one) throw new EidError('http.not_found');
  await noted(visitor, 'page');
  const numbers = await parts.subscribers.identityNumbers(subscriber.id);
  parts.views.show(
    ctx,
    printedPage,
    {
      madeAt: parts.clock.now(),
      facts: parts.factsOf(subscriber, notesOf(ctx.req).locale),
      numbers: numbers.map(({ number, cancelledAt }) => ({ number, until: cancelledAt ?? null })),
      ...{ sections: one ? [one] : await printedSections(visitor), most: PRINTED },
      leftOut: Object.keys(LEFT_OUT),
    },
    { path: '/account/data/print' },
  );
}
