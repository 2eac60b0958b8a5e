import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { createProgress, type Progress } from './progress.ts';

/** How a command answers: a sentence or a table for people, one JSON value with `--json`. */
export interface Terminal {
  /** `value` is what a program reads, `lines` what a person does. */
  answer(value: unknown, lines: readonly string[]): void;
  ok(text: string): string;
  bad(text: string): string;
  /** Something that takes a while and counts. */
  progress(what: string): Progress;
  /** For an answer that is too long to be held. */
  readonly out: Writable;
}

/** The streams of a process, or others in their place. */
export interface Streams {
  readonly out: NodeJS.WritableStream & Writable;
  readonly err: NodeJS.WritableStream & Writable;
}

/** Colours on a terminal only, and not where NO_COLOR stands (no-color.org): `styleText` looks at both. */
export const createTerminal = (
  json: boolean,
  { out, err }: Streams = { out: process.stdout, err: process.stderr },
): Terminal => ({
  answer: (value, lines) => {
    out.write(`${json ? JSON.stringify(value) : lines.join('\n')}\n`);
  },
  ok: (text) => styleText('green', text, { stream: out }),
  bad: (text) => styleText('red', text, { stream: out }),
  progress: (what) => createProgress(what, { out: err, quiet: json }),
  out,
});

/** Text from a file or a database as it may stand on a terminal: what would steer the terminal is shown as what it is. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });

/** Columns as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
