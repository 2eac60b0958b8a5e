import { z } from 'zod';
import type { EvidenceRow, Policy } from '../policy.ts';
import { CHANNELS, EVIDENCE_FACETS, type EvidenceFacet } from './proofed.ts';

const age = z.int().min(0).max(120).optional();

/** The members of a row beside those that every row has. */
export const evidenceShape = {
  channel: z.enum(CHANNELS).optional(),
  fromYears: age,
  belowYears: age,
  needs: z
    .array(z.enum(EVIDENCE_FACETS))
    .min(1)
    .max(EVIDENCE_FACETS.length)
    .refine((all) => new Set(all).size === all.length, 'Each once.'),
  accountLevel: z.union([z.literal(1), z.literal(2)]),
  off: z.literal(true).optional(),
};

/** From this age on somebody acts for themselves, and nobody below the other has level 2 (Decree 69/2024 Art. 7). */
const ALONE_FROM = 14;
const LEVEL_2_FROM = 6;

type Fault = { readonly path: string; readonly message: string };

/** What no vote changes: what a level of an account rests on at least. A row that is off may say anything; it counts for nothing. */
const LEAST: readonly (readonly [faulty: (row: EvidenceRow) => boolean, member: string, message: string])[] = [
  [lacks('validated'), 'needs', 'An account rests on evidence that was validated.'],
  [
    (row) => !beginsAt(row, ALONE_FROM) && lacks('guardian')(row),
    'needs',
    `Below ${ALONE_FROM} years a guardian acts.`,
  ],
  [(row) => isTwo(row) && row.channel !== 'in_person', 'channel', 'Level 2 is reached in presence.'],
  [(row) => isTwo(row) && lacks('face')(row), 'needs', 'Level 2 takes a matching face.'],
  [(row) => isTwo(row) && lacks('fingerprints')(row), 'needs', 'Level 2 takes matching fingerprints.'],
  [(row) => isTwo(row) && !beginsAt(row, LEVEL_2_FROM), 'fromYears', `Level 2 begins at ${LEVEL_2_FROM} years.`],
];

function lacks(facet: EvidenceFacet): (row: EvidenceRow) => boolean {
  return ({ needs }) => !needs.includes(facet);
}

const beginsAt = ({ fromYears }: EvidenceRow, years: number): boolean => fromYears !== undefined && fromYears >= years;

const isTwo = ({ accountLevel }: EvidenceRow): boolean => accountLevel === 2;

/** Every fault of the rows, evidence → account level. */
export const evidenceFaults = ({ evidence }: Pick<Policy, 'evidence'>): Fault[] =>
  evidence.flatMap((row, at) => [
    ...(row.fromYears !== undefined && row.belowYears !== undefined && row.belowYears <= row.fromYears
      ? [{ path: `evidence.${at}.belowYears`, message: 'Nobody is of this age.' }]
      : []),
    ...(row.off
      ? []
      : LEAST.filter(([faulty]) => faulty(row)).map(([, member, message]) => ({
          path: `evidence.${at}.${member}`,
          message,
        }))),
  ]);
