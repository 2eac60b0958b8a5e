import type { Persona } from '../../src/journeys/developer/routes.ts';
import type { Database } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { seedSandbox } from '../../src/sandbox.ts';
import { createDpopKey } from '../support/dpop.ts';
import { createBrowser, createSend, type Reply } from '../support/http-client.ts';
import {
  type ClientConfig,
  fapiClient,
  type Params,
  plainClient,
  publicClient,
  type RelyingParty,
  type Tokens,
} from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { spawnServer } from '../support/server.ts';
import { environmentOf, settingsOf } from '../support/settings.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';
import { type Lane, type Outcome, type RaceOptions, runLanes, statusOf, verdict } from './race.ts';

/** Two processes of the whole server, for one issuer on one database, and somebody who signs in there with a passkey. */
export interface TwoServers {
  readonly issuer: string;
  /** Where each of them listens. */
  readonly origins: readonly [string, string];
  client(id: string): ClientConfig;
  readonly person: Claimant;
}

const WEB = 'sandbox-confidential';
const APP = 'sandbox-public';
const FAPI = 'sandbox-fapi';

/** Starts the two on an empty database, with the sandbox's people and clients. */
export async function startTwoServers(
  databaseUrl: string,
  folder: string,
): Promise<TwoServers & { stop(): Promise<void> }> {
  const ports = [await freePort(), await freePort()] as const;
  const environment = environmentOf(databaseUrl, ports[0], folder, {});
  await seedSandbox(settingsOf(environment));
  const issuer = environment.ISSUER;
  const [one, other] = await Promise.all(
    ports.map((port) => spawnServer({ ...environment, PORT: String(port) }, port)),
  );
  const send = createSend({ via: { [issuer]: one!.origin } });
  const told = async <T>(path: string): Promise<T> => (await send(issuer + path)).json<T>();
  const { clients } = await told<{ clients: ClientConfig[] }>('/sandbox/clients.json');
  const { personas } = await told<{ personas: Persona[] }>('/sandbox/personas.json');
  const { identityNumber, password, totpSecret } = personas.find(({ id }) => id === 'level-2-chip')!;
  const somebody = {
    identifier: identityNumber,
    ...(password ? { password } : {}),
    ...(totpSecret ? { totpSecret } : {}),
  };
  return {
    issuer,
    origins: [one!.origin, other!.origin],
    client: (id) => clients.find(({ client_id }) => client_id === id)!,
    person: { ...somebody, passkey: await bindPasskey(issuer, somebody, send) },
    stop: async () => void (await Promise.all([one!.stop(), other!.stop()])),
  };
}

/** The relying parties as one process sees them. */
async function sideOf(two: TwoServers, origin: string, key: Awaited<ReturnType<typeof createDpopKey>>) {
  const via = { [two.issuer]: origin };
  return {
    send: createSend({ via }),
    web: await plainClient(two.issuer, two.client(WEB), { via }),
    app: await publicClient(two.issuer, two.client(APP), { via }),
    fapi: await fapiClient(two.issuer, two.client(FAPI), { via, dpop: key }),
  };
}
type Side = Awaited<ReturnType<typeof sideOf>>;

async function createLane(two: TwoServers, fault: () => void): Promise<Lane> {
  const key = await createDpopKey();
  const one = await sideOf(two, two.origins[0], key);
  const other = await sideOf(two, two.origins[1], key);
  const both = async (work: (side: Side) => Promise<Reply>): Promise<Reply[]> => {
    const replies = await Promise.all([work(one), work(other)]);
    for (const { status } of replies) if (status >= 500) fault();
    return replies;
  };
  const browser = createBrowser({ via: { [two.issuer]: two.origins[0] } });
  const callback = async (party: RelyingParty, params: Params = {}) => {
    const started = await party.begin(params);
    const { location, words } = await signIn(await browser.open(started.url), two.person, 'passkey');
    if (!location?.includes('code=')) throw new Error(`no code: ${location} ${words}`);
    return { started, location };
  };
  const tokensOf = async (party: RelyingParty, params?: Params): Promise<Tokens> => {
    const { started, location } = await callback(party, params);
    return (await party.exchange(location, started)).json<Tokens>();
  };
  await tokensOf(one.web);
  const { access_token: bound } = await tokensOf(one.fapi);
  let { refresh_token: kept = '' } = await tokensOf(one.app, { scope: 'openid offline_access', prompt: 'consent' });

  return {
    async code() {
      const { started, location } = await callback(one.web);
      // Four at once, two at each process (abuse case 1).
      const replies = await Promise.all([1, 2].map(() => both(({ web }) => web.exchange(location, started))));
      return verdict(statusOf(replies.flat(), 200));
    },
    async refresh() {
      const replies = await both(({ app }) => app.refresh(kept));
      // The one that lost may be told the very answer of the one that won: a retry within seconds (domain.md).
      const answers = new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text));
      for (const answer of answers) kept = JSON.parse(answer).refresh_token;
      return verdict(answers.size);
    },
    async par() {
      const { url } = await other.fapi.begin();
      const cookie = browser.cookies.header(url) ?? '';
      const replies = await both(({ send }) => send(url, { headers: { cookie, accept: 'text/html' } }));
      for (const reply of replies) browser.cookies.take(url, reply.headers['set-cookie']);
      const codes = replies.filter(({ location }) => location && new URL(location).searchParams.has('code'));
      return verdict(codes.length);
    },
    async assertion() {
      const client_assertion = await one.fapi.assertion();
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      const { params } = one.fapi.request({ client_assertion, client_assertion_type });
      return verdict(statusOf(await both(({ fapi }) => fapi.par(params, { authenticate: false })), 201));
    },
    async proof() {
      const url = one.fapi.server.userinfo_endpoint!;
      const proof = await key.proof({ method: 'GET', url, accessToken: bound });
      const headers = { authorization: `DPoP ${bound}`, dpop: proof };
      const replies = await both(({ send }) => send(url, { headers }));
      const told = replies.map((reply) => reply.headers['dpop-nonce']).find((nonce) => typeof nonce === 'string');
      if (typeof told === 'string') key.nonce = told;
      return verdict(statusOf(replies, 200));
    },
  };
}

/** Runs `pairs` of each kind over two processes of the whole server. */
export const raceOfServers = (two: TwoServers, pairs: number, options: RaceOptions = {}): Promise<Outcome[]> =>
  runLanes((fault) => createLane(two, fault), undefined, pairs, options);

/** Statements that PostgreSQL undid: of two writes of one value the later one. Its own count follows within seconds. */
export async function undone(database: Database): Promise<number> {
  const row = await database.row<{ count: number }>(
    sql`SELECT xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()`,
  );
  return row?.count ?? 0;
}

/** What the tables say, whatever was answered: each of these must be zero. */
export async function issuedBeyond(database: Database): Promise<Record<string, number>> {
  const count = async (statement: ReturnType<typeof sql>): Promise<number> =>
    (await database.row<{ count: number }>(statement))?.count ?? -1;
  const spent = sql`(SELECT count(*) FROM authorization_codes WHERE client_id = ${WEB} AND consumed_at IS NOT NULL)`;
  return {
    // A code is worth one access token.
    accessTokensBeyondCodes: await count(
      sql`SELECT greatest(0, (SELECT count(*) FROM access_tokens WHERE client_id = ${WEB}) - ${spent}) AS count`,
    ),
    // Of a rotating family at most one token is unspent.
    unspentInOneFamily: await count(
      sql`SELECT count(*) FROM (SELECT FROM refresh_tokens WHERE client_id = ${APP} AND consumed_at IS NULL
        GROUP BY grant_id HAVING count(*) > 1) AS again`,
    ),
    codesBeyondPushedRequests: await count(
      sql`SELECT greatest(0, (SELECT count(*) FROM authorization_codes WHERE client_id = ${FAPI})
        - (SELECT count(*) FROM pushed_authorization_requests WHERE consumed_at IS NOT NULL)) AS count`,
    ),
  };
}
