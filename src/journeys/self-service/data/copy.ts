import type { EventDetail, JournalEntry } from '../../../domain/audit/index.ts';
import type { DisclosureReceipt } from '../../../domain/consents/index.ts';
import type { Visitor } from '../visitor.ts';

/** Rows of a page, and of everything; who has more than that is told so in the copy. */
const PAGE = 500;
const MOST = 50_000;

/** A member of the copy with its value, or with rows that come a page at a time. */
type Part = readonly [name: string, value: unknown] | readonly [name: string, rows: AsyncIterable<readonly unknown[]>];

/**
 * Everything that is kept about somebody, as JSON text a piece at a time: no more of it is in memory than one page. The shape is
 * `senid-account` version 1 (README.md of this folder); members are added to it and never change their meaning.
 */
export async function* copyOf(visitor: Visitor): AsyncGenerator<string> {
  let first = true;
  const whole = { complete: true };
  for (const [name, value] of partsOf(visitor, whole)) {
    yield `${first ? '{' : ','}\n${JSON.stringify(name)}: `;
    first = false;
    if (!isRows(value)) {
      yield JSON.stringify((await (value as () => Promise<unknown>)()) ?? null, undefined, 1);
      continue;
    }
    yield '[';
    let any = false;
    for await (const rows of value)
      for (const row of rows) {
        yield `${any ? ',' : ''}\n${JSON.stringify(row)}`;
        any = true;
      }
    yield '\n]';
  }
  yield `,\n"complete": ${whole.complete}\n}\n`;
}

const isRows = (value: unknown): value is AsyncIterable<readonly unknown[]> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

function* partsOf(visitor: Visitor, whole: { complete: boolean }): Generator<Part> {
  const { parts, subscriber } = visitor;
  const { id, ...person } = subscriber;
  yield ['format', async () => 'senid-account'];
  yield ['version', async () => 1];
  yield ['made_at', async () => parts.clock.now()];
  yield ['account', async () => ({ ...person, identityNumbers: await parts.subscribers.identityNumbers(id) })];
  yield ['authenticators', async () => (await parts.authenticators.of(id)).map(({ id: _, ...one }) => one)];
  yield ['sessions', async () => (await parts.sessions(id)).map(({ uid: _, ...session }) => session)];
  yield ['linked_services', () => parts.accountLinks.of(id)];
  yield [
    'consents',
    async () =>
      (await parts.consents.history(id)).map(({ subscriberId: _, text, ...consent }) => ({
        ...consent,
        text: { ...text, hash: text.hash.toString('hex') },
      })),
  ];
  yield ['withdrawals', () => parts.consents.withdrawals(id, 1_000)];
  yield [
    'notices',
    async () => (await parts.notices.sentTo(id, { limit: 5_000 })).map(({ id: _, ...message }) => message),
  ];
  yield [
    'data_requests',
    async () =>
      (await parts.dataRequests.of(id, { limit: 200 })).map(({ subscriberId: _, decision, ...request }) => ({
        ...request,
        ...(decision ? { decision: { outcome: decision.outcome, reason: decision.reason, at: decision.at } } : {}),
      })),
  ];
  yield ['disclosures', disclosures(visitor, whole)];
  yield ['events', events(visitor, whole)];
}

async function* disclosures({ parts, subscriber }: Visitor, whole: { complete: boolean }) {
  let before: Pick<DisclosureReceipt, 'at' | 'id'> | undefined;
  for (let count = 0; ; count += PAGE) {
    if (count >= MOST) whole.complete = false;
    if (count >= MOST) return;
    const rows = await parts.consents.disclosures(subscriber.id, { limit: PAGE, ...(before ? { before } : {}) });
    yield rows.map(({ subscriberId: _, ...receipt }) => receipt);
    before = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

async function* events({ parts, subscriber }: Visitor, whole: { complete: boolean }) {
  let before: number | undefined;
  for (let count = 0; ; count += PAGE) {
    if (count >= MOST) whole.complete = false;
    if (count >= MOST) return;
    const rows = await parts.journal.query({
      subscriberId: subscriber.id,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    yield rows.map(eventOf);
    before = rows.findLast(({ sequence }) => sequence !== undefined)?.sequence;
    if (rows.length < PAGE || before === undefined) return;
  }
}

/** Which officer it was, the person does not learn: from which office, and why. */
const OF_OFFICERS = new Set(['operator', 'name']);

const eventOf = ({ type, at, actor, clientId, detail }: JournalEntry) => ({
  ...{ type, at, by: actor.kind },
  ...(clientId === undefined ? {} : { clientId }),
  ...(detail === undefined ? {} : { detail: withoutOfficers(detail) }),
});

const withoutOfficers = (detail: EventDetail): EventDetail =>
  Object.fromEntries(Object.entries(detail).filter(([name]) => !OF_OFFICERS.has(name)));
