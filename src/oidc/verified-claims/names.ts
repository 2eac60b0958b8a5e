import { type AssuranceContexts, createAssuranceContexts } from '../../domain/assurance/index.ts';

/** Trust frameworks of ours. None of them is an official one: an official name would claim that somebody has approved us. */
export const FRAMEWORKS = ['national-eid', 'remote', 'guardian'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** The rules of checks at a relying party's own counter. What comes of them is never recorded, and never comes as `verified_claims`. */
export const PRESENCE = 'presence';

/** How well somebody was verified, within a framework; `vouched` in `guardian`, `counter…` in `national-eid`. */
export const LEVELS = [
  'counter-biometric',
  'counter',
  'remote-chip-face',
  'remote-chip',
  'remote-register-face',
  'remote-register',
  'vouched',
] as const;
export type AssuranceLevelName = (typeof LEVELS)[number];

/**
 * What we call things of ours on the wire: addresses below our own issuer, which nobody else can give out (Identity Assurance 1.0
 * §12). A sandbox has others, so that an invented verification can never pass for a real one.
 */
export interface Names {
  framework(name: Framework | typeof PRESENCE): string;
  /** The policy that gave a person's level. */
  assurancePolicy: AssuranceContexts['policy'];
  /** The rules a person was proofed by, by name and version, where the record knows nothing else. */
  policy(name: string): string;
  /** What a check was about. */
  assurance(type: (typeof ASSURED)[number]): string;
}

export function createNames({ issuer, sandbox }: { readonly issuer: string; readonly sandbox: boolean }): Names {
  const base = `${issuer}/ida${sandbox ? '/test' : ''}`;
  return {
    assurancePolicy: createAssuranceContexts({ issuer, sandbox }).policy,
    framework: (name) => `${base}/framework/${name}`,
    policy: (name) => `${base}/policy/${encodeURIComponent(name)}`,
    assurance: (type) => `${base}/assurance/${type}`,
  };
}

/** What checks are about. */
export const ASSURED = ['chip', 'biometric', 'register', 'guardian'] as const;

/** Everything that has an address here, for the pages behind them; `rules`: names that records have of the rules they followed. */
export const addressesOf = (names: Names, rules: readonly string[]) => [
  ...([...FRAMEWORKS, PRESENCE] as const).map((name) => ({
    ...{ what: 'framework' as const, name, uri: names.framework(name) },
  })),
  ...ASSURED.map((name) => ({ what: 'assurance' as const, name, uri: names.assurance(name) })),
  ...rules.map((name) => ({ what: 'policy' as const, name, uri: names.policy(name) })),
];

/** Claims that a verification can have established, the one first that everybody has (identity-assurance.md §8, trap 5). */
export const CLAIMS = [
  'name',
  'birthdate',
  'family_name',
  'middle_name',
  'given_name',
  'gender',
  'nationalities',
  'personal_identification_number',
] as const;

/** Of discovery (Identity Assurance 1.0 §8): what can come out of a record, and nothing else. */
export const metadataOf = (names: Names) => ({
  trust_frameworks_supported: FRAMEWORKS.map((name) => names.framework(name)),
  claims_in_verified_claims_supported: [...CLAIMS],
  evidence_supported: ['document', 'electronic_record', 'vouch'],
  documents_supported: ['idcard', 'passport', 'vn_residence_card'],
  documents_check_methods_supported: ['vcrypt', 'data', 'bvp', 'pvp', 'bvr', 'pvr'],
  electronic_records_supported: ['population_register'],
  claim_types_supported: ['normal'],
});
