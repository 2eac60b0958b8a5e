import argon2 from 'argon2';
import { describe, expect, test } from 'vitest';
import { whomToBind } from '../../../../src/domain/authenticators/adapters/own-data.ts';
import {
  createPasswordAdapter,
  LEAST_ALONE,
  LEAST_WITH_SECOND_FACTOR,
} from '../../../../src/domain/authenticators/adapters/password.ts';
import { createHashingPool } from '../../../../src/platform/hashing-pool.ts';
import { Secret } from '../../../../src/platform/secret.ts';

const pepper = Buffer.alloc(32, 3);
const hashing = createHashingPool({ slots: 1, pepper: new Secret(pepper) });
const adapter = createPasswordAdapter({ hashing });
const now = new Date();
const bind = (password: string, alone = true, ownData: string[] = []) =>
  adapter.bind({ alone, ownData }, { password }, now);
const outcome = async (...given: Parameters<typeof bind>) => {
  const verdict = await bind(...given);
  return verdict.verified ? 'bound' : verdict.reason;
};

// SP 800-63B-4 §3.1.1.2, sentence by sentence.
describe('a password', () => {
  test('has at least 15 characters alone, 8 beside a second factor', async () => {
    expect([LEAST_ALONE, LEAST_WITH_SECOND_FACTOR]).toEqual([15, 8]);
    expect(await outcome('vqx kzr tnm wpl')).toBe('bound');
    expect(await outcome('vqx kzr tnm wp')).toBe('too_short');
    expect(await outcome('vqxkzrtn', false)).toBe('bound');
    expect(await outcome('vqxkzrt', false)).toBe('too_short');
  });

  test('is counted in code points after NFC, not in bytes or code units', async () => {
    // Eight letters that are sixteen code points decomposed, and eight signs of two code units each.
    expect(await outcome('ộẫằễữởậỹ'.normalize('NFD'), false)).toBe('bound');
    expect(await outcome('ộẫằễữởậ'.normalize('NFD'), false)).toBe('too_short');
    expect(await outcome('𝕒𝕢𝕩𝕫𝕨𝕜𝕧', false)).toBe('too_short');
  });

  test('may have 64 characters and more, up to 4 KiB, and every one counts', async () => {
    const long = Array.from({ length: 4096 }, (_, n) => 'abdegkmnqrtvxyz'[(n * n) % 15]).join('');
    const verdict = await bind(long);
    if (!verdict.verified) throw new Error(verdict.reason);
    const verify = (password: string) =>
      adapter.verify({ id: 'a', binding: verdict.binding }, { alone: true, ownData: [] }, { password }, now);
    expect(await verify(long)).toMatchObject({ verified: true });
    expect(await verify(`${long.slice(0, -1)}!`)).toMatchObject({ verified: false, reason: 'wrong' });
    expect(await outcome(`${long}x`)).toBe('too_long');
  });

  test('needs no digits, capitals or marks', async () => {
    expect(await outcome('con mèo trắng ngủ trên mái nhà')).toBe('bound');
  });

  test('is hashed so that an independent implementation verifies it, and only with the pepper', async () => {
    const verdict = await bind('Mật khẩu của riêng một người');
    if (!verdict.verified) throw new Error(verdict.reason);
    const { phc } = verdict.binding;
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const password = 'Mật khẩu của riêng một người'.normalize('NFC');
    expect(await argon2.verify(phc, password, { secret: pepper })).toBe(true);
    expect(await argon2.verify(phc, password)).toBe(false);
    expect(await argon2.verify(phc, password.normalize('NFD'), { secret: pepper })).toBe(false);
  });

  test('hashed with other costs is hashed anew when it is right', async () => {
    const old = await argon2.hash('an old password of mine', {
      memoryCost: 8192,
      timeCost: 2,
      parallelism: 1,
      secret: pepper,
    });
    const bound = { id: 'a', binding: { phc: old, alone: true } };
    const verdict = await adapter.verify(
      bound,
      { alone: true, ownData: [] },
      { password: 'an old password of mine' },
      now,
    );
    if (!verdict.verified) throw new Error(verdict.reason);
    expect(verdict.used.binding.phc).toContain('m=19456,t=2,p=1');
    expect(await argon2.verify(verdict.used.binding.phc, 'an old password of mine', { secret: pepper })).toBe(true);
  });

  test('that nobody has costs a real hash', async () => {
    /** The fastest of several: what the machine does beside it only ever adds. */
    const fastest = async (work: () => Promise<unknown>) => {
      let best = Number.POSITIVE_INFINITY;
      for (let n = 0; n < 10; n += 1) {
        const start = performance.now();
        await work();
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    const verdict = await bind('vqx kzr tnm wpl');
    if (!verdict.verified) throw new Error(verdict.reason);
    const verify = (binding: typeof verdict.binding) => () =>
      adapter.verify({ id: '', binding }, { alone: true, ownData: [] }, { password: 'something else' }, now);
    const decoy = adapter.decoy(Buffer.alloc(32)).binding;
    expect(await fastest(verify(decoy))).toBeGreaterThan((await fastest(verify(verdict.binding))) / 2);
  });
});

describe('the block list', () => {
  const own = ['Nguyễn Thị Ánh Dương', '1987-12-05', '+84901234567', '097087000123'];
  test.each([
    ['123456789012345', 'too_common'],
    ['qwertyuiopasdfgh', 'too_common'],
    ['aaaaaaaaaaaaaaaa', 'too_common'],
    ['abcabcabcabcabc', 'too_common'],
    ['passwordpassword', 'too_common'],
    ['Mật khẩu của tôi', 'too_common'],
    ['matkhau123456789', 'too_common'],
    ['anhyeuemnhieulam', 'too_common'],
    ['Việt Nam vô địch 2026', 'too_common'],
    ['P@ssw0rdP@ssw0rd', 'too_common'],
    ['iloveyouiloveyou1', 'too_common'],
    ['correct horse battery staple', 'too_common'],
    ['nguyenthianhduong', 'own_data'],
    ['AnhDuong05121987', 'own_data'],
    ['duong0901234567', 'own_data'],
    ['097087000123anhduong', 'own_data'],
  ])('refuses %s: %s', async (password, reason) => {
    expect(await outcome(password, true, own)).toBe(reason);
  });

  test.each([
    'tám chiếc thuyền giấy trôi qua cầu',
    'Dương thích ăn bún riêu buổi sáng sớm',
    'kettle orbit mustard lantern',
    'gT7#mQ2vLx9!pZ4w',
    'mưa rơi trên mái tôn nhà bà ngoại',
  ])('accepts %s: a part that is listed does not make the whole guessable', async (password) => {
    expect(await outcome(password, true, own)).toBe('bound');
  });

  test.each([
    ['a name, part by part', 'vinh.thuy 7'],
    ['a long name, whole', 'nguyenphucvinhthuybaotran'],
    ['a date as it is written', '05121987'],
    ['a date as it is filed', '1987-12-05'],
    ['a telephone as it is dialled', '0901234567'],
    ['a number', '097087000123'],
    ['a mailbox', 'hoasen1987'],
  ])('refuses %s of whoever binds it, at every page that binds one: %s', async (_, password) => {
    const { ownData } = whomToBind({
      ...{ id: 'a', fullName: 'Nguyễn Phúc Vĩnh Thụy Bảo Trân', locale: 'vi', birthdate: '1987-12-05' },
      ...{ phone: '+84901234567', identityNumber: '097087000123', email: 'hoasen1987@mail.example' },
    });
    expect(await outcome(password, false, [...ownData])).toBe('own_data');
  });

  test('accepts random passwords of eight characters beside a second factor', async () => {
    for (const password of ['k7#vQp2x', 'zr9wlmtb', 'Xe4!bnqo', 'ưởzắqkxm']) {
      expect([password, await outcome(password, false, own)]).toEqual([password, 'bound']);
    }
  });

  test('has an answer for 4 KiB of anything in no time', async () => {
    const start = performance.now();
    for (const piece of ['a', 'matkhau', 'ab1', 'Nguyễn', '🙂'])
      await outcome(piece.repeat(4096 / Buffer.byteLength(piece)), true, own);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
