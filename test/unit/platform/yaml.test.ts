import { describe, expect, test } from 'vitest';
import { readYaml, type Yaml } from '../../../src/platform/plain-values/yaml.ts';

const saidBy = (text: string): unknown => {
  const yaml = readYaml(text);
  return yaml.read ? yaml.value : yaml.faults;
};
const faultsOf = (text: string): string[] => {
  const yaml = readYaml(text);
  return yaml.read ? [] : yaml.faults.map(({ line, column, message }) => `${line}:${column} ${message}`);
};
const read = (text: string): Extract<Yaml, { read: true }> => {
  const yaml = readYaml(text);
  if (!yaml.read) throw new Error(JSON.stringify(yaml.faults));
  return yaml;
};

describe('YAML', () => {
  test('is read as YAML 1.2: a country is no truth value, a date is a text', () => {
    expect(saidBy('country: no\nday: 2026-01-01\nlevel: 2\nfapi: true\nnothing:')).toEqual({
      ...{ country: 'no', day: '2026-01-01', level: 2, fapi: true, nothing: null },
    });
  });

  test('may be JSON, with tabs and escapes', () => {
    const value = { a: [1, { 'b c': 'ệ' }], d: null };
    expect(saidBy(JSON.stringify(value, undefined, '\t'))).toEqual(value);
    expect(saidBy('{"a":"\\u1ec7"}')).toEqual({ a: 'ệ' });
  });

  test('a merge key is a member like any other, and so is __proto__', () => {
    const value = saidBy('<<: { a: 1 }\n__proto__: { polluted: true }') as object;
    expect(Object.keys(value)).toEqual(['<<', '__proto__']);
    expect('polluted' in value).toBe(false);
  });

  test.each([
    ['a key twice', 'a: 1\nb: 2\na: 3', /^3:1 Map keys must be unique/],
    ['a tag of a program', 'a: !!js/function "x"', /^1:4 Unresolved tag/],
    ['a tag outside the core schema', 'a: !!binary aGk=', /^1:4 Unresolved tag/],
    ['a key that is no text', '? [1]\n: 2', /^1:3 .*keys must be strings/],
    ['a second document', 'a: 1\n---\nb: 1', /^2:1 Source contains multiple documents/],
    ['a list that does not end', 'a: [1', /^1:6 /],
    ['a tab where blanks indent', 'a:\n\tb: 1', /^2:1 Tabs/],
    ['an alias of nothing', 'a: *b', /^1:1 Unresolved alias/],
  ])('%s is a fault with its place', (_, text, fault) => {
    expect(faultsOf(text)[0]).toMatch(fault);
  });

  test('all faults of a text are told at once', () => {
    expect(faultsOf('a: 1\na: 2\nb: 1\nb: 2')).toHaveLength(2);
  });

  test('aliases multiply nothing beyond a bound', () => {
    const nine = Array.from({ length: 9 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x, x]'
        : `a${index}: &a${index} [${Array(9)
            .fill(`*a${index - 1}`)
            .join(', ')}]`,
    );
    expect(faultsOf(nine.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')]);
    expect(saidBy('a: &a [1]\nb: *a')).toEqual({ a: [1], b: [1] });
  });

  test('nesting without end is a fault and no crash', () => {
    expect(faultsOf('['.repeat(20_000)).length).toBeGreaterThan(0);
    expect(faultsOf(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)[0]).toContain('This is nested too deep.');
  });

  const text =
    'clients:\n  - clientId: a\n    floors: &floors\n      level: 2\n  - more.of: { b: 1 }\n    floors: *floors\n';
  test.each([
    ['clients.0.floors.level', 4, 7],
    ['clients.1', 5, 5],
    ['clients.1.more.of.b', 5, 16],
    // What is not there is told where it would stand.
    ['clients.1.metadata.redirect_uris.0', 5, 5],
    ['clients.7', 1, 1],
    ['clients.1.floors.level', 4, 7],
    ['', 1, 1],
  ])('%s stands in line %i, column %i', (path, line, column) => {
    expect(read(text).placeOf(path)).toEqual({ line, column });
  });
});
