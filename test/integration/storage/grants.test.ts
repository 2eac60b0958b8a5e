import { describe, expect, test } from 'vitest';
import { revokeGrantsOf } from '../../../src/oidc/storage/grant-store.ts';
import { inSeconds, storedModels } from '../../support/stored-models.ts';

const here = storedModels();
const grant = (more: object = {}) => ({
  kind: 'Grant',
  exp: inSeconds(3600),
  accountId: 'someone',
  clientId: 'web',
  ...more,
});
const token = (kind: string, grantId: string, more: object = {}) => ({
  kind,
  exp: inSeconds(600),
  accountId: 'someone',
  clientId: 'web',
  grantId,
  scope: 'openid',
  ...more,
});
const TOKENS = ['AuthorizationCode', 'AccessToken', 'RefreshToken'];

const give = (id: string) => here.request((models) => models('Grant').upsert(id, grant()));
const issue = (name: string, grantId: string) =>
  here.request(async (models) => {
    for (const kind of TOKENS)
      await models(kind).upsert(`${kind}-${name}`, token(kind, grantId, { jti: 'never stored' }));
  });
const alive = (name: string) =>
  Promise.all(TOKENS.map(async (kind) => (await here.find(kind, `${kind}-${name}`)) !== undefined));

describe('a grant', () => {
  test('and the tokens that hang on it come back as they were', async () => {
    const openid = { scope: 'openid', claims: ['name'] };
    const assurance = { acr: '2.2', amr: ['pwd'] };
    const whole = grant({ openid });
    await here.request((models) => models('Grant').upsert('whole', whole));
    await here.request((models) =>
      models('RefreshToken').upsert(
        'a-token',
        token('RefreshToken', 'whole', { assurance, rotations: 0, sessionUid: 'u' }),
      ),
    );
    expect(await here.find('Grant', 'whole')).toEqual({ ...whole, jti: 'whole' });
    const found = await here.find('RefreshToken', 'a-token');
    expect(found).toEqual({
      ...token('RefreshToken', 'whole', { assurance, rotations: 0, sessionUid: 'u' }),
      exp: found?.exp,
      jti: 'a-token',
    });
    expect(await here.find('AccessToken', 'a-token')).toBeUndefined();
  });

  test('takes all its tokens with it when it is revoked, at once and for good', async () => {
    await give('ends');
    await issue('ends', 'ends');
    expect(await alive('ends')).toEqual([true, true, true]);
    await here.request((models) => models('Grant').destroy('ends'));
    expect(await alive('ends')).toEqual([false, false, false]);
    expect(await here.find('Grant', 'ends')).toBeUndefined();
  });

  test('that has been revoked gets no new tokens, and nothing of such a request is written', async () => {
    await give('gone');
    const slow = await here.halted(
      (models) => models('Grant').find('gone'),
      async (models) => {
        await models('Interaction').upsert('beside', { exp: inSeconds(60) });
        await models('AccessToken').upsert('AccessToken-late', token('AccessToken', 'gone'));
      },
    );
    await here.request((models) => models('Grant').destroy('gone'));
    await expect(slow.go()).rejects.toMatchObject({ contested: 'grant', answer: { error: 'invalid_grant' } });
    expect(await here.find('Interaction', 'beside')).toBeUndefined();
  });

  test('that has been revoked is not written back to life by a consent that was under way', async () => {
    await give('withdrawn');
    await issue('withdrawn', 'withdrawn');
    const slow = await here.halted(
      (models) => models('Grant').find('withdrawn'),
      (models) => models('Grant').upsert('withdrawn', grant({ openid: { scope: 'openid more' } })),
    );
    await here.request((models) => models('Grant').destroy('withdrawn'));
    await expect(slow.go()).rejects.toMatchObject({ contested: 'grant' });
    expect(await alive('withdrawn')).toEqual([false, false, false]);
  });

  test('may go on while the tokens issued so far end', async () => {
    await give('goes-on');
    await issue('before', 'goes-on');
    await here.request((models) => models('AccessToken').revokeByGrantId('goes-on'));
    expect(await alive('before')).toEqual([false, false, false]);
    await issue('after', 'goes-on');
    expect(await alive('after')).toEqual([true, true, true]);
    expect(await here.find('Grant', 'goes-on')).toBeDefined();
  });

  test('and its first token may come into being in one request, with one statement', async () => {
    const before = here.database.statements;
    await here.request(async (models) => {
      await models('Grant').upsert('new', grant());
      await models('AuthorizationCode').upsert('AuthorizationCode-new', token('AuthorizationCode', 'new'));
    });
    expect(here.database.statements - before).toBe(1);
    expect(await here.find('AuthorizationCode', 'AuthorizationCode-new')).toBeDefined();
  });

  test('is revoked with all others of a person, or those of one client', async () => {
    for (const [id, clientId] of [
      ['one', 'web'],
      ['two', 'app'],
    ] as const) {
      await here.request((models) => models('Grant').upsert(id, grant({ accountId: 'leaver', clientId })));
    }
    await here.request(async () => here.units.current()!.write(revokeGrantsOf('leaver', here.clock.now(), 'web')));
    expect(await here.find('Grant', 'one')).toBeUndefined();
    expect(await here.find('Grant', 'two')).toBeDefined();
    await here.request(async () => here.units.current()!.write(revokeGrantsOf('leaver', here.clock.now())));
    expect(await here.find('Grant', 'two')).toBeUndefined();
  });
});

describe('a token', () => {
  test('is consumed once, and is known as consumed afterwards', async () => {
    await give('spends');
    await issue('spent', 'spends');
    const consume = () => here.request((models) => models('AuthorizationCode').consume('AuthorizationCode-spent'));
    const outcomes = await Promise.allSettled([consume(), consume(), consume(), consume()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { contested: 'authorization_code', grant: { id: 'spends', clientId: 'web', accountId: 'someone' } },
    });
    expect((await here.find('AuthorizationCode', 'AuthorizationCode-spent'))?.consumed).toBeTruthy();
  });

  test('comes back as a fresh object each time', async () => {
    await give('fresh');
    await issue('fresh', 'fresh');
    await here.request(async (models) => {
      const [one, other] = [
        await models('AccessToken').find('AccessToken-fresh'),
        await models('AccessToken').find('AccessToken-fresh'),
      ];
      expect(one).toEqual(other);
      expect(one).not.toBe(other);
    });
  });
});

describe('the storage', () => {
  test('refuses a model that it has no table for, and an operation that a model does not have', async () => {
    expect(() => here.models('BackchannelAuthenticationRequest')).toThrow('BackchannelAuthenticationRequest');
    expect(() => here.models('constructor')).toThrow('constructor');
    await expect(here.request(async (models) => models('Grant').findByUid('x'))).rejects.toThrow('found by uid');
    await expect(here.request((models) => models('AccessToken').consume('x'))).rejects.toThrow('consumed');
  });

  test('writes within a request only, and keeps nothing that never expires', async () => {
    await expect(here.models('Grant').upsert('outside', grant())).rejects.toThrow('unit of work');
    await expect(
      here.request((models) => models('Interaction').upsert('for ever', { kind: 'Interaction' })),
    ).rejects.toThrow('expiry');
  });

  test('answers an interaction once, and does not write a used one anew', async () => {
    const save = (models: typeof here.models) =>
      models('Interaction').upsert('uid', { exp: inSeconds(60), params: { a: 1 } });
    await here.request(save);
    expect(await here.find('Interaction', 'uid')).toMatchObject({ jti: 'uid', params: { a: 1 } });
    const slow = await here.halted((models) => models('Interaction').find('uid'), save);
    const use = () =>
      here.request(async (models) => {
        await models('Interaction').find('uid');
        await models('Interaction').destroy('uid');
      });
    const outcomes = await Promise.allSettled([use(), use(), use()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    await expect(slow.go()).rejects.toMatchObject({ contested: 'interaction' });
    expect(await here.find('Interaction', 'uid')).toBeUndefined();
  });
});
