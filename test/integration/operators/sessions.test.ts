import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newToken, tokenHash } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  newPasskey,
  type OperatorsStand,
  operatorsStand,
  type Present,
  present,
  signInWith,
  theFirst,
  theSecond,
} from '../../support/operators.ts';
import type { CreationOptions, RequestOptions } from '../../support/software-passkey.ts';

let stand: OperatorsStand;
let one: Present;
beforeEach(async () => {
  stand = await operatorsStand();
  one = await theFirst(stand);
});
afterEach(() => stand.end());

const MINUTE = 60;
const acting = () => stand.operators.acting(one.token);

describe('a session', () => {
  test('says who acts, with their roles and office of this moment, in one statement', async () => {
    const before = stand.database.statements;
    expect(await acting()).toMatchObject({
      ...{ operatorId: one.id, name: 'Trần Thị Đầu', office: 'vn', by: 'console' },
      officeName: { vi: 'Trung ương' },
      roles: ['approver', 'rp_admin', 'security', 'sysadmin'],
    });
    expect(stand.database.statements - before).toBe(1);
    expect(await stand.operators.acting(newToken())).toBeUndefined();
  });

  test('is over after 15 minutes without a request', async () => {
    stand.clock.advance(15 * MINUTE - 1);
    expect(await acting()).toBeDefined();
    stand.clock.advance(15 * MINUTE - 1);
    expect(await acting()).toBeDefined();
    stand.clock.advance(15 * MINUTE);
    expect(await acting()).toBeUndefined();
  });

  test('is over after 12 hours, however busy', async () => {
    for (let at = 0; at < 12 * 60; at += 10) {
      expect(await acting()).toBeDefined();
      stand.clock.advance(10 * MINUTE);
    }
    expect(await acting()).toBeUndefined();
  });

  test('is written at most once a minute', async () => {
    const seen = async () =>
      (await stand.database.row<{ at: Date }>(sql`SELECT seen_at AS at FROM operator_sessions`))?.at;
    const begun = await seen();
    stand.clock.advance(59);
    await acting();
    expect(await seen()).toEqual(begun);
    stand.clock.advance(1);
    await acting();
    expect(await seen()).toEqual(stand.clock.now());
  });

  test('is opened by nobody who writes to the table and has not the master secret', async () => {
    const forged = newToken();
    await stand.database.execute(sql`INSERT INTO operator_sessions (token_hash, operator_id, created_at, seen_at)
      VALUES (${tokenHash(forged)}, ${one.id}, ${stand.clock.now()}, ${stand.clock.now()})`);
    expect(await stand.operators.acting(forged)).toBeUndefined();
    expect(await acting()).toBeDefined();
  });

  test('is of whom it was opened for: in the table it cannot be given to somebody else', async () => {
    const two = await theSecond(stand, one);
    await stand.database.execute(sql`DELETE FROM operator_sessions WHERE operator_id = ${two.id}`);
    await stand.database.execute(sql`UPDATE operator_sessions SET operator_id = ${two.id}`);
    expect(await acting()).toBeUndefined();
    await stand.database.execute(sql`UPDATE operator_sessions SET operator_id = ${one.id}`);
    expect(await acting()).toMatchObject({ operatorId: one.id });
  });

  test('is opened by no passkey that was given to somebody else in the table, nor by one that was written there', async () => {
    const two = await theSecond(stand, one);
    expect(await stand.operators.forgedPasskeys()).toEqual([]);
    const moved = sql`UPDATE operator_passkeys SET operator_id = ${two.id} WHERE operator_id = ${one.id} RETURNING id`;
    const [id] = (await stand.database.rows<{ id: string }>(moved)).map((row) => row.id);
    await stand.database.execute(sql`INSERT INTO operator_passkeys (id, operator_id, locator, name, binding, created_at)
      VALUES (gen_random_uuid(), ${two.id}, sha256('mine'), 'mine', 'mine', now() + interval '1 day')`);
    expect(await signInWith(stand.operators, one.passkey)).toEqual({ signedIn: false, reason: 'wrong' });
    expect(await signInWith(stand.operators, two.passkey)).toMatchObject({ signedIn: true, operatorId: two.id });
    expect(await stand.operators.passkeys(two.id)).toHaveLength(1);
    expect(await stand.operators.forgedPasskeys()).toHaveLength(2);
    expect(await stand.operators.forgedPasskeys()).toContainEqual({ id, operatorId: two.id });
  });

  test('ends when its holder signs out, and nothing of it can be read from the database', async () => {
    const row = await stand.database.row<{ all: string }>(sql`SELECT s::text AS all FROM operator_sessions s`);
    expect(row?.all).not.toContain(one.token);
    expect(Buffer.from(one.token, 'base64url')).toHaveLength(32);
    await stand.operators.signOut(one.token);
    expect(await acting()).toBeUndefined();
    expect(await stand.journal.query({ types: ['operator.signed_out'] })).toHaveLength(1);
    await stand.operators.signOut(one.token);
    expect(await stand.journal.query({ types: ['operator.signed_out'] })).toHaveLength(1);
  });

  test('that is over is forgotten', async () => {
    stand.clock.advance(15 * MINUTE);
    expect(await stand.operators.sweep()).toBe(1);
  });

  test('that a browser had before is ended by the next one', async () => {
    const { challengeId, request } = await stand.operators.beginSignIn('b');
    const response = one.passkey.get(request as RequestOptions);
    const answer = { sessionKey: 'b', challengeId, response, address: '::1', replaces: one.token };
    expect(await stand.operators.signIn(answer)).toMatchObject({ signedIn: true });
    expect(await acting()).toBeUndefined();
  });
});

describe('a sign-in', () => {
  test.each([
    ['from another origin', { origin: 'https://evil.example' }, 'wrong'],
    ['for another relying party', { rpId: 'evil.example' }, 'wrong'],
    ['that is forged', { forged: true }, 'wrong'],
    ['of a clone, whose counter stands still', { counter: 1 }, 'wrong'],
    ['without user verification', { userVerified: false }, 'unverified'],
    ['without a user handle', { userHandle: null }, 'wrong'],
    ['in a frame of another site', { crossOrigin: true }, 'wrong'],
  ])('%s opens nothing, and is in the journal', async (_, tampering, reason) => {
    await present(stand.operators, one.passkey);
    expect(await signInWith(stand.operators, one.passkey, tampering)).toMatchObject({ signedIn: false, reason });
    const [event] = await stand.journal.query({ types: ['operator.refused'] });
    expect(event).toMatchObject({ actor: { kind: 'claimant' }, detail: { operator: one.id, why: 'sign_in' } });
  });

  test('with a passkey of nobody opens nothing', async () => {
    const stranger = newPasskey();
    stranger.create({ challenge: 'x', rp: {}, user: { id: 'x' }, pubKeyCredParams: [{ alg: -7 }] });
    expect(await signInWith(stand.operators, stranger)).toMatchObject({ signedIn: false, reason: 'wrong' });
  });

  test('asks the browser for user verification', async () => {
    const { request } = await stand.operators.beginSignIn('b');
    expect(request).toMatchObject({ userVerification: 'required' });
  });

  test('is answered once, in time and in the browser that was asked', async () => {
    const { challengeId, request } = await stand.operators.beginSignIn('b');
    const answer = (sessionKey: string) =>
      stand.operators.signIn({
        ...{ sessionKey, challengeId, address: '::1' },
        response: one.passkey.get(request as RequestOptions),
      });
    const expired = { signedIn: false, reason: 'expired' };
    expect(await answer('another')).toEqual(expired);
    expect(await answer('b')).toMatchObject({ signedIn: true });
    expect(await answer('b')).toEqual(expired);
    const late = await stand.operators.beginSignIn('b');
    stand.clock.advance(5 * MINUTE);
    const response = one.passkey.get(late.request as RequestOptions);
    const tooLate = { sessionKey: 'b', challengeId: late.challengeId, response, address: '::1' };
    expect(await stand.operators.signIn(tooLate)).toEqual(expired);
  });

  test('of which a hundred arrive at once with one challenge opens one session', async () => {
    const { challengeId, request } = await stand.operators.beginSignIn('b');
    const response = one.passkey.get(request as RequestOptions);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        stand.operators.signIn({ sessionKey: 'b', challengeId, response, address: '::1' }),
      ),
    );
    expect(outcomes.filter(({ signedIn }) => signedIn)).toHaveLength(1);
  });

  test('by the passkey and by its clone at the same moment opens one session', async () => {
    for (let round = 1; round <= 8; round += 1) {
      const asked = await Promise.all(['b', 'c'].map((key) => stand.operators.beginSignIn(key)));
      const outcomes = await Promise.all(
        asked.map(({ challengeId, request }, at) => {
          const response = one.passkey.get(request as RequestOptions, { counter: 100 * round });
          return stand.operators.signIn({ sessionKey: 'bc'[at] ?? '', challengeId, response, address: `10.${at}.0.1` });
        }),
      );
      expect(outcomes.filter(({ signedIn }) => signedIn)).toHaveLength(1);
    }
  });

  test('is throttled by address, whatever passkey answers', async () => {
    const { challengeId, request } = await stand.operators.beginSignIn('b');
    await stand.database.execute(sql`UPDATE authentication_throttles SET attempts = 600`);
    const response = one.passkey.get(request as RequestOptions);
    const answer = { sessionKey: 'b', challengeId, response, address: '203.0.113.99' };
    expect(await stand.operators.signIn(answer)).toMatchObject({ signedIn: false, reason: 'throttled' });
  });
});

describe('one’s own passkeys', () => {
  const bind = async (passkey = newPasskey(), who = one) => {
    const asked = await stand.operators.beginPasskey(who.acting, who.token);
    if (asked === 'sign_in_again') return asked;
    const response = passkey.create(asked.request as CreationOptions);
    const answer = {
      sessionKey: who.token,
      challengeId: asked.challengeId,
      response,
      address: '::1',
      name: 'Khóa hai',
    };
    return stand.operators.bindPasskey(who.acting, answer);
  };

  test('can be more than one, and each opens a session', async () => {
    const second = newPasskey();
    expect(await bind(second)).toBe('bound');
    expect(await present(stand.operators, second)).toMatchObject({ id: one.id });
    expect((await stand.operators.passkeys(one.id)).map(({ name }) => name).sort()).toEqual(['Khóa hai', 'passkey']);
  });

  test('are changed just after signing in, not from a session that lay open', async () => {
    stand.clock.advance(10 * MINUTE + 1);
    expect(await bind()).toBe('sign_in_again');
    const [only] = await stand.operators.passkeys(one.id);
    expect(await stand.operators.removePasskey(one.acting, only?.id ?? '')).toBe('sign_in_again');
  });

  test('keep the last one, of however many requests at once', async () => {
    const [only] = await stand.operators.passkeys(one.id);
    expect(await stand.operators.removePasskey(one.acting, only?.id ?? '')).toBe('last_one');
    for (let round = 0; round < 8; round += 1) {
      expect(await bind()).toBe('bound');
      const both = await stand.operators.passkeys(one.id);
      const outcomes = await Promise.all(both.map(({ id }) => stand.operators.removePasskey(one.acting, id)));
      expect(outcomes.sort()).toEqual(['last_one', 'removed']);
    }
  });

  test('of another are neither seen nor removed, and a challenge of another binds nothing', async () => {
    const two = await theSecond(stand, one);
    const [theirs] = await stand.operators.passkeys(two.id);
    await bind();
    expect(await stand.operators.removePasskey(one.acting, theirs?.id ?? '')).toBe('unknown');
    const asked = await stand.operators.beginPasskey(two.acting, 'shared');
    if (asked === 'sign_in_again') throw new Error(asked);
    const response = newPasskey().create(asked.request as CreationOptions);
    const answer = { sessionKey: 'shared', challengeId: asked.challengeId, response, address: '::1' };
    expect(await stand.operators.bindPasskey(one.acting, answer)).toBe('expired');
  });

  test('verify their user', async () => {
    expect(await bind(newPasskey({ userVerified: false }))).toBe('wrong');
  });
});
