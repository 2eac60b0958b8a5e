import type { Means } from './people.ts';
import type { Proven } from './walk.ts';

/**
 * What must happen, written from the sentences of the decisions ("What is asked must be met", "Proofs have a time", "What
 * each proof is worth") as they stand for password, TOTP, SMS code and passkey. It shares nothing with the server.
 */
export interface Asked {
  readonly account: number;
  readonly authentication: number;
  readonly strong: boolean;
  readonly phishingResistant: boolean;
}

/** One request, with everything that demands something, by the names of contexts. */
export interface Situation {
  readonly accountLevel: 1 | 2;
  readonly has: readonly Means[];
  /** What the session holds; nothing when there is no session. */
  readonly session?: readonly Proven[];
  readonly essential?: readonly string[];
  readonly wished?: readonly string[];
  readonly acrValues?: readonly string[];
  readonly defaults?: readonly string[];
  readonly voluntary?: boolean;
  readonly floor?: Partial<Asked>;
  readonly maxAge?: number;
  readonly silent?: boolean;
  readonly now: number;
}

/** What a request must lead to. */
export type Outcome =
  | { readonly ends: 'tokens'; readonly asks: readonly Means[] }
  | { readonly ends: 'unmet' | 'login_required' };

const CONTEXTS: Record<string, Asked> = {
  'level-1': { account: 1, authentication: 1, strong: false, phishingResistant: false },
  'level-2': { account: 2, authentication: 2, strong: true, phishingResistant: false },
};
for (const account of [1, 2]) {
  for (const authentication of [1, 2, 3, 4]) {
    CONTEXTS[`${account}.${authentication}`] = { account, authentication, strong: false, phishingResistant: false };
  }
}
const known = (names: readonly string[] | undefined): string[] => (names ?? []).filter((name) => name in CONTEXTS);

/** "One factor → 1. Two different factors → 2. Passkey: 2, never 3." "A passkey with user verification" is strong. */
function worth(kinds: readonly string[], accountLevel: number): Asked {
  const knows = kinds.includes('password');
  const key = kinds.includes('passkey');
  const holds = key || kinds.includes('totp') || kinds.includes('message-otp');
  const authentication = key || (knows && holds) ? 2 : knows || holds ? 1 : 0;
  return { account: accountLevel, authentication, strong: key, phishingResistant: key };
}

const meets = (have: Asked, need: Asked): boolean =>
  have.account >= need.account &&
  have.authentication >= need.authentication &&
  (have.strong || !need.strong) &&
  (have.phishingResistant || !need.phishingResistant);

const together = (all: readonly Partial<Asked>[]): Asked => ({
  account: Math.max(1, ...all.map((one) => one.account ?? 1)),
  authentication: Math.max(1, ...all.map((one) => one.authentication ?? 1)),
  strong: all.some((one) => one.strong),
  phishingResistant: all.some((one) => one.phishingResistant),
});

/** "`max_age` … want every counted proof fresh." */
const fresh = ({ maxAge, now }: Situation, proofs: readonly Proven[]): Proven[] =>
  proofs.filter(({ at }) => maxAge === undefined || now - at <= maxAge);

/** "Essential `acr`, `acr_values`, `default_acr_values` and the client's floors *all* hold together", `acr_values` "unless voluntary". */
function targets({ essential, acrValues, defaults, voluntary, floor }: Situation): Asked[] {
  const sources = [essential, ...(voluntary ? [] : [acrValues, defaults])].filter((names) => names !== undefined);
  const choices = sources.reduce<string[][]>(
    (picked, names) => picked.flatMap((one) => known(names).map((name) => [...one, name])),
    [[]],
  );
  return choices.map((names) => together([floor ?? {}, ...names.map((name) => CONTEXTS[name]!)]));
}

/** Every choice among some things, the smallest first. */
const choices = <T>(things: readonly T[]): T[][] =>
  [...Array(2 ** things.length).keys()]
    .map((bits) => things.filter((_, at) => bits & (1 << at)))
    .sort((a, b) => a.length - b.length);

/** What somebody with no more than a browser without script is asked first among what would help. */
const EASIEST: readonly Means[] = ['passkey', 'totp', 'message-otp', 'password'];

/** The kinds that would bring somebody to a target from where they stand: those of each smallest sufficient set. */
export function helpful(situation: Situation, target: Asked, held: readonly string[]): Means[] {
  const sets: Means[][] = [];
  for (const some of choices(situation.has)) {
    const more = sets.some((smaller) => smaller.every((kind) => some.includes(kind)));
    if (!more && meets(worth([...held, ...some], situation.accountLevel), target)) sets.push(some);
  }
  return EASIEST.filter((kind) => sets.some((set) => set.includes(kind)));
}

/** "Step up to the first that this account can reach"; "unmet ends with an error", "`prompt=none` answers `login_required` where a step-up could succeed". */
export function expectedOf(situation: Situation, first: Means = 'password'): Outcome {
  const { has, accountLevel, session, silent } = situation;
  if (silent && !session) return { ends: 'login_required' };
  const target = targets(situation).find((one) => meets(worth(has, accountLevel), one));
  if (!target) return { ends: 'unmet' };
  const held = fresh(situation, session ?? []).map(({ kind }): string => kind);
  const asks: Means[] = [];
  if (!session) asks.push(first);
  while (!meets(worth([...held, ...asks], accountLevel), target)) {
    asks.push(helpful(situation, target, [...held, ...asks])[0]!);
  }
  return silent && asks.length > 0 ? { ends: 'login_required' } : { ends: 'tokens', asks };
}

/** The ways that a step-up page must offer. */
export function waysOf(situation: Situation): Means[] {
  const target = targets(situation).find((one) => meets(worth(situation.has, situation.accountLevel), one));
  const held = fresh(situation, situation.session ?? []).map(({ kind }) => kind);
  return target ? helpful(situation, target, held) : [];
}

const AMR: Record<Means, string[]> = {
  password: ['pwd'],
  totp: ['otp'],
  'message-otp': ['otp', 'sms'],
  // Nobody attested where the key lives (RFC 8176 §2: pop, user).
  passkey: ['pop', 'user'],
};

/** What the tokens must say once everything in `proofs` was proven. */
export function toldBy(situation: Situation, proofs: readonly Proven[], uri: (name: string) => string) {
  const usable = fresh(situation, proofs);
  const latest = (kind: Means) => usable.filter((one) => one.kind === kind).sort((a, b) => b.at - a.at)[0];
  const password = latest('password');
  const possession = [latest('totp'), latest('message-otp')].filter((one) => one !== undefined);
  const [device] = possession.sort((a, b) => b.at - a.at);
  // A passkey does alone what the others do together, and is strong beside: nothing else needs to count.
  const key = latest('passkey');
  const counted = key ? [key] : [password, device].filter((one) => one !== undefined);
  const have = worth(
    counted.map(({ kind }) => kind),
    situation.accountLevel,
  );
  // "The `acr` returned is the first requested value that is met; without a request, the pair reached."
  const { essential, wished, acrValues, defaults } = situation;
  const requested = [essential, wished, acrValues, defaults].flatMap(known);
  const answered = requested.find((name) => meets(have, CONTEXTS[name]!)) ?? `${have.account}.${have.authentication}`;
  return {
    acr: uri(answered),
    amr: [...counted.flatMap(({ kind }) => AMR[kind]), ...(have.authentication > 1 ? ['mfa'] : [])],
    // "`auth_time` (= the oldest proof counted)".
    auth_time: Math.min(...counted.map(({ at }) => at)),
    account_level: have.account,
    authentication_level: have.authentication,
    phishing_resistant: have.phishingResistant,
  };
}
