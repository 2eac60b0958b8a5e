import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseChecks } from '../../src/app.ts';
import type { ChangeSubject } from '../../src/domain/approvals/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import { simulatedMessages } from '../../src/domain/notices/index.ts';
import { type CardRules, createCardRuleChanges, USUAL_CARD_RULES } from '../../src/domain/proofing/index.ts';
import { developerRoutes } from '../../src/journeys/developer/routes.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { Secret } from '../../src/platform/secret.ts';
import { sql } from '../../src/platform/sql.ts';
import { databaseFaults, roleWarnings } from '../../src/serve/database-check.ts';
import { BARE } from '../support/bare-environment.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { tamper } from '../support/journal.ts';
import { freePort } from '../support/samples.ts';
import { startServer } from '../support/server.ts';
import { serverRole } from '../support/server-role.ts';
import { settingsOf } from '../support/settings.ts';
import { bindPasskey } from '../support/sign-in.ts';
import { twoPeople } from '../support/two-people.ts';

// Issue section 1, production: `npm run serve` as a process, with settings from the environment and nothing of a sandbox.
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const random = (): string => randomBytes(32).toString('base64');
const tls = { TLS_CERT_FILE: path('../vectors/tls/localhost.crt'), TLS_KEY_FILE: path('../vectors/tls/localhost.key') };

/** Every route of the sandbox's router, as it is mounted there. */
const sandboxRoutes = developerRoutes({
  views: {},
  personas: [],
  clients: [],
  samples: [],
  newcomers: {},
  reporting: {},
} as never).stack.map((layer) => String(layer.path));

const environment = (url: string, port: number): Record<string, string> => ({
  ISSUER: `https://localhost:${port}`,
  PORT: String(port),
  OPS_PORT: '0',
  DATABASE_URL: url,
  SENID_MASTER_SECRET: random(),
  COOKIE_KEYS: random(),
  AUDIT_CHECKPOINT_FOLDER: `${tmpdir()}/senid-checkpoints-${port}`,
  SMTP_URL: 'smtp://127.0.0.1:25',
  MAIL_FROM: 'no-reply@localhost.example',
  SMS_GATEWAY_URL: 'http://127.0.0.1:9/sms',
  LOG_LEVEL: 'error',
  ...tls,
});

function serve(settings: Record<string, string>) {
  const child = spawn(process.execPath, [path('../../src/main.ts')], {
    env: { ...BARE, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, said: () => said };
}

const get = async (port: number, at: string, options: RequestOptions = {}) => {
  const ask = options.protocol === 'http:' ? httpRequest : httpsRequest;
  const ca = readFileSync(tls.TLS_CERT_FILE);
  const sent = ask({ host: '127.0.0.1', servername: 'localhost', port, path: at, ca, agent: false, ...options }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, body };
};

describe('production', { timeout: 90_000 }, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  test('serves https itself, without anything of the sandbox, and ends with 0', async () => {
    const port = await freePort();
    const { child, ended, said } = serve(environment(fresh.url, port));
    await eventually(said).toContain('listening');
    const headers = { host: `localhost:${port}` };
    const discovery = await get(port, '/.well-known/openid-configuration', { headers });
    expect(JSON.parse(discovery.body)).toMatchObject({ issuer: `https://localhost:${port}` });
    expect(discovery.headers['strict-transport-security']).toBeDefined();
    expect(sandboxRoutes.length).toBeGreaterThan(4);
    for (const at of sandboxRoutes) {
      expect((await get(port, at, { headers })).status, at).toBe(404);
    }
    expect((await get(port, '/jwks', { headers: { host: 'evil.example' } })).status).toBe(421);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('is served as a role that owns nothing, switches no trigger off and rewrites no journal; the doctor tells it from an owner', async () => {
    const own = await freshDatabase();
    const role = await serverRole(own.url);
    const port = await freePort();
    const { child, ended, said } = serve(environment(role.url, port));
    await eventually(said).toContain('listening');
    const headers = { host: `localhost:${port}` };
    expect((await get(port, '/.well-known/openid-configuration', { headers })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);

    const lesser = createDatabase({ url: role.url });
    const sealed = () => own.database.row<{ n: number }>(sql`SELECT count(*)::int AS n FROM journal`);
    expect((await sealed())?.n).toBeGreaterThan(0);
    for (const statement of [
      sql`ALTER TABLE journal DISABLE TRIGGER ALL`,
      sql`ALTER TABLE change_requests DISABLE TRIGGER ALL`,
      sql`SET session_replication_role = replica`,
      sql`DROP TABLE journal`,
      sql`TRUNCATE journal`,
      sql`DELETE FROM journal`,
      sql`UPDATE journal SET detail = '{}'`,
      sql`CREATE TABLE aside (id int)`,
    ])
      await expect(lesser.execute(statement)).rejects.toThrow(/permission denied|must be owner|append-only|never/);
    await lesser.close();
    expect(await databaseFaults(new Secret(role.url))).toEqual([]);
    expect(await roleWarnings(new Secret(role.url))).toEqual([]);
    expect(await roleWarnings(new Secret(own.url))).toEqual([expect.stringContaining('may switch triggers off')]);
    await role.end();
    await own.end();
  });

  test('believes X-Forwarded headers of the named proxy only', async () => {
    const other = await freshDatabase();
    const settings = {
      ...environment(other.url, 0),
      ISSUER: 'https://id.example',
      TLS_CERT_FILE: '',
      TLS_KEY_FILE: '',
    };
    const asProxy = { 'x-forwarded-host': 'id.example', 'x-forwarded-proto': 'https', host: 'backend.internal' };
    for (const [trusted, status] of [
      ['127.0.0.0/8', 200],
      ['10.9.9.9', 421],
    ] as const) {
      const port = await freePort();
      const { child, ended, said } = serve({ ...settings, PORT: String(port), TRUSTED_PROXY: trusted });
      await eventually(said).toContain('listening');
      const found = await get(port, '/.well-known/openid-configuration', { protocol: 'http:', headers: asProxy });
      expect(found.status, trusted).toBe(status);
      if (status === 200) expect(found.body).toContain('https://id.example/');
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
    await other.end();
  });

  test('a database of a sandbox is refused: people, evidence, clients and messages are named at once', async () => {
    const sandbox = await startServer();
    // The notice of a passkey that was bound is a message that the simulated channel keeps.
    await bindPasskey(sandbox.issuer, sandbox.claimant('level-2-chip'));
    await expect.poll(() => simulatedMessages(sandbox.database), { timeout: 10_000 }).not.toEqual([]);
    const { ended, said } = serve(environment(sandbox.databaseUrl, await freePort()));
    expect(await ended).toBe(78);
    expect(said()).toMatch(/13 invented people/);
    expect(said()).toMatch(/2 invented operators/);
    expect(said()).toMatch(/proofing records? with evidence/);
    expect(said()).toMatch(/clients? of a sandbox/);
    expect(said()).toMatch(/The database holds [1-9]\d* simulated messages?\./);
    expect(said()).not.toMatch(/\n\s+at /);
    await sandbox.end();
  });

  test('a simulated message alone is refused, and is all that is named', async () => {
    const other = await freshDatabase();
    await other.database.execute(sql`INSERT INTO simulated_messages (reference, medium, recipient, body, sent_at)
      VALUES ('a', 'sms', '+84900000000', 'invented', now())`);
    const { ended, said } = serve(environment(other.url, await freePort()));
    expect(await ended).toBe(78);
    expect(said()).toContain('The database holds 1 simulated message.');
    expect(said()).not.toMatch(/people|person|client|proofing/);
    await other.end();
  });

  // ISO/IEC 30107-3: where two people have agreed on more than the engine does, no face would pass.
  test('an engine with less than two people have agreed to ask is refused before anything listens; an open question is none', async () => {
    const other = await freshDatabase();
    const { database } = other;
    const partner = { URL: 'https://faces.example/v1', TOKEN_URL: 'https://faces.example/token' };
    const access = Object.entries({ ...partner, CLIENT_ID: 'senid', CLIENT_SECRET: 'a secret' });
    const alone = { ...environment(other.url, await freePort()), FACE_PAD_REQUIRED: 'none' };
    const embedded = { ...alone, FACE_MATCHER: 'embedded', FACE_EMBEDDED_ACCEPTED: 'yes' };
    const remote = (pad: string) => ({
      ...alone,
      ...Object.fromEntries(access.map(([name, value]) => [`FACE_MATCHER_${name}`, value])),
      ...{ FACE_MATCHER_PAD: pad, FACE_PAD_REQUIRED: pad },
    });
    const faults = (settings: Record<string, string>) =>
      databaseFaults(new Secret(other.url), databaseChecks(settingsOf(settings)));
    const agree = async (pad: CardRules['FACE_PAD_REQUIRED']) => {
      const parts = { clock: systemClock, journal: createJournal({ database, clock: systemClock }), forget() {} };
      const subject = createCardRuleChanges(parts) as ChangeSubject;
      const { change } = twoPeople({ database, clock: systemClock, subject });
      expect(await change({ ...USUAL_CARD_RULES, FACE_PAD_REQUIRED: pad })).toMatchObject({ done: true });
      await tamper(database, sql`UPDATE operators SET test = false`);
    };
    const listens = async (settings: Record<string, string>) => {
      const { child, ended, said } = serve(settings);
      await eventually(said).toContain('listening');
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    };
    for (const settings of [alone, embedded, remote('active-challenge')]) expect(await faults(settings)).toEqual([]);
    await listens(remote('active-challenge'));

    await agree('none');
    expect(await faults(embedded)).toEqual([]);
    await agree('tested');
    for (const settings of [alone, remote('tested')]) expect(await faults(settings)).toEqual([]);
    for (const [settings, engine] of [
      [embedded, 'FACE_MATCHER embedded detects no presentation attack'],
      [remote('active-challenge'), 'FACE_MATCHER_PAD is active-challenge'],
    ] as const) {
      expect(await faults(settings)).toHaveLength(1);
      const { ended, said } = serve(settings);
      expect(await ended).toBe(78);
      expect(said()).toContain(
        `SenID does not start: ${engine} and two people have agreed on FACE_PAD_REQUIRED=tested:`,
      );
      expect(said()).not.toContain('listening');
    }
    // The way out: without an engine it starts, and two people agree on less.
    await listens(alone);
    await agree('active-challenge');
    expect(await faults(remote('active-challenge'))).toEqual([]);
    expect(await faults(embedded)).toHaveLength(1);
    await other.end();
  });

  test('the keys of the sandbox are refused', async () => {
    const sandboxKey = Buffer.concat([Buffer.from('senid sandbox key, not a secret:'), randomBytes(32)]).toString(
      'base64',
    );
    const { ended, said } = serve({
      ...environment(fresh.url, await freePort()),
      SENID_MASTER_SECRET: sandboxKey,
      COOKIE_KEYS: sandboxKey,
    });
    expect(await ended).toBe(78);
    expect(said()).toMatch(/SENID_MASTER_SECRET is a sandbox key/);
    expect(said()).toMatch(/COOKIE_KEYS holds a sandbox key/);
    expect(said()).not.toContain(sandboxKey);
  });

  test('a master secret that is not the one of this database is told by name, without a stack', async () => {
    const { ended, said } = serve(environment(fresh.url, await freePort()));
    expect(await ended).toBe(78);
    expect(said()).toMatch(/^SenID does not start: signing_keys\.unreadable: .*\n$/);
  });

  test('a certificate that cannot be read is one sentence', async () => {
    const other = await freshDatabase();
    const { ended, said } = serve({ ...environment(other.url, await freePort()), TLS_KEY_FILE: '/nowhere.key' });
    expect(await ended).toBe(78);
    expect(said()).toMatch(/^SenID does not start: TLS_CERT_FILE and TLS_KEY_FILE do not serve: .*\/nowhere\.key.*\n$/);
    await other.end();
  });
});
