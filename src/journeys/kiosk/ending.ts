import type { Applications } from '../../domain/applications/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import type { Ending } from '../../platform/kiosk/visits.ts';
import type { Held } from '../../platform/request.ts';
import type { Write } from '../../platform/unit-of-work.ts';

/** What ends beside a visit to a shared machine is ended by these. */
export interface EndingParts {
  /** What ends one session, at relying parties too. */
  endingOne(subscriberId: string, reference: string): Promise<Write[]>;
  /** Where one can sign up online. */
  readonly applications: Pick<Applications, 'leaving'> | undefined;
  readonly journal: Pick<Journal, 'append'>;
}

/** Who ended the visit: whoever pressed the button, or nobody did anything for too long. */
export type EndedBy = 'somebody' | 'silence';

/** A session that was begun in a visit ends with it. */
export const heldSession = (subscriberId: string, session: string): Held => ({ subscriberId, session });

/**
 * What ends with a visit: its sessions, here and wherever they were used to sign in, what was granted to be used without the person
 * too; and a sign-up that nobody has handed in. Whoever sits down there next is nobody's account.
 */
export function createEnding(parts: EndingParts, by: EndedBy): Ending {
  const ended = async ({ subscriberId, session, signUp }: Held): Promise<Write[]> => {
    if (signUp !== undefined) return parts.applications ? [parts.applications.leaving(signUp)] : [];
    if (subscriberId === undefined || session === undefined) return [];
    const writes = await parts.endingOne(subscriberId, session);
    // Its owner has signed out before: nothing ends, and nothing is said of it.
    if (writes.length === 0) return [];
    const actor = by === 'somebody' ? { kind: 'subscriber' as const, id: subscriberId } : { kind: 'system' as const };
    const detail = { everywhere: false, session };
    return [...writes, parts.journal.append({ type: 'session.ended', actor, subscriberId, detail })];
  };
  return async (held) => (await Promise.all(held.map(ended))).flat();
}
