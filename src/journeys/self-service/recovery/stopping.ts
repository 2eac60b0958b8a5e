import type { Recovery } from '../../../domain/recovery/index.ts';
import { formOf, goTo } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import type { UnderWay } from './models.ts';

/** A recovery that somebody has begun, with the way to stop it. */
export const underWay = (visitor: Visitor, { id, state, startedAt, waitsUntil }: Recovery): UnderWay => ({
  ...formOf(visitor, '/account/recovery/stop', 'recovery-stop'),
  ...{ id, since: startedAt, until: state === 'waiting' ? (waitsUntil ?? null) : null },
  stands: state === 'proven_one' ? 'half' : state === 'waiting' ? 'waiting' : 'ready',
});

/** Stops it, after a fresh proof: whoever sits at a browser that was left open keeps nobody out. */
export async function stopRecovery(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber, proofs } = visitor;
  if (!(await parts.authenticators.isSteppedUp(subscriber.id, { by: 'subscriber', proofs })))
    return sendToStepUp(visitor, 'account');
  const { recovery } = (ctx.request.body ?? {}) as Record<string, string>;
  const stopped = await parts.recoveries.cancel({ id: String(recovery), subscriberId: subscriber.id });
  return goTo(visitor, `/account?notice=recovery-${stopped ? 'stopped' : 'over'}`);
}
