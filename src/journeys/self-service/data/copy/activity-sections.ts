import type { EventDetail, EventType, JournalEntry } from '../../../../domain/audit/index.ts';
import type { SentMessage } from '../../../../domain/notices/index.ts';
import { subjectOf } from '../../activity/sent.ts';
import { PRINTED_TOO, SENTENCES } from '../../activity/sentences.ts';
import { reasonOf } from '../data.ts';
import { withoutComparison } from './comparisons.ts';
import { atOnce, type Page, paged, type Section } from './section.ts';

/** What has happened: what was written to this person, what they asked and reported, and everything that the journal has. */
export const ACTIVITY_SECTIONS: readonly Section[] = [
  paged(
    'notices',
    async ({ parts, subscriber }, { before, limit }: Page<Pick<SentMessage, 'queuedAt' | 'id'>>) => {
      const found = await parts.notices.sentTo(subscriber.id, { limit, ...(before ? { before } : {}) });
      return {
        rows: found.map(({ id: _, ...message }) => message),
        last: found.length < limit ? undefined : found.at(-1),
      };
    },
    ({ queuedAt, kind, medium, to }) => ({
      at: queuedAt,
      words: [subjectOf(kind), `sent.medium.${medium}`, { text: to }],
    }),
  ),
  paged(
    'data_requests',
    async ({ parts, subscriber }, { before, limit }: Page<number>) => {
      // They are handed out 200 at a time.
      const size = Math.min(limit, 200);
      const query = before === undefined ? { limit: size } : { limit: size, before };
      const found = await parts.dataRequests.of(subscriber.id, query);
      const rows = found.map(({ subscriberId: _, decision, ...request }) => ({
        ...request,
        ...(decision ? { decision: withoutOfficer(decision) } : {}),
      }));
      return { rows, last: found.length < size ? undefined : found.at(-1)?.number };
    },
    ({ receivedAt, number, kind, statement, decision }) => ({
      at: receivedAt,
      words: [
        { text: String(number) },
        `data.kind.${kind}`,
        { text: statement },
        ...(decision ? [`data.outcome.${decision.outcome}`, reasonOf(decision)] : []),
      ],
    }),
  ),
  atOnce(
    'security_cases',
    async ({ parts, subscriber }, limit) =>
      (await parts.cases.of(subscriber.id, limit)).map(({ number, kind, signedInAt, frozen, openedAt, closed }) => ({
        ...{ number, kind, signedInAt, frozen: frozen.length, openedAt },
        ...(closed ? { closed: { outcome: closed.outcome, reason: closed.reason, at: closed.at } } : {}),
      })),
    ({ openedAt, closed }) => ({
      at: openedAt,
      words: [
        'history.disowned',
        ...(closed ? [`console.case.outcome.${closed.outcome}`, { text: closed.reason }] : ['printed.case.open']),
      ],
    }),
  ),
  paged(
    'events',
    async ({ parts, subscriber }, { before, limit, printed }: Page<number>) => {
      const page = { ...(before === undefined ? {} : { before }), ...(printed ? { types: PRINTED_TYPES } : {}) };
      const found = await parts.journal.query({ subscriberId: subscriber.id, limit, ...page });
      return {
        rows: found.map(eventOf),
        last: found.length < limit ? undefined : found.findLast(({ sequence }) => sequence !== undefined)?.sequence,
      };
    },
    async ({ at, type, clientId }, { nameOf }) => {
      const service = clientId === undefined ? '' : await nameOf(clientId);
      return { at, words: [{ key: PRINTED_EVENTS[type as keyof typeof PRINTED_EVENTS], values: { service } }] };
    },
  ),
];

/** What the page has of the journal, in words; the file has the rest of it too, by its types. */
const PRINTED_EVENTS = { ...SENTENCES, ...PRINTED_TOO };
const PRINTED_TYPES = Object.keys(PRINTED_EVENTS) as EventType[];

/** Which officer it was, the person does not learn: from which office, and why. */
const OF_OFFICERS = new Set(['operator', 'name', 'first', 'second', 'officer']);

const withoutOfficer = <Decision extends { readonly by?: string }>({ by, ...decision }: Decision) => ({
  ...decision,
  // What the rules say for themselves is a sentence of ours; what somebody wrote is shown as it was written.
  byRule: by === undefined,
});

const eventOf = ({ type, at, actor, clientId, detail }: JournalEntry) => ({
  ...{ type, at, by: actor.kind },
  ...(clientId === undefined ? {} : { clientId }),
  ...(detail === undefined ? {} : { detail: told(detail) }),
});

const told = (detail: EventDetail): EventDetail =>
  Object.fromEntries(Object.entries(withoutComparison(detail)).filter(([name]) => !OF_OFFICERS.has(name)));
