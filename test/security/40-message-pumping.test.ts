import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/authenticators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { type AuthenticatorsUnderTest, aBinder, authenticatorsOn } from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

describe('case 40: messages are pumped', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    await fresh.database.execute(sql`TRUNCATE authentication_throttles`);
    part = authenticatorsOn(fresh.database);
  });
  afterAll(() => fresh.end());

  const send = (phone: string, address: string) =>
    part.authenticators.begin({
      kind: 'message-otp',
      sessionKey: newId(),
      purpose: 'bind',
      subscriber: aBinder({ phone }),
      authority: { by: 'system' },
      address,
    });
  const sendMany = async (count: number, phone: (n: number) => string, address: (n: number) => string) => {
    const all = await Promise.all(Array.from({ length: count }, (_, n) => send(phone(n), address(n))));
    const sent = all.filter(({ begun }) => begun).length;
    expect(part.messages).toHaveLength(sent);
    return sent;
  };
  const everywhere = (n: number): string => `10.${n >> 8}.${n % 256}.1`;

  test('to one number, from everywhere', async () => {
    expect(await sendMany(500, () => '+84901112223', everywhere)).toBe(defaultLimits.messageNumber.most);
  });

  test('from one address, to ever new numbers', async () => {
    const sent = await sendMany(
      500,
      (n) => `+8490${String(n * 10_000 + 1_000_000)}`,
      () => '203.0.113.9',
    );
    expect(sent).toBe(defaultLimits.messageAddress.most);
  });

  test('to a range of numbers, from everywhere', async () => {
    const sent = await sendMany(500, (n) => `+8490111${String(n).padStart(4, '0')}`, everywhere);
    expect(sent).toBe(defaultLimits.messageRange.most);
  });
});
