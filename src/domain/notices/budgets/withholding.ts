import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import type { Journal } from '../../audit/index.ts';
import { foldedInto, folding, noteCounted, noteOver, type Standing, standingOf, waiting } from '../message-store.ts';
import { type AnyNotice, NOTICES, OF_THEIR_OWN, WHILE_IT_LASTS } from '../notice.ts';
import { isOfCodes } from './budget.ts';
import { type Counter, count, fullOf, secondsUntilRoom } from './budget-store.ts';

/** Whether a message may be handed to a channel now. */
export type Passage =
  /** With how many others were folded into it, for its words. */
  | { readonly open: true; readonly folded: number }
  /** It is tried again in so many seconds; `null` when it was folded into one that waits, or is over, and is not sent by itself. */
  | { readonly open: false; readonly retryIn: number | null };

/** What the gate works with. */
interface WithholdingParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly countersOf: (notice: AnyNotice, among?: { readonly last?: ReadonlySet<string> }) => readonly Counter[];
  /** Whether what it tells of has ended meanwhile. */
  readonly isOver: (notice: AnyNotice) => Promise<boolean>;
  /** Counts what is held back. */
  readonly capped: (to: AnyNotice['to']) => void;
}

/** Somebody else was first: another message waits now, or the one that waited goes. */
class Moved extends Error {}
const moved = (): Error => new Moved();
const isMoved = (error: unknown): boolean =>
  error instanceof Moved || (error as { constraint?: string }).constraint === 'sent_messages_one_waits';

/** How often the state of a line is looked at anew while others change it. */
const LOOKS = 5;
const A_MINUTE = 60;

/**
 * The budgets of notices (abuse case 40). They are asked when a message leaves, not when it is queued: what happened is never
 * undone by them, no row of theirs is locked in the transaction of a change, and a message that was queued is not lost. The first
 * one beyond its budget waits until there is room, and those that follow it to the same address are folded into it: it says how
 * many there were, and each stands in its reader's list. What holds a code of its own waits by itself.
 */
export function createWithholding(parts: WithholdingParts) {
  const { database, clock, sealer, journal } = parts;
  const lineOf = (id: string, { kind, to }: AnyNotice): Buffer =>
    sealer.keyedHash(
      OF_THEIR_OWN.has(kind) ? `line of ${id}` : `line ${NOTICES[kind].purse} ${to.medium} ${to.address}`,
    );
  const held = ({ kind, to, subscriberId }: AnyNotice, folded: boolean) =>
    journal.append({
      type: 'notice.held',
      actor: { kind: 'system' },
      ...(subscriberId === undefined ? {} : { subscriberId }),
      detail: { notice: kind, medium: to.medium, folded },
    });

  async function look(id: string, notice: AnyNotice, line: Buffer): Promise<Passage> {
    const now = clock.now();
    const standing = await standingOf(database, id, line);
    // A worker died between this decision and the outbox.
    if (standing?.state === 'held') return { open: false, retryIn: null };
    if (!standing || standing.counted) return { open: true, folded: standing ? await foldedInto(database, id) : 0 };
    if (standing.another) {
      await writeTogether(database, [folding(id, line, { now, lost: moved }), held(notice, true)]);
      parts.capped(notice.to);
      return { open: false, retryIn: null };
    }
    // Within its budget everybody hears of it. What waits for room leaves it to what can still be stopped.
    const isOver = WHILE_IT_LASTS.has(notice.kind) && (await parts.isOver(notice));
    if (isOver && standing.waits) return dropped(id, notice);
    const counters = parts.countersOf(notice);
    if (await fits(notice, counters, { now, once: noteCounted(id, now) }))
      // Read when it is closed to others: whatever was folded into it is counted in its words.
      return { open: true, folded: standing.waits ? await foldedInto(database, id) : 0 };
    if (isOver) return dropped(id, notice);
    await begin(standing, { id, notice, line });
    return { open: false, retryIn: await secondsUntilRoom(database, counters, now) };
  }

  async function dropped(id: string, { kind, to, subscriberId }: AnyNotice): Promise<Passage> {
    await writeTogether(database, [
      noteOver(id, clock.now()),
      journal.append({
        type: 'notice.failed',
        actor: { kind: 'system' },
        ...(subscriberId === undefined ? {} : { subscriberId }),
        detail: { notice: kind, medium: to.medium, channel: 'none', reason: 'over' },
      }),
    ]);
    return { open: false, retryIn: null };
  }

  /** Among what is for everybody; and of what is full there, among the last, which are for an account that has had none of that. */
  async function fits(
    notice: AnyNotice,
    counters: readonly Counter[],
    counting: Parameters<typeof count>[2],
  ): Promise<boolean> {
    if (await count(database, counters, counting)) return true;
    const last = parts.countersOf(notice, { last: new Set(await fullOf(database, counters)) });
    return last.some(({ cap }, at) => cap !== counters[at]?.cap) && count(database, last, counting);
  }

  async function begin({ waits }: Standing, one: { id: string; notice: AnyNotice; line: Buffer }): Promise<void> {
    if (waits) return;
    await writeTogether(database, [waiting(one.id, one.line, moved), held(one.notice, false)]);
    parts.capped(one.notice.to);
  }

  return {
    async pass(id: string, notice: AnyNotice): Promise<Passage> {
      // Counted before it was made: whoever asked for it was answered then.
      if (isOfCodes(NOTICES[notice.kind].purse)) return { open: true, folded: 0 };
      const line = lineOf(id, notice);
      for (let looked = 1; looked < LOOKS; looked += 1) {
        try {
          return await look(id, notice, line);
        } catch (error) {
          if (!isMoved(error)) throw error;
        }
      }
      return { open: false, retryIn: A_MINUTE };
    },
  };
}
