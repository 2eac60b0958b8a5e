import { randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newToken, tokenHash } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { EventType, Journal } from '../audit/index.ts';
import type { Medium, NoticeKind, Notices } from '../notices/index.ts';
import type { AddressStore } from './address-store.ts';

/** What a code is for. One never does for the other: a code that locks recovers nothing. */
const PURPOSES = {
  recovery: { notice: 'recovery_code', sent: 'recovery.code_sent', refused: 'recovery.refused' },
  confirm: { notice: 'recovery_address_code', sent: 'recovery.code_sent', refused: 'recovery.refused' },
  contact: { notice: 'contact_code', sent: 'contact.code_sent', refused: 'contact.refused' },
  lock: { notice: 'lock_code', sent: 'lock.code_sent', refused: 'lock.refused' },
} as const satisfies Record<string, { notice: NoticeKind; sent: EventType; refused: EventType }>;
/** Half of a recovery, the confirmation of an address for one, that of the account's own, or a lock. */
export type CodePurpose = keyof typeof PURPOSES;

/** A code to be sent. Without `to` everything goes on as though it had been, and nothing leaves (abuse case 41). */
export interface CodeToSend {
  readonly purpose: CodePurpose;
  readonly medium: Medium;
  readonly to?: string;
  /** What budgets are counted for where there is no address: what was typed. */
  readonly instead: string;
  /** What was typed, in one spelling, where whoever asks has proven nothing: then only how often it was typed is told (case 41). */
  readonly typed?: string;
  /**
   * Whoever asks has proven one half already. They are paid for apart from strangers, who could otherwise use up what the owner needs
   * (abuse case 37), and are told when they have had their share: there is nobody left to hide the account from.
   */
  readonly halfProven?: boolean;
  /** Only the browser that asked can answer (abuse case 48). */
  readonly sessionKey: string;
  /** The address of the browser that asks, for the budgets. */
  readonly from: string;
  readonly person?: { readonly id: string; readonly locale: 'vi' | 'en'; readonly fullName: string };
}

/** SP 800-63B-4 §4.2.2.2: at least six figures, ten minutes by SMS and a day by e-mail. Two figures more for the longer time. */
const FORM = { sms: { figures: 6, minutes: 10 }, mail: { figures: 8, minutes: 24 * 60 } } as const;
/** Answers to one code; 5 of a million, twelve codes a day at most (`notices`). */
const MOST_ANSWERS = 5;

/** As long as a name is. */
const NAME = 'Nguyễn Văn Không';

const contents = z.object({
  n: z.string(),
  c: z.string(),
  t: z.string().nullable(),
  s: z.string().nullable(),
  x: z.number(),
});

export class CodeSpent extends Error {}

/** Codes to addresses, sealed with the page that asks for them; what is stored is how often each was answered. */
export function createAddressCodes(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'admit' | 'admitTyped' | 'queue' | 'queueNothing'>;
  readonly store: AddressStore;
}) {
  const { database, clock, sealer, notices, store } = parts;
  const context = (purpose: CodePurpose, medium: Medium, sessionKey: string): string =>
    `recovery code ${purpose} ${medium} ${tokenHash(sessionKey).toString('base64url')}`;

  /**
   * Stands for an address in the budgets: the same for the same account, so that asking again is refused alike. It counts for itself
   * alone and takes nothing of what everybody shares: asking about nobody is free, and would cost everybody their codes.
   */
  const decoy = (medium: Medium, instead: string): string => {
    const seed = sealer.keyedHash(`recovery decoy ${medium} ${instead}`);
    return medium === 'sms'
      ? `+8490${String(seed.readUInt32BE(0) % 10_000_000).padStart(7, '0')}`
      : `nobody@${seed.toString('hex').slice(0, 20)}.invalid`;
  };

  return {
    async send(asked: CodeToSend): Promise<{ sent: true; challenge: string } | { sent: false; retryAfter: number }> {
      const { purpose, medium, person, sessionKey } = asked;
      const { notice: kind, sent, refused } = PURPOSES[purpose];
      const { figures, minutes } = FORM[medium];
      const address = asked.to ?? decoy(medium, asked.instead);
      const subscriberId = person?.id ?? sealer.keyedHash(`recovery account ${asked.instead}`).toString('hex');
      const admitting = {
        ...{ kind, to: { medium, address }, subscriberId, from: asked.from, nobody: asked.to === undefined },
        ...(asked.halfProven ? { purse: 'second_half_code' as const } : {}),
      };
      const { typed } = asked;
      const admission = await (typed === undefined
        ? notices.admit(admitting)
        : notices.admitTyped({ ...admitting, typed }));
      if (!admission.admitted) return { sent: false, retryAfter: admission.retryAfter };
      const to = admission.admitted === true ? asked.to : undefined;
      const code = String(randomInt(10 ** figures)).padStart(figures, '0');
      const leaves = to !== undefined && person !== undefined;
      const message = {
        ...{ kind, to: { medium, address }, locale: person?.locale ?? 'vi', name: person?.fullName ?? NAME },
        ...{ values: { code, minutes, hours: minutes / 60 }, subscriberId },
      } as Parameters<Notices['queue']>[0];
      await writeTogether(database, [
        // As many rows either way: nothing that takes time tells whether anything was sent.
        ...(leaves ? notices.queue(message) : notices.queueNothing(message)),
        parts.journal.append({
          type: leaves ? sent : refused,
          actor: { kind: 'claimant' },
          ...(person ? { subscriberId: person.id } : {}),
          detail: {
            purpose,
            medium,
            ...(leaves ? {} : { reason: asked.to === undefined ? 'no_address' : 'beyond_budget' }),
          },
        }),
      ]);
      const x = clock.now().getTime() + minutes * 60_000;
      const told = { n: newToken(16), c: code, t: to ?? null, s: person?.id ?? null, x };
      return {
        sent: true,
        challenge: sealer.sealText(JSON.stringify(told), context(purpose, medium, sessionKey)),
      };
    },

    /** The answer is counted before it is looked at; what spends the code is written with whatever it opens. */
    async check(answer: {
      readonly purpose: CodePurpose;
      readonly medium: Medium;
      readonly sessionKey: string;
      readonly challenge: string;
      readonly code: string;
      /** Whom it must have been sent to. */
      readonly subscriberId: string | undefined;
    }): Promise<
      | { right: true; to: string; writes: Write[] }
      /** `spent`: the same answer of the same browser was right before. */
      | { right: false; reason: 'wrong' | 'expired'; spent?: true }
    > {
      const told = open(answer.challenge, context(answer.purpose, answer.medium, answer.sessionKey));
      if (!told || told.x <= clock.now().getTime() || told.s !== (answer.subscriberId ?? null))
        return { right: false, reason: 'expired' };
      const hash = tokenHash(told.n);
      const counted = await store.count(database, hash, MOST_ANSWERS, new Date(told.x));
      if (!counted) return { right: false, reason: 'expired' };
      const given = Buffer.from(answer.code.replace(/[\s-]/g, ''));
      const same = given.length === told.c.length && timingSafeEqual(given, Buffer.from(told.c));
      if (counted.spent) return { right: false, reason: 'expired', ...(same ? { spent: true } : {}) };
      if (!same || told.t === null || told.s === null) return { right: false, reason: 'wrong' };
      return { right: true, to: told.t, writes: [store.spend(hash, () => new CodeSpent())] };
    },
  };

  function open(challenge: string, within: string): z.infer<typeof contents> | undefined {
    if (challenge.length > 2_048 || !/^[A-Za-z0-9_-]+$/.test(challenge)) return undefined;
    try {
      return contents.parse(JSON.parse(sealer.openText(challenge, within)));
    } catch {
      // Another session's, another purpose's, or never ours.
      return undefined;
    }
  }
}

export type AddressCodes = ReturnType<typeof createAddressCodes>;
