import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldChange, fieldDiff } from '../../../src/platform/plain-values/field-diff.ts';

describe('what a change changes', () => {
  test('is told field by field, with both values', () => {
    expect(
      fieldDiff({ floors: { accountLevel: 2 }, fapi: false }, { floors: { accountLevel: 1 }, fapi: false }),
    ).toEqual([{ path: 'floors.accountLevel', before: 2, after: 1 }]);
  });

  test('is without the side where a field is missing, and null is a value', () => {
    expect(fieldDiff({ a: null, b: 1 }, { a: 1, c: { d: [] } })).toEqual([
      { path: 'a', before: null, after: 1 },
      { path: 'b', before: 1 },
      { path: 'c.d', after: [] },
    ]);
  });

  test('names every field of what is new', () => {
    expect(fieldDiff(undefined, { clientId: 'x', metadata: { redirect_uris: ['https://a/', 'https://b/'] } })).toEqual([
      { path: 'clientId', after: 'x' },
      { path: 'metadata.redirect_uris', after: 'https://a/' },
      { path: 'metadata.redirect_uris', after: 'https://b/' },
    ]);
  });

  test('is what came and what went in a list whose order says nothing', () => {
    expect(fieldDiff({ allowedScopes: ['openid', 'phone'] }, { allowedScopes: ['email', 'openid'] })).toEqual([
      { path: 'allowedScopes', before: 'phone' },
      { path: 'allowedScopes', after: 'email' },
    ]);
  });

  test('is a value that stands twice', () => {
    expect(fieldDiff({ scopes: ['a'] }, { scopes: ['a', 'a'] })).toEqual([{ path: 'scopes', after: 'a' }]);
  });

  test('is the order of a list whose order may matter', () => {
    expect(fieldDiff({ default_acr_values: ['a', 'b'] }, { default_acr_values: ['b', 'a'] })).toEqual([
      { path: 'default_acr_values.0', before: 'a', after: 'b' },
      { path: 'default_acr_values.1', before: 'b', after: 'a' },
    ]);
  });

  test('goes by kid in a key set: a new key before an old one changes no key', () => {
    const key = (kid: string, x: string) => ({ kid, kty: 'OKP', x });
    expect(
      fieldDiff({ keys: [key('1', 'a'), key('2', 'b')] }, { keys: [key('3', 'c'), key('2', 'z'), key('1', 'a')] }),
    ).toEqual([
      { path: 'keys.2.x', before: 'b', after: 'z' },
      { path: 'keys.3.kid', after: '3' },
      { path: 'keys.3.kty', after: 'OKP' },
      { path: 'keys.3.x', after: 'c' },
    ]);
  });

  test('goes by index where two keys bear one name', () => {
    const same = [
      { kid: '1', x: 'a' },
      { kid: '1', x: 'b' },
    ];
    expect(fieldDiff({ keys: same }, { keys: [same[0], { kid: '1', x: 'c' }] })).toEqual([
      { path: 'keys.1.x', before: 'b', after: 'c' },
    ]);
  });

  test('is the whole where one kind of value takes the place of another', () => {
    expect(fieldDiff({ a: [1] }, { a: { 0: 1 } })).toEqual([{ path: 'a', before: [1], after: { 0: 1 } }]);
    expect(fieldDiff([], {})).toEqual([{ path: '', before: [], after: {} }]);
    expect(fieldDiff({ a: null }, { a: {} })).toEqual([{ path: 'a', before: null, after: {} }]);
  });

  test('takes no member from a prototype', () => {
    expect(fieldDiff({}, JSON.parse('{"__proto__":{"x":1},"constructor":2}'))).toEqual([
      { path: '__proto__.x', after: 1 },
      { path: 'constructor', after: 2 },
    ]);
  });
});

describe('for any two JSON values', () => {
  const member = fc.constantFrom('a', 'b', 'scopes', 'redirect_uris', 'keys', 'kid', 'id', '__proto__', 'toString');
  const { value } = fc.letrec((tie) => ({
    scalar: fc.oneof(fc.constant(null), fc.boolean(), fc.integer({ min: 0, max: 3 }), fc.constantFrom('', 'x', 'y')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc
      .uniqueArray(fc.tuple(member, tie('value')), { selector: ([name]) => name, maxLength: 4 })
      .map((entries) =>
        JSON.parse(`{${entries.map(([name, v]) => `${JSON.stringify(name)}:${JSON.stringify(v)}`).join()}}`),
      ),
    value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('scalar'), tie('list'), tie('object')),
  }));

  /** The same value in one order: what `fieldDiff` promises to overlook, written as a sort. */
  const settled = (of: unknown, name = ''): unknown => {
    if (Array.isArray(of)) {
      const items = of.map((item) => settled(item));
      const texts = items.map((item) => JSON.stringify(item));
      const scalars = of.every((item) => typeof item !== 'object' || item === null);
      const distinct = (key: string) =>
        of.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item)) &&
        of.every((item) => Object.hasOwn(item, key) && typeof item[key] === 'string') &&
        new Set(of.map((item) => item[key])).size === of.length;
      const free = (['scopes', 'redirect_uris'].includes(name) && scalars) || distinct('kid') || distinct('id');
      return free ? texts.sort() : texts;
    }
    if (typeof of !== 'object' || of === null) return of;
    const members = Object.keys(of).sort();
    return { members: members.map((key) => [key, settled((of as Record<string, unknown>)[key], key)]) };
  };
  const text = (of: unknown) => JSON.stringify(settled(of));

  test('nothing differs exactly when they are the same but for the order of sets', () => {
    fc.assert(
      fc.property(value, value, (a, b) => (fieldDiff(a, b).length === 0) === (text(a) === text(b))),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(value, (a) => fieldDiff(a, structuredClone(a)).length === 0));
  });

  test('the way back is the way there with its sides exchanged', () => {
    const turned = (list: FieldChange[]) =>
      list.map(({ path, ...sides }) => ({
        path,
        ...('after' in sides ? { before: sides.after } : {}),
        ...('before' in sides ? { after: sides.before } : {}),
      }));
    const inOneOrder = (list: FieldChange[]) =>
      list.map((one) => JSON.stringify(one, ['path', 'before', 'after'])).sort();
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(inOneOrder(turned(fieldDiff(b, a)))).toEqual(inOneOrder(fieldDiff(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('each change has a side, and never two that are the same', () => {
    fc.assert(
      fc.property(value, value, (a, b) =>
        fieldDiff(a, b).every(
          (one) => ('before' in one || 'after' in one) && JSON.stringify(one.before) !== JSON.stringify(one.after),
        ),
      ),
      { numRuns: 2_000 },
    );
  });
});
