import { EVENT_TYPES, type JournalEntry, type JournalState } from '../../../domain/audit/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { writeDownLook } from '../people/person-seen.ts';
import { readReference } from '../people/reference.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { entryPage, type JournalRow, journalPage, type VerificationState } from './models.ts';

const SIZE = 50;
const DAY = 86_400_000;

/** What happened, the newest first. About one person only by the reference of their page: nobody is looked up here. */
export async function listJournal(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const type = choices(EVENT_TYPES, one(ctx.query.type), (value) => (value ? { text: value } : 'console.any'));
  const client = one(ctx.query.client)?.trim().slice(0, 127) ?? '';
  const person = one(ctx.query.person) ?? '';
  const read = person ? readReference(visit, person) : undefined;
  if (person && !read) throw new EidError('console.reference_over');
  if (read) await writeDownLook(visit, { ...read, page: 'journal' });
  const [since, until] = [dayOf(one(ctx.query.since)), dayOf(one(ctx.query.until))];
  const before = Number(one(ctx.query.from));
  const [found, state] = await Promise.all([
    parts.journal.query({
      ...(type.chosen ? { types: [type.chosen] } : {}),
      ...(client ? { clientId: client } : {}),
      ...(read ? { subscriberId: read.subscriberId } : {}),
      ...(since ? { from: since } : {}),
      ...(until ? { until: new Date(until.getTime() + DAY) } : {}),
      ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
      limit: SIZE + 1,
    }),
    parts.verifications.state(),
  ]);
  const shown = found.slice(0, SIZE);
  const names = await namesOf(
    visit,
    shown.flatMap(({ actor }) => (actor.kind === 'operator' && actor.id ? [actor.id] : [])),
  );
  const next = found.length > SIZE ? shown.at(-1)?.sequence : undefined;
  parts.views.show(ctx, journalPage, {
    ...visit.frame,
    filters: {
      ...{ type: type.options, client, person },
      since: since ? (one(ctx.query.since) ?? '') : '',
      until: until ? (one(ctx.query.until) ?? '') : '',
    },
    rows: shown.map((entry) => rowOf(entry, names)),
    ...pagesOf('/operator/journal', ctx.query, next === undefined ? undefined : String(next)),
    verification: verificationState(state),
    verify: formOf(visit, '/operator/journal/verify'),
    notice: one(ctx.query.notice) === 'verifying' ? 'console.journal.notice.verifying' : null,
  });
}

/** The beginning of a day in Viet Nam, as a browser's field names it. */
function dayOf(text: string | undefined): Date | undefined {
  const day = text && /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00+07:00`) : undefined;
  return day && !Number.isNaN(day.getTime()) ? day : undefined;
}

const actorOf = ({ actor: { kind, id } }: JournalEntry, names: ReadonlyMap<string, string>): string => {
  // Who a citizen is does not stand in a list of the console.
  if (kind === 'subscriber' || id === undefined) return kind;
  return kind === 'operator' ? (names.get(id) ?? id) : `${kind} ${id}`;
};

const rowOf = (entry: JournalEntry, names: ReadonlyMap<string, string>): JournalRow => ({
  sequence: entry.sequence ?? null,
  url: entry.sequence === undefined ? null : `/operator/journal/${entry.sequence}`,
  at: entry.at,
  type: entry.type,
  actor: actorOf(entry, names),
  clientId: entry.clientId ?? null,
});

/** How the journal stands, for pages. */
export const verificationState = ({ last, running, waiting, waitingSince }: JournalState): VerificationState => ({
  last: last
    ? {
        at: last.at,
        intact: last.result.intact,
        entries: last.result.intact ? last.result.entries : 0,
        fault: last.result.intact ? null : last.result.fault,
        sequence: last.result.intact ? 0 : last.result.sequence,
      }
    : null,
  running: running?.askedAt ?? null,
  waiting,
  waitingSince: waitingSince ?? null,
});

/** One sealed event, with its place in the chain. */
export async function showEntry(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const sequence = Number(ctx.params.sequence);
  const entry = Number.isSafeInteger(sequence) ? await parts.journal.find(sequence) : undefined;
  if (!entry) throw new EidError('http.not_found');
  const names = await namesOf(visit, entry.actor.kind === 'operator' && entry.actor.id ? [entry.actor.id] : []);
  const { clientId } = entry;
  parts.views.show(ctx, entryPage, {
    ...visit.frame,
    ...{ sequence, at: entry.at, type: entry.type, actor: actorOf(entry, names) },
    clientId: clientId ?? null,
    clientUrl: clientId === undefined ? null : `/operator/clients/${encodeURIComponent(clientId)}`,
    aboutSomebody: entry.subscriberId !== undefined,
    hash: entry.hash.toString('hex'),
    detail: Object.entries(entry.detail ?? {}).map(([name, value]) => ({
      name,
      value: Array.isArray(value) ? value.join(', ') : String(value),
    })),
  });
}

/** Asks for a verification of the whole; it is made in the background. */
export async function verifyJournal(visit: Visit): Promise<void> {
  await visit.parts.verifications.ask({ kind: 'operator', id: visit.acting.operatorId });
  return goTo(visit, '/operator/journal?notice=verifying');
}
