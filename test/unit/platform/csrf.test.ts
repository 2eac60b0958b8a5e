import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createCsrf } from '../../../src/platform/csrf.ts';
import '../../../src/platform/http.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';

const sealer = (fill: number) => createSealer(new Secret(Buffer.alloc(32, fill)), 'csrf');
const csrf = createCsrf({ sealer: sealer(1), origin: 'https://id.example' });
const post = (token: string | undefined, headers: IncomingHttpHeaders = {}) => ({
  req: { headers } as IncomingMessage,
  request: { body: token === undefined ? {} : { csrf: token } },
});
const refused = (context: ReturnType<typeof post>, session = 'session', act = 'remove'): unknown => {
  try {
    csrf.check(context, session, act);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
};

describe('abuse case 25: the token', () => {
  const token = csrf.token('session', 'remove');

  test('of this session and act is taken', () => {
    expect(refused(post(token))).toBeUndefined();
  });

  test('of another session, another act, another key, or none, is refused', () => {
    expect(refused(post(token), 'other')).toBe('http.forged_request');
    expect(refused(post(token), 'session', 'rename')).toBe('http.forged_request');
    expect(
      refused(post(createCsrf({ sealer: sealer(2), origin: 'https://id.example' }).token('session', 'remove'))),
    ).toBe('http.forged_request');
    for (const none of [undefined, '', 'x', token.slice(0, -1), `${token}A`])
      expect(refused(post(none))).toBe('http.forged_request');
  });

  test('is never the same bytes twice, so that a compressed page gives nothing away', () => {
    expect(csrf.token('session', 'remove')).not.toBe(token);
  });
});

describe('where a post comes from', () => {
  const token = csrf.token('session', 'remove');
  test.each([
    [{}, undefined],
    [{ origin: 'https://id.example', 'sec-fetch-site': 'same-origin' }, undefined],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, undefined],
    [{ 'sec-fetch-site': 'none' }, undefined],
    [{ origin: 'null' }, 'http.forged_request'],
    [{ origin: 'https://evil.example' }, 'http.forged_request'],
    [{ origin: 'http://id.example' }, 'http.forged_request'],
    [{ origin: 'https://id.example:8443' }, 'http.forged_request'],
    [{ origin: 'https://id.example', 'sec-fetch-site': 'cross-site' }, 'http.forged_request'],
    [{ 'sec-fetch-site': 'same-site' }, 'http.forged_request'],
  ])('%o: %s', (headers, expected) => {
    expect(refused(post(token, headers))).toBe(expected);
  });
});
