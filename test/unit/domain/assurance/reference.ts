/**
 * The decisions once more, written down sentence by sentence as a plain program that shares nothing with the module: no
 * table, no facets, only `if`. It tries every choice of proofs and is as slow as that sounds.
 */
export interface Seen {
  readonly sort: string;
  readonly age: number;
}
export interface Asked {
  readonly account: number;
  readonly authentication: number;
  readonly strong: boolean;
  readonly phishingResistant: boolean;
}
export interface Found extends Asked {
  readonly oldest: number;
  readonly size: number;
}

const NAMED: Record<string, Asked> = {
  'level-1': { account: 1, authentication: 1, strong: false, phishingResistant: false },
  'level-2': { account: 2, authentication: 2, strong: true, phishingResistant: false },
};
export const askedBy = (name: string): Asked =>
  NAMED[name] ?? {
    account: Number(name[0]),
    authentication: Number(name[2]),
    strong: false,
    phishingResistant: false,
  };

function find(proofs: readonly Seen[], account: number): Found {
  const has = (...sorts: string[]) => proofs.some(({ sort }) => sorts.includes(sort));
  // "Knowledge: password"; of "15 alone, 8 with a second factor".
  const alone = has('password');
  const knowledge = alone || has('shortPassword');
  // "Possession: TOTP; SMS code (restricted …); passkey without user verification; a chip proven by active or chip
  // authentication. Passkey with user verification: possession plus local verification".
  const unrestricted = has('totp', 'securityKey', 'card', 'passkey');
  const possession = unrestricted || has('sms');
  const biometric = has('face');
  // "Levels 3 and 4 count proofs of at most 15 minutes".
  const recent = proofs.every(({ age }) => age <= 15 * 60);

  let authentication = 0;
  // "One factor, or two possessions → 1." Decree 69 Art. 20: without biometric.
  if (alone || possession) authentication = 1;
  // "Two different factors without biometric → 2"; a passkey with user verification: "so 2, never 3".
  if ((knowledge && possession) || has('passkey')) authentication = 2;
  // "Biometric and possession → 3", an SMS code "never towards 3 or 4".
  if (biometric && unrestricted && recent) authentication = 3;
  // "Biometric, possession and knowledge → 4", user verification "is not knowledge for 4".
  if (biometric && unrestricted && knowledge && recent) authentication = 4;

  // "a passkey with user verification, or a genuine chip with a second factor, or a verified face with a possession".
  const strong = has('passkey') || (has('card') && (knowledge || biometric)) || (biometric && possession);
  // "Only a passkey is phishing resistant".
  const phishingResistant = has('passkey', 'securityKey');
  const oldest = proofs.length ? Math.max(...proofs.map(({ age }) => age)) : Number.POSITIVE_INFINITY;
  return { account, authentication, strong, phishingResistant, oldest, size: proofs.length };
}

export const meets = (found: Asked, asked: Asked): boolean =>
  found.account >= asked.account &&
  found.authentication >= asked.authentication &&
  (found.strong || !asked.strong) &&
  (found.phishingResistant || !asked.phishingResistant);

/** Everything that some choice of the proofs reaches; "`max_age` wants every counted proof fresh". */
export function everyChoice(proofs: readonly Seen[], account: number, maxAge = Number.POSITIVE_INFINITY): Found[] {
  const fresh = proofs.filter(({ age }) => age <= maxAge);
  const all: Found[] = [];
  for (let bits = 0; bits < 2 ** fresh.length; bits++) {
    all.push(
      find(
        fresh.filter((_, at) => bits & (1 << at)),
        account,
      ),
    );
  }
  return all;
}

/** Highest level, strong, phishing resistant, latest `auth_time`, fewest proofs. */
export const best = (among: readonly Found[]): Found | undefined =>
  [...among].sort(
    (a, b) =>
      b.authentication - a.authentication ||
      Number(b.strong) - Number(a.strong) ||
      Number(b.phishingResistant) - Number(a.phishingResistant) ||
      a.oldest - b.oldest ||
      a.size - b.size,
  )[0];

export interface Request {
  readonly essential?: readonly string[];
  readonly acrValues?: readonly string[];
  readonly defaults?: readonly string[];
  readonly voluntary?: boolean;
  readonly floor?: Partial<Asked>;
  readonly maxAge?: number;
}
export type Expected =
  | { met: true; acr: string; found: Found }
  | { met: false; reachable: true; target: string | undefined }
  | { met: false; reachable: false };

const all = (floor: Partial<Asked> | undefined, asked: readonly Asked[]): Asked => ({
  account: Math.max(1, floor?.account ?? 1, ...asked.map((one) => one.account)),
  authentication: Math.max(1, floor?.authentication ?? 1, ...asked.map((one) => one.authentication)),
  strong: [floor, ...asked].some((one) => one?.strong),
  phishingResistant: [floor, ...asked].some((one) => one?.phishingResistant),
});

/** "What is asked must be met", for at most two necessary sources beside the floor. */
export function expected(
  request: Request,
  proofs: readonly Seen[],
  account: number,
  usable: readonly string[],
): Expected {
  const { essential, acrValues, defaults, voluntary, floor, maxAge } = request;
  const necessary = [essential, ...(voluntary ? [] : [acrValues, defaults])].filter((list) => list !== undefined);
  let tuples: string[][] = [[]];
  for (const list of necessary) tuples = tuples.flatMap((picked) => list.map((name) => [...picked, name]));

  const held = everyChoice(proofs, account, maxAge);
  const could = everyChoice(
    usable.map((sort) => ({ sort, age: 0 })),
    account,
  );
  const together = everyChoice([...proofs, ...usable.map((sort) => ({ sort, age: 0 }))], account, maxAge);
  const some = (among: Found[], tuple: string[]) => among.some((one) => meets(one, all(floor, tuple.map(askedBy))));

  // "Several values: step up to the first that this account can reach".
  const target =
    tuples.find((tuple) => some(held, tuple) || some(could, tuple)) ?? tuples.find((one) => some(together, one));
  if (!target) return { met: false, reachable: false };
  const asked = all(floor, target.map(askedBy));
  const found = best(held.filter((one) => meets(one, asked)));
  if (!found) return { met: false, reachable: true, target: target[0] };
  // "the `acr` returned is the first requested value that is met; without a request, the pair reached; voluntary and
  // unmet: the pair reached".
  const requested = [...(essential ?? []), ...(acrValues ?? []), ...(defaults ?? [])];
  const acr = requested.find((name) => meets(found, askedBy(name))) ?? `${found.account}.${found.authentication}`;
  return { met: true, acr, found };
}
