import type { Queryable } from '../../platform/database.ts';
import { type ChainedEvent, GENESIS } from './chain.ts';
import * as store from './store.ts';

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

/** A page is in memory at a time. What is sealed meanwhile is not part of it: the end is set when it begins. */
export async function* exportedLines(
  database: Queryable,
  { from, to, publicKey }: { readonly from: number; readonly to: number; readonly publicKey: string | undefined },
): AsyncGenerator<ExportedLine> {
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
