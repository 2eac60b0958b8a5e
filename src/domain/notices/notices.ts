import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Messages } from '../../platform/messages.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import { BUDGETS, rangeOf } from './budget.ts';
import type { Delivery, MessageChannel, OutgoingMessage } from './channel.ts';
import {
  type AnyNotice,
  addressesOf,
  NOTICES,
  type Notice,
  type NoticeKind,
  type NoticeValues,
  type Reachable,
  wordsOf,
} from './notice.ts';
import * as store from './store.ts';

/** What waits in the outbox, which seals it: it names people and carries codes. */
export interface MessagePayload {
  readonly id: string;
  /** When it was queued, in epoch milliseconds: the moment that the words speak of. */
  readonly at: number;
  readonly notice: AnyNotice;
}

/** What we write to people. */
export interface Notices {
  /**
   * Whether a message may go to this address now; counts it. One statement, before anything is queued. Seconds until it makes
   * sense to ask again otherwise.
   */
  admit(
    notice: Pick<AnyNotice, 'kind' | 'to' | 'subscriberId'>,
  ): Promise<{ readonly admitted: true } | { readonly admitted: false; readonly retryAfter: number }>;
  /** One message to one address, as a write for the unit of work of what it tells about. */
  queue<Kind extends NoticeKind>(notice: Notice<Kind>): Write;
  /** The same message to every confirmed address of a person, with its journal event. Empty when there is none. */
  queueToAll<Kind extends NoticeKind>(kind: Kind, person: Reachable, values: NoticeValues<Kind>): Write[];
  /** One attempt to deliver what waited in the outbox. */
  deliver(payload: MessagePayload): Promise<Delivery>;
  /** Forgets counters that no window needs any more; answers how many. */
  sweep(): Promise<number>;
}

/** What the part works with. */
export interface NoticesParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `notices`: addresses are counted by keyed hash. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly outbox: Pick<Outbox, 'add'>;
  readonly messages: Pick<Messages, 't'>;
  /** In the order in which they are tried. */
  readonly channels: readonly MessageChannel[];
  /** The name people know the service by. */
  readonly brand: string;
  /** Where they find it: a host to be typed, never a link to be followed. */
  readonly host: string;
  readonly budgets?: typeof BUDGETS;
}

const undeliverable: Delivery = { delivered: false, retry: true, reason: 'unreachable' };

/** Messages over the channels of this installation. */
export function createNotices(parts: NoticesParts): Notices {
  const { database, clock, sealer, journal, channels } = parts;
  const budgets = parts.budgets ?? BUDGETS;

  const countersOf = ({ kind, to, subscriberId }: Pick<AnyNotice, 'kind' | 'to' | 'subscriberId'>) => {
    const { purse } = NOTICES[kind];
    const now = clock.now().getTime();
    const subjects = { address: to.address, range: rangeOf(to.medium, to.address), account: subscriberId, all: 'all' };
    return budgets[purse].flatMap(({ scope, seconds, cap }) => {
      const subject = subjects[scope];
      if (subject === undefined) return [];
      const start = Math.floor(now / (seconds * 1000)) * seconds * 1000;
      return [
        {
          scope: `${purse} ${to.medium} ${scope} ${seconds}`,
          key: sealer.keyedHash(subject),
          windowStart: new Date(start),
          cap,
          ends: start + seconds * 1000,
        },
      ];
    });
  };

  const render = ({ id, at, notice }: MessagePayload): OutgoingMessage => {
    const { kind, to, locale, name = '', values } = notice;
    const moment = new Intl.DateTimeFormat(locale === 'vi' ? 'vi-VN' : 'en-GB', {
      dateStyle: 'short',
      timeStyle: 'short',
      timeZone: 'Asia/Ho_Chi_Minh',
    }).format(at);
    const say = (part: 'sms' | 'mail.subject' | 'mail.body'): string =>
      parts.messages.t(locale, wordsOf(kind, part), { ...values, name, moment, brand: parts.brand, host: parts.host });
    return to.medium === 'sms'
      ? { medium: 'sms', to: to.address, text: say('sms'), reference: id }
      : { medium: 'mail', to: to.address, subject: say('mail.subject'), text: say('mail.body'), reference: id };
  };

  const queue = (notice: AnyNotice): Write => {
    const id = newId();
    const payload: MessagePayload = { id, at: clock.now().getTime(), notice };
    const minutes = 'minutes' in notice.values ? Number(notice.values.minutes) : undefined;
    return parts.outbox.add('message', id, payload, minutes ? { validFor: minutes * 60 } : {});
  };

  return {
    async admit(notice) {
      const counters = countersOf(notice);
      if (await store.count(database, counters)) return { admitted: true };
      const full = await store.full(database, counters);
      const now = clock.now().getTime();
      const ends = counters.filter((_, index) => full[index]).map(({ ends: end }) => end);
      return { admitted: false, retryAfter: Math.max(1, Math.ceil((Math.max(now, ...ends) - now) / 1000)) };
    },

    queue: (notice) => queue(notice as unknown as AnyNotice),

    queueToAll(kind, person, values) {
      const { id: subscriberId, locale, fullName: name } = person;
      const addresses = addressesOf(person).filter(({ medium }) =>
        (NOTICES[kind].media as readonly string[]).includes(medium),
      );
      if (addresses.length === 0) return [];
      return [
        ...addresses.map((to) => queue({ kind, to, locale, name, values, subscriberId } as unknown as AnyNotice)),
        journal.append({
          type: 'notice.queued',
          actor: { kind: 'system' },
          subscriberId,
          detail: { notice: kind, media: addresses.map(({ medium }) => medium) },
        }),
      ];
    },

    async deliver(payload) {
      const { notice } = payload;
      const message = render(payload);
      let delivery = undeliverable;
      let carrier = 'none';
      for (const channel of channels.filter(({ media }) => media.includes(message.medium))) {
        carrier = channel.name;
        delivery = await channel.send(message);
        // Another gateway may take what this one will not; a malformed message none may.
        if (delivery.delivered || delivery.reason === 'malformed') break;
      }
      if (!delivery.delivered && delivery.retry) return delivery;
      await database.execute(
        journal.append({
          type: delivery.delivered ? 'notice.delivered' : 'notice.failed',
          actor: { kind: 'system' },
          ...(notice.subscriberId === undefined ? {} : { subscriberId: notice.subscriberId }),
          detail: {
            notice: notice.kind,
            medium: message.medium,
            channel: carrier,
            reason: delivery.delivered ? null : delivery.reason,
          },
        }).statement,
      );
      return delivery;
    },

    sweep: () => store.forgetBudgets(database, new Date(clock.now().getTime() - 2 * 86_400_000)),
  };
}
