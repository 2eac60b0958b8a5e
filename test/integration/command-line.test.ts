import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { exportCommand } from '../../src/cli/audit/export.ts';
import { verifyAuditCommand } from '../../src/cli/audit/verify.ts';
import type { Context } from '../../src/cli/context.ts';
import { doctorCommand } from '../../src/cli/doctor/doctor.ts';
import { LOOKS } from '../../src/cli/doctor/looks.ts';
import { migrateCommand } from '../../src/cli/migrate.ts';
import { rotateKeysCommand } from '../../src/cli/rotate-keys.ts';
import { settingsCommand } from '../../src/cli/settings.ts';
import { findCommand } from '../../src/cli/subscriber/find.ts';
import { type Acting, ROLES } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { alter, hire } from '../support/api-operators.ts';
import { commandOn } from '../support/command.ts';
import { tamper } from '../support/journal.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const folder = mkdtempSync(join(tmpdir(), 'senid-command-'));
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

/** As an operator types it: a process of its own. */
const senid = async (
  words: string,
  {
    environment = server.environment,
    program = resolve('bin/senid'),
    input = '',
  }: { environment?: Record<string, string>; program?: string; input?: string } = {},
) => {
  const child = spawn(program, words.split(' '), { env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment } });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: status as number | null, stdout, stderr };
};
type Run = (context: Context) => Promise<number>;
const here = (run: Run, options: Parameters<typeof commandOn>[2] = {}) => commandOn(server, run, options);
const json = { json: true };

describe('senid, as a process', { timeout: 60_000 }, () => {
  test('works through a symbolic link, from any folder; nothing to migrate is said, and is a success', async () => {
    symlinkSync(resolve('bin/senid'), join(folder, 'senid'));
    const said = await senid('migrate', { program: join(folder, 'senid') });
    expect(said).toEqual({ status: 0, stdout: 'The schema is up to date.\n', stderr: '' });
  });

  test('a word that is no command is 64; help is 0, in groups, and answered without loading anything', async () => {
    expect(await senid('levitate', { environment: {} })).toMatchObject({ status: 64, stdout: '' });
    const { status, stdout } = await senid('--help', { environment: {} });
    expect(status).toBe(0);
    for (const word of ['The server:', 'doctor', 'client', 'trust', 'subscriber', 'audit', 'Exit codes:'])
      expect(stdout).toContain(word);
  });

  test('a database that does not answer is one sentence', async () => {
    const environment = { ...server.environment, DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' };
    const { status, stderr } = await senid('audit verify', { environment });
    expect(status).toBe(78);
    expect(stderr).toBe('SenID does not start: DATABASE_URL: nothing listens at 127.0.0.1:1; is PostgreSQL running?\n');
  });

  test('keys rotate: a new key signs at once in the process that runs, the old one stays published', async () => {
    const kids = async (): Promise<string[]> =>
      ((await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    const before = await kids();
    const { status, stdout } = await senid('keys rotate --algorithm ES256 --force --json');
    expect(status).toBe(0);
    const [rotation] = JSON.parse(stdout) as { rotated: boolean; current: string; retired: string }[];
    expect(rotation).toMatchObject({ algorithm: 'ES256', rotated: true });
    expect(before).toContain(rotation?.retired);
    await expect.poll(kids, { timeout: 5_000 }).not.toEqual(before);
    expect(await kids()).toEqual(expect.arrayContaining([rotation?.current, rotation?.retired]));
  });

  test('subscriber find: the number comes by the input and is nowhere in what is said', async () => {
    const { identityNumber } = server.persona('level-2-chip');
    // Nobody works here yet: a name will do.
    const words = 'subscriber find --by Mai --reason call --json';
    const { status, stdout, stderr } = await senid(words, { input: `${identityNumber}\n` });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ found: { state: 'active', accountLevel: 2, locks: [] } });
    expect(stdout).not.toContain(identityNumber);
    const [view] = await server.app.parts.journal.query({ types: ['subscriber.viewed'], limit: 1 });
    expect(view).toMatchObject({ actor: { kind: 'system', id: 'command line' }, detail: { name: 'Mai' } });
  });
});

describe('senid migrate', () => {
  test('an empty database gets the whole schema, each migration is told as it begins; then there is nothing to do', async () => {
    const name = `test_${newId().replaceAll('-', '')}`;
    const admin = new pg.Client({ connectionString: inject('clusterUrl') });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(inject('clusterUrl'));
    url.pathname = name;
    const empty = { app: server.app, environment: { ...server.environment, DATABASE_URL: url.href } };
    const first = await commandOn(empty, migrateCommand, { terminal: { columns: 80 } });
    const again = await commandOn(empty, migrateCommand, json);
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    expect(first.status).toBe(0);
    const ran = first.stdout.trimEnd().split('\n');
    expect(ran[0]).toMatch(/^ran 2026.*\.ts$/);
    expect(ran.at(-1)).toBe(`${ran.length - 1} migrations`);
    expect(first.stderr).toContain(`\r\x1b[K… migrating: ${ran[0]?.slice(4)}`);
    expect(first.stderr.endsWith('\r\x1b[K')).toBe(true);
    expect(again).toEqual({ status: 0, stdout: '{"ran":[]}\n', stderr: '' });
  }, 60_000);
});

describe('senid settings', () => {
  test('all of them, no secret, and what is wrong', async () => {
    const { status, stdout } = await here(settingsCommand, json);
    const { settings, faults } = JSON.parse(stdout) as {
      settings: { name: string; value: string }[];
      faults: string[];
    };
    expect(status).toBe(0);
    expect(faults).toEqual([]);
    expect(settings.find(({ name }) => name === 'DATABASE_URL')?.value).toBe('[secret]');
    expect(stdout).not.toContain(server.environment.SENID_MASTER_SECRET);
    const wrong = await commandOn({ app: server.app, environment: {} }, settingsCommand);
    expect(wrong.status).toBe(78);
    expect(wrong.stdout).toContain('ISSUER is missing');
  });

  test('an algorithm that is none is 64', async () => {
    expect((await here((context) => rotateKeysCommand(context, { algorithm: 'HS256' }))).status).toBe(64);
  });
});

describe('senid audit', () => {
  const taking = { by: 'Trần Văn Minh', reason: 'audit' };
  const shift = (interval: string) =>
    tamper(server.database, sql`UPDATE journal SET at = at + ${interval}::interval WHERE sequence = 3`);

  test('verify: a whole journal is 0; one that was tampered with is 1, and the row is named', async () => {
    await server.app.parts.journal.seal();
    const whole = await here(verifyAuditCommand, json);
    expect(whole.status).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({ intact: true });
    await shift('1 second');
    const tampered = await here(verifyAuditCommand);
    await shift('-1 second');
    expect(tampered).toEqual({ status: 1, stdout: '✗ entry 3 is not what was sealed\n', stderr: '' });
  });

  test('verify tells on a terminal how far it is, and leaves no trace of that', async () => {
    const { stdout, stderr } = await here(verifyAuditCommand, { terminal: { columns: 80 } });
    expect(stdout).toMatch(/^✓ the journal is whole/);
    const drawn = stderr.split('\r\x1b[K');
    expect(drawn.slice(0, 2)).toEqual(['', expect.stringMatching(/^… verifying the journal: \d+ of \d+$/)]);
    expect(drawn.at(-1)).toBe('');
  });

  test('export: to the output lines alone, to a file whole, for its owner, and over nothing that is there', async () => {
    const { status, stdout, stderr } = await here((context) =>
      exportCommand(context, { ...taking, from: '2', to: '4' }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { sequence?: number }).sequence)).toEqual([2, 3, 4, undefined]);
    expect(await server.app.parts.journal.query({ limit: 1 })).toMatchObject([
      {
        ...{ type: 'journal.exported', actor: { kind: 'system', id: 'command line' } },
        detail: { name: 'Trần Văn Minh', reason: 'audit', from: 2, to: 4 },
      },
    ]);
    const out = join(folder, 'journal.jsonl');
    const written = await here((context) => exportCommand(context, { ...taking, to: '4', out }));
    expect(written.stdout).toMatch(/^✓ 4 entries, (signed to entry \d|none of them signed): /);
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(5);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const again = await here((context) => exportCommand(context, { ...taking, out }));
    expect(again).toEqual({ status: 2, stdout: '', stderr: `${out}: is there already.\n` });
  });

  test.each([
    ['no name', { by: ' ' }, 64],
    ['a reason that is none of the list', { reason: 'curious' }, 64],
    ['a number that is none', { from: 'x' }, 64],
    ['an end before its beginning', { from: '5', to: '4' }, 64],
    ['a file nowhere', { out: '/nowhere/journal.jsonl' }, 2],
  ])('export: %s', async (_, options, status) => {
    expect(await here((context) => exportCommand(context, { ...taking, ...options }))).toMatchObject({
      status,
      stdout: '',
    });
    expect(existsSync('/nowhere')).toBe(false);
  });
});

describe('senid doctor', () => {
  const doctor = (environment: Record<string, string> = server.environment, options = {}) =>
    commandOn({ app: server.app, environment }, doctorCommand, options);

  test('looks at everything, says what to do, and a warning is no fault', async () => {
    await server.app.parts.journal.seal();
    const { status, stdout } = await doctor();
    const lines = stdout.trimEnd().split('\n');
    expect(status).toBe(0);
    const about = (what: string) => lines.filter((line) => line.startsWith(what, 2));
    expect(lines.slice(0, 3)).toEqual(['✓ settings', '✓ database and schema', '✓ clock of the database']);
    expect(about('journal')).toEqual([expect.stringMatching(/^✓ journal: \d+ entries, the last checkpoint is of 20/)]);
    expect(about('signing keys')).toEqual([
      expect.stringMatching(/^✓ signing keys: in custody of database; \w+ rotates next, on 20\d\d-\d\d-\d\d$/),
    ]);
    expect(about('registers')).toEqual([
      '✓ registers: population register simulated, telephone register simulated, register of enterprises simulated, face engine simulated, fingerprint system simulated',
    ]);
    expect(about('change requests')).toEqual(['✓ change requests: none waits for approval']);
    expect(lines.at(-1)).toBe(`✓ issuer ${server.issuer}`);
    // It names nobody.
    for (const { name, identityNumber } of server.personas) {
      expect(stdout).not.toContain(name);
      expect(stdout).not.toContain(identityNumber);
    }
  });

  test('what is given up, and what waits too long, is a warning', async () => {
    await server.database.execute(sql`
      INSERT INTO outbox (kind, key, payload, dead_at) VALUES ('probe', 'dead', '', now())`);
    await server.database.execute(sql`
      INSERT INTO outbox (kind, key, payload, due_at) VALUES ('probe', 'late', '', now() - interval '1 hour')`);
    const { status, stdout } = await doctor();
    await server.database.execute(sql`DELETE FROM outbox WHERE kind = 'probe'`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^! deliveries: the oldest message is 36\d\d s overdue: is the server running/m);
    expect(stdout).toMatch(/^! deliveries: \d+ messages? (was|were) given up: see the delivery ledger/m);
  });

  test('what is past a date of the law is a warning, and so is whom no message reaches, and a year that is only counted', async () => {
    const { stdout: before } = await doctor();
    expect(before).toMatch(/^✓ data requests: none is open$/m);
    expect(before).toMatch(/^✓ withdrawn consents: all are confirmed$/m);
    await server.database.execute(sql`
      INSERT INTO consent_withdrawals (consent_id, subscriber_id, client_id, withdrawn_at, told, confirm_by)
      VALUES (gen_random_uuid(), gen_random_uuid(), 'probe', now() - interval '30 days', 'by_hand', now() - interval '9 days')`);
    await server.database.execute(sql`
      INSERT INTO data_requests (id, subscriber_id, kind, statement, received_at, acknowledge_by, decide_by)
      VALUES (gen_random_uuid(), gen_random_uuid(), 'copy', '', now() - interval '5 days', now() - interval '1 day', now() + interval '9 days')`);
    const { status, stdout } = await doctor();
    await server.database.execute(sql`DELETE FROM consent_withdrawals WHERE client_id = 'probe'`);
    await server.database.execute(sql`DELETE FROM data_requests WHERE statement = ''`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^! data requests: 1 is past a date that the law gives: answer them at http/m);
    expect(stdout).toMatch(/^! withdrawn consents: no message reaches the relying party of 1: tell it by hand/m);
    expect(stdout).toMatch(/^! withdrawn consents: 1 was not confirmed in time: ask the relying parties/m);
    const [, workingDays] = LOOKS.find(([what]) => what === 'working days')!;
    const at = (now: string) => workingDays({ parts: server.app.parts, settings: {} as never, now: new Date(now) });
    expect(await at('2026-11-01T00:00:00Z')).toEqual({ says: 'announced for 2026' });
    expect((await at('2026-12-01T00:00:00Z')).warnings?.[0]).toMatch(/^those of 2027 are counted from the Labour Code/);
  });

  test('whether two people can agree is told, and how the first comes in', async () => {
    const about = async () => /^. operators: .*$/m.exec((await doctor()).stdout)?.[0];
    expect(await about()).toBe('! operators: there is none yet: senid operator bootstrap makes the first');
    await hire(server, ['rp_admin']);
    expect(await about()).toBe(
      `! operators: only one, so nothing can be approved: invite another at ${server.issuer}/operator`,
    );
    await hire(server, ['auditor']);
    expect(await about()).toMatch(/^! operators: 2 active operators, but no two of whom one may propose clients/);
    await hire(server, ['approver']);
    expect(await about()).toBe('! operators: 1 person can approve: have at least 3');
    await hire(server, ['sysadmin']);
    const { status, stdout } = await doctor();
    expect(status).toBe(0);
    expect(stdout).toContain(
      '! operators: 2 people are each one without whom no two could let anybody in again who lost every passkey',
    );
    expect(stdout).toMatch(/^! operators: fewer than two hold a role \(intake 0, approver 1, .*\): whoever is lost/m);
    for (let more = 0; more < 3; more += 1) await hire(server, ROLES);
    expect(await about()).toBe('✓ operators: 7 active operators');
  });

  test('a client whose key ends soon is named, with the day', async () => {
    const ends = new Date(Date.now() + 5 * 86_400_000).toISOString();
    await server.database.execute(sql`
      UPDATE clients SET terms = terms || jsonb_build_object('secretExpiresAt', ${ends}::text)
      WHERE client_id = 'sample-airline'`);
    const { stdout } = await doctor();
    await server.database.execute(
      sql`UPDATE clients SET terms = terms - 'secretExpiresAt' WHERE client_id = 'sample-airline'`,
    );
    expect(stdout).toContain(
      `! clients: the secret of sample-airline ends on ${ends.slice(0, 10)}: ask its developers`,
    );
  });

  test('what stands in the database and was not written by this server is a fault that is named', async () => {
    expect((await doctor()).stdout).toMatch(/^✓ written by this server$/m);
    const { operatorId } = await hire(server, ['auditor']);
    const row = await server.database.row<{ id: string }>(sql`
      INSERT INTO operator_api_clients (id, operator_id, name, jwks, roles, created_at, expires_at)
      VALUES ('op-' || gen_random_uuid(), ${operatorId}, 'mine', '{"keys":[]}', '{auditor}', now(), now() + interval '1 day')
      RETURNING id`);
    const { status, stdout } = await doctor();
    await server.database.execute(sql`UPDATE operator_api_clients SET revoked_at = now() WHERE id = ${row?.id}`);
    expect(status).toBe(78);
    expect(stdout).toContain(
      `✗ written by this server: the API client ${row?.id} of operator ${operatorId} was not registered here: revoke it`,
    );
    expect((await doctor()).status).toBe(0);
  });

  test('an issuer that does not answer is a fault', async () => {
    const { status, stdout } = await doctor({ ...server.environment, ISSUER: 'http://localhost:1' }, json);
    expect(status).toBe(78);
    const { well, findings } = JSON.parse(stdout) as { well: boolean; findings: { what: string; faults?: string[] }[] };
    expect(well).toBe(false);
    expect(findings.at(-1)).toEqual({
      what: 'issuer http://localhost:1',
      faults: ['nobody answers there; is it running, and does the name lead here?'],
    });
  });
});

test('where there are operators, one of them who reads the journal takes it away', async () => {
  const [auditor, other] = [await hire(server, ['auditor']), await hire(server, ['rp_admin'])];
  const take = (by: string) => here((context) => exportCommand(context, { by, reason: 'audit', to: '2' }));
  expect(await take('Trần Văn Minh')).toMatchObject({ status: 64, stdout: '' });
  expect(await take(other.operatorId)).toMatchObject({
    status: 64,
    stdout: '',
    stderr: expect.stringContaining('auditor'),
  });
  expect((await take(auditor.operatorId)).status).toBe(0);
  expect(await server.app.parts.journal.query({ types: ['journal.exported'], limit: 1 })).toMatchObject([
    { actor: { kind: 'operator', id: auditor.operatorId }, detail: { name: auditor.name, reason: 'audit' } },
  ]);
});

describe('senid subscriber find', () => {
  let officer: Acting;
  beforeAll(async () => {
    officer = await hire(server, ['intake']);
  });
  const find = (typed: string | undefined, options: Partial<Parameters<typeof findCommand>[1]> = {}, more = {}) =>
    here(
      (context) =>
        findCommand(
          context,
          { by: officer.operatorId, reason: 'call', ...options },
          { line: async () => typed, close: () => {} },
        ),
      more,
    );
  const lastView = async (type: 'subscriber.viewed' | 'subscriber.view_refused') =>
    (await server.app.parts.journal.query({ types: [type], limit: 1 }))[0];

  test('says how an account stands, and nothing of who it is; the journal has who looked and why', async () => {
    const { identityNumber, name } = server.persona('level-2-chip');
    const { status, stdout } = await find(identityNumber);
    expect(status).toBe(0);
    expect(stdout).toContain(`${identityNumber.slice(0, 3)} ••• ••• ${identityNumber.slice(-3)}`);
    expect(stdout).toMatch(/^state +active$/m);
    expect(stdout).toMatch(/^level +2$/m);
    expect(stdout).toMatch(/^sign-in +.*password/m);
    for (const told of [name, identityNumber]) expect(stdout).not.toContain(told);
    const subscriber = await server.app.parts.subscribers.locate(identityNumber);
    expect(await lastView('subscriber.viewed')).toMatchObject({
      actor: { kind: 'operator', id: officer.operatorId },
      subscriberId: subscriber?.id,
      detail: { way: 'command line', name: officer.name, office: officer.office, reason: 'call' },
    });
  });

  test('nobody looks under a name that is no operator’s, of one who may not, or who has gone', async () => {
    const { identityNumber } = server.persona('level-2-chip');
    const before = (await server.app.parts.journal.query({ types: ['subscriber.viewed'], limit: 500 })).length;
    const auditor = await hire(server, ['auditor']);
    const gone = await hire(server, ['security']);
    await alter(server, gone, { state: 'suspended' });
    for (const by of ['Trần Văn Minh', officer.name, newId(), auditor.operatorId, gone.operatorId])
      expect([by, await find(identityNumber, { by })]).toMatchObject([by, { status: 64, stdout: '' }]);
    expect((await server.app.parts.journal.query({ types: ['subscriber.viewed'], limit: 500 })).length).toBe(before);
  });

  test('locks that are open are told, with their ground', async () => {
    const subscriber = (await server.app.parts.subscribers.locate(server.persona('level-1').identityNumber))!;
    const { id } = await server.app.parts.subscribers.lock(subscriber.id, 'security_suspected', { kind: 'operator' });
    const { stdout } = await find(server.persona('level-1').identityNumber, {}, json);
    await server.app.parts.subscribers.unlock(subscriber.id, id, { kind: 'operator' });
    expect(JSON.parse(stdout)).toMatchObject({
      found: { state: 'locked', locks: [{ ground: 'security_suspected', openedAt: expect.any(String) }] },
    });
  });

  test('when there is nobody it is 1, and the look is journalled all the same, without the number', async () => {
    expect(await find('097 000 000 999')).toMatchObject({ status: 1, stdout: '✗ nobody has this number\n' });
    const entry = await lastView('subscriber.view_refused');
    expect(entry).toMatchObject({ detail: { why: 'nobody', reason: 'call' } });
    expect(JSON.stringify(entry)).not.toContain('097000000999');
  });

  test('without a name, a reason of the list or a number it is 64, and nobody is looked at', async () => {
    const before = (await server.app.parts.journal.query({ types: ['subscriber.viewed'] })).length;
    const { identityNumber } = server.persona('level-2-chip');
    expect(await find(identityNumber, { by: ' ' })).toMatchObject({ status: 64 });
    expect(await find(identityNumber, { reason: 'curious' })).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('counter_visit'),
    });
    expect(await find(undefined)).toMatchObject({ status: 64 });
    expect((await server.app.parts.journal.query({ types: ['subscriber.viewed'] })).length).toBe(before);
  });
});
