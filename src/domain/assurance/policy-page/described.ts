import { isDeepStrictEqual } from 'node:util';
import { ASSURANCE_POLICY, type Policy, policyAt } from '../policy.ts';
import { type PolicyReference, referenceOf } from '../reference.ts';
import { PROVEN_BY, PROVING_TESTS } from './proven-by.ts';

const TABLES = ['worth', 'combinations', 'evidence'] as const;
type Table = (typeof TABLES)[number];

/** One row as its page says it. */
export type DescribedRow = {
  [T in Table]: {
    readonly table: T;
    readonly row: Policy[T][number];
    /** Whether it counts on this day. */
    readonly counts: boolean;
    /** Names of the tests that prove it; none where another version has changed it, or brought it along. */
    readonly tests: readonly string[];
  };
}[Table];

/** A policy behind its address. */
export interface DescribedPolicy extends PolicyReference {
  readonly inForce: boolean;
  /** Nothing that was computed under it is believed any more. */
  readonly withdrawn: boolean;
  readonly rows: readonly DescribedRow[];
  /** Where the tests stand. */
  readonly testFile: string;
}

/** Describes a version, whole: `inForce` is the one in force at `now`, perhaps the same. */
export function describePolicy(policy: Policy, { now, inForce }: { now: number; inForce: Policy }): DescribedPolicy {
  const today = policyAt(now, policy);
  const isRow = (row: { id: string }): boolean =>
    TABLES.some((table) => today[table].some(({ id }) => id === row.id)) && !('off' in row);
  return {
    ...referenceOf(policy),
    inForce: policy.version === inForce.version,
    withdrawn: inForce.withdrawn.includes(policy.version),
    rows: TABLES.flatMap((table) =>
      policy[table].map((row) => ({ table, row, counts: isRow(row), tests: testsOf(table, row) }) as DescribedRow),
    ),
    testFile: PROVING_TESTS,
  };
}

/** What was tested is the row of the release, and nothing that has only its name. */
function testsOf(table: Table, row: Policy[Table][number]): readonly string[] {
  const tested = ASSURANCE_POLICY[table].some((one) => isDeepStrictEqual(one, row));
  return tested && Object.hasOwn(PROVEN_BY, row.id) ? PROVEN_BY[row.id]! : [];
}
