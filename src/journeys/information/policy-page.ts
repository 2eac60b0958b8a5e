import type { DescribedPolicy, DescribedRow, Policy } from '../../domain/assurance/index.ts';
import type { PolicyRow, PolicyRules } from './models.ts';

/** A policy as data: the document that its hash is of, and each row with its days, its clause and the tests that prove it. */
export const policyJson = (described: DescribedPolicy, { uri, document }: { uri: string; document: object }) => ({
  policy: uri,
  version: described.version,
  hash: { algorithm: 'sha-256', encoding: 'base64url', of: 'document, as RFC 8785 writes it', value: described.hash },
  in_force: described.inForce,
  withdrawn: described.withdrawn,
  rows: described.rows.map(({ table, row, counts, tests }) => ({
    ...{ table, id: row.id, clause: row.clause, source: row.source },
    effective_from: row.effectiveFrom,
    ...(row.effectiveUntil === undefined ? {} : { effective_until: row.effectiveUntil }),
    ...{ counts, proven_by: tests },
  })),
  tests: described.testFile,
  document,
});

/** The same for people. */
export function policyRules(described: DescribedPolicy, uri: string, versions: PolicyRules['versions']): PolicyRules {
  const of = (table: DescribedRow['table']): PolicyRow[] =>
    described.rows.filter((one) => one.table === table).map(ruleOf);
  return {
    ...{ uri, version: described.version, hash: described.hash, versions },
    ...{ inForce: described.inForce, withdrawn: described.withdrawn, testFile: described.testFile },
    tables: [
      { table: 'evidence', rows: of('evidence') },
      { table: 'worth', rows: of('worth') },
      { table: 'combinations', rows: of('combinations') },
    ],
  };
}

function ruleOf({ table, row, counts, tests }: DescribedRow): PolicyRow {
  return {
    ...{
      id: row.id,
      clause: row.clause,
      source: row.source,
      from: row.effectiveFrom,
      until: row.effectiveUntil ?? null,
    },
    ...{ counts, tests, ...RULES[table](row as never) },
  };
}

type Rule = Pick<PolicyRow, 'needs' | 'detail' | 'gives' | 'level' | 'within' | 'off'>;
const plain = { detail: null, level: null, within: null, off: false } as const;

/** What a row asks and what it gives, in words that both languages have. */
const RULES: { readonly [T in DescribedRow['table']]: (row: Policy[T][number]) => Rule } = {
  worth: ({ proof: { kind, ...details }, worth }) => ({
    ...plain,
    needs: [`assurance.kind.${kind}`],
    detail:
      Object.entries(details)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ') || null,
    gives: worth.length === 0 ? ['assurance.facet.none'] : worth.map((facet) => `assurance.facet.${facet}`),
  }),
  combinations: ({ needs, gives, maxAge }) => ({
    ...plain,
    needs: needs.map((facet) => `assurance.facet.${facet}`),
    gives:
      'authenticationLevel' in gives
        ? ['assurance.authentication']
        : ['strong' in gives ? 'assurance.strong' : 'assurance.facet.phishing-resistance'],
    level: 'authenticationLevel' in gives ? gives.authenticationLevel : null,
    within: maxAge ?? null,
  }),
  evidence: ({ channel, fromYears, belowYears, needs, accountLevel, off }) => ({
    ...plain,
    needs: [
      `assurance.channel.${channel ?? 'any'}`,
      ...(fromYears === undefined ? [] : [{ key: 'assurance.from-years', values: { years: fromYears } }]),
      ...(belowYears === undefined ? [] : [{ key: 'assurance.below-years', values: { years: belowYears } }]),
      ...needs.map((facet) => `assurance.evidence.${facet}`),
    ],
    gives: ['assurance.account'],
    level: accountLevel,
    off: off === true,
  }),
};
