import type { Messages } from '../../../platform/messages.ts';
import type { FieldChange } from '../../../platform/plain-values/field-diff.ts';
import { writtenOut } from '../../../platform/plain-values/one-line.ts';
import type { DiffLine } from './models.ts';

/**
 * A difference as a person reads it: the longest beginning of its path that has a word (`field.metadata.redirect_uris`), what
 * is left of the path, and both values whole. Nothing is shortened: what somebody agrees to is what they have seen.
 */
export function diffLines(diff: readonly FieldChange[], messages: Pick<Messages, 'has'>): DiffLine[] {
  return diff.map(({ path, before, after }) => ({
    path,
    ...inWords(path, messages),
    before: written(before),
    after: written(after),
  }));
}

/** The longest beginning of a path that has a word, and what is left of it. */
export function inWords(path: string, { has }: Pick<Messages, 'has'>): { word: string | null; rest: string } {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const key = `field.${parts.slice(0, length).join('.')}`;
    if (has(key)) return { word: key, rest: parts.slice(length).join('.') };
  }
  return { word: null, rest: path };
}

const written = (value: unknown): string | null => {
  if (value === undefined) return null;
  // A name that reads as another one is seen as what it is by who decides about it.
  return writtenOut(typeof value === 'string' ? value : JSON.stringify(value, null, 1));
};
