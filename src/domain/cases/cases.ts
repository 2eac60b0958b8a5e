import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import type { CaseOutcome, CasePage, SecurityCase } from './case.ts';
import * as store from './store.ts';

/** What people report about their accounts. */
export interface Cases {
  /** "This was not me", as writes; they are lost where the same sign-in was reported before. */
  open(report: {
    readonly subscriberId: string;
    readonly session: string;
    readonly signedInAt: Date;
    readonly frozen: readonly string[];
  }): { readonly id: string; readonly writes: Write[] };
  /** A later report of the same sign-in, by who has proven more: what it freezes, as writes; lost where the case is closed. */
  widen(found: SecurityCase, frozen: readonly string[]): Write[];
  find(id: string): Promise<SecurityCase | undefined>;
  list(query: { readonly open: boolean; readonly before?: number; readonly limit?: number }): Promise<CasePage>;
  /** What somebody has reported, the newest first. */
  of(subscriberId: string, limit?: number): Promise<SecurityCase[]>;
  /** The sessions that this person has disowned, the last 200, each with whether its case is open and has frozen nothing. */
  disowned(subscriberId: string): Promise<ReadonlyMap<string, boolean>>;
  countOpen(): Promise<number>;
  /** Ends a case, with a reason in words. `together`: what is given back, in the same act. Answers false when it was closed. */
  close(
    id: string,
    end: { readonly outcome: CaseOutcome; readonly reason: string; readonly by: Actor & { readonly id: string } },
    together?: readonly Write[],
  ): Promise<boolean>;
}

/** What the part works with. */
export interface CasesParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `cases`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
}

/** Somebody was first: the report, or the end, had been made. */
export class CaseTaken extends Error {}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The cases of a database. */
export function createCases({ database, clock, sealer, journal }: CasesParts): Cases {
  const find = (id: string) => (UUID.test(id) ? store.find(database, sealer, id) : Promise.resolve(undefined));
  return {
    open({ subscriberId, session, signedInAt, frozen }) {
      const made = { id: newId(), kind: 'sign_in_disowned', subscriberId, session, signedInAt, frozen } as const;
      return {
        id: made.id,
        writes: [
          { statement: store.insert({ ...made, openedAt: clock.now() }), lost: () => new CaseTaken() },
          journal.append({
            type: 'case.opened',
            actor: { kind: 'subscriber', id: subscriberId },
            subscriberId,
            detail: { case: made.id, kind: made.kind, session, frozen: [...frozen] },
          }),
        ],
      };
    },
    widen: ({ id, subscriberId, session }, frozen) => [
      { statement: store.widen(id, frozen), lost: () => new CaseTaken() },
      journal.append({
        type: 'case.widened',
        actor: { kind: 'subscriber', id: subscriberId },
        subscriberId,
        detail: { case: id, session, frozen: [...frozen] },
      }),
    ],
    find,
    async list({ open, before, limit = 50 }) {
      const size = Math.min(Math.max(1, limit), 200);
      const found = await store.page(database, sealer, { open, before, limit: size + 1 });
      const cases = found.slice(0, size);
      return { cases, ...(found.length > size ? { next: cases.at(-1)!.number } : {}) };
    },
    of: (subscriberId, limit = 200) => store.of(database, sealer, { subscriberId, limit }),
    disowned: (subscriberId) => store.sessionsOf(database, subscriberId),
    countOpen: () => store.countOpen(database),
    async close(id, { outcome, reason, by }, together = []) {
      const found = await find(id);
      if (!found || found.closed) return false;
      try {
        await writeTogether(database, [
          {
            statement: store.close(sealer, id, { outcome, reason, by: by.id, at: clock.now() }),
            lost: () => new CaseTaken(),
          },
          journal.append({
            type: 'case.closed',
            actor: by,
            subscriberId: found.subscriberId,
            detail: { case: id, outcome },
          }),
          ...together,
        ]);
        return true;
      } catch (error) {
        if (error instanceof CaseTaken) return false;
        throw error;
      }
    },
  };
}
