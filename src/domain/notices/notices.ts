import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Messages } from '../../platform/messages.ts';
import type { Outbox } from '../../platform/outbox.ts';
import { networkOf } from '../../platform/plain-values/browser-family.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import { BUDGETS, type CodePurse, sharesOf, TOLD } from './budgets/budget.ts';
import { type Counter, count, forgetBudgets, secondsUntilRoom } from './budgets/budget-store.ts';
import { countersFor } from './budgets/counters.ts';
import { placeOf, segmentsOf } from './budgets/places.ts';
import { createWithholding } from './budgets/withholding.ts';
import type { Delivery, MessageChannel } from './channel.ts';
import {
  forgetMessages,
  messagesOf,
  noteAttempt,
  noteQueued,
  noteRetry,
  type SentMessage,
  sentMessages,
  type Wanted,
} from './message-store.ts';
import {
  type AnyNotice,
  addressesOf,
  maskedAddress,
  NOTICES,
  type Notice,
  type NoticeKind,
  type NoticeValues,
  type Reachable,
} from './notice.ts';
import { createWording, type MessagePayload } from './wording.ts';

/** What we write to people. */
export interface Notices {
  /**
   * Whether a message may go to this address now; counts it, before anything is queued. Seconds until it makes sense to ask
   * again otherwise.
   */
  admit(notice: Admitting): Promise<{ readonly admitted: true } | Refused>;
  /**
   * The same for whoever has only typed something. Refused is what was typed too often, or from there; that the address or the
   * account has had its share is not told, and everything goes on as though it had been sent (abuse case 41). The last of what was
   * typed, and of its address, are for networks that have not asked for it (37).
   */
  admitTyped(
    notice: Admitting & { readonly typed: string },
  ): Promise<{ readonly admitted: true | 'silently_not' } | Refused>;
  /** One message to one address, as writes for the unit of work of what it tells about. */
  queue<Kind extends NoticeKind>(notice: Notice<Kind>): Write[];
  /** Writes that weigh as much as those of `queue`, and lead to nothing: for an address that there is not (abuse case 41). */
  queueNothing<Kind extends NoticeKind>(notice: Notice<Kind>): Write[];
  /** The same message to every confirmed address of a person, with its journal event. Empty when there is none. */
  queueToAll<Kind extends NoticeKind>(kind: Kind, person: Reachable, values: NoticeValues<Kind>): Write[];
  /** One attempt to deliver what waited in the outbox, within its budget. Whoever settles it there writes `settled` with that. */
  deliver(payload: MessagePayload): Promise<Attempt | Withheld>;
  /** What an attempt leaves behind; `final` when there is no other. */
  settled(payload: MessagePayload, attempt: Attempt | Withheld, final: boolean): Write[];
  /** What was written to a person, the newest first: when, to which of their addresses, and whether it arrived. */
  sentTo(subscriberId: string, page?: Partial<Pick<Wanted, 'limit' | 'before'>>): Promise<SentMessage[]>;
  /** Of everybody, for those who look after the channels: nothing of whom. */
  sent(wanted: Omit<Wanted, 'subscriberId'>): Promise<Omit<SentMessage, 'to'>[]>;
  /** Tries one again that had failed; false for a code, or when there is nothing to try any more. */
  retry(id: string, by: Actor): Promise<boolean>;
  /** Forgets what no window and no reader needs any more; answers how many. */
  sweep(): Promise<number>;
}

/** Beyond a budget. */
interface Refused {
  readonly admitted: false;
  readonly retryAfter: number;
}

/** Whom a message is to be counted for, before it is made. */
export interface Admitting extends Pick<AnyNotice, 'kind' | 'to' | 'subscriberId'> {
  /** The address of the browser that asks. */
  readonly from?: string;
  /** What it is paid from, where that is not what its kind is: whoever asks has shown more than what anybody may type. */
  readonly purse?: CodePurse;
  /** The address stands for none, and nothing will leave: counted is what was typed, from where; of what all share, nothing. */
  readonly nobody?: boolean;
}

/** One attempt, and the channel that made it. */
export type Attempt = Delivery & { readonly channel: string };

/** Beyond its budget: to be tried again in so many seconds, or folded into one that waits. What is to be written of it is. */
export interface Withheld {
  readonly delivered: false;
  readonly withheld: true;
  readonly retryIn: number | null;
}

/** What the part works with. */
export interface NoticesParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `notices`: addresses are counted by keyed hash. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly outbox: Pick<Outbox, 'add' | 'revive'>;
  readonly messages: Pick<Messages, 't'>;
  /** In the order in which they are tried. */
  readonly channels: readonly MessageChannel[];
  /** The name people know the service by. */
  readonly brand: string;
  /** Where they find it: a host to be typed, never a link to be followed. */
  readonly host: string;
  readonly budgets?: typeof BUDGETS;
  /** Whether what a notice tells of, and how to stop it, has ended meanwhile (`WHILE_IT_LASTS`); without it, nothing has. */
  readonly isOver?: (notice: AnyNotice) => Promise<boolean>;
  /** Counts what is handed to a channel, and what is refused before: messages cost money. */
  readonly count?: (line: {
    readonly channel: string;
    readonly outcome: 'sent' | 'failed' | 'capped';
    readonly region: 'home' | 'abroad' | 'nowhere' | 'mail';
    readonly parts: number;
  }) => void;
}

const undeliverable: Delivery = { delivered: false, retry: true, reason: 'unreachable' };
/** What happened is read back for a year, as long as somebody asks what they were told. */
const KEPT_DAYS = 366;
const DAY = 86_400_000;

class NotFailed extends Error {}

/** Messages over the channels of this installation. */
export function createNotices(parts: NoticesParts): Notices {
  const { database, clock, sealer, journal, channels } = parts;
  const budgets = parts.budgets ?? BUDGETS;
  const regionOf = ({ medium, address }: AnyNotice['to']) => (medium === 'sms' ? placeOf(address).region : 'mail');

  const countersOf = (
    { kind, to, from, ...notice }: Admitting & { typed?: string },
    { told, last = false }: { told?: boolean; last?: boolean | ReadonlySet<string> } = {},
  ): Counter[] => {
    const purse = notice.purse ?? NOTICES[kind].purse;
    const now = clock.now().getTime();
    const sender = from === undefined ? undefined : (networkOf(from) ?? 'unknown');
    const { subscriberId: account, typed, nobody } = notice;
    const shares = sharesOf(budgets[purse], { ...to, account, sender, typed, nobody });
    return shares
      .filter(({ scope }) => told === undefined || TOLD.has(scope) === told)
      .flatMap((share) => countersFor(share, { purse: `${purse} ${to.medium}`, last, now, key: sealer.keyedHash }));
  };

  /** Counts among what is for everybody; full, among the last, which are for whoever has had none of this. */
  const countTyped = async (notice: Admitting & { typed: string }, told: boolean): Promise<boolean> => {
    const now = clock.now();
    if (await count(database, countersOf(notice, { told }), { now })) return true;
    return count(database, countersOf(notice, { told, last: true }), { now });
  };

  const capped = (to: AnyNotice['to']): void =>
    parts.count?.({ channel: 'none', outcome: 'capped', region: regionOf(to), parts: 0 });
  const isOver = parts.isOver ?? (async () => false);
  const withholding = createWithholding({ database, clock, sealer, journal, countersOf, isOver, capped });

  const render = createWording(parts);

  const queue = (notice: AnyNotice): Write[] => {
    const { kind, to, subscriberId } = notice;
    const id = newId();
    const queuedAt = clock.now();
    const payload: MessagePayload = { id, at: queuedAt.getTime(), notice };
    const minutes = 'minutes' in notice.values ? Number(notice.values.minutes) : undefined;
    const expiresAt = minutes ? new Date(queuedAt.getTime() + minutes * 60_000) : undefined;
    return [
      noteQueued(sealer, { id, kind, medium: to.medium, to: maskedAddress(to), queuedAt, subscriberId, expiresAt }),
      parts.outbox.add('message', id, payload, minutes ? { validFor: minutes * 60 } : {}),
    ];
  };

  return {
    async admit(notice) {
      const counters = countersOf(notice);
      const region = regionOf(notice.to);
      // Nobody lives there: whoever names such a number is paid for what is sent to it.
      const open = region !== 'nowhere' && (await count(database, counters, { now: clock.now() }));
      if (open) return { admitted: true };
      capped(notice.to);
      return { admitted: false, retryAfter: await secondsUntilRoom(database, counters, clock.now()) };
    },

    async admitTyped(notice) {
      if (!(await countTyped(notice, true))) {
        capped(notice.to);
        const retryAfter = await secondsUntilRoom(database, countersOf(notice, { told: true }), clock.now());
        return { admitted: false, retryAfter };
      }
      if (regionOf(notice.to) !== 'nowhere' && (await countTyped(notice, false))) return { admitted: true };
      capped(notice.to);
      return { admitted: 'silently_not' };
    },

    queue: (notice) => queue(notice as unknown as AnyNotice),
    // A kind that nobody delivers, over as soon as it is written: the next sweep takes it away.
    queueNothing(notice) {
      const id = newId();
      return [
        parts.outbox.add('nothing', id, { id, to: maskedAddress(notice.to) }, { validFor: 0 }),
        parts.outbox.add('nothing', newId(), { id, at: clock.now().getTime(), notice }, { validFor: 0 }),
      ];
    },

    queueToAll(kind, person, values) {
      const { id: subscriberId, locale, fullName: name } = person;
      const addresses = addressesOf(person).filter(({ medium }) =>
        (NOTICES[kind].media as readonly string[]).includes(medium),
      );
      if (addresses.length === 0) return [];
      return [
        ...addresses.flatMap((to) => queue({ kind, to, locale, name, values, subscriberId } as unknown as AnyNotice)),
        journal.append({
          type: 'notice.queued',
          actor: { kind: 'system' },
          subscriberId,
          detail: { notice: kind, media: addresses.map(({ medium }) => medium) },
        }),
      ];
    },

    async deliver(payload) {
      const region = regionOf(payload.notice.to);
      // Nobody lives there, and whoever has named such a number is paid for what is sent to it.
      if (region === 'nowhere') return { delivered: false, retry: false, reason: 'refused', channel: 'none' };
      const passage = await withholding.pass(payload.id, payload.notice);
      if (!passage.open) return { delivered: false, withheld: true, retryIn: passage.retryIn };
      const message = render(payload, passage.folded);
      let attempt: Attempt = { ...undeliverable, channel: 'none' };
      for (const channel of channels.filter(({ media }) => media.includes(message.medium))) {
        attempt = { ...(await channel.send(message)), channel: channel.name };
        parts.count?.({
          channel: channel.name,
          outcome: attempt.delivered ? 'sent' : 'failed',
          region,
          parts: attempt.delivered && message.medium === 'sms' ? segmentsOf(message.text) : 0,
        });
        // Another gateway may take what this one will not; a malformed message none may.
        if (attempt.delivered || attempt.reason === 'malformed') break;
      }
      return attempt;
    },

    settled({ id, notice }, attempt, final) {
      if ('withheld' in attempt) return [];
      const over = attempt.delivered || final;
      return [
        noteAttempt(id, attempt, over, clock.now()),
        ...(over
          ? [
              journal.append({
                type: attempt.delivered ? 'notice.delivered' : 'notice.failed',
                actor: { kind: 'system' },
                ...(notice.subscriberId === undefined ? {} : { subscriberId: notice.subscriberId }),
                detail: {
                  ...{ notice: notice.kind, medium: notice.to.medium, channel: attempt.channel },
                  reason: attempt.delivered ? null : attempt.reason,
                },
              }),
            ]
          : []),
      ];
    },

    sentTo: (subscriberId, page = {}) =>
      messagesOf(database, sealer, { limit: 50, ...page, subscriberId }, clock.now()),
    sent: (wanted) => sentMessages(database, wanted, clock.now()),

    async retry(id, by) {
      try {
        await writeTogether(database, [
          noteRetry(id, () => new NotFailed()),
          // What was given up long ago is not in the outbox any more: then nothing is tried, and nothing said to be.
          { ...parts.outbox.revive('message', id), lost: () => new NotFailed() },
          journal.append({ type: 'notice.retried', actor: by, detail: { message: id } }),
        ]);
        return true;
      } catch (error) {
        if (error instanceof NotFailed) return false;
        throw error;
      }
    },

    async sweep() {
      const now = clock.now().getTime();
      const counters = await forgetBudgets(database, new Date(now - 2 * DAY));
      return counters + (await forgetMessages(database, new Date(now - KEPT_DAYS * DAY)));
    },
  };
}
