import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { createDpopKey } from '../support/dpop.ts';
import type { Reply } from '../support/http-client.ts';
import { createFlows, type Flows, pkce } from '../support/stored-flows.ts';
import { createKeys, type StoredProviderKeys } from '../support/stored-provider.ts';

export const KINDS = ['code', 'refresh', 'par', 'assertion', 'proof'] as const;
export type RaceKind = (typeof KINDS)[number];

/** How the pairs of one kind ended. */
export interface Outcome {
  readonly kind: RaceKind;
  readonly pairs: number;
  /** Pairs of which exactly one was honoured; for refresh, of which both got the very same answer, or one was refused. */
  readonly once: number;
  readonly never: number;
  readonly twice: number;
  /** Answers of 500 and more: a request that loses is refused, never broken. */
  readonly faults: number;
  /** Pairs that met in the database itself: the second write found the first. Servers that run elsewhere do not tell. */
  readonly met?: number;
  readonly seconds: number;
}

/** Two processes of one issuer on one database. */
export interface TwoProcesses {
  /** The same relying party, talking to the one and to the other. */
  readonly sides: readonly [Flows, Flows];
  /** Where each of them listens. */
  readonly urls: readonly [string, string];
  readonly keys: StoredProviderKeys;
  lost(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts two processes; they end with this one. */
export async function startTwoProcesses(databaseUrl: string): Promise<TwoProcesses> {
  const keys = await createKeys();
  const issuer = 'http://localhost:3999';
  const start = async (): Promise<{ child: ChildProcess; url: string }> => {
    const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [], {
      execArgv: [],
      env: { ...process.env, RACE_WORKER: JSON.stringify({ databaseUrl, keys, issuer }) },
    });
    const [message] = await once(child, 'message');
    return { child, url: (message as { url: string }).url };
  };
  const [one, other] = await Promise.all([start(), start()]);
  const ask = async ({ child }: typeof one): Promise<number> => {
    child.send('lost');
    const [message] = await once(child, 'message');
    return (message as { lost: number }).lost;
  };
  return {
    sides: [createFlows(issuer, keys, one.url), createFlows(issuer, keys, other.url)],
    urls: [one.url, other.url],
    keys,
    lost: async () => (await ask(one)) + (await ask(other)),
    async stop() {
      await Promise.all(
        [one, other].map(async ({ child }) => {
          const gone = once(child, 'exit');
          child.disconnect();
          await gone;
        }),
      );
    },
  };
}

/** How one pair ended. */
export type Verdict = 'once' | 'never' | 'twice';
export const verdict = (honoured: number): Verdict => (honoured === 1 ? 'once' : honoured === 0 ? 'never' : 'twice');
export const statusOf = (replies: Reply[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

/** Somebody's browser and tokens, and how one pair of each kind is prepared and sent. */
export type Lane = Record<RaceKind, () => Promise<Verdict>>;

/** One pair of each kind, prepared through either process and sent to both at once. A lane keeps its browser and its tokens. */
async function createLane({ sides }: TwoProcesses, fault: () => void): Promise<Lane> {
  const [one, other] = sides;
  const both = async (work: (side: Flows) => Promise<Reply>): Promise<Reply[]> => {
    const replies = await Promise.all([work(one), work(other)]);
    for (const { status } of replies) if (status >= 500) fault();
    return replies;
  };
  const person = one.browser();
  await one.tokens('web', person);
  let refreshToken: string | undefined;

  const key = await createDpopKey();
  const bound = async (): Promise<string> => {
    const { verifier, challenge } = pkce();
    const code = await one.codeFrom(one.browser(), (await one.pushed(challenge)).url);
    return (await one.redeemBound(code, verifier, key)).json<{ access_token: string }>().access_token;
  };
  const accessToken = await bound();

  return {
    async code() {
      const { verifier, challenge } = pkce();
      const code = await one.codeFrom(person, one.authorizationUrl('web', challenge));
      // Four at once, two at each process (abuse case 1).
      const replies = await Promise.all([1, 2].map(() => both((side) => side.redeem('web', code, verifier))));
      return verdict(statusOf(replies.flat(), 200));
    },
    async refresh() {
      refreshToken ??= (await one.tokens('app')).refresh_token;
      const replies = await both((side) => side.refresh('app', refreshToken!));
      const answers = new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text));
      const [answer] = answers;
      refreshToken = answer && JSON.parse(answer).refresh_token;
      return verdict(answers.size);
    },
    async par() {
      const { url } = await other.pushed(pkce().challenge);
      const cookie = person.cookies.header(url);
      const replies = await both((side) => side.send(url, { headers: { cookie, accept: 'text/html' } }));
      const codes = replies.flatMap(({ location }) => (location && new URL(location).searchParams.get('code')) || []);
      for (const reply of replies) person.cookies.take(url, reply.headers['set-cookie']);
      return verdict(codes.length);
    },
    async assertion() {
      const fields = await one.assertion();
      const { challenge } = pkce();
      const form = { code_challenge: challenge, code_challenge_method: 'S256' };
      return verdict(statusOf(await both((side) => side.push(form, fields)), 201));
    },
    async proof() {
      const proof = await key.proof({ method: 'GET', url: `${one.issuer}/me`, accessToken });
      const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
      return verdict(statusOf(await both((side) => side.send(`${side.issuer}/me`, { headers })), 200));
    },
  };
}

/** What a run may be told. */
export interface RaceOptions {
  readonly kinds?: readonly RaceKind[];
  readonly lanes?: number;
  readonly told?: (outcome: Outcome) => void;
}

/** Runs `pairs` of each kind over two processes of the protocol alone. */
export const race = (two: TwoProcesses, pairs: number, options: RaceOptions = {}): Promise<Outcome[]> =>
  runLanes((fault) => createLane(two, fault), two.lost, pairs, options);

/** Runs `pairs` of each kind in some lanes; `lost` says how many writes have found another one first, where that is known. */
export async function runLanes(
  lane: (fault: () => void) => Promise<Lane>,
  lost: (() => Promise<number>) | undefined,
  pairs: number,
  options: RaceOptions,
): Promise<Outcome[]> {
  const { kinds = KINDS, lanes: width = 8, told } = options;
  let counts = { once: 0, never: 0, twice: 0, faults: 0 };
  const fault = (): void => {
    counts.faults += 1;
  };
  const lanes = await Promise.all(Array.from({ length: width }, () => lane(fault)));
  const outcomes: Outcome[] = [];
  for (const kind of kinds) {
    counts = { once: 0, never: 0, twice: 0, faults: 0 };
    const before = await lost?.();
    const started = performance.now();
    let left = pairs;
    await Promise.all(
      lanes.map(async (lane) => {
        while (left-- > 0) counts[await lane[kind]()] += 1;
      }),
    );
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const met = lost && before !== undefined ? { met: (await lost()) - before } : {};
    const outcome = { kind, pairs, ...counts, ...met, seconds };
    outcomes.push(outcome);
    told?.(outcome);
  }
  return outcomes;
}

/** What the tables say, whatever was answered: each of these must be zero. */
export async function issuedTwice(database: Database): Promise<Record<string, number>> {
  const count = async (statement: ReturnType<typeof sql>): Promise<number> =>
    (await database.row<{ count: number }>(statement))?.count ?? -1;
  return {
    // Each code has a grant of its own here, and is worth one access token and one refresh token.
    accessTokensOfOneCode: await count(
      sql`SELECT count(*) FROM (SELECT FROM access_tokens WHERE client_id = 'web' GROUP BY grant_id HAVING count(*) > 1) AS again`,
    ),
    refreshTokensOfOneCode: await count(
      sql`SELECT count(*) FROM (SELECT FROM refresh_tokens WHERE client_id = 'web' GROUP BY grant_id HAVING count(*) > 1) AS again`,
    ),
    // Of a rotating family at most one token is unspent.
    unspentInOneFamily: await count(
      sql`SELECT count(*) FROM (SELECT FROM refresh_tokens WHERE client_id = 'app' AND consumed_at IS NULL
        GROUP BY grant_id HAVING count(*) > 1) AS again`,
    ),
    codesBeyondPushedRequests: await count(
      sql`SELECT greatest(0, (SELECT count(*) FROM authorization_codes WHERE client_id = 'fapi')
        - (SELECT count(*) FROM pushed_authorization_requests WHERE consumed_at IS NOT NULL)) AS count`,
    ),
  };
}
