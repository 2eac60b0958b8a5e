import { EVIDENCE_FACETS, type EvidenceFacet } from '../../../../src/domain/assurance/account-level/proofed.ts';
import { ASSURANCE_POLICY, type Facet, type Policy } from '../../../../src/domain/assurance/index.ts';
import { FACETS } from '../../../../src/domain/assurance/policy.ts';
import { SORTS } from '../../../../src/domain/assurance/sorts.ts';

/** The policy with one member of one row that says something else. */
export interface RowFlip {
  readonly row: string;
  /** The member, and what it says now. */
  readonly what: string;
  readonly policy: Policy;
}

type Table = 'worth' | 'combinations' | 'evidence';
type Row = Policy[Table][number];

/** Every other value of every member that a row of its table has or could have; `undefined` leaves it out. */
type Others = Readonly<Record<string, readonly unknown[]>>;

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const without = <T>(all: readonly T[]): T[][] => all.map((one) => all.filter((other) => other !== one));
const withMore = <T>(all: readonly T[], known: readonly T[]): T[][] =>
  known.filter((one) => !all.includes(one)).map((one) => [...all, one]);
const near = (value: number | undefined): readonly unknown[] =>
  value === undefined ? [0, 6, 14, 18] : [undefined, value - 1, value + 1];

const common = (row: Row): Others => ({
  id: [`${row.id}.other`],
  clause: [`${row.clause}?`, ''],
  source: [`${row.source}?`, ''],
  effectiveFrom: [dayAfter(row.effectiveFrom, -1), dayAfter(row.effectiveFrom, 1), '2099-01-01'],
  effectiveUntil: [row.effectiveFrom, '2026-01-01', '2060-01-01'],
});

const DETAILS = {
  ...{ short: [true, false], userVerified: [true, false], keyStorage: ['hardware', 'software', 'unknown'] },
  ...{ chip: ['genuine', 'passive'], pad: ['none', 'basic', 'evaluated'], channel: ['sms', 'email'] },
} as const;
const KINDS = [...new Set(SORTS.map(({ shown }) => shown.kind))];

const worthOthers = (row: Policy['worth'][number]): Others => ({
  proof: [
    ...KINDS.filter((kind) => kind !== row.proof.kind).map((kind) => ({ ...row.proof, kind })),
    ...Object.entries(DETAILS).flatMap(([detail, values]) => {
      const own = (row.proof as Record<string, unknown>)[detail];
      const { [detail]: _, ...rest } = row.proof as Record<string, unknown>;
      const others = values.filter((value) => value !== own).map((value) => ({ ...row.proof, [detail]: value }));
      return own === undefined ? others : [rest, ...others];
    }),
  ],
  worth: [...without(row.worth), ...withMore<Facet>(row.worth, FACETS)],
});

const GIVEN = [
  ...[1, 2, 3, 4].map((authenticationLevel) => ({ authenticationLevel })),
  ...[{ strong: true }, { phishingResistant: true }],
];
const combinationOthers = (row: Policy['combinations'][number]): Others => ({
  needs: [...without(row.needs), ...withMore<Facet>(row.needs, FACETS)],
  gives: GIVEN.filter((gives) => JSON.stringify(gives) !== JSON.stringify(row.gives)),
  maxAge: row.maxAge === undefined ? [60, 900] : [undefined, row.maxAge - 1, row.maxAge + 1],
});

const evidenceOthers = (row: Policy['evidence'][number]): Others => ({
  channel: [undefined, 'in_person', 'remote'].filter((channel) => channel !== row.channel),
  fromYears: near(row.fromYears),
  belowYears: near(row.belowYears),
  needs: [...without(row.needs), ...withMore<EvidenceFacet>(row.needs, EVIDENCE_FACETS)],
  accountLevel: [1, 2].filter((level) => level !== row.accountLevel),
  off: [row.off ? undefined : true],
});

/** Everything that one row could say instead, and the policy without it. */
export function flipsOf(id: string): RowFlip[] {
  const flips: RowFlip[] = [];
  const through = <T extends Table>(table: T, othersOf: (row: Policy[T][number]) => Others): void => {
    for (const row of ASSURANCE_POLICY[table].filter((one) => one.id === id)) {
      const put = (what: string, rows: readonly Row[]): void => {
        const changed = (ASSURANCE_POLICY[table] as readonly Row[]).flatMap((one) => (one === row ? rows : [one]));
        flips.push({ row: id, what, policy: { ...ASSURANCE_POLICY, [table]: changed } });
      };
      put('gone', []);
      for (const [member, others] of Object.entries({ ...common(row), ...othersOf(row) }))
        for (const other of others) {
          const { [member]: _, ...rest } = row as unknown as Record<string, unknown>;
          const says = other === undefined ? 'left out' : JSON.stringify(other);
          put(`${member} ${says}`, [(other === undefined ? rest : { ...rest, [member]: other }) as unknown as Row]);
        }
    }
  };
  through('worth', worthOthers);
  through('combinations', combinationOthers);
  through('evidence', evidenceOthers);
  return flips;
}

export const ROWS: readonly string[] = [
  ...ASSURANCE_POLICY.worth,
  ...ASSURANCE_POLICY.combinations,
  ...ASSURANCE_POLICY.evidence,
].map(({ id }) => id);
