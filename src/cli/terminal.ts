import { styleText } from 'node:util';

/** How a command answers: a sentence or a table for people, one JSON value with `--json`. */
export interface Terminal {
  /** `value` is what a program reads, `lines` what a person does. */
  answer(value: unknown, lines: readonly string[]): void;
  ok(text: string): string;
  bad(text: string): string;
}

/** Colours on a terminal only, and not where NO_COLOR stands (no-color.org): `styleText` looks at both. */
export const createTerminal = (json: boolean): Terminal => ({
  answer: (value, lines) => {
    process.stdout.write(`${json ? JSON.stringify(value) : lines.join('\n')}\n`);
  },
  ok: (text) => styleText('green', text, { stream: process.stdout }),
  bad: (text) => styleText('red', text, { stream: process.stdout }),
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
