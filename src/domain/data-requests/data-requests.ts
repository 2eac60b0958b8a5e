import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, EventType, Journal } from '../audit/index.ts';
import type { PopulationRegistry } from '../registry/index.ts';
import {
  type CorrectionSubject,
  clocksOf,
  type DataRequest,
  type DataRequestKind,
  type DataRequestOutcome,
  extended,
} from './data-request.ts';
import * as store from './store.ts';

/** What somebody asks. `decision`: what the rules answer by themselves, at once. */
export interface Asking {
  readonly subscriberId: string;
  /** Of the form that it was asked with: the same one again is the same request. */
  readonly id?: string;
  readonly kind: DataRequestKind;
  readonly subject?: CorrectionSubject;
  readonly statement: string;
  readonly decision?: { readonly outcome: DataRequestOutcome; readonly reason: string };
}

/** Why a step was not taken. */
export type StepRefusal = 'unknown' | 'decided' | 'acknowledged' | 'extended';

/** What became of a step of the officer. */
export type Step = { readonly done: true } | { readonly done: false; readonly reason: StepRefusal };

/** The officer who takes it. */
type Officer = Actor & { readonly id: string };

/** What people ask about their data, and the law's clocks. */
export interface DataRequests {
  /** Takes a request in; `together` is written with it. A correction goes to the register at once, or as soon as it answers. */
  receive(asking: Asking, together?: readonly Write[]): Promise<DataRequest>;
  find(id: string): Promise<DataRequest | undefined>;
  of(subscriberId: string, query?: { readonly before?: number; readonly limit?: number }): Promise<DataRequest[]>;
  /** Open ones by their deadline. `next` is where the next page begins. */
  open(query?: {
    readonly after?: string;
    readonly limit?: number;
  }): Promise<{ readonly requests: readonly DataRequest[]; readonly next?: string }>;
  counts(): Promise<{ readonly open: number; readonly overdue: number }>;
  acknowledge(id: string, by: Officer): Promise<Step>;
  /** Once, with a reason that the person reads. */
  extend(id: string, extension: { readonly reason: string; readonly by: Officer }): Promise<Step>;
  decide(
    id: string,
    decision: { readonly outcome: DataRequestOutcome; readonly reason: string; readonly by: Officer },
  ): Promise<Step>;
  /** Hands corrections to the register that it has not taken yet; answers how many it took. */
  handOver(): Promise<number>;
}

/** What the part works with. */
export interface DataRequestsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `data-requests`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  /** Where corrections are decided; without it they wait for an officer. */
  readonly register?: Pick<PopulationRegistry, 'requestCorrection'>;
  identityNumber(subscriberId: string): Promise<string | undefined>;
  /** The notices that tell the person, in the act that they tell of: that it was taken up, or that there is an answer. */
  tell(request: DataRequest, of: 'acknowledged' | 'answered'): Promise<readonly Write[]>;
}

class NotTaken extends Error {}
const notTaken = (): Error => new NotTaken();

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BATCH = 50;

/** The requests of a database. */
export function createDataRequests(parts: DataRequestsParts): DataRequests {
  const { database, clock, sealer, journal } = parts;
  const find = async (id: string) => (UUID.test(id) ? store.find(database, sealer, id) : undefined);
  const event = (type: EventType, { id, subscriberId }: DataRequest, actor: Actor, detail: object = {}): Write =>
    journal.append({ type, actor, subscriberId, detail: { request: id, ...detail } });

  /** One step of an officer: refused where the request does not stand as it has to, also when somebody was first. */
  async function step(
    id: string,
    {
      refused,
      taken,
    }: {
      refused(request: DataRequest): StepRefusal | undefined;
      taken(request: DataRequest): Promise<Write[]>;
    },
  ): Promise<Step> {
    const request = await find(id);
    const reason = request ? refused(request) : 'unknown';
    if (!request || reason) return { done: false, reason: reason ?? 'unknown' };
    try {
      await writeTogether(database, await taken(request));
      return { done: true };
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      const now = await find(id);
      return { done: false, reason: (now && refused(now)) ?? 'unknown' };
    }
  }

  /** The register takes a request once, by its reference: it is safe to hand it over again. */
  async function handOne(request: DataRequest): Promise<boolean> {
    const identityNumber = await parts.identityNumber(request.subscriberId);
    if (!parts.register || !identityNumber) return false;
    try {
      const { caseNumber } = await parts.register.requestCorrection({
        ...{ identityNumber, what: request.subject ?? 'other' },
        ...{ statement: request.statement, reference: request.id },
      });
      await writeTogether(database, [
        { statement: store.handedOver(request.id, caseNumber, clock.now()), lost: notTaken },
        event('data_request.handed_over', request, { kind: 'system' }),
      ]);
      return true;
    } catch (error) {
      // Silence is no answer: the request waits here, its clocks go on, and it is handed over later.
      if (error instanceof EidError || error instanceof NotTaken) return false;
      throw error;
    }
  }

  return {
    async receive({ subscriberId, id = newId(), kind, subject, statement, decision }, together = []) {
      const now = clock.now();
      const made = {
        ...{ id, subscriberId, kind, statement, receivedAt: now, ...clocksOf(kind, now) },
        ...(subject ? { subject } : {}),
        ...(decision ? { acknowledgedAt: now, decision: { ...decision, at: now } } : {}),
      };
      const person = { kind: 'subscriber', id: subscriberId } as const;
      const about = { ...made, number: 0 };
      const writes = [
        { statement: store.insert(sealer, made), lost: notTaken },
        event('data_request.received', about, person, { kind, ...(subject ? { subject } : {}) }),
        ...(decision ? [event('data_request.decided', about, { kind: 'system' }, { outcome: decision.outcome })] : []),
        ...together,
      ];
      try {
        await writeTogether(database, writes);
      } catch (error) {
        const before = error instanceof NotTaken ? await find(id) : undefined;
        if (before?.subscriberId !== subscriberId) throw error;
        return before;
      }
      const stored = (await find(made.id))!;
      if (kind === 'rectify' && (await handOne(stored))) return (await find(made.id))!;
      return stored;
    },
    find,
    of: (subscriberId, { before, limit = 20 } = {}) =>
      store.of(database, sealer, subscriberId, { before, limit: Math.min(limit, 200) }),
    async open({ after, limit = 50 } = {}) {
      const from = after === undefined ? undefined : readCursor(after);
      if (after !== undefined && !from) return { requests: [] };
      const found = await store.open(database, sealer, { after: from, limit: limit + 1 });
      const requests = found.slice(0, limit);
      return { requests, ...(found.length > limit ? { next: cursorOf(requests.at(-1)!) } : {}) };
    },
    counts: () => store.counts(database, clock.now()),

    acknowledge: (id, by) =>
      step(id, {
        refused: (request) => (request.decision ? 'decided' : request.acknowledgedAt ? 'acknowledged' : undefined),
        taken: async (request) => [
          { statement: store.acknowledge(id, clock.now()), lost: notTaken },
          event('data_request.acknowledged', request, by),
          ...(await parts.tell(request, 'acknowledged')),
        ],
      }),
    extend: (id, { reason, by }) =>
      step(id, {
        refused: (request) => (request.decision ? 'decided' : request.extension ? 'extended' : undefined),
        taken: async (request) => [
          {
            statement: store.extend(sealer, id, { reason, decideBy: extended(request), at: clock.now() }),
            lost: notTaken,
          },
          event('data_request.extended', request, by),
          ...(await parts.tell(request, 'answered')),
        ],
      }),
    decide: (id, { outcome, reason, by }) =>
      step(id, {
        refused: (request) => (request.decision ? 'decided' : undefined),
        taken: async (request) => [
          {
            statement: store.decide(sealer, id, { outcome, reason, by: by.id, at: clock.now() }),
            lost: notTaken,
          },
          event('data_request.decided', request, by, { outcome }),
          ...(await parts.tell(request, 'answered')),
        ],
      }),

    async handOver() {
      if (!parts.register) return 0;
      let taken = 0;
      for (const request of await store.toHandOver(database, sealer, BATCH)) {
        // The first that is not taken says that the register is silent: the others wait too.
        if (!(await handOne(request))) break;
        taken += 1;
      }
      return taken;
    },
  };
}

const cursorOf = ({ decideBy, id }: DataRequest): string => `${decideBy.getTime()}.${id}`;

function readCursor(cursor: string): { decideBy: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.(.*)$/.exec(cursor) ?? [];
  return at !== undefined && id !== undefined && UUID.test(id) ? { decideBy: new Date(Number(at)), id } : undefined;
}
