import type { Policy } from '../assurance/index.ts';

type Dated = Policy['worth' | 'combinations' | 'evidence'][number];

/**
 * An older policy as a version that may follow the one in force: what it says holds again from `today` on. Rows do not go away
 * and days that have been are not rewritten (`faultsAgainst`), so what it did not have ends yesterday, and what would have begun
 * or ended before counts from, or to, yesterday. What was withdrawn stays so.
 */
export function saidAgain(older: Policy, inForce: Policy, today: string): Policy {
  const yesterday = daysAfter(today, -1);
  return {
    version: versionAfter(inForce.version, today),
    withdrawn: inForce.withdrawn,
    worth: rowsAgain(older.worth, inForce.worth, yesterday),
    combinations: rowsAgain(older.combinations, inForce.combinations, yesterday),
    evidence: rowsAgain(older.evidence, inForce.evidence, yesterday),
  };
}

function rowsAgain<Row extends Dated>(older: readonly Row[], inForce: readonly Row[], yesterday: string): Row[] {
  const now = new Map(inForce.map((row) => [row.id, row]));
  const had = new Set(older.map(({ id }) => id));
  const added = inForce.filter(({ id }) => !had.has(id));
  return [...older.map((row) => again(row, now.get(row.id), yesterday)), ...added.map((row) => over(row, yesterday))];
}

/** As it was; a day that differs from what is so now is at the earliest yesterday. */
function again<Row extends Dated>(row: Row, now: Row | undefined, yesterday: string): Row {
  const { effectiveFrom: from, effectiveUntil: until } = row;
  const effectiveFrom = from === now?.effectiveFrom ? from : later(from, yesterday);
  if (until === undefined) return { ...row, effectiveFrom };
  return { ...row, effectiveFrom, effectiveUntil: until === now?.effectiveUntil ? until : later(until, yesterday) };
}

/** Counts no more; one that was still to begin has had its day yesterday. */
function over<Row extends Dated>(row: Row, yesterday: string): Row {
  const { effectiveFrom: from, effectiveUntil: until } = row;
  if (until !== undefined && until <= yesterday) return row;
  return { ...row, effectiveFrom: from < yesterday ? from : yesterday, effectiveUntil: yesterday };
}

/** Today's, or the next of a day that has one already. */
function versionAfter(version: string, today: string): string {
  if (today > version) return today;
  const [day = '', count = '0'] = version.split('.');
  return Number(count) < 9 ? `${day}.${Number(count) + 1}` : daysAfter(day, 1);
}

const later = (a: string, b: string): string => (a > b ? a : b);

const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
