import { z } from 'zod';
import { oneLine } from '../../platform/plain-values/one-line.ts';
import { evidenceFaults, evidenceShape } from './account-level/evidence-schema.ts';
import { FIRST_EVIDENCE } from './account-level/first-evidence.ts';
import { type CombinationRow, FACETS, type Facet, type Policy, type WorthRow } from './policy.ts';
import { canBe, SORTS } from './sorts.ts';

/** What is wrong with a policy, and where. */
export interface PolicyFault {
  readonly path: string;
  readonly message: string;
}

const day = z.iso.date();
/** The day on which it was written, and a figure for a second one of that day: versions compare as text. */
const version = z.string().regex(/^\d{4}-\d{2}-\d{2}(\.[1-9])?$/, 'A version is a day, as 2026-12-01 or 2026-12-01.1.');
const words = (most: number) =>
  z
    .string()
    .min(2)
    .max(most)
    .refine((text) => text === oneLine(text), 'Plain text.');
const row = {
  id: z
    .string()
    .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/)
    .max(60),
  clause: words(200),
  source: words(100),
  effectiveFrom: day,
  effectiveUntil: day.optional(),
};
const facets = z
  .array(z.enum(FACETS as [Facet, ...Facet[]]))
  .max(FACETS.length)
  .refine((all) => new Set(all).size === all.length, 'Each once.');
const KINDS = [...new Set(SORTS.map(({ shown }) => shown.kind))];
const proof = z.strictObject({
  kind: z.enum(KINDS),
  short: z.boolean().optional(),
  userVerified: z.boolean().optional(),
  keyStorage: z.enum(['hardware', 'software', 'unknown']).optional(),
  chip: z.enum(['genuine', 'passive']).optional(),
  pad: z.enum(['none', 'basic', 'evaluated']).optional(),
  channel: z.enum(['sms', 'email']).optional(),
});
const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);

/** The shape of a policy, nothing more: `parsePolicy` knows what it may say. */
const schema = z.strictObject({
  version,
  withdrawn: z.array(version).max(100),
  worth: z
    .array(z.strictObject({ ...row, proof, worth: facets }))
    .min(1)
    .max(60),
  combinations: z
    .array(
      z.strictObject({
        ...row,
        needs: facets.min(1),
        gives: z.union([
          z.strictObject({ authenticationLevel: level }),
          z.strictObject({ strong: z.literal(true) }),
          z.strictObject({ phishingResistant: z.literal(true) }),
        ]),
        maxAge: z.int().min(60).max(86_400).optional(),
      }),
    )
    .min(1)
    .max(40),
  // Versions from before there was this table leave it as it was.
  evidence: z
    .array(z.strictObject({ ...row, ...evidenceShape }))
    .min(1)
    .max(40)
    .default(() => [...FIRST_EVIDENCE] as never),
});

/** Seconds that a proof may be old for 3 and 4, at most. */
const QUARTER_HOUR = 900;
const POSSESSIONS = ['possession', 'unrestricted-possession', 'genuine-chip', 'phishing-resistance'] as const;
const KNOWLEDGE = ['knowledge', 'lone-knowledge'] as const;
const either = (...sets: readonly (readonly Facet[])[]): Facet[][] =>
  sets.reduce<Facet[][]>((all, set) => all.flatMap((some) => set.map((facet) => [...some, facet])), [[]]);

/** The least that anything may rest on: a row has to need at least one of these sets. Decree 69/2024 Art. 20 and the decisions. */
const LEAST_NEEDS: Readonly<Record<string, { readonly sets: readonly (readonly Facet[])[]; readonly says: string }>> = {
  'level 1': {
    sets: [['lone-knowledge'], ...either(POSSESSIONS), ['local-verification']],
    says: 'one factor that is no biometric',
  },
  'level 2': {
    sets: [['local-verification'], ...either(KNOWLEDGE, POSSESSIONS)],
    says: 'two different factors, or a possession that verified its holder',
  },
  'level 3': {
    sets: [['biometric', 'unrestricted-possession']],
    says: 'a biometric and an unrestricted possession',
  },
  'level 4': {
    sets: either(['biometric'], ['unrestricted-possession'], KNOWLEDGE),
    says: 'a biometric, an unrestricted possession and a knowledge',
  },
  strong: {
    sets: [['local-verification'], ...either(['genuine-chip'], KNOWLEDGE), ...either(['biometric'], POSSESSIONS)],
    says: 'a passkey with user verification, a genuine chip with a second factor, or a face with a possession',
  },
  'phishing resistance': { sets: [['phishing-resistance']], says: 'a passkey' },
};

const givenBy = ({ gives }: CombinationRow): string =>
  'authenticationLevel' in gives
    ? `level ${gives.authenticationLevel}`
    : 'strong' in gives
      ? 'strong'
      : 'phishing resistance';

/**
 * A policy, or every fault of it. Its shape is checked, and the decisions that no policy can change: what each sort of proof
 * may be worth at most (`SORTS`), what each level rests on at least, of an account too, and how old proofs may be for the highest.
 */
export function parsePolicy(
  input: unknown,
): { readonly parsed: true; readonly policy: Policy } | { readonly parsed: false; readonly faults: PolicyFault[] } {
  const given = schema.safeParse(input);
  if (!given.success) {
    return {
      parsed: false,
      faults: given.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    };
  }
  const policy = given.data as Policy;
  const faults = [
    ...versionFaults(policy),
    ...rowFaults(policy),
    ...worthFaults(policy),
    ...combinationFaults(policy),
    ...evidenceFaults(policy),
  ];
  return faults.length === 0 ? { parsed: true, policy } : { parsed: false, faults };
}

const fault = (path: string, message: string): PolicyFault => ({ path, message });

function versionFaults({ version: own, withdrawn }: Policy): PolicyFault[] {
  return [
    ...(Number.isNaN(Date.parse(own.split('.')[0]!)) ? [fault('version', 'There is no such day.')] : []),
    ...withdrawn.flatMap((one, at) => [
      ...(one >= own ? [fault(`withdrawn.${at}`, 'Only an older version can be withdrawn.')] : []),
      ...(withdrawn.indexOf(one) < at ? [fault(`withdrawn.${at}`, 'Each once.')] : []),
    ]),
  ];
}

function rowFaults({ worth, combinations, evidence }: Policy): PolicyFault[] {
  const rows = [
    ...worth.map((one, at) => ({ ...one, path: `worth.${at}` })),
    ...combinations.map((one, at) => ({ ...one, path: `combinations.${at}` })),
    ...evidence.map((one, at) => ({ ...one, path: `evidence.${at}` })),
  ];
  return rows.flatMap(({ id, path, effectiveFrom, effectiveUntil }, at) => [
    ...(rows.findIndex((other) => other.id === id) < at ? [fault(`${path}.id`, 'Another row has this name.')] : []),
    ...(effectiveUntil !== undefined && effectiveUntil < effectiveFrom
      ? [fault(`${path}.effectiveUntil`, 'It ends before it begins.')]
      : []),
  ]);
}

/** Whatever day a row counts on, and whatever row comes before it: nothing that can match it may be worth more than its sort. */
const worthFaults = ({ worth }: Policy): PolicyFault[] =>
  worth.flatMap((one: WorthRow, at) => {
    const sorts = SORTS.filter((sort) => canBe(sort, one.proof));
    return one.worth.flatMap((facet) =>
      sorts
        .filter(({ most }) => !most.includes(facet))
        .map(({ name }) => fault(`worth.${at}.worth`, `${name} is never worth ${facet}.`)),
    );
  });

const combinationFaults = ({ combinations }: Policy): PolicyFault[] =>
  combinations.flatMap((one, at) => {
    const what = givenBy(one);
    const { sets, says } = LEAST_NEEDS[what]!;
    const enough = sets.some((set) => set.every((facet) => one.needs.includes(facet)));
    const highest = what === 'level 3' || what === 'level 4';
    return [
      ...(enough ? [] : [fault(`combinations.${at}.needs`, `${what} rests on ${says}.`)]),
      ...(highest && !(one.maxAge !== undefined && one.maxAge <= QUARTER_HOUR)
        ? [fault(`combinations.${at}.maxAge`, `${what} counts proofs of at most ${QUARTER_HOUR} seconds.`)]
        : []),
    ];
  });
