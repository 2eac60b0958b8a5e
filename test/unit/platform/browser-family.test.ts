import { describe, expect, test } from 'vitest';
import { browserFamily, networkOf } from '../../../src/platform/plain-values/browser-family.ts';

describe('what a browser says of itself', () => {
  test.each([
    [
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
      { browser: 'Chrome', system: 'Android' },
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      { browser: 'Safari', system: 'iOS' },
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0',
      { browser: 'Firefox', system: 'Windows' },
    ],
    ['', {}],
    [undefined, {}],
  ])('%s', (header, expected) => {
    expect(browserFamily(header)).toEqual(expected);
  });

  test('nothing of a header that is no browser’s is kept', () => {
    for (const header of [
      '<script>alert(1)</script>/1.0 x',
      'Nguyễn Văn A/097204012345 me',
      `${'a'.repeat(5_000)}/1 b`,
    ])
      expect(browserFamily(header)).toEqual({});
  });
});

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['not an address', undefined],
])('of the address %s the network is kept', (address, expected) => {
  expect(networkOf(address)).toBe(expected);
});
