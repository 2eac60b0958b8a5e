import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import {
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  signInByPassword,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

describe('case 43: very long and odd passwords', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  beforeAll(async () => {
    fresh = await freshDatabase();
    part = authenticatorsOn(fresh.database);
  });
  afterAll(() => fresh.end());

  const having = async (password: string) => {
    const subscriber = aBinder();
    const verdict = await part.authenticators.bind({
      kind: 'password',
      sessionKey: newId(),
      subscriber,
      authority: { by: 'system' },
      response: { password },
    });
    return { verdict, signIn: (given: string) => signInByPassword(part, { subscriberId: subscriber.id }, given) };
  };

  test.each([
    [
      'composed typed decomposed',
      'Đường về quê mẹ trắng mây'.normalize('NFC'),
      'Đường về quê mẹ trắng mây'.normalize('NFD'),
    ],
    [
      'decomposed typed composed',
      'Đường về quê mẹ trắng mây'.normalize('NFD'),
      'Đường về quê mẹ trắng mây'.normalize('NFC'),
    ],
  ])('%s is the same password', async (_, bound, typed) => {
    const { signIn } = await having(bound);
    expect(await signIn(typed)).toMatchObject({ verified: true });
  });

  test.each([
    ['after a NUL', 'mưa trên phố\0 Huế buồn', 'mưa trên phố\0 Huế vui'],
    ['in a trailing space', 'mưa trên phố Huế buồn', 'mưa trên phố Huế buồn '],
    ['in case', 'mưa trên phố Huế buồn', 'Mưa trên phố Huế buồn'],
    ['in an emoji', 'mưa trên phố Huế 🌧️🌧️', 'mưa trên phố Huế 🌧️🌦️'],
  ])('a difference %s is a difference', async (_, bound, typed) => {
    const { verdict, signIn } = await having(bound);
    expect(verdict).toMatchObject({ verified: true });
    expect(await signIn(bound)).toMatchObject({ verified: true });
    expect(await signIn(typed)).toEqual({ verified: false, reason: 'wrong' });
  });

  test('4 KiB are accepted untruncated', async () => {
    const long = Array.from({ length: 4_096 }, (_, n) => 'abdegkmnqrtvxyz'[(n * n * 7 + n) % 15]).join('');
    const { verdict, signIn } = await having(long);
    expect(verdict).toMatchObject({ verified: true });
    expect(await signIn(long)).toMatchObject({ verified: true });
    expect(await signIn(`${long.slice(0, -1)}#`)).toEqual({ verified: false, reason: 'wrong' });
  });

  test.each([
    ['one byte more', 'a'.repeat(4_097)],
    ['1 MB', 'b'.repeat(1_000_000)],
    ['more than 4 KiB only in bytes', 'ế'.repeat(1_500)],
    ['nothing', ''],
    ['half of a surrogate pair', 'mưa trên phố Huế \ud83c buồn'],
  ])('%s is no answer, and costs neither hash nor statement', async (_, password) => {
    const before = fresh.database.statements;
    const start = performance.now();
    expect(await signInByPassword(part, { identifier: '097090000001' }, password)).toEqual({
      verified: false,
      reason: 'malformed',
    });
    expect(fresh.database.statements).toBe(before);
    expect(performance.now() - start).toBeLessThan(250);
  });

  test('when binding, too long is said so', async () => {
    for (const password of ['a'.repeat(4_097), 'x'.repeat(900_000)]) {
      expect((await having(password)).verdict).toEqual({ verified: false, reason: 'too_long' });
    }
  });
});
