import { describe, expect, test } from 'vitest';
import { endSessionsOf, sessionsOf } from '../../../src/oidc/storage/session-store.ts';
import { sql } from '../../../src/platform/sql.ts';
import { inSeconds, storedModels } from '../../support/stored-models.ts';

const here = storedModels();
const session = (uid: string, more: object = {}) => ({
  kind: 'Session',
  uid,
  exp: inSeconds(3600),
  loginTs: 1,
  ...more,
});
const save = (id: string, payload: object) =>
  here.request((models) => models('Session').upsert(id, { ...payload, jti: id }));

interface Stored extends Record<string, unknown> {
  authorizations: Record<string, object>;
}

/** One tab: loads the session, changes it, saves it. */
const tab =
  (id: string, change: (payload: Stored) => void, newId = id) =>
  async (models: typeof here.models) => {
    const payload = structuredClone(await models('Session').find(id)) as Stored;
    change(payload);
    if (newId !== id) await models('Session').destroy(id);
    await models('Session').upsert(newId, { ...payload, jti: newId });
  };

describe('a session', () => {
  test('comes back as it was, with members of ours, by its cookie and by its uid', async () => {
    const proofs = [{ kind: 'password', at: 1 }];
    const authorizations = { airline: { sid: 's', grantId: 'g' } };
    await save('id-1', session('uid-1', { accountId: 'someone', proofs, authorizations, state: { secret: 'x' } }));
    const expected = { uid: 'uid-1', accountId: 'someone', proofs, authorizations, state: { secret: 'x' }, loginTs: 1 };
    expect(await here.find('Session', 'id-1')).toMatchObject({ ...expected, jti: 'id-1', kind: 'Session' });
    expect(await here.request((models) => models('Session').findByUid('uid-1'))).toMatchObject({
      ...expected,
      jti: 'id-1',
    });
    expect(await here.find('Session', 'uid-1')).toBeUndefined();
  });

  test('keeps the clients of forty tabs that save it at the same moment', async () => {
    await save('id-2', session('uid-2', { accountId: 'someone', authorizations: { first: { sid: 's' } } }));
    const names = Array.from({ length: 40 }, (_, index) => `client-${index}`);
    await Promise.all(
      names.map((name) =>
        here.request(tab('id-2', (it) => void Object.assign(it.authorizations, { [name]: { grantId: name } }))),
      ),
    );
    const { authorizations } = (await here.find('Session', 'id-2')) as Stored;
    expect(Object.keys(authorizations).sort()).toEqual(['first', ...names].sort());
  });

  test('forgets the client that one tab signs out of, and keeps the one that another tab adds meanwhile', async () => {
    await save('id-3', session('uid-3', { authorizations: { airline: { sid: 'a' }, bank: { sid: 'b' } } }));
    const slow = await here.halted(
      (models) => models('Session').find('id-3'),
      tab('id-3', (it) => void delete it.authorizations.airline),
    );
    await here.request(tab('id-3', (it) => void Object.assign(it.authorizations, { portal: { sid: 'p' } })));
    await slow.go();
    expect(((await here.find('Session', 'id-3')) as Stored).authorizations).toEqual({
      bank: { sid: 'b' },
      portal: { sid: 'p' },
    });
  });

  test('is found by its new id alone once it has rotated, in one statement (abuse case 24)', async () => {
    await save('id-4', session('uid-4', { authorizations: { airline: { sid: 'a' } } }));
    const before = here.database.statements;
    await here.request(tab('id-4', (it) => void Object.assign(it, { accountId: 'someone' }), 'id-4b'));
    expect(here.database.statements - before).toBe(2);
    expect(await here.find('Session', 'id-4')).toBeUndefined();
    expect(await here.find('Session', 'id-4b')).toMatchObject({
      uid: 'uid-4',
      authorizations: { airline: { sid: 'a' } },
    });
  });

  test('that two tabs rotate at once goes on under both ids, and ends under both', async () => {
    await save('id-5', session('uid-5', { accountId: 'someone' }));
    const load = (models: typeof here.models) => models('Session').find('id-5');
    const tabs = await Promise.all(
      ['id-5a', 'id-5b'].map((id) =>
        here.halted(
          load,
          tab('id-5', () => {}, id),
        ),
      ),
    );
    await Promise.all(tabs.map(({ go }) => go()));
    expect(await here.find('Session', 'id-5')).toBeUndefined();
    expect(await here.find('Session', 'id-5a')).toMatchObject({ uid: 'uid-5' });
    expect(await here.find('Session', 'id-5b')).toMatchObject({ uid: 'uid-5' });
    await here.request((models) => models('Session').destroy('id-5a'));
    expect(await here.find('Session', 'id-5b')).toBeUndefined();
  });

  test('that has ended is not written back to life by a slower tab', async () => {
    await save('id-6', session('uid-6', { accountId: 'someone' }));
    const slow = await here.halted(
      (models) => models('Session').find('id-6'),
      tab('id-6', () => {}, 'id-6b'),
    );
    await here.request((models) => models('Session').destroy('id-6'));
    await expect(slow.go()).rejects.toMatchObject({ contested: 'session' });
    for (const id of ['id-6', 'id-6b']) expect(await here.find('Session', id)).toBeUndefined();
    expect(await here.request((models) => models('Session').findByUid('uid-6'))).toBeUndefined();
  });

  test('does not open when its sealed part is moved to another row', async () => {
    await save('id-7', session('uid-7', { accountId: 'mallory' }));
    await save('id-8', session('uid-8', { accountId: 'victim' }));
    await here.database.execute(
      sql`UPDATE sessions SET sealed = (SELECT sealed FROM sessions WHERE uid = ${'uid-8'}) WHERE uid = ${'uid-7'}`,
    );
    await expect(here.find('Session', 'id-7')).rejects.toThrow();
  });

  test('ends with all others of a person except the one that is named', async () => {
    for (const name of ['here', 'there', 'elsewhere']) {
      await save(`id-${name}`, session(name, { accountId: 'traveller', authorizations: { airline: { sid: name } } }));
    }
    const live = await sessionsOf(here.database, 'traveller', here.clock.now());
    expect(live.map(({ uid }) => uid).sort()).toEqual(['elsewhere', 'here', 'there']);
    expect(live.find(({ uid }) => uid === 'there')?.authorizations).toEqual({ airline: { sid: 'there' } });
    await here.request(async () =>
      here.units.current()!.write(endSessionsOf('traveller', here.clock.now(), { except: 'here' })),
    );
    expect(await here.find('Session', 'id-there')).toBeUndefined();
    expect(await here.find('Session', 'id-elsewhere')).toBeUndefined();
    expect(await here.find('Session', 'id-here')).toMatchObject({ accountId: 'traveller' });
  });
});
