import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Outbox } from '../../platform/outbox.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, EventDetail, Journal } from '../audit/index.ts';
import {
  type DeliveryEntry,
  type DeliveryKind,
  type DeliveryPage,
  type DeliveryQuery,
  EVENT_MESSAGE,
  type EventMessage,
  LOGOUT_MESSAGE,
  type LogoutMessage,
  type Replay,
} from './delivery.ts';
import * as store from './store.ts';

/** The ledger of logouts and security events: queued, tried, arrived or given up. What leaves, and how, is the outbox's and its worker's. */
export interface Deliveries {
  /** A logout as writes: the message, its entry here and its event. `signOut` is what it belongs to, a UUID. */
  queue(message: LogoutMessage, signOut: string): Write[];
  /** A security event in the same way. */
  queueEvent(message: EventMessage, signOut: string): Write[];
  /** What an attempt came to, as writes that go with what becomes of the message. */
  arrived(id: string, attempt: number): Write;
  /** `retryIn` seconds; null when it is given up. */
  failed(id: string, attempt: { number: number; reason: string; retryIn: number | null }): Write;

  /** A page of the ledger, newest first. */
  list(query: DeliveryQuery): Promise<DeliveryPage>;
  find(id: string): Promise<DeliveryEntry | undefined>;
  /** The last ones about a person, newest first. */
  ofSubscriber(subscriberId: string, limit?: number): Promise<DeliveryEntry[]>;
  /** All that belong to one sign-out. */
  ofSignOut(signOut: string): Promise<DeliveryEntry[]>;
  /** Makes a dead letter due again, as if it were new: attempts from zero, and a fresh token as ever. `detail`: how they came to it. */
  replay(id: string, by: Actor, detail?: EventDetail): Promise<Replay>;
  /** For metrics: how many wait, how long the oldest is overdue in seconds, how many were given up. */
  counts(): Promise<{ waiting: number; overdue: number; dead: number }>;
  /** Forgets what ended more than `days` ago; answers how many. */
  sweep(days?: number): Promise<number>;
}

/** What the ledger works with. */
export interface DeliveriesParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'add' | 'revive' | 'state'>;
  readonly journal: Pick<Journal, 'append'>;
  /** Whether a client is there and may hear anything. */
  client(clientId: string): Promise<{ readonly disabledAt?: Date } | undefined>;
}

const DAY = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Undoes a replay, and says why. */
class Refused extends Error {
  readonly reason: 'not_dead' | 'message_gone';
  constructor(reason: Refused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

const MESSAGE_OF = { logout: LOGOUT_MESSAGE, event: EVENT_MESSAGE } as const satisfies Record<DeliveryKind, string>;

/** The ledger on a database. */
export function createDeliveries({ database, clock, outbox, journal, client }: DeliveriesParts): Deliveries {
  const queue = (kind: DeliveryKind, message: LogoutMessage | EventMessage, signOut: string): Write[] => {
    const id = newId();
    const { clientId, subscriberId } = message;
    return [
      outbox.add(MESSAGE_OF[kind], id, message, { receiver: clientId }),
      { statement: store.insert({ id, kind, clientId, subscriberId, signOut, queuedAt: clock.now() }) },
      journal.append({
        type: `${kind}.queued`,
        actor: { kind: 'system' },
        subscriberId,
        clientId,
        detail: { delivery: id },
      }),
    ];
  };
  return {
    queue: (message, signOut) => queue('logout', message, signOut),
    queueEvent: (message, signOut) => queue('event', message, signOut),
    arrived: (id, attempt) => ({ statement: store.arrived(id, attempt, clock.now()) }),
    failed(id, { number, reason, retryIn }) {
      const now = clock.now();
      const next = retryIn === null ? null : new Date(now.getTime() + retryIn * 1000);
      return { statement: store.failed(id, { number, reason, now, next }) };
    },

    async list({ clientId, state, before, limit = 50 }) {
      const from = before === undefined ? undefined : readCursor(before);
      if (before !== undefined && !from) return { entries: [] };
      const size = Math.min(Math.max(1, limit), 200);
      const found = await store.page(database, { clientId, state, before: from, limit: size + 1 });
      const entries = found.slice(0, size);
      const last = entries.at(-1);
      return { entries, ...(found.length > size && last ? { next: cursorOf(last) } : {}) };
    },
    find: async (id) => (UUID.test(id) ? store.find(database, id) : undefined),
    ofSubscriber: async (subscriberId, limit = 20) =>
      UUID.test(subscriberId) ? store.page(database, { subscriberId, limit: Math.min(limit, 200) }) : [],
    ofSignOut: async (signOut) => (UUID.test(signOut) ? store.ofSignOut(database, signOut) : []),

    async replay(id, by, detail = {}) {
      const refused = (reason: Exclude<Replay, { replayed: true }>['reason']): Replay => ({ replayed: false, reason });
      const entry = UUID.test(id) ? await store.find(database, id) : undefined;
      if (!entry) return refused('unknown');
      if (entry.state !== 'dead') return refused('not_dead');
      const { clientId, subscriberId, kind } = entry;
      const found = await client(clientId);
      if (!found) return refused('client_gone');
      if (found.disabledAt) return refused('client_disabled');
      try {
        // Of two who press at once the second finds it no longer dead: it is made due once, and journalled once.
        await writeTogether(database, [
          { statement: store.revive(id), lost: () => new Refused('not_dead') },
          { ...outbox.revive(MESSAGE_OF[kind], id), lost: () => new Refused('message_gone') },
          journal.append({
            ...{ type: `${kind}.replayed`, actor: by, subscriberId, clientId },
            detail: { ...detail, delivery: id },
          }),
        ]);
      } catch (error) {
        if (error instanceof Refused) return refused(error.reason);
        throw error;
      }
      return { replayed: true };
    },

    async counts() {
      const [logouts, events] = await Promise.all([outbox.state(LOGOUT_MESSAGE), outbox.state(EVENT_MESSAGE)]);
      return {
        waiting: logouts.waiting + events.waiting,
        overdue: Math.max(logouts.overdue, events.overdue),
        dead: await store.countDead(database),
      };
    },
    sweep: (days = 90) => database.execute(store.forget(new Date(clock.now().getTime() - days * DAY))),
  };
}

/** Where a page ended: moment and id of its last entry. */
const cursorOf = ({ queuedAt, id }: DeliveryEntry): string => `${queuedAt.getTime()}.${id}`;

function readCursor(cursor: string): { at: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.(.*)$/.exec(cursor) ?? [];
  return at !== undefined && id !== undefined && UUID.test(id) ? { at: new Date(Number(at)), id } : undefined;
}
