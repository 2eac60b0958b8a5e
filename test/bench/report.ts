import { median, quantile, type Slice } from './measure.ts';

/** One line of the result; ours are null when only the bare library was run. */
export interface Line {
  readonly name: string;
  readonly ours_ms: number | null;
  readonly ours_db_ms: number | null;
  readonly bare_ms: number | null;
  /** (ours + database) / bare. */
  readonly ratio: number | null;
  readonly statements: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** Medians over the slices; latencies of all of them together, ours where we ran. */
export function lineOf(name: string, ours: readonly Slice[], bare: readonly Slice[]): Line {
  const cost = (slices: readonly Slice[], of: (slice: Slice) => number): number | null =>
    slices.length > 0 ? median(slices.map(of)) : null;
  const ours_ms = cost(ours, ({ cpuMs }) => cpuMs);
  const ours_db_ms = cost(ours, ({ databaseMs }) => databaseMs);
  const bare_ms = cost(bare, ({ cpuMs }) => cpuMs);
  const statements = cost(ours, (slice) => slice.statements);
  const latencies = (ours.length > 0 ? ours : bare).flatMap((slice) => slice.latencies);
  const rounded = (value: number | null, digits?: number): number | null =>
    value === null ? null : round(value, digits);
  return {
    name,
    ours_ms: rounded(ours_ms),
    ours_db_ms: rounded(ours_db_ms),
    bare_ms: rounded(bare_ms),
    ratio: ours_ms !== null && ours_db_ms !== null && bare_ms ? round((ours_ms + ours_db_ms) / bare_ms, 2) : null,
    statements: rounded(statements, 1),
    p50_ms: round(quantile(latencies, 0.5), 2),
    p95_ms: round(quantile(latencies, 0.95), 2),
  };
}

const COLUMNS = ['ours_ms', 'ours_db_ms', 'bare_ms', 'ratio', 'statements', 'p50_ms', 'p95_ms'] as const;
const NAME_WIDTH = 28;

export const tableHead = (): string =>
  `${'operation'.padEnd(NAME_WIDTH)}${COLUMNS.map((column) => column.padStart(12)).join('')}    requests`;

/** One aligned row; `requests` per operation of both sides, so that a difference shows. */
export const tableRow = (line: Line, requests: readonly (number | undefined)[]): string =>
  `${line.name.padEnd(NAME_WIDTH)}${COLUMNS.map((column) => String(line[column] ?? '–').padStart(12)).join('')}    ${requests
    .map((count) => (count === undefined ? '–' : count.toFixed(1)))
    .join(' / ')}`;

/** Which statements one operation takes, the most frequent first. */
export const trace = (slice: Slice): string =>
  slice.texts
    .filter(([, times]) => times >= 0.05)
    .sort(([, one], [, other]) => other - one)
    .map(([text, times]) => `  ${times.toFixed(2).padStart(6)}  ${text.replace(/\s+/g, ' ').slice(0, 200)}`)
    .join('\n');
