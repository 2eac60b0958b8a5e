import { describe, expect, test } from 'vitest';
import { createCookieSigner } from '../../../src/platform/cookie-signer.ts';

describe('a cookie signer', () => {
  const [before, now] = ['the key of last month', 'the key of this month'];

  test('knows its own signature, and no other', () => {
    const signer = createCookieSigner([now]);
    const signature = signer.sign('senid=abc');
    expect(signer.verify('senid=abc', signature)).toBe(true);
    expect(signer.verify('senid=abd', signature)).toBe(false);
    for (const wrong of ['', 'x', signature.slice(1), `${signature}=`, `${signature} `, signature.toLowerCase()]) {
      expect(signer.verify('senid=abc', wrong), wrong).toBe(false);
    }
    expect(createCookieSigner([before]).verify('senid=abc', signature)).toBe(false);
  });

  test('still takes what an older key has signed, and says so, so that it is signed anew', () => {
    const older = createCookieSigner([before]).sign('senid=abc');
    const signer = createCookieSigner([now, before]);
    expect(signer.index('senid=abc', older)).toBe(1);
    expect(signer.index('senid=abc', signer.sign('senid=abc'))).toBe(0);
    expect(createCookieSigner([now]).index('senid=abc', older)).toBe(-1);
  });
});
