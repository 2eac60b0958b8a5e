import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { ClientConfig } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';
import { startPostgres } from './postgres.ts';
import { treeCpuMs } from './process-tree.ts';
import { readFrom, startMeasured, stopMeasured, type Target, untilServing } from './target.ts';

/** What GET /sandbox/personas.json says of one. */
interface Persona {
  readonly identityNumber: string;
  readonly password?: string;
  readonly totpSecret?: string;
  readonly accountLevel?: number;
}

/** Our server on a PostgreSQL of its own and the sandbox's people. */
export async function startOurs(folder: string): Promise<Target> {
  const postgres = await startPostgres();
  const undo: (() => Promise<unknown>)[] = [() => postgres.stop()];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const environment = environmentOf(folder, postgres.url, await freePort());
    await seed(environment);
    const log = `${folder}/ours.log`;
    const child = await startMeasured('../../src/main.ts', environment, log);
    undo.push(() => stopMeasured(child));
    const issuer = environment.ISSUER;
    await untilServing(`${issuer}/.well-known/openid-configuration`, child, log);
    const claimants = await people(issuer);
    let visits = 0;
    return {
      issuer,
      clients: await clientsOf(issuer),
      resource: process.env.BENCH_RESOURCE ?? 'https://jwt.sen.example/',
      signIn(page, means) {
        visits += 1;
        return signIn(page, claimants[visits % claimants.length]!, means);
      },
      read: () => readFrom(child),
      databaseMs: () => treeCpuMs(postgres.pid),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const key = (): string => randomBytes(32).toString('base64');

const environmentOf = (folder: string, databaseUrl: string, port: number) => ({
  PROFILE: 'sandbox',
  ISSUER: `http://localhost:${port}`,
  HOST: '127.0.0.1',
  PORT: String(port),
  OPS_PORT: '0',
  DATABASE_URL: databaseUrl,
  SENID_MASTER_SECRET: key(),
  COOKIE_KEYS: key(),
  AUDIT_CHECKPOINT_FOLDER: `${folder}/checkpoints`,
  SIGNING_KEY_FOLDER: `${folder}/keys`,
  EGRESS_ALLOWED: 'http://localhost:9999',
  TRUSTED_PROXY: '127.0.0.1',
});

/** The clients of the sandbox that are called back where nobody listens: those that are there for tests. */
async function clientsOf(issuer: string): Promise<Target['clients']> {
  const all = listIn<ClientConfig>(await told(`${issuer}/sandbox/clients.json`), 'clients');
  const mine = all.filter(({ redirect_uris }) => redirect_uris?.some((uri) => uri.includes(':9999/')));
  const open = mine.find(({ client_secret, jwks }) => client_secret === undefined && jwks === undefined);
  return {
    plain: named(
      'confidential client',
      mine.find(({ client_secret }) => client_secret !== undefined),
    ),
    public: named('public client', open),
    fapi: named(
      'FAPI client',
      mine.find(({ jwks }) => jwks !== undefined),
    ),
  };
}

/** Several, so that two who sign in at once do not wait for one row of one person. */
const PEOPLE = 4;

/** People at level 2 who sign in by password, and now by a passkey too. */
async function people(issuer: string): Promise<Claimant[]> {
  const personas = listIn<Persona>(await told(`${issuer}/sandbox/personas.json`), 'personas');
  const found: Claimant[] = [];
  for (const { accountLevel, identityNumber: identifier, password, totpSecret } of personas) {
    if (accountLevel !== 2 || !password || !totpSecret || found.length === PEOPLE) continue;
    const claimant = { identifier, password, totpSecret };
    // Some personas are there to be refused.
    const passkey = await bindPasskey(issuer, claimant).catch(() => undefined);
    if (passkey) found.push({ ...claimant, passkey });
  }
  named('persona at level 2', found[0]);
  return found;
}

async function seed(environment: Record<string, string>): Promise<void> {
  const read = readSettings(environment);
  if ('faults' in read) throw new Error(read.faults.join('; '));
  const file = fileURLToPath(new URL('../../src/sandbox.ts', import.meta.url));
  const { seedSandbox } = (await import(file)) as { seedSandbox: (settings: Settings) => Promise<void> };
  await seedSandbox(read.settings);
}

async function told(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} from ${url}`);
  return response.json();
}

const listIn = <T>(document: unknown, name: string): T[] =>
  (Array.isArray(document) ? document : ((document as Record<string, unknown>)[name] ?? [])) as T[];

function named<T>(what: string, found: T | undefined): T {
  if (found === undefined) throw new Error(`the sandbox has no ${what} for the bench`);
  return found;
}
