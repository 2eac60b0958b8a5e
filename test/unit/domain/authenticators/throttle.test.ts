import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../../src/domain/authenticators/throttles/limits.ts';
import { accountKey, addressPrefix, createThrottle } from '../../../../src/domain/authenticators/throttles/throttle.ts';
import { createSealer } from '../../../../src/platform/sealed.ts';
import { Secret } from '../../../../src/platform/secret.ts';

const throttle = createThrottle(createSealer(new Secret(Buffer.alloc(32, 1)), 'test'), defaultLimits, () => 3);

describe('an address is counted by its prefix', () => {
  test.each([
    ['203.0.113.7', '203.0.113.250', true],
    ['203.0.113.7', '203.0.114.7', false],
    ['::ffff:203.0.113.7', '203.0.113.9', true],
    ['2001:db8:1:ff00::1', '2001:db8:1:ffab:9::2', true],
    ['2001:db8:1:ff00::1', '2001:db8:1:fe00::1', false],
    ['nonsense', '', true],
  ])('%s and %s: %s', (one, other, same) => {
    expect(addressPrefix(one) === addressPrefix(other)).toBe(same);
  });
});

describe('counters', () => {
  test('of an account are the same however its identifier is typed', () => {
    expect(accountKey({ identifier: '0970 9000 9999' })).toBe(accountKey({ identifier: '097090009999' }));
    expect(accountKey({ identifier: 'x', subscriberId: 's' })).toBe(accountKey({ subscriberId: 's' }));
    expect(accountKey({})).toBeUndefined();
  });

  test('tell nothing about who signs in from where', () => {
    for (const { key } of throttle.guess('password', 'subscriber s', '203.0.113.7')) {
      expect(key).toHaveLength(16);
      expect(key.toString('latin1')).not.toContain('203');
    }
  });

  test('of a passkey never include the authenticator, the account or everybody: nobody can lock its owner out', () => {
    expect(throttle.signature('203.0.113.7').map(({ scope }) => scope)).toEqual(['addressPasskey']);
    expect(throttle.guess('password', 'a', 'b').map(({ scope }) => scope)).toEqual([
      'authenticator',
      'account',
      'address',
      'global',
    ]);
  });

  test('SP 800-63B-4 §3.2.2: at most 100 consecutive failures, set back by nothing but success', () => {
    expect(defaultLimits.authenticator).toMatchObject({ most: 100, window: 0 });
    expect(throttle.guess('totp', 'a', 'b').map(({ resets }) => resets)).toEqual([true, false, false, false]);
  });
});
