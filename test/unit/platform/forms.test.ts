import fc from 'fast-check';
import type { Context } from 'koa';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fields, parseFlat, parseForm, parseJson, pressed } from '../../../src/platform/forms.ts';
import '../../../src/platform/http.ts';

const withBody = (body: Record<string, string>): Context => ({ request: { body } }) as unknown as Context;
const code = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
  return undefined;
};

describe('a form body', () => {
  test('is a flat record of NFC strings', () => {
    expect({ ...parseFlat('a=1&b=M%E1%BA%ADt+kh%E1%BA%A9u&c=') }).toEqual({ a: '1', b: 'Mật khẩu', c: '' });
    expect(parseFlat(`p=${encodeURIComponent('Mật khẩu'.normalize('NFD'))}`).p).toBe('Mật khẩu');
  });

  test('abuse case 20: a name that comes twice, a NUL and broken UTF-8 are refused', () => {
    expect(code(() => parseFlat('a=1&a=2'))).toBe('http.duplicate_parameter');
    expect(code(() => parseFlat('a=%00'))).toBe('http.malformed_body');
    expect(code(() => parseFlat('a=%ff%fe'))).toBe('http.malformed_body');
    expect(code(() => parseFlat('a%00=1'))).toBe('http.malformed_body');
  });

  test('cannot reach a prototype', () => {
    const parsed = parseFlat('__proto__=x&constructor=y');
    expect(Object.getPrototypeOf(parsed)).toBeNull();
    expect(parsed.constructor).toBe('y');
  });

  test('never throws anything without a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([undefined, 'http.duplicate_parameter', 'http.malformed_body']).toContain(code(() => parseFlat(text)));
      }),
    );
  });
});

describe('JSON', () => {
  test('is taken up to its depth, whatever its strings hold', () => {
    expect(parseJson('{"a":["[[[[[[[[[[[[[[[[[[[[","\\"{"]}')).toEqual({ a: ['[[[[[[[[[[[[[[[[[[[[', '"{'] });
    expect(code(() => parseJson('['.repeat(17) + ']'.repeat(17)))).toBe('http.malformed_body');
    expect(code(() => parseJson('['.repeat(100_000)))).toBe('http.malformed_body');
    expect(code(() => parseJson('{'))).toBe('http.malformed_body');
  });
});

describe('parseForm', () => {
  const schema = z.object({ identifier: fields.identifier, code: fields.code });

  test('gives the values, and drops what the form does not have', () => {
    expect(parseForm(withBody({ identifier: ' 0912 345 678 ', code: '123 456', admin: '1' }), schema)).toEqual({
      ok: true,
      values: { identifier: '0912 345 678', code: '123456' },
    });
  });

  test('or the sentence for each field and what was entered', () => {
    expect(parseForm(withBody({ identifier: '', code: '12ab' }), schema)).toEqual({
      ok: false,
      errors: { identifier: 'fields.identifier.missing', code: 'fields.code.form' },
      entered: { identifier: '', code: '12ab' },
    });
    expect(parseForm(withBody({}), schema)).toMatchObject({ errors: { code: 'fields.code.missing' } });
  });

  test('a message of zod that is no key becomes a plain sentence', () => {
    expect(parseForm(withBody({ n: 'x' }), z.object({ n: z.coerce.number() }))).toMatchObject({
      errors: { n: 'fields.check' },
    });
  });

  test('abuse case 43: a password of 4 KiB is kept untruncated, a longer one refused as a whole', () => {
    const password = z.object({ password: fields.password });
    const long = 'ậ'.repeat(1365);
    expect(parseForm(withBody({ password: long }), password)).toEqual({ ok: true, values: { password: long } });
    expect(code(() => parseForm(withBody({ password: `${long}ậ` }), password))).toBe('http.body_too_large');
  });
});

test('a pressed button is one whose name came along', () => {
  expect(pressed(withBody({ cancel: 'yes' }), 'cancel')).toBe(true);
  expect(pressed(withBody({}), 'toString')).toBe(false);
});
