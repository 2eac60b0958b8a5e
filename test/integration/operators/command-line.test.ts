import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, createApp } from '../../../src/app.ts';
import { type BootstrapOptions, bootstrapCommand } from '../../../src/cli/operator/bootstrap.ts';
import { listCommand } from '../../../src/cli/operator/list.ts';
import { type OfficesOptions, officesCommand } from '../../../src/cli/operator/offices.ts';
import { suspendCommand } from '../../../src/cli/operator/suspend.ts';
import { commandOn } from '../../support/command.ts';
import { freshDatabase } from '../../support/database.ts';
import { environmentOf, settingsOf } from '../../support/settings.ts';

// `senid operator`: what it says, and its exit codes, on a server that nobody has seeded.
describe('senid operator', () => {
  let app: App;
  let environment: Record<string, string>;
  let end: () => Promise<void>;
  beforeAll(async () => {
    const fresh = await freshDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'senid-operator-'));
    environment = environmentOf(fresh.url, 3999, folder, {});
    app = await createApp(settingsOf(environment));
    end = async () => {
      await app.stop();
      await fresh.end();
      await rm(folder, { recursive: true, force: true });
    };
  });
  afterAll(() => end());

  const NUMBER = '097090000001';
  const first: BootstrapOptions = { name: 'Trần Thị Đầu', email: 'first@sen.example', office: 'vn' };
  const typing = (line: string | undefined) => ({ line: async () => line, close: () => {} });
  const bootstrap = (options = first, line: string | undefined = NUMBER, json = false) =>
    commandOn({ app, environment }, (context) => bootstrapCommand(context, options, typing(line)), { json });
  const list = (json = false, state?: string) =>
    commandOn({ app, environment }, (context) => listCommand(context, state === undefined ? {} : { state }), { json });
  const offices = (options: OfficesOptions = {}, json = false) =>
    commandOn({ app, environment }, (context) => officesCommand(context, options), { json });
  const suspend = (id: string) => commandOn({ app, environment }, (context) => suspendCommand(context, id));

  test('says how to begin when there is nobody', async () => {
    expect(await list()).toMatchObject({ status: 0, stdout: expect.stringContaining('senid operator bootstrap') });
  });

  test.each<[string, BootstrapOptions, string | undefined, string]>([
    ['a number of eleven figures', first, '09709000001', 'identityNumber'],
    ['no number', first, '', 'identity number'],
    ['an office that is none', { ...first, office: 'nowhere' }, NUMBER, 'office'],
    ['two addresses', { ...first, email: 'a@sen.example,b@sen.example' }, NUMBER, 'email'],
  ])('bootstrap is told of %s, and is 64', async (_, options, line, path) => {
    const said = await bootstrap(options, line);
    expect(said.status).toBe(64);
    expect(said.stderr).toContain(path);
    expect(said.stderr).not.toContain(NUMBER);
  });

  test('bootstrap shows one link, once; the second time is refused with 1', async () => {
    const said = await bootstrap(first, NUMBER, true);
    const { invitation } = JSON.parse(said.stdout) as { invitation: string };
    expect(said.status).toBe(0);
    expect(invitation).toMatch(/^http:\/\/localhost:3999\/operator\/invitation#[A-Za-z0-9_-]{43}$/);
    expect(said.stdout).not.toContain(NUMBER);
    const again = await bootstrap({ ...first, email: 'other@sen.example' }, '097090000002');
    expect(again).toMatchObject({ status: 1, stdout: expect.stringContaining('operators already') });
  });

  test('list shows everybody, and of the human behind them nothing', async () => {
    const { operators } = JSON.parse((await list(true)).stdout) as { operators: Record<string, unknown>[] };
    expect(operators).toHaveLength(1);
    expect(operators[0]).toMatchObject({ name: first.name, state: 'invited', office: 'vn' });
    expect(operators[0]).not.toHaveProperty('person');
    expect((await list()).stdout).toContain('approver, rp_admin, security, sysadmin');
    expect(JSON.parse((await list(true, 'retired')).stdout)).toEqual({ operators: [] });
    expect((await list(false, 'dead')).status).toBe(64);
  });

  test('suspend ends access: 0, and 1 when there is none', async () => {
    const [operator] = await app.parts.operators.list();
    expect((await suspend(operator?.id ?? '')).status).toBe(0);
    expect((await suspend(operator?.id ?? '')).status).toBe(1);
    expect((await suspend('nobody')).stdout).toContain('no operator of this id');
    expect((await app.parts.operators.find(operator?.id ?? ''))?.state).toBe('suspended');
  });

  test('offices are a tree, and one more can be added', async () => {
    expect((await offices()).stdout).toContain(
      'vn  Trung ương (National office)\n  01  Thành phố Hà Nội (Ha Noi City)',
    );
    const commune = { add: '00004', below: '01', vi: 'Phường Ba Đình', en: 'Ba Dinh Ward' };
    expect((await offices(commune)).status).toBe(0);
    expect((await offices(commune)).status).toBe(1);
    expect((await offices({ add: '00005' })).status).toBe(64);
    expect((await offices()).stdout).toContain('    00004  Phường Ba Đình (Ba Dinh Ward)');
  });
});
