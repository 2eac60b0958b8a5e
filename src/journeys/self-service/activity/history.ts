import type { EventType, JournalEntry } from '../../../domain/audit/index.ts';
import { namesOf, noticeOf, numberIn } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { deviceOf } from './device.ts';
import { type HistoryEntry, historyPage } from './models.ts';
import { SENTENCES } from './sentences.ts';

const SIZE = 20;

/** What happened with my account, from the journal. Two statements, and the names of services from memory. */
export async function showHistory(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const before = numberIn(ctx.query, 'before');
  const [found, disowned] = await Promise.all([
    parts.journal.query({
      subscriberId: subscriber.id,
      types: Object.keys(SENTENCES) as EventType[],
      ...(before === undefined ? {} : { before }),
      limit: SIZE,
    }),
    parts.cases.disowned(subscriber.id),
  ]);
  const nameOf = namesOf(visitor);
  const last = found.at(-1)?.sequence;
  parts.views.show(ctx, historyPage, {
    entries: await Promise.all(found.map((entry) => entryOf(visitor, entry, { disowned, nameOf }))),
    sentUrl: '/account/data/notices',
    olderUrl: found.length === SIZE && last !== undefined ? `/account/history?before=${last}` : null,
    notice: noticeOf(visitor, ['disowned', 'disowned-only', 'disowned-before']),
  });
}

async function entryOf(
  { parts, sessionUid }: Visitor,
  { type, at, detail, clientId }: JournalEntry,
  known: { disowned: ReadonlyMap<string, boolean>; nameOf(clientId: string): Promise<string> },
): Promise<HistoryEntry> {
  const session = typeof detail?.session === 'string' ? detail.session : undefined;
  const begins = type === 'session.started' && session !== undefined;
  const here = session !== undefined && session === parts.sessionReference(sessionUid);
  const disowned = begins && known.disowned.has(session);
  return {
    at,
    what: SENTENCES[type as keyof typeof SENTENCES],
    ways: waysOf(detail),
    device: deviceOf(detail),
    service: clientId === undefined || parts.isOwn(clientId) ? null : await known.nameOf(clientId),
    // Reported with one factor it froze nothing: while it is looked into it can be said again.
    disownUrl: begins && !here && (known.disowned.get(session) ?? true) ? `/account/history/${session}/disown` : null,
    ...{ disowned, here: begins && here },
  };
}

/** The kinds that an event names, each once. */
export function waysOf(detail: JournalEntry['detail']): string[] {
  const named = Array.isArray(detail?.proofs) ? detail.proofs : typeof detail?.kind === 'string' ? [detail.kind] : [];
  return [...new Set(named as string[])].filter((kind) => KINDS.has(kind));
}

const KINDS = new Set(['password', 'passkey', 'totp', 'message-otp', 'recovery-code', 'chip-card', 'face']);
