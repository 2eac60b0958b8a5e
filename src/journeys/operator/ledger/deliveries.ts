import { DELIVERY_STATES, type DeliveryEntry } from '../../../domain/deliveries/index.ts';
import { may, wayOf } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Message } from '../../../platform/messages.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { type DeliveryRow, deliveriesPage, deliveryPage } from './models.ts';

const SIZE = 50;

/** What left this server for relying parties, the newest first. */
export async function listDeliveries({ ctx, parts, frame }: Visit): Promise<void> {
  const client = one(ctx.query.client)?.trim().slice(0, 127) ?? '';
  const state = choices(DELIVERY_STATES, one(ctx.query.state), (value) =>
    value ? `delivery.state.${value}` : 'console.any',
  );
  const before = one(ctx.query.from);
  const [page, counts] = await Promise.all([
    parts.deliveries.list({
      ...(client ? { clientId: client } : {}),
      ...(state.chosen ? { state: state.chosen } : {}),
      ...(before ? { before } : {}),
      limit: SIZE,
    }),
    parts.deliveries.counts(),
  ]);
  parts.views.show(ctx, deliveriesPage, {
    ...frame,
    ...{ client, counts },
    state: state.options,
    rows: page.entries.map(deliveryRow),
    ...pagesOf('/operator/deliveries', ctx.query, page.next),
  });
}

/** A delivery as a line. */
export const deliveryRow = (entry: DeliveryEntry): DeliveryRow => ({
  id: entry.id,
  url: deliveryUrl(entry.id),
  clientId: entry.clientId,
  kind: entry.kind,
  state: entry.state,
  queuedAt: entry.queuedAt,
  attempts: entry.attempts,
  lastFailure: entry.lastFailure ?? null,
  deliveredAt: entry.deliveredAt ?? null,
});

const deliveryUrl = (id: string): string => `/operator/deliveries/${id}`;

export async function showDelivery(visit: Visit, refused: Message | null = null): Promise<void> {
  const { ctx, parts, acting } = visit;
  const entry = await parts.deliveries.find(ctx.params.id ?? '');
  if (!entry) throw new EidError('http.not_found');
  const replays = may(acting.roles, 'deliveries.replay') && entry.state === 'dead';
  const sees = may(acting.roles, 'clients.view');
  parts.views.show(
    ctx,
    deliveryPage,
    {
      ...visit.frame,
      ...deliveryRow(entry),
      lastAttemptAt: entry.lastAttemptAt ?? null,
      nextAttemptAt: entry.nextAttemptAt ?? null,
      deadAt: entry.deadAt ?? null,
      replays: entry.replays,
      clientUrl: sees ? `/operator/clients/${encodeURIComponent(entry.clientId)}` : null,
      replay: replays ? formOf(visit, '/operator/deliveries/:id/replay', entry.id) : null,
      notice: one(ctx.query.notice) === 'replayed' ? 'console.delivery.notice.replayed' : null,
      refused,
    },
    { status: refused ? 409 : 200, path: deliveryUrl(entry.id) },
  );
}

/** A dead letter once more, as if it were new. */
export async function replayDelivery(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const id = ctx.params.id ?? '';
  const replay = await parts.deliveries.replay(id, { kind: 'operator', id: acting.operatorId }, wayOf(acting));
  if (replay.replayed) return goTo(visit, `${deliveryUrl(id)}?notice=replayed`);
  if (replay.reason === 'unknown') throw new EidError('http.not_found');
  return showDelivery(visit, `delivery.refused.${replay.reason}`);
}
