import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { ADDRESS, type AuthenticatorsUnderTest, aBinder, authenticatorsOn } from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe('case 39: a one-time code is guessed', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let elsewhere: Database;
  let here: AuthenticatorsUnderTest;
  let there: AuthenticatorsUnderTest;
  let phones = 0;
  beforeAll(async () => {
    fresh = await freshDatabase();
    elsewhere = createDatabase({ url: fresh.url });
    here = authenticatorsOn(fresh.database);
    there = authenticatorsOn(elsewhere, { clock: here.clock });
  });
  afterAll(async () => {
    await elsewhere.close();
    await fresh.end();
  });

  /** Somebody with a telephone, and a code that is on its way to it. */
  const asked = async (subscriberId?: string) => {
    let id = subscriberId;
    if (id === undefined) {
      id = newId();
      phones += 1;
      await here.authenticators.install(id, {
        kind: 'message-otp',
        phone: `+849${String(10_000_000 + phones * 10_007)}`,
      });
    }
    const named = { kind: 'message-otp', sessionKey: newId(), subscriberId: id, address: ADDRESS } as const;
    const begun = await here.authenticators.begin({ ...named, purpose: 'sign-in' });
    if (!begun.begun) return { refused: begun.reason, id };
    const code = here.messages.at(-1)?.code ?? '';
    return {
      id,
      code,
      wrong: code === '000000' ? '111111' : '000000',
      answer: { ...named, challengeId: begun.challengeId ?? '' },
    };
  };

  test('a code takes five answers, over all processes, then not even the right one', async () => {
    const { answer, code, wrong } = await asked();
    if (!answer) throw new Error('not asked');
    const verdicts = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (n % 2 ? here : there).authenticators.answer({ ...answer, response: { code: wrong } }),
      ),
    );
    expect(verdicts.filter((verdict) => !verdict.verified && verdict.reason === 'wrong')).toHaveLength(5);
    expect(await here.authenticators.answer({ ...answer, response: { code } })).toEqual({
      verified: false,
      reason: 'expired',
    });
  });

  test('twenty right answers at the same moment sign in once', async () => {
    const { answer, code } = await asked();
    if (!answer) throw new Error('not asked');
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? here : there).authenticators.answer({ ...answer, response: { code } }),
      ),
    );
    expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
  });

  test('a code answers the page that asked for it, and the account it was sent to, and nothing else', async () => {
    const [mine, theirs] = [await asked(), await asked()];
    if (!mine.answer || !theirs.answer) throw new Error('not asked');
    const swapped = [
      { ...mine.answer, sessionKey: theirs.answer.sessionKey },
      { ...mine.answer, subscriberId: theirs.id },
      { ...theirs.answer, challengeId: mine.answer.challengeId },
      { ...mine.answer, challengeId: theirs.answer.challengeId },
      { ...mine.answer, kind: 'totp' as const },
    ];
    for (const answer of swapped) {
      expect(await here.authenticators.answer({ ...answer, response: { code: mine.code ?? '' } })).toMatchObject({
        verified: false,
      });
    }
  });

  test('a number gets so many codes an hour and a day', async () => {
    const first = await asked();
    let sent = 1;
    for (let hour = 0; hour < 24; hour += 1) {
      for (let n = 0; n < 10; n += 1) if (!(await asked(first.id)).refused) sent += 1;
      here.clock.advance(3_599);
    }
    // A day is one of the calendar: whoever asks across midnight has what two of them give.
    expect(sent).toBeLessThanOrEqual(24);
    expect(await asked(first.id)).toMatchObject({ refused: 'throttled' });
  });

  test('twenty right codes of an authenticator app at the same moment sign in once', async () => {
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'totp', secret: SECRET });
    const code = new TOTP({ secret: SECRET }).generate({ timestamp: here.clock.now().getTime() });
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? here : there).authenticators.answer({
          kind: 'totp',
          sessionKey: newId(),
          subscriberId: id,
          response: { code },
          address: ADDRESS,
        }),
      ),
    );
    expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
  });
});
