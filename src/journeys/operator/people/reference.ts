import type { ViewReason } from '../../../domain/subscribers/index.ts';
import { declareErrors } from '../../../platform/errors.ts';
import type { Visit } from '../visit.ts';

declareErrors('console', {
  reference_over: {
    status: 410,
    when: "The reference to a person's page in the console is over, or belongs to another session: search again, with a reason.",
  },
});

/** How long a reference opens a page: a visit at the counter, not a list to keep. */
export const REFERENCE_MINUTES = 10;

type Sealing = Pick<Visit, 'sessionKey'> & { readonly parts: Pick<Visit['parts'], 'clock' | 'sealer'> };

/**
 * What stands in an address in place of a person: sealed, of this session of this operator, for ten minutes. Whoever finds the
 * address in a history, or in another session, opens nothing.
 */
export function sealReference(
  { parts, sessionKey }: Sealing,
  person: { subscriberId: string; reason: ViewReason },
): string {
  const until = parts.clock.now().getTime() + REFERENCE_MINUTES * 60_000;
  return parts.sealer.sealText(JSON.stringify({ ...person, until }), sessionKey);
}

/** All that a reference says, while it is good. */
export function readReference(
  { parts, sessionKey }: Sealing,
  reference: string,
): { readonly subscriberId: string; readonly reason: ViewReason; readonly until: Date } | undefined {
  try {
    const opened = JSON.parse(parts.sealer.openText(reference, sessionKey));
    const { subscriberId, reason, until } = opened as { subscriberId: string; reason: ViewReason; until: number };
    return until > parts.clock.now().getTime() ? { subscriberId, reason, until: new Date(until) } : undefined;
  } catch {
    // Not sealed by us, or for another session.
    return undefined;
  }
}
