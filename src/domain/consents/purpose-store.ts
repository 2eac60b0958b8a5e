import { createHash } from 'node:crypto';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { PurposeWords } from './consent.ts';

/** By which entries and receipts name the words. */
export const textHashOf = ({ vi, en }: PurposeWords): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([vi, en]))
    .digest();

/** The words, once for everybody who agrees to the same. */
export function keepText(words: PurposeWords): Write {
  const hash = textHashOf(words);
  return {
    key: `purpose text ${hash.toString('hex')}`,
    statement: sql`INSERT INTO purpose_texts (hash, vi, en) VALUES (${hash}, ${words.vi}, ${words.en})
      ON CONFLICT DO NOTHING`,
  };
}
