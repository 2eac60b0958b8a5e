import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redirectUriFaults, webUriFaults } from '../../../../src/domain/relying-parties/metadata/uri.ts';

const production = { environment: 'production' } as const;
const sandbox = { environment: 'sandbox' } as const;

describe('a redirect URI', () => {
  test.each([
    'https://rp.example/callback',
    'https://rp.example/',
    'https://rp.example:8443/a/b?dummy1=lorem&dummy2=ipsum',
    'https://xn--hng-0ra.example/callback',
  ])('may be %s', (uri) => {
    expect(redirectUriFaults(uri, production)).toEqual([]);
  });

  test.each([
    'http://rp.example/callback',
    'http://localhost:9999/callback',
    'https://rp.example/callback#',
    'https://rp.example/callback#x',
    'https://user@rp.example/callback',
    'https://user:pw@rp.example/callback',
    'https://rp.example/a/../callback',
    'https://rp.example/%2e%2e/callback',
    'https://rp.example\\@evil.example/callback',
    'https://RP.example/callback',
    'HTTPS://rp.example/callback',
    'https://rp.example:443/callback',
    'https://rp.example./callback',
    'https://*.rp.example/callback',
    'https://rp.example',
    ' https://rp.example/callback',
    'https://rp.example/call\nback',
    'https://hãng.example/callback',
    'https://rp.example/callback?code=1',
    'https://rp.example/callback?a=1&state=2',
    '//rp.example/callback',
    '/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'com.example.app:/callback',
    `https://rp.example/${'a'.repeat(2_000)}`,
    '',
  ])('may not be %j', (uri) => {
    expect(redirectUriFaults(uri, production)).not.toEqual([]);
  });

  test('may be http at a loopback address in a sandbox, and nowhere else', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      expect(redirectUriFaults(`http://${host}:9999/callback`, sandbox)).toEqual([]);
      expect(redirectUriFaults(`http://${host}:9999/callback`, production)).not.toEqual([]);
    }
    for (const uri of [
      'http://localhost.evil.example/callback',
      'http://127.0.0.2/callback',
      'http://0.0.0.0/callback',
    ]) {
      expect(redirectUriFaults(uri, sandbox)).not.toEqual([]);
    }
  });

  test('of a native app may be a loopback number or a private-use scheme with a dot (RFC 8252 §7)', () => {
    const native = { environment: 'production', native: true } as const;
    expect(redirectUriFaults('http://127.0.0.1/callback', native)).toEqual([]);
    expect(redirectUriFaults('http://[::1]/callback', native)).toEqual([]);
    expect(redirectUriFaults('vn.example.app:/callback', native)).toEqual([]);
    for (const uri of ['http://localhost/callback', 'myapp:/callback', 'javascript:alert(1)', 'file:///etc/passwd']) {
      expect(redirectUriFaults(uri, native)).not.toEqual([]);
    }
  });

  test('that passes always parses to the very same string, over https', () => {
    const piece = fc.constantFrom(
      'https://',
      'http://',
      'rp.example',
      '@',
      '/',
      '..',
      '%2e',
      '\\',
      '#',
      '?',
      'a',
      ':443',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const uri = pieces.join('');
        if (redirectUriFaults(uri, production).length > 0) return;
        const url = new URL(uri);
        expect([url.href, url.protocol, url.username, url.hash]).toEqual([uri, 'https:', '', '']);
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://a/b',
  'http://a.example/',
])('no other URI of a client begins with %s', (uri) => {
  expect(webUriFaults(uri, production)).not.toEqual([]);
  expect(webUriFaults(uri, sandbox)).not.toEqual([]);
});
