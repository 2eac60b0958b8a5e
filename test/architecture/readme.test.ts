import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import '../../src/app.ts';
import { withTables } from '../../src/cli/readme-tables.ts';
import { declared } from '../../src/config/settings.ts';
import { declaredErrors } from '../../src/platform/errors.ts';

const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the tables of settings and errors in the README are fresh (npm run docs)', () => {
  expect(declared.length).toBeGreaterThan(20);
  expect(declaredErrors().length).toBeGreaterThan(5);
  expect(withTables(text)).toBe(text);
});

test('the README names every npm script that a person runs', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const names = Object.keys(scripts).filter((name) => !name.startsWith('pre'));
  expect(names.filter((name) => !text.includes(`npm ${name}`) && !text.includes(`npm run ${name}`))).toEqual([]);
});
