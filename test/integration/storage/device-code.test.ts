import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { createFlows, type Flows } from '../../support/stored-flows.ts';
import { inSeconds, storedModels } from '../../support/stored-models.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// RFC 8628. Off by default; what it would store is right all the same.
describe('a device code', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let op: StoredProvider;
  let flows: Flows;
  beforeAll(async () => {
    fresh = await freshDatabase();
    const keys = await createKeys();
    op = await startStoredProvider({ database: fresh.database, keys, deviceFlow: true });
    flows = createFlows(op.url, keys);
  });
  afterAll(async () => {
    await op.stop();
    await fresh.end();
  });

  test('is asked for, typed in, signed in with and redeemed once', async () => {
    const asked = (await flows.post('/device/auth', { client_id: 'tv', scope: 'openid' })).json<
      Record<string, string>
    >();
    const poll = () =>
      flows.post('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: asked.device_code!,
        client_id: 'tv',
      });
    expect((await poll()).json()).toMatchObject({ error: 'authorization_pending' });

    const person = flows.browser();
    const typed = await (await person.open(asked.verification_uri!)).submit({ user_code: asked.user_code! });
    let page = await typed.submit({ confirm: 'yes' });
    page = await person.open(page.url, { method: 'POST' });
    expect(page.status, page.text).toBe(200);

    const tokens = await Promise.all([poll(), poll()]);
    expect(tokens.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await poll()).json()).toMatchObject({ error: 'invalid_grant' });
  });

  const here = storedModels();
  test('that two browsers confirm together is confirmed by one', async () => {
    const code = {
      kind: 'DeviceCode',
      exp: inSeconds(600),
      clientId: 'tv',
      userCode: 'ABCDEFGH',
      params: { scope: 'openid' },
    };
    await here.request((models) => models('DeviceCode').upsert('a-device-code', { ...code, jti: 'a-device-code' }));
    const confirm = async (models: typeof here.models) => {
      const found = await models('DeviceCode').findByUserCode('ABCDEFGH');
      await models('DeviceCode').upsert(String(found!.jti), { ...found, inFlight: true });
    };
    const slow = await here.halted((models) => models('DeviceCode').findByUserCode('ABCDEFGH'), confirm);
    await here.request(confirm);
    await expect(slow.go()).rejects.toMatchObject({ contested: 'device_code' });
    expect(await here.find('DeviceCode', 'a-device-code')).toMatchObject({
      ...code,
      inFlight: true,
      jti: 'a-device-code',
    });
  });
});
