import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import type { Persona } from '../../src/journeys/developer/routes.ts';
import { limitServer } from '../../src/platform/http.ts';
import { seedSandbox } from '../../src/sandbox.ts';
import { BARE } from './bare-environment.ts';
import { freshDatabase } from './database.ts';
import type { ClientConfig } from './relying-party.ts';
import { freePort } from './samples.ts';
import { environmentOf, settingsOf } from './settings.ts';
import type { Claimant } from './sign-in.ts';

/** The whole server with its sandbox, on a database of its own. */
export interface TestServer {
  readonly issuer: string;
  /** In-process only: the parts, for what no page offers yet. */
  readonly app: App;
  readonly databaseUrl: string;
  readonly environment: Record<string, string>;
  readonly database: Awaited<ReturnType<typeof freshDatabase>>['database'];
  /** By id, as GET /sandbox/personas.json tells them. */
  persona(id: string): Persona;
  readonly personas: readonly Persona[];
  /** How the helpers of `sign-in.ts` sign in as somebody. */
  claimant(id: string): Claimant;
  /** By client id, as GET /sandbox/clients.json tells them. */
  client(id: string): ClientConfig;
  /** A second process of `npm run serve` on the same database and for the same issuer; answers its own address. */
  another(
    environment?: Record<string, string>,
  ): Promise<{ origin: string; child: ChildProcess; stop(): Promise<void> }>;
  end(): Promise<void>;
}

/** Starts the server in this process. `settings` are environment settings on top of a sandbox's. */
export async function startServer(
  options: AppOptions & {
    readonly settings?: Record<string, string>;
    readonly jobs?: boolean;
    /** Where to listen, when others must know before it runs. */
    readonly port?: number;
    /** A database elsewhere than on the cluster of all tests, for a test that stops it. */
    readonly fresh?: Awaited<ReturnType<typeof freshDatabase>>;
  } = {},
): Promise<TestServer> {
  const fresh = options.fresh ?? (await freshDatabase({ template: 'template_sandbox' }));
  const folder = await mkdtemp(join(tmpdir(), 'senid-server-'));
  const port = options.port ?? (await freePort());
  const environment = environmentOf(fresh.url, port, folder, options.settings ?? {});
  const settings = settingsOf(environment);
  await seedSandbox(settings);
  const app = await createApp(settings, { strict: true, ...options });
  if (options.jobs ?? true) await app.start();
  const server = limitServer(createServer(app.handler));
  server.on('upgrade', app.upgrades.handle);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${port}`;
  const told = async <T>(path: string, member: string): Promise<T[]> =>
    ((await (await fetch(issuer + path)).json()) as Record<string, T[]>)[member] ?? [];
  const personas = await told<Persona>('/sandbox/personas.json', 'personas');
  const clients = await told<ClientConfig>('/sandbox/clients.json', 'clients');
  const others: { stop(): Promise<void> }[] = [];
  const persona = (id: string): Persona => {
    const found = personas.find((one) => one.id === id);
    if (!found) throw new Error(`no persona ${id}: ${personas.map((one) => one.id).join(', ')}`);
    return found;
  };
  return {
    issuer,
    app,
    databaseUrl: fresh.url,
    environment,
    database: fresh.database,
    personas,
    persona,
    claimant: (id) => {
      const { identityNumber, password, totpSecret } = persona(id);
      return {
        ...{ identifier: identityNumber, card: `${id}.genuine` },
        ...(password ? { password } : {}),
        ...(totpSecret ? { totpSecret } : {}),
      };
    },
    client: (id) => {
      const found = clients.find((one) => one.client_id === id);
      if (!found) throw new Error(`no client ${id}: ${clients.map((one) => one.client_id).join(', ')}`);
      return found;
    },
    another: async (more = {}) => {
      const own = await freePort();
      const other = await spawnServer({ ...environment, PORT: String(own), ...more }, own);
      others.push(other);
      return other;
    },
    end: async () => {
      for (const other of others) await other.stop();
      await app.upgrades.drain(0);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.stop();
      await fresh.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A process of `src/main.ts`; resolves when it answers. */
export async function spawnServer(environment: Record<string, string>, port: number) {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...BARE, ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
  }
  const origin = `http://127.0.0.1:${port}`;
  const host = new URL(environment.ISSUER ?? origin).host;
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server stopped with ${child.exitCode}: ${said}`);
    const up = await fetch(`${origin}/jwks`, { headers: { host } }).then(
      (answer) => answer.status < 500,
      () => false,
    );
    if (up) break;
    if (Date.now() > deadline) throw new Error(`the server did not come up: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const exited = once(child, 'exit');
  return {
    origin,
    child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await exited;
    },
  };
}
