import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type App, createApp } from '../../src/app.ts';
import { type ApplyOptions, applyCommand } from '../../src/cli/client/apply.ts';
import { planCommand } from '../../src/cli/client/plan.ts';
import { schemaCommand } from '../../src/cli/client/schema.ts';
import type { Acting } from '../../src/domain/operators/index.ts';
import { parseRegistration, type Registration, secretMatches } from '../../src/domain/relying-parties/index.ts';
import { type ApiProgram, hire, program } from '../support/api-operators.ts';
import { aProductionClient } from '../support/api-scene.ts';
import { aKeySet, aRegistration } from '../support/clients.ts';
import { commandOn, type Said } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'senid-clients-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : stringify(value));
  return path;
};
type Server = Parameters<typeof commandOn>[0];
const plan = (server: Server, paths: string[], options: ApplyOptions = {}, json = false): Promise<Said> =>
  commandOn(server, (context) => planCommand(context, paths, options), { json });
const apply = (server: Server, paths: string[], options: ApplyOptions = {}, json = false): Promise<Said> =>
  commandOn(server, (context) => applyCommand(context, paths, options), { json });

test('the schema for editors and the example are fresh: senid client schema > clients/registration.schema.json', async () => {
  const { stdout } = await commandOn({} as Server, schemaCommand);
  expect(stdout).toBe(readFileSync('clients/registration.schema.json', 'utf8'));
  expect(readFileSync('clients/airline.example.yaml', 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=registration\.schema\.json\n/,
  );
});

describe('senid client in a sandbox', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
  });
  afterAll(() => server.end());
  const secret = 'a-secret-of-a-developer-32-characters';
  const party = { ...aRegistration().relyingParty, id: 'wings', mark: 'W' };

  test('plan tells what is new, apply makes it so, and then there is nothing', async () => {
    const one = { ...aRegistration({ clientId: 'wings-web', relyingParty: party }), secret };
    const path = file('wings.yaml', one);
    const first = await plan(server, [path]);
    expect(first).toMatchObject({ status: 3, stderr: '' });
    expect(first.stdout).toMatch(/^\+ wings-web \(Lotus Air\): new$/m);
    expect(first.stdout).toContain('    + metadata.redirect_uris: https://lotus.example/callback');
    expect(first.stdout).toMatch(/in no file, and left alone: .*sample-airline/);
    expect(first.stdout).not.toContain(secret);
    expect(await server.app.parts.relyingParties.find('wings-web')).toBeUndefined();

    expect(await apply(server, [path])).toMatchObject({ status: 0, stdout: expect.stringContaining('✓ applied: 1') });
    const made = await server.app.parts.relyingParties.find('wings-web');
    expect(secretMatches(made!, secret)).toBe(true);
    const again = await plan(server, [path]);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('✓ as in the files: 1') });
    expect(await apply(server, [path])).toMatchObject({ status: 0, stdout: '✓ nothing to change\n' });
  });

  test('a change is told field by field, to programs too; another secret is a change, and neither is shown', async () => {
    const other = 'b-secret-of-a-developer-32-characters';
    const changed = aRegistration({ clientId: 'wings-web', relyingParty: party, allowedScopes: ['openid', 'email'] });
    const path = file('wings.yaml', { ...changed, secret: other });
    const { status, stdout } = await plan(server, [path], {}, true);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      drift: true,
      clients: [
        {
          ...{ clientId: 'wings-web', file: path, state: 'changed', stopped: false },
          changes: [
            { path: 'allowedScopes', before: 'profile' },
            { path: 'allowedScopes', before: 'assurance' },
            { path: 'allowedScopes', after: 'email' },
            { path: 'secret', before: '[secret]', after: '[secret]' },
          ],
        },
      ],
    });
    for (const hidden of [secret, other]) expect(stdout).not.toContain(hidden);
    const lines = (await plan(server, [path])).stdout;
    expect(lines).toContain('    - allowedScopes: assurance\n');
    expect(lines).toContain('    + allowedScopes: email\n');
    await apply(server, [path]);
    expect(secretMatches((await server.app.parts.relyingParties.find('wings-web'))!, other)).toBe(true);
  });

  test('what the server refuses is told with its place, and nothing is changed', async () => {
    const entity = { ...party.legalEntity, id: 'another-jsc' };
    const moved = aRegistration({ clientId: 'wings-web', relyingParty: { ...party, legalEntity: entity } });
    const path = file('moved.yaml', { ...moved, secret });
    const { status, stdout } = await apply(server, [path]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ .*moved\.yaml:\d+:\d+ relyingParty\.legalEntity\.id: The legal entity never changes/);
    expect(stdout).toContain('Nothing was changed.');
  });

  test('files with faults are 2, every fault is told, and nothing in them steers the terminal', async () => {
    const path = file('bad.yaml', '"a\\u001b[31mb": 1\nenvironment: sandbox\n');
    const { status, stdout } = await plan(server, [path]);
    expect(status).toBe(2);
    expect(stdout).toContain('a\\u001b[31mb: There is no such member.');
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').length).toBeGreaterThan(5);
    const json = await apply(server, [path, join(folder, 'none.yaml')], {}, true);
    expect(json.status).toBe(2);
    const { faults } = JSON.parse(json.stdout) as { faults: { file: string; line: number }[] };
    expect(faults).toContainEqual(expect.objectContaining({ file: join(folder, 'none.yaml'), line: 0 }));
    expect(faults).toContainEqual(expect.objectContaining({ file: path, line: 1, column: 1 }));
  });
});

describe('senid client in production', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let app: App;
  let server: Server;
  let mai: Acting;
  let binh: Acting;
  beforeAll(async () => {
    fresh = await freshDatabase();
    const key = (): string => randomBytes(32).toString('base64');
    const environment = {
      ISSUER: 'https://id.example',
      DATABASE_URL: fresh.url,
      SENID_MASTER_SECRET: key(),
      COOKIE_KEYS: key(),
      AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'),
      SMTP_URL: 'smtp://127.0.0.1:25',
      MAIL_FROM: 'no-reply@id.example',
      SMS_GATEWAY_URL: 'http://127.0.0.1:9/sms',
      TRUSTED_PROXY: '127.0.0.1',
      LOG_LEVEL: 'silent',
    };
    app = await createApp(settingsOf(environment));
    server = { app, environment };
    [mai, binh] = [await hire(fresh, ['rp_admin']), await hire(fresh, ['approver'])];
  });
  afterAll(async () => {
    await app.stop();
    await fresh.end();
  });

  const reason = { reason: 'Lotus Air checks in with SenID' };
  interface Outcome {
    clientId: string;
    state: string;
    url: string;
    secret?: string;
  }
  const outcomes = (said: Said): Outcome[] => (JSON.parse(said.stdout) as { changes: Outcome[] }).changes;
  const idOf = ({ url }: Outcome): string => url.slice('https://id.example/operator/changes/'.length);
  /** One proposes what the command line drafted, another approves it. */
  const agree = async (id: string): Promise<void> => {
    const { approvals } = app.parts;
    const proposed = await approvals.propose(id, { revision: (await approvals.find(id))!.revision, by: mai });
    if (!proposed.done) throw new Error(JSON.stringify(proposed));
    const step = await approvals.approve(id, { revision: proposed.request.revision, by: binh });
    if (!step.done) throw new Error(JSON.stringify(step));
  };
  const client = (changes: object = {}) => ({ ...aProductionClient(), clientId: 'lotus', ...changes });
  const clients = () => app.parts.relyingParties.search({});

  test('without a reason it is 64; the file of an example is fit for production', async () => {
    const said = await apply(server, ['clients/airline.example.yaml'], { reason: ' ' });
    expect(said).toMatchObject({ status: 64, stdout: '', stderr: expect.stringContaining('--reason') });
    const planned = await plan(server, ['clients/airline.example.yaml']);
    expect(planned).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('+ lotus-air-check-in (Lotus Air): new'),
    });
  });

  test('apply changes nothing: it drafts, once, and gives the link; two people make it so', async () => {
    const path = file('lotus.yaml', client());
    const first = await apply(server, [path], reason, true);
    const [outcome] = outcomes(first);
    expect(first.status).toBe(0);
    expect(outcome).toMatchObject({ clientId: 'lotus', state: 'drafted' });
    expect(await clients()).toEqual([]);
    const request = await app.parts.approvals.find(idOf(outcome!));
    expect(request).toMatchObject({ state: 'draft', draftedBy: 'command line', ...reason });

    const again = await apply(server, [path], reason);
    expect(again.stdout).toContain(`change request ${request?.number}, there from an earlier run`);
    expect(again.stdout).toContain(outcome?.url);
    expect(await app.parts.approvals.list({})).toHaveLength(1);

    await agree(idOf(outcome!));
    expect((await clients()).map(({ clientId }) => clientId)).toEqual(['lotus']);
    expect(await plan(server, [path])).toMatchObject({ status: 0 });
    expect(await apply(server, [path], reason)).toMatchObject({ status: 0, stdout: '✓ nothing to change\n' });
  });

  test('a secret is made where one is needed, shown once, and only its hash is in the change request', async () => {
    const metadata = { ...client().metadata, token_endpoint_auth_method: 'client_secret_basic' };
    const path = file('secret.yaml', client({ clientId: 'lotus-crew', metadata }));
    const [outcome] = outcomes(await apply(server, [path], reason, true));
    expect(Buffer.from(outcome?.secret ?? '', 'base64url')).toHaveLength(32);
    const request = await app.parts.approvals.find(idOf(outcome!));
    expect(JSON.stringify(request)).not.toContain(outcome?.secret);
    expect((await apply(server, [path], reason)).stdout).not.toContain('client_secret:');
    await agree(idOf(outcome!));
    const made = await app.parts.relyingParties.find('lotus-crew');
    expect(secretMatches(made!, outcome!.secret!)).toBe(true);
    // It stays when something else of the client changes.
    const renamed = file('secret.yaml', client({ clientId: 'lotus-crew', metadata, acrVoluntary: true }));
    const [next] = outcomes(await apply(server, [renamed], reason, true));
    expect(next).toEqual(expect.not.objectContaining({ secret: expect.anything() }));
    await agree(idOf(next!));
    expect(secretMatches((await app.parts.relyingParties.find('lotus-crew'))!, outcome!.secret!)).toBe(true);
  });

  test('plan says which clients change beside the one of the file, and that one that comes changes none', async () => {
    const { relyingParty } = client();
    const other = { ...relyingParty, mark: 'L' };
    const planned = await plan(server, [file('lotus.yaml', client({ relyingParty: other }))]);
    expect(planned.status).toBe(3);
    expect(planned.stdout).toMatch(
      /! .*lotus\.yaml:\d+:\d+ relyingParty: Other clients change with it, 1 in all: lotus-crew\./,
    );
    const legalEntity = { ...relyingParty.legalEntity, name: { vi: 'Khác', en: 'Another' } };
    const comes = client({ clientId: 'comes', relyingParty: { ...relyingParty, id: 'lotus-new', legalEntity } });
    const refused = await plan(server, [file('comes.yaml', comes)], {}, true);
    expect(refused.status).toBe(2);
    const { clients: listed } = JSON.parse(refused.stdout) as {
      clients: { findings: { level: string; path: string }[] }[];
    };
    expect(listed[0]?.findings.map(({ level, path }) => `${level} ${path}`)).toEqual([
      'error relyingParty.legalEntity.name.en',
      'error relyingParty.legalEntity.name.vi',
    ]);
  });

  test('a client that was stopped stays so, whatever its file says', async () => {
    await app.parts.relyingParties.disable('lotus', { kind: 'operator', id: mai.operatorId });
    const path = file('lotus.yaml', client({ acrVoluntary: true }));
    const planned = await plan(server, [path]);
    expect(planned.stdout).toContain('~ lotus (Lotus Air): changed, and stopped: only an operator starts it');
    const [outcome] = outcomes(await apply(server, [path], reason, true));
    expect((await app.parts.approvals.find(idOf(outcome!)))?.after).toMatchObject({
      disabled: true,
      acrVoluntary: true,
    });
  });

  test('a draft of what was so before is not taken for the one that is wanted now', async () => {
    const before = (await app.parts.approvals.list({ subject: 'lotus', states: ['draft'] }))[0]!;
    // Meanwhile somebody else changed the client: the old draft can never be made.
    const [other] = outcomes(
      await apply(
        server,
        [
          file(
            'other.yaml',
            client({ allowedScopes: ['openid'], purposes: [{ ...client().purposes[0]!, scopes: ['openid'] }] }),
          ),
        ],
        reason,
        true,
      ),
    );
    await agree(idOf(other!));
    const [again] = outcomes(await apply(server, [file('lotus.yaml', client({ acrVoluntary: true }))], reason, true));
    expect(again).toMatchObject({ state: 'drafted' });
    expect(idOf(again!)).not.toBe(before.id);
  });

  test('a file of a sandbox, or one with a secret, is refused before anything is compared', async () => {
    const path = file('sandbox.yaml', { ...aRegistration(), secret: 'a-secret-of-a-developer-32-characters' });
    const { status, stdout } = await apply(server, [path], reason);
    expect(status).toBe(2);
    expect(stdout).toContain('environment: This is no sandbox');
    expect(stdout).toContain('secret: No secret stands in a file');
  });
});

describe('senid client --as', () => {
  let server: TestServer;
  let me: Acting;
  let own: ApiProgram;
  let key: string;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
    me = await hire(server, ['rp_admin']);
    own = await program(server, me);
    key = file('key.pem', own.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
  });
  afterAll(() => server.end());
  /** On another machine: no database, no settings but where the issuer is. */
  const elsewhere = (): Server => ({ app: undefined as never, environment: {} });
  const options = (more: ApplyOptions = {}): ApplyOptions => ({
    as: own.id,
    key,
    issuer: server.issuer,
    reason: 'a route',
    ...more,
  });

  test('plan and apply go through the admin API: proposed at once in the name of its operator, and once only', async () => {
    const path = file('remote.yaml', { ...aProductionClient(), clientId: 'remote' });
    expect(await plan(elsewhere(), [path], options())).toMatchObject({ status: 3, stderr: '' });
    const said = await apply(elsewhere(), [path], options());
    expect(said).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('proposed: another person has to approve it'),
    });
    const requests = await server.app.parts.approvals.list({ subject: 'remote' });
    expect(requests).toMatchObject([{ state: 'proposed', reason: 'a route' }]);
    expect(requests[0]?.proposedBy).toBe(requests[0]?.draftedBy);
    expect(said.stdout).toContain(`${server.issuer}/operator/changes/${requests[0]?.id}`);
    const again = await apply(elsewhere(), [path], options());
    expect(again.stdout).toContain('there from an earlier run');
    expect(await server.app.parts.approvals.list({ subject: 'remote' })).toHaveLength(1);
    expect(await server.app.parts.relyingParties.find('remote')).toBeUndefined();
  });

  test('what a colleague drafted is not put forward in one’s own name, with a secret of hers or without', async () => {
    const hers = await program(server, await hire(server, ['rp_admin', 'approver']));
    const binh = await hire(server, ['approver']);
    const { metadata, ...rest } = aProductionClient();
    const withSecret = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' };
    const value = { ...rest, clientId: 'shared', metadata: withSecret };
    const path = file('shared.yaml', value);
    const { approvals, relyingParties } = server.app.parts;
    const newestOf = async () => (await approvals.list({ subject: 'shared' }))[0]!;
    expect((await apply(elsewhere(), [path], options())).status).toBe(0);
    const first = await newestOf();
    expect(await approvals.approve(first.id, { revision: first.revision, by: binh })).toMatchObject({ done: true });

    // She knows what the next file says, and drafts the same with a secret that she alone knows; then without one.
    const parsed = parseRegistration({ ...value, acrVoluntary: true });
    if (!parsed.parsed) throw new Error('no registration');
    const secret = 'known-to-one-person-alone-32-characters';
    const ownSecret = {
      secretHash: createHash('sha256').update(secret).digest('hex'),
      previousSecretUntil: new Date(Date.now() + 86_400_000).toISOString(),
    };
    for (const more of [ownSecret, {}]) {
      const body = { kind: 'client', reason: 'hers', value: { ...parsed.registration, disabled: false, ...more } };
      expect((await hers.call('POST', '/change-requests', { body })).status).toBe(201);
    }
    const theirs = (await approvals.list({ subject: 'shared', states: ['draft'] })).map(({ id }) => id);
    expect(theirs).toHaveLength(2);
    const said = await apply(elsewhere(), [file('shared.yaml', { ...value, acrVoluntary: true })], options());
    expect(said.stdout).toContain('proposed: another person has to approve it');
    const mine = await newestOf();
    expect(mine).toMatchObject({ state: 'proposed', reason: 'a route', draftedBy: me.operatorId });
    expect(mine.after).not.toHaveProperty('previousSecretUntil');
    expect((await approvals.list({ subject: 'shared', states: ['draft'] })).map(({ id }) => id)).toEqual(theirs);
    // Nor does she decide about what she wrote, when somebody puts it forward all the same.
    const draft = (await approvals.find(theirs.at(-1)!))!;
    const step = await approvals.propose(draft.id, { revision: draft.revision, by: me });
    const proposed = step.done ? step.request : expect.fail();
    const reply = await hers.call('POST', `/change-requests/${draft.id}/approve`, {
      body: {},
      ifMatch: proposed.revision,
    });
    expect([reply.status, reply.json<{ code: string }>().code]).toEqual([403, 'admin_api.own_proposal']);
    expect(await approvals.approve(mine.id, { revision: mine.revision, by: binh })).toMatchObject({ done: true });
    expect(secretMatches((await relyingParties.find('shared'))!, secret)).toBe(false);
  });

  test('a client that says something else of a relying party that is there is told so, by plan and by apply', async () => {
    const { relyingParty, ...rest } = aProductionClient();
    const comes = { ...rest, clientId: 'comes', relyingParty: { ...relyingParty, id: 'lotus-air', mark: 'LA' } };
    const path = file('comes.yaml', comes);
    const said = /✗ .*comes\.yaml:\d+:\d+ relyingParty\.colour: This relying party is registered with: #1f4e8c\./;
    const planned = await plan(elsewhere(), [path], options());
    expect(planned).toMatchObject({ status: 2, stdout: expect.stringMatching(said) });
    expect(await apply(elsewhere(), [path], options())).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(said),
    });
    expect(await server.app.parts.approvals.list({ subject: 'comes' })).toEqual([]);
    // One that it has may change it, and is told for whom else.
    const its = { ...comes, clientId: 'sample-airline' };
    const { relyingParties } = server.app.parts;
    const [version] = await relyingParties.versions('sample-airline', { limit: 1 });
    const { relyingParty: kept } = version!.registration as { relyingParty: Registration['relyingParty'] };
    const sibling = aRegistration({ clientId: 'sibling', relyingParty: kept });
    expect(await relyingParties.register(sibling, { kind: 'system' })).toMatchObject({ registered: true });
    const warned = await plan(elsewhere(), [file('its.yaml', its)], options());
    expect(warned.status).toBe(3);
    expect(warned.stdout).toContain('relyingParty: Other clients change with it, 1 in all: sibling.');
  });

  test('what the server’s tests find is told, and the draft stays a draft', async () => {
    const { metadata, ...rest } = aProductionClient();
    const closed = {
      ...{ ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks: aKeySet() },
      token_endpoint_auth_signing_alg: 'PS256',
    };
    const path = file('closed.yaml', { ...rest, clientId: 'closed', metadata: closed });
    const { status, stdout } = await apply(elsewhere(), [path], options());
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /✗ closed: .*closed\.yaml:\d+:\d+ metadata\.jwks: No key that is good today makes PS256 signatures/,
    );
    expect(await server.app.parts.approvals.list({ subject: 'closed' })).toMatchObject([{ state: 'draft' }]);
  });

  test.each<[string, () => ApplyOptions, number, RegExp]>([
    ['no key', () => ({ as: own.id, issuer: server.issuer }), 64, /--as goes with --key/],
    ['a key and nobody', () => ({ key }), 64, /--key goes with --as/],
    ['no server', () => options({ issuer: 'id.example' }), 64, /Which server\?/],
    ['a server in the clear', () => options({ issuer: 'http://id.example' }), 64, /Which server\?/],
    ['a key that is none', () => options({ key: file('none.pem', 'no key') }), 2, /holds no private key/],
    ['nobody there', () => options({ issuer: 'http://localhost:1' }), 69, /does not answer/],
    [
      'another issuer',
      () => options({ issuer: server.issuer.replace('localhost', '127.0.0.1') }),
      69,
      /not that issuer|does not answer/,
    ],
    ['a client that is none', () => options({ as: 'op-00000000-0000-4000-8000-000000000000' }), 1, /gets no token/],
  ])('%s: one sentence', async (_, given, status, sentence) => {
    const path = file('remote.yaml', { ...aProductionClient(), clientId: 'remote' });
    const said = await apply(elsewhere(), [path], given());
    expect(said).toMatchObject({ status, stdout: '' });
    expect(said.stderr).toMatch(sentence);
  });
});
