import type { Floors } from '../../../src/domain/assurance/index.ts';
import type { Asked } from './oracle.ts';
import { PROFILES, type Profile } from './people.ts';

/** What a client's registration demands, as it is registered and as the oracle reads it. */
export interface Terms {
  readonly floors?: Floors;
  readonly floor?: Partial<Asked>;
  readonly voluntary?: boolean;
}
const floors = {
  'no floor': {},
  'floor account 2': { floors: { accountLevel: 2 }, floor: { account: 2 } },
  'floor level-2': {
    floors: { accountLevel: 2, authenticationLevel: 2, strong: true },
    floor: { account: 2, authentication: 2, strong: true },
  },
  'floor authentication 2': { floors: { authenticationLevel: 2 }, floor: { authentication: 2 } },
  'floor phishing resistant': { floors: { phishingResistant: true }, floor: { phishingResistant: true } },
  voluntary: { voluntary: true },
} as const satisfies Record<string, Terms>;
export type Floor = keyof typeof floors;
export const FLOORS: Record<Floor, Terms> = floors;

/** From where a request names contexts; `unheard-of` is none of ours. */
export interface Ask {
  readonly acrValues?: readonly string[];
  readonly essential?: readonly string[];
  readonly wished?: readonly string[];
  readonly defaults?: readonly string[];
  /** Asked as `value` (one) or `values` of the claim. */
  readonly as?: 'value' | 'values';
}

export const ASKS: Record<string, Ask> = {
  nothing: {},
  'acr_values level-1': { acrValues: ['level-1'] },
  'acr_values 1.2': { acrValues: ['1.2'] },
  'acr_values 2.1': { acrValues: ['2.1'] },
  'acr_values 2.2': { acrValues: ['2.2'] },
  'acr_values level-2': { acrValues: ['level-2'] },
  'acr_values 2.3': { acrValues: ['2.3'] },
  'acr_values 2.3 2.2 level-1': { acrValues: ['2.3', '2.2', 'level-1'] },
  'acr_values level-2 level-1': { acrValues: ['level-2', 'level-1'] },
  'acr_values unheard-of level-1': { acrValues: ['unheard-of', 'level-1'] },
  'acr_values unheard-of': { acrValues: ['unheard-of'] },
  'essential value 1.2': { essential: ['1.2'], as: 'value' },
  'essential value level-2': { essential: ['level-2'], as: 'value' },
  'essential value 2.3': { essential: ['2.3'], as: 'value' },
  'essential values level-2 2.1': { essential: ['level-2', '2.1'], as: 'values' },
  'essential values unheard-of 2.2': { essential: ['unheard-of', '2.2'], as: 'values' },
  'wished value level-2': { wished: ['level-2'], as: 'value' },
  'essential level-2 with acr_values level-1': { essential: ['level-2'], as: 'value', acrValues: ['level-1'] },
  'essential 1.1 with acr_values 2.2': { essential: ['1.1'], as: 'value', acrValues: ['2.2'] },
  'essential 2.3 with acr_values 1.1': { essential: ['2.3'], as: 'value', acrValues: ['1.1'] },
  'default 2.2': { defaults: ['2.2'] },
  'default level-2 level-1': { defaults: ['level-2', 'level-1'] },
  'default 2.2 with acr_values level-1': { defaults: ['2.2'], acrValues: ['level-1'] },
  'default 1.1 with essential 2.3': { defaults: ['1.1'], essential: ['2.3'], as: 'value' },
  'default 1.1 with essential values level-2 1.2': { defaults: ['1.1'], essential: ['level-2', '1.2'], as: 'values' },
};

/** Where the person stands when the request comes. */
export interface Stands {
  /** What they begin with where nobody is signed in. */
  readonly first?: 'password' | 'passkey';
  readonly session?: 'low' | 'high';
  readonly silent?: boolean;
  readonly maxAge?: number;
  readonly refresh?: boolean;
}
const situations = {
  'fresh, password first': { first: 'password' },
  'fresh, passkey first': { first: 'passkey' },
  'fresh, then refreshed': { first: 'password', refresh: true },
  'session by password': { session: 'low' },
  'session at its best': { session: 'high' },
  'session, max_age kept': { session: 'high', maxAge: 3000 },
  'session, max_age passed': { session: 'high', maxAge: 300 },
  'prompt=none without session': { silent: true },
  'prompt=none, session by password': { session: 'low', silent: true },
  'prompt=none, session at its best': { session: 'high', silent: true },
  'prompt=none, max_age passed': { session: 'high', silent: true, maxAge: 300 },
} as const satisfies Record<string, Stands>;
export type SituationName = keyof typeof situations;
export const SITUATIONS: Record<SituationName, Stands> = situations;

/** One cell of the matrix. */
export interface Case {
  readonly profile: Profile;
  readonly floor: Floor;
  readonly ask: string;
  readonly situation: SituationName;
}

const MEMBERS = ['profile', 'floor', 'ask', 'situation'] as const;
const pairsOf = (one: Case): string[] =>
  MEMBERS.flatMap((a, at) => MEMBERS.slice(at + 1).map((b) => `${a}=${one[a]} ${b}=${one[b]}`));

/** Combinations that have broken servers before: crossed sources and lists, for everybody who stands lower than is asked. */
const RISKY_ASKS = [
  'acr_values level-2',
  'acr_values 2.3 2.2 level-1',
  'essential level-2 with acr_values level-1',
  'essential 2.3 with acr_values 1.1',
  'default 1.1 with essential 2.3',
  'default 2.2 with acr_values level-1',
];
const RISKY_SITUATIONS: SituationName[] = ['session by password', 'prompt=none, session by password'];

/**
 * Every pair of two members stands in some case, and the risky ones are all there. Each ask meets each situation once, with
 * the profile and the floor that bring most pairs which no case had before.
 */
export function covering(): Case[] {
  const profiles = Object.keys(PROFILES) as Profile[];
  const floors = Object.keys(FLOORS) as Floor[];
  const had = new Set<string>();
  const cases: Case[] = [];
  const add = (one: Case): void => {
    for (const pair of pairsOf(one)) had.add(pair);
    cases.push(one);
  };
  for (const ask of RISKY_ASKS) {
    for (const situation of RISKY_SITUATIONS) {
      for (const profile of profiles) add({ profile, floor: 'no floor', ask, situation });
    }
  }
  for (const ask of Object.keys(ASKS)) {
    for (const situation of Object.keys(SITUATIONS) as SituationName[]) {
      if (cases.some((one) => one.ask === ask && one.situation === situation)) continue;
      const possible = profiles.flatMap((profile) => floors.map((floor): Case => ({ profile, floor, ask, situation })));
      const gain = (one: Case): number => pairsOf(one).filter((pair) => !had.has(pair)).length;
      add(possible.reduce((best, one) => (gain(one) > gain(best) ? one : best)));
    }
  }
  return cases;
}

/** The pairs that no case has: none. */
export function uncovered(cases: readonly Case[]): string[] {
  const had = new Set(cases.flatMap(pairsOf));
  const values = {
    profile: Object.keys(PROFILES),
    floor: Object.keys(FLOORS),
    ask: Object.keys(ASKS),
    situation: Object.keys(SITUATIONS),
  };
  return MEMBERS.flatMap((a, at) =>
    MEMBERS.slice(at + 1).flatMap((b) => values[a].flatMap((x) => values[b].map((y) => `${a}=${x} ${b}=${y}`))),
  ).filter((pair) => !had.has(pair));
}
