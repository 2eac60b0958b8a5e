import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { EndWord, Guardianships } from '../guardianships/index.ts';
import type { Subscribers } from '../subscribers/index.ts';
import { KINDS, type Reported, type SignedEvent } from './event.ts';
import type { Numbers } from './numbers.ts';
import * as store from './store.ts';

type Ended = Extract<Reported, { kind: 'guardianship-ended' }>;
/** A report that somebody is a guardian no more, and when the register said so: by its own clock, to the second. */
export type EndReport = Pick<SignedEvent, 'saidAt'> & { readonly reported: Ended };

/** Guardians of whom the register says that they are ones no more, by any number that they have had. */
export function createGuardians(
  parts: {
    readonly sealer: Sealer;
    readonly subscribers: Pick<Subscribers, 'identityNumber'>;
    readonly guardianships: Pick<Guardianships, 'endingByRegister' | 'concernedBy'>;
    readonly isNamed?: (of: { readonly guardian: string; readonly ward: string }) => Promise<boolean>;
  },
  numbers: Numbers,
) {
  const { sealer, subscribers, guardianships } = parts;
  const resolved = (transaction: Queryable, number: string | Buffer) =>
    numbers.resolve(transaction, { number, aspect: 'guardianship' });

  /** What a ward's account has of everything that was said of the ward's guardians, whichever came first; `now`: what is said at last. */
  async function ending(transaction: Queryable, wardId: string, now?: EndReport): Promise<Write[]> {
    const keys = new Map<string, Buffer>();
    const keyOf = async (number: string): Promise<Buffer> => {
      const key = keys.get(number) ?? (await resolved(transaction, number)).key;
      keys.set(number, key);
      return key;
    };
    const words: EndWord[] = [];
    const number = await subscribers.identityNumber(wardId);
    if (number === undefined) return [];
    const kept = await keptEnds(transaction, sealer, { wardId, key: await keyOf(number) });
    for (const { reported, saidAt } of [...kept, ...(now ? [now] : [])]) {
      const { sequence, guardian_identity_number: guardian, successor_identity_number: next } = reported;
      const successor = next === undefined ? {} : { successor: await keyOf(next) };
      words.push({ sequence, saidAt, guardian: await keyOf(guardian), ...successor });
    }
    return guardianships.endingByRegister({
      ...{ wardId, words, told: now && words.at(-1) },
      // Nobody finds a closed account by its number any more, nor one that another has taken the place of: it has the last that it had.
      keyOf: async (accountId) => {
        const last = await subscribers.identityNumber(accountId);
        return last === undefined ? undefined : keyOf(last);
      },
      // By the numbers that they have now: of one that was replaced since the register knows nothing any more. One that cannot be asked
      // holds up no report: what it has said holds.
      async isNamedYet({ guardianId, wardId: of }) {
        const [guardian, ward] = await Promise.all([guardianId, of].map(subscribers.identityNumber));
        if (!parts.isNamed || guardian === undefined || ward === undefined) return false;
        return parts.isNamed({ guardian, ward }).catch(() => false);
      },
    });
  }

  return {
    /** The account of the guardian whom a report names, if it names one who has one. */
    async accountOf(transaction: Queryable, reported: Reported): Promise<string | undefined> {
      if (reported.kind !== 'guardianship-ended') return undefined;
      return (await resolved(transaction, reported.guardian_identity_number)).holder;
    },

    ending,

    /** Another number has taken the place of this one: what was said of the one was said of whoever has the other. */
    async renumbered(transaction: Queryable, from: Buffer): Promise<Write[]> {
      const { key, holder } = await resolved(transaction, from);
      const writes: Write[] = [];
      for (const wardId of await guardianships.concernedBy({ accountId: holder, keys: [from, key] }))
        writes.push(...(await ending(transaction, wardId)));
      return writes;
    },
  };
}

/** What was said of a ward's guardians before, as it was read then. */
async function keptEnds(
  transaction: Queryable,
  sealer: Sealer,
  of: { readonly wardId: string; readonly key: Buffer },
): Promise<EndReport[]> {
  return (await store.keptEnds(transaction, sealer, of)).map((claims) => {
    const { iat, events } = JSON.parse(claims) as { readonly iat: number; readonly events: object };
    const said = KINDS['guardianship-ended'].parse(Object.values(events)[0]);
    return { saidAt: new Date(iat * 1000), reported: { kind: 'guardianship-ended', ...said } };
  });
}
