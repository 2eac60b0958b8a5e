import type { Queryable } from '../../platform/database.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { type ChainedEvent, GENESIS } from './chain.ts';
import type { Actor, JournalEvent } from './event.ts';
import * as store from './store.ts';

/** Why somebody takes the journal away. Nothing that is typed: it is kept for good. */
export const EXPORT_REASONS = ['audit', 'incident', 'authority', 'archive'] as const;

/** Who takes the journal away, and why: it has what happened to everybody. */
export interface Exporting {
  readonly by: Actor;
  /** Who they say they are. */
  readonly name: string;
  readonly reason: (typeof EXPORT_REASONS)[number];
}

/** The entries from one number to another, both included. */
export interface ExportRange {
  readonly from?: number;
  readonly to?: number;
}

/**
 * One line of an export. An entry is what was hashed and its hash, both in hexadecimal: SHA-256 of the RFC 8785 form of
 * everything but `hash` is `hash`, and `hash` is `previous` of the next line. The last line is the checkpoint: an Ed25519
 * signature over the RFC 8785 form of `{use: "senid journal checkpoint", sequence, hash, at}`, base64url; null when none is
 * about a line of the export.
 */
export type ExportedLine =
  | (ChainedEvent & { readonly previous: string; readonly hash: string })
  | {
      readonly checkpoint: {
        readonly sequence: number;
        readonly hash: string;
        readonly at: Date;
        readonly signature: string;
        /** SubjectPublicKeyInfo as PEM. Believe it when it came to you another way too. */
        readonly publicKey?: string;
      } | null;
    };

const PAGE = 1_000;

/** A line as text. U+2028 and U+2029 are escaped: JSON allows them, and many a reader takes them for the end of a line. */
export const lineText = (line: ExportedLine): string =>
  `${JSON.stringify(line).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'))}\n`;

/** What says that these lines went out. */
export const exportEvent = ({ by, name, reason }: Exporting, { from, to }: ExportRange): JournalEvent => ({
  type: 'journal.exported',
  actor: by,
  detail: { name, reason, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
});

/** `exported` is written first: no line goes out of which the journal does not know. A page is in memory at a time. What is sealed meanwhile is not part of it: the end is set when it begins. */
export async function* exportedLines(
  database: Queryable,
  { from = 1, to = Number.MAX_SAFE_INTEGER }: ExportRange,
  { exported, publicKey }: { readonly exported: Write; readonly publicKey: string | undefined },
): AsyncGenerator<ExportedLine> {
  await database.execute(exported.statement);
  const end = Math.min(to, (await store.head(database))?.sequence ?? 0);
  let last = from - 1;
  // The stored hash before the first line: a hole there shows as a hash of nothing.
  let previous = (await store.hashesOf(database, [last])).get(last) ?? GENESIS;
  while (last < end) {
    const page = await store.sealedAfter(database, last, Math.min(PAGE, end - last));
    for (const { hash, ...entry } of page) {
      if (entry.sequence > end) break;
      yield { previous: previous.toString('hex'), ...entry, hash: hash.toString('hex') };
      previous = hash;
    }
    last = page.at(-1)?.sequence ?? end;
  }
  const checkpoint = await store.checkpointUpTo(database, end);
  if (!checkpoint || checkpoint.sequence < from) return yield { checkpoint: null };
  yield {
    checkpoint: {
      sequence: checkpoint.sequence,
      hash: checkpoint.hash.toString('hex'),
      at: checkpoint.at,
      signature: checkpoint.signature.toString('base64url'),
      ...(publicKey === undefined ? {} : { publicKey }),
    },
  };
}
