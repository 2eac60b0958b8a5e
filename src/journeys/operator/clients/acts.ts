import { z } from 'zod';
import { wayOf } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import { answerWish } from '../changes/steps.ts';
import { goTo, type Visit } from '../visit.ts';
import { showClient } from './client.ts';
import { clientUrl } from './list.ts';

const restoring = z.object({
  version: z.string().regex(/^[1-9]\d{0,8}$/),
  reason: z.string().trim().max(500),
});
const stopping = z.object({ reason: z.string().trim().min(1).max(500) });

/** An older version comes back as a change request of its own. */
export async function restoreClient(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, restoring);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  const { version, reason } = parsed.values;
  if (reason === '') return showClient(visit, 'reason_missing');
  const wish = { kind: 'client', subject: ctx.params.id ?? '', version, reason } as const;
  return answerWish(visit, await parts.approvals.restore(wish, acting), (refused) => showClient(visit, refused));
}

/** In an emergency one person stops a client, at once, and says why. To let it in again takes two. */
export async function disableClient(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, stopping);
  if (!parsed.ok) return showClient(visit, 'reason_missing');
  const clientId = ctx.params.id ?? '';
  const by = { kind: 'operator', id: acting.operatorId } as const;
  await parts.relyingParties.disable(clientId, by, { ...wayOf(acting), reason: parsed.values.reason });
  return goTo(visit, `${clientUrl(clientId)}?notice=disabled`);
}
