import { readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import '../../src/app.ts';
import { declaredErrors } from '../../src/platform/errors.ts';
import { sources } from './sources.ts';

// design.md §6: Vietnamese and English from the first commit; every error has a sentence in both.
const flat = (value: unknown, path: string[] = []): [string, string][] =>
  typeof value === 'string'
    ? [[path.join('.'), value]]
    : Object.entries(value as object).flatMap(([key, inner]) => flat(inner, [...path, key]));
const messages = (locale: string): Map<string, string> =>
  new Map(flat(JSON.parse(readFileSync(new URL(`../../views/messages/${locale}.json`, import.meta.url), 'utf8'))));
const [vi, en] = [messages('vi'), messages('en')];
/** The names of the values that a sentence (ICU MessageFormat) takes, those inside its branches included. */
const placeholders = (text: string): string => {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value } = node as { type?: number; value?: unknown };
    if (typeof value === 'string' && type !== undefined && type !== TYPE_LITERAL) names.add(value);
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(new IntlMessageFormat(text, 'vi').getAst());
  return [...names].sort().join();
};
const TYPE_LITERAL = 0;

describe('messages', () => {
  test('both languages say the same things', () => {
    expect(vi.size).toBeGreaterThan(50);
    expect([...vi.keys()].filter((key) => !en.has(key))).toEqual([]);
    expect([...en.keys()].filter((key) => !vi.has(key))).toEqual([]);
  });

  test('both languages fill in the same values', () => {
    const unlike = [...vi].filter(([key, text]) => placeholders(text) !== placeholders(en.get(key) ?? ''));
    expect(unlike.map(([key]) => key)).toEqual([]);
  });

  test('no sentence is empty, and Vietnamese is written in composed characters', () => {
    expect([...vi, ...en].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([]);
    expect([...vi].filter(([, text]) => text !== text.normalize('NFC')).map(([key]) => key)).toEqual([]);
  });

  test('every declared error has a sentence in both', () => {
    const codes = declaredErrors().map(([code]) => code);
    expect(codes.length).toBeGreaterThan(5);
    for (const [locale, known] of [
      ['vi', vi],
      ['en', en],
    ] as const) {
      const silent = codes.filter(
        (code) => ![...known.keys()].some((key) => key === `errors.${code}` || key.startsWith(`errors.${code}.`)),
      );
      expect.soft(silent, locale).toEqual([]);
    }
  });

  test('every error that is thrown by name is declared', () => {
    const declared = new Set(declaredErrors().map(([code]) => code));
    const thrown = sources('src').flatMap(({ text }) =>
      [...text.matchAll(/new EidError\(\s*'([^']+)'/g)].map(([, code]) => code ?? ''),
    );
    expect(thrown.length).toBeGreaterThan(5);
    expect([...new Set(thrown)].filter((code) => !declared.has(code))).toEqual([]);
  });
});
