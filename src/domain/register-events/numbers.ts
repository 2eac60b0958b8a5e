import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Subscribers } from '../subscribers/index.ts';
import type { Cards } from './cards.ts';
import type { Effects, Followed, Told } from './effects.ts';
import type { Aspect, Reported } from './event.ts';
import * as store from './store.ts';
import { closeAt } from './terms.ts';

/** A number among those that a person has had, one after the other. */
interface Stop {
  readonly key: Buffer;
  /** Whose it is. Nobody opens an account for it until the transaction ends. */
  readonly holder: string | undefined;
  /** Missing of one that was established before it was kept. */
  readonly number?: string;
  /** The report that has put it in the place of the one before. */
  readonly moved?: number;
}

const SYSTEM = { kind: 'system' } as const;

/** Whether nothing else was said: also another card can be as good as the one before. */
const isSame = (is: store.Standing, was: store.Standing | undefined): boolean =>
  is.sequence === was?.sequence && is.value === was.value && is.said?.toString('hex') === was.said?.toString('hex');

/** Numbers that take the place of others, in whatever order one is told of them. */
export function createNumbers(
  parts: {
    readonly clock: Clock;
    readonly sealer: Sealer;
    readonly subscribers: Pick<Subscribers, 'directoryKey' | 'find' | 'holding' | 'renumber'>;
    readonly told: Told;
  },
  { effects, cards }: { readonly effects: Effects; readonly cards: Cards },
) {
  const { clock, sealer, subscribers, told } = parts;

  /**
   * A number, and those that have taken its place. Each once, whatever the register has said: of two that replace one another the
   * second is the last. What replaced the first one before the report `since` is over.
   */
  async function* leading(
    transaction: Queryable,
    from: Omit<Stop, 'holder'>,
    { since = 0, passed }: { readonly since?: number; readonly passed?: Buffer } = {},
  ): AsyncGenerator<Stop> {
    const seen = new Set(passed ? [passed.toString('hex')] : []);
    let [next, after]: [Omit<Stop, 'holder'> | undefined, number] = [from, since];
    while (next && !seen.has(next.key.toString('hex'))) {
      seen.add(next.key.toString('hex'));
      yield { ...next, holder: await subscribers.holding(transaction, next.key) };
      const known = await store.standing(transaction, next.key, 'number');
      const leads = known?.successor !== undefined && store.movedAt(known) > after;
      const number = known?.said && store.openSaid(sealer, 'number', known.said);
      next = leads
        ? { key: known.successor, moved: store.movedAt(known), ...(number === undefined ? {} : { number }) }
        : undefined;
      after = 0;
    }
  }

  /** What was said of the number that an account comes to, and was not said of the one that it had: as if it were said now. */
  async function arrive(
    transaction: Queryable,
    holder: string,
    {
      at,
      last,
      before,
    }: { readonly at: Stop; readonly last: Stop; readonly before: ReadonlyMap<Aspect, store.Standing> },
  ): Promise<readonly Write[]> {
    const after = await store.standings(transaction, last.key);
    const isNews = ([aspect, is]: [Aspect, store.Standing]): boolean =>
      aspect === 'number' || !isSame(is, before.get(aspect));
    const news = [...after].filter(isNews).map(([aspect, { value, said }]) => ({
      ...{ aspect, value },
      ...(said && aspect !== 'number' ? { said: JSON.parse(store.openSaid(sealer, aspect, said)) as Reported } : {}),
    }));
    // Another name is written into the account as it was read, and so before the number is another.
    for (const writes of await effects.contents(holder, news)) await writeTogether(transaction, writes);
    if (at !== last) {
      const change = await subscribers.renumber(transaction, holder, { number: last.number ?? '', by: SYSTEM });
      if (!change.done) throw new Error(`the number of an account was not changed: ${change.reason}`);
    }
    for (const { aspect, value } of news) {
      const until = closeAt(value, clock.now());
      if (until) await writeTogether(transaction, [store.due(last.key, aspect, until)]);
    }
    // Each is a statement of its own: all of them end the same sessions.
    for (const writes of await effects.standings(holder, news)) await writeTogether(transaction, writes);
    return at === last ? [] : told(holder, 'number_changed');
  }

  return {
    /**
     * Where a report belongs, whose account it is, and by which moves it comes there. What is reported of a person whose number was
     * replaced since is about the number that they have now; what is reported of a number stays with it.
     */
    async resolve(transaction: Queryable, { number, aspect }: { number: string | Buffer; aspect: Aspect | undefined }) {
      const moves: number[] = [];
      let last: Stop | undefined;
      const key = Buffer.isBuffer(number) ? number : subscribers.directoryKey(number);
      for await (const stop of leading(transaction, { key })) {
        last = stop;
        if (stop.moved !== undefined) moves.push(stop.moved);
        if (stop.holder !== undefined || aspect === 'number') break;
      }
      if (!last) throw new Error('a number leads at least to itself');
      return { ...last, moves };
    },

    /**
     * Another number, or the one that has taken the place of that since; and the account is as everything that is known of it
     * makes it: open if it was locked for want of a number, locked if that one is cancelled, or its holder dead.
     */
    async renumbered(
      transaction: Queryable,
      from: Stop,
      { identity_number: number, sequence }: Extract<Reported, { kind: 'number-reestablished' }>,
    ): Promise<Followed> {
      const first = { key: subscribers.directoryKey(number), number, moved: sequence };
      const stops = [from];
      for await (const stop of leading(transaction, first, { since: sequence, passed: from.key })) stops.push(stop);
      const last = stops.at(-1) ?? from;
      const at = stops.find(({ holder }) => holder !== undefined);
      const isTaken = stops.some(({ holder }) => holder !== undefined && holder !== at?.holder);
      if (isTaken || (at && at !== last && last.number === undefined)) return { outcome: 'number_taken', writes: [] };
      // Whose level rests on a policy that was withdrawn is written where they are read next: not beside a transaction that has them.
      if (at?.holder !== undefined) await subscribers.find(at.holder);
      const before = at && (await store.standings(transaction, at.key));
      const now = clock.now();
      const said = store.sealSaid(sealer, 'number', number);
      await writeTogether(transaction, [
        store.move(from.key, sequence, { to: { key: first.key, said }, now }),
        store.move(first.key, sequence, { now }),
        store.handOn(from.key, last.key),
      ]);
      const moves = stops.flatMap(({ moved }, index) => (index > 0 && moved !== undefined ? [moved] : []));
      await cards.handOn(transaction, [from.key, last.key], { moves, now });
      if (at?.holder === undefined || !before) return { outcome: 'no_account', writes: [] };
      const writes = await arrive(transaction, at.holder, { at, last, before });
      return { outcome: 'applied', writes, holder: at.holder };
    },
  };
}
export type Numbers = ReturnType<typeof createNumbers>;
