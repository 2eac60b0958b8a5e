import type { Consents } from '../../domain/consents/index.ts';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import type { Parted } from '../../domain/organisations/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { organisationPath } from './acting.ts';

/** What telling of it needs to know. */
export interface PartingParts {
  readonly clock: Clock;
  readonly consents: Pick<Consents, 'clientsTold'>;
  readonly deliveries: Pick<Deliveries, 'queueEvent'>;
  /** A client that may hear security events; nothing where it may not. */
  listens(clientId: string): Promise<boolean>;
  subjectOf(subscriberId: string, client: { readonly clientId: string }): Promise<string>;
}

/**
 * Somebody acts for an organisation no longer, or it has ended: each client that was told of it while they did is told that it is
 * over, by a security event (RFC 8417) and without the ground, which is theirs and the organisation's. What was issued for it is
 * refused at its next use, whoever listens (`stillActs`); what they granted for themselves goes on, so nobody is logged out.
 */
export function createParting(parts: PartingParts) {
  const { clock, consents, deliveries } = parts;
  return async ({ subscriberId, enterpriseCode, since }: Parted): Promise<Write[]> => {
    const told = await consents.clientsTold(subscriberId, organisationPath(enterpriseCode), since);
    const signOut = newId();
    const detail = { event_timestamp: epochSeconds(clock.now()), org_id: enterpriseCode };
    const writes: Write[] = [];
    for (const clientId of told) {
      if (!(await parts.listens(clientId))) continue;
      const sub = await parts.subjectOf(subscriberId, { clientId });
      const message = { subscriberId, clientId, event: 'representation-ended', sub, detail } as const;
      writes.push(...deliveries.queueEvent(message, signOut));
    }
    return writes;
  };
}
