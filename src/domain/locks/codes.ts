import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { type AddressCodes, CodeSpent, type RecoveryAddresses } from '../recovery/index.ts';
import {
  hasSettled,
  parseIdentifier,
  type Subscriber,
  type Subscribers,
  unlessLocksChange,
} from '../subscribers/index.ts';

/** Which telephone: the account's own, or the second one that was confirmed for a recovery. The first may be what is lost. */
export type WhichPhone = 'own' | 'second';

/** Whose account is to be locked, as somebody says who is not signed in. */
export interface LockAsked {
  readonly identifier: string;
  readonly phone: WhichPhone;
  /** Only the browser that asked can answer (abuse case 48). */
  readonly sessionKey: string;
}

/** Locks by a code to a telephone. Nobody learns from it who has an account. */
export interface LockCodes {
  ask(
    asked: LockAsked & { readonly from: string; readonly locale: 'vi' | 'en' },
  ): Promise<
    { readonly sent: true; readonly challenge: string } | { readonly sent: false; readonly retryAfter: number }
  >;
  /**
   * The right code locks at once. An account that its holder has locked already stays as it is. The browser whose code did it may
   * send it again, where the answer was lost.
   */
  lock(
    answer: LockAsked & { readonly challenge: string; readonly code: string },
  ): Promise<{ readonly locked: true } | { readonly locked: false; readonly reason: 'wrong' | 'expired' }>;
}

/** No account has it: what is read for nobody takes as long. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Codes that lock, on a database. */
export function createLockCodes(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly subscribers: Pick<Subscribers, 'locate' | 'locks' | 'locking'>;
  readonly codes: Pick<AddressCodes, 'send' | 'check'>;
  readonly addresses: Pick<RecoveryAddresses, 'of'>;
}): LockCodes {
  const { database, subscribers, codes } = parts;

  const whom = async ({ identifier }: LockAsked): Promise<Subscriber | undefined> => {
    const found = await subscribers.locate(identifier);
    return found?.state === 'closed' ? undefined : found;
  };
  const phoneOf = async (person: Subscriber | undefined, which: WhichPhone): Promise<string | undefined> => {
    const added = await parts.addresses.of(person?.id ?? NOBODY);
    if (which === 'second') return added.find(({ medium }) => medium === 'sms')?.address;
    // Whoever has put another in its place may not be its holder, who still has the former one and was told there.
    if (person?.formerPhone && !hasSettled(person.phoneChangedAt, parts.clock.now())) return person.formerPhone;
    return person?.phoneVerified ? person.phone : undefined;
  };
  // What differs between two telephones is kept apart in the seal too.
  const sessionOf = ({ phone, sessionKey }: LockAsked): string => `${phone} ${sessionKey}`;

  return {
    async ask(asked) {
      const person = await whom(asked);
      const to = await phoneOf(person, asked.phone);
      const typed = parseIdentifier(asked.identifier)?.value ?? asked.identifier;
      return codes.send({
        ...{ purpose: 'lock', medium: 'sms', sessionKey: sessionOf(asked), from: asked.from },
        ...{ instead: `${asked.phone} ${person?.id ?? typed}`, typed: `${asked.phone} ${typed}` },
        ...(to === undefined ? {} : { to }),
        ...(person ? { person: { ...person, locale: asked.locale } } : {}),
      });
    },

    async lock(answer) {
      const person = await whom(answer);
      const verdict = await codes.check({
        ...{ purpose: 'lock', medium: 'sms', sessionKey: sessionOf(answer) },
        ...{ challenge: answer.challenge, code: answer.code, subscriberId: person?.id },
      });
      if (!person) return { locked: false, reason: verdict.right ? 'expired' : verdict.reason };
      const isLocked = async (): Promise<boolean> =>
        (await subscribers.locks(person.id)).some(({ ground, liftedAt }) => ground === 'holder_request' && !liftedAt);
      const expired = { locked: false, reason: 'expired' } as const;
      // What spends a code is the lock: it is said to whoever sends both again, page and code, and while it stands.
      if (!verdict.right && verdict.spent) return (await isLocked()) ? { locked: true } : expired;
      if (!verdict.right) return { locked: false, reason: verdict.reason };
      try {
        // Of two codes at once the second finds the account locked.
        await unlessLocksChange(async () => {
          // The code is spent with the lock that it makes, or not at all.
          const made = (await isLocked())
            ? []
            : (await subscribers.locking(person.id, 'holder_request', { by: CLAIMANT })).writes;
          await writeTogether(database, [...verdict.writes, ...made]);
        });
      } catch (error) {
        // Both were sent at once, and the other one has locked.
        if (error instanceof CodeSpent) return (await isLocked()) ? { locked: true } : expired;
        throw error;
      }
      return { locked: true };
    },
  };
}

const CLAIMANT = { kind: 'claimant' } as const;
