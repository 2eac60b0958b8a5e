import type { IncomingMessage } from 'node:http';
import type { JournalEvent } from '../../domain/audit/index.ts';
import { createEnding, type EndedBy, heldSession } from '../../journeys/kiosk/ending.ts';
import { endingOne } from '../../oidc/logout/endings.ts';
import { sessionEnded } from '../../oidc/storage/session-store.ts';
import type { Ending } from '../../platform/kiosk/visits.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Domain } from '../domain.ts';
import type { Foundation } from '../foundation.ts';

/** What ends with a visit to a shared machine. */
export const visitEnding = (parts: Pick<Domain, 'ending' | 'applications' | 'journal'>, by: EndedBy): Ending =>
  createEnding(
    {
      endingOne: (subscriberId, reference) => endingOne(parts.ending, subscriberId, reference),
      ...{ applications: parts.applications, journal: parts.journal },
    },
    by,
  );

/**
 * A session that begins on a shared machine is held by the visit from its first moment: both are one act. It does not begin where
 * somebody has pressed the button in another tab meanwhile.
 */
export function sessionHeld(
  { kioskVisits }: Pick<Foundation, 'kioskVisits'>,
  req: IncomingMessage,
  { subscriberId, detail }: Pick<JournalEvent, 'subscriberId' | 'detail'>,
): Write[] {
  const session = detail?.session;
  if (subscriberId === undefined || typeof session !== 'string') return [];
  return kioskVisits.holding(req, heldSession(subscriberId, session), sessionEnded);
}
