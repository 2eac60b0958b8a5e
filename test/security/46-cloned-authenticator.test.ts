import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  RP,
  signInByPasskey,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';
import { softwarePasskey } from '../support/software-passkey.ts';

describe('case 46: a cloned authenticator', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  beforeAll(async () => {
    fresh = await freshDatabase();
    part = authenticatorsOn(fresh.database);
  });
  afterAll(() => fresh.end());

  test('a counter that goes back or stands still is refused, and the stored one does not follow it', async () => {
    const { passkey } = await bindPasskey(part, aBinder(), softwarePasskey(RP));
    expect(await signInByPasskey(part, passkey, { counter: 999 })).toMatchObject({ verified: true });
    for (const counter of [3, 998, 999, 0]) {
      expect(await signInByPasskey(part, passkey, { counter })).toEqual({ verified: false, reason: 'wrong' });
    }
    expect(await signInByPasskey(part, passkey, { counter: 1_000 })).toMatchObject({ verified: true });
  });

  test('0 and 0 is allowed: synced passkeys count nothing', async () => {
    const { passkey } = await bindPasskey(part, aBinder());
    for (let n = 0; n < 3; n += 1)
      expect(await signInByPasskey(part, passkey, { counter: 0 })).toMatchObject({ verified: true });
  });

  test('one that counted and now says 0 is refused', async () => {
    const { passkey } = await bindPasskey(part, aBinder(), softwarePasskey(RP));
    expect(await signInByPasskey(part, passkey)).toMatchObject({ verified: true });
    expect(await signInByPasskey(part, passkey, { counter: 0 })).toEqual({ verified: false, reason: 'wrong' });
  });

  test('of an original and a clone that answer at the same moment with the same count one is accepted', async () => {
    const { passkey } = await bindPasskey(part, aBinder(), softwarePasskey(RP));
    const verdicts = await Promise.all(Array.from({ length: 6 }, () => signInByPasskey(part, passkey, { counter: 7 })));
    expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
  });
});
