import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PERMISSIONS } from '../../../src/domain/operators/index.ts';
import { declaredErrors } from '../../../src/platform/errors.ts';
import {
  asLocale,
  chosenLocale,
  createMessages,
  escapeHtml,
  locales,
  negotiateLocale,
} from '../../../src/platform/messages.ts';

const root = resolve(import.meta.dirname, '../../..');
const messages = createMessages(`${root}/views/messages`);
const read = (locale: string): Record<string, string> =>
  JSON.parse(readFileSync(`${root}/views/messages/${locale}.json`, 'utf8'));
const texts = { vi: read('vi'), en: read('en') };

describe('the two languages', () => {
  test('have exactly the same keys', () => {
    expect(messages.keys('en')).toEqual(messages.keys('vi'));
    expect(messages.keys('vi').length).toBeGreaterThan(300);
  });

  test('fill the same placeholders and tags in every sentence', () => {
    const differing = messages
      .keys('vi')
      .filter((key) => messages.placeholders('vi', key).join() !== messages.placeholders('en', key).join());
    expect(differing).toEqual([]);
  });

  test('are NFC, never empty, and hold nothing that HTML would read', () => {
    for (const locale of locales)
      for (const [key, text] of Object.entries(texts[locale])) {
        expect(text, key).toBe(text.normalize('NFC').trim());
        expect(text, key).not.toBe('');
        expect(text.replace(/<\/?(link|office|b)>/g, ''), key).not.toMatch(/[<>&]/);
      }
  });

  test('never say "invalid" or speak of a user', () => {
    for (const text of Object.values(texts.en)) expect(text).not.toMatch(/\binvalid\b|\busers?\b/i);
    for (const text of Object.values(texts.vi)) expect(text).not.toMatch(/không hợp lệ/i);
  });
});

// Every area declares its errors as it is loaded.
beforeAll(async () => {
  const files = globSync('src/**/*.ts', { cwd: root }).filter(
    (file) =>
      !/^src\/(main|cli|launcher|samples)/.test(file) &&
      readFileSync(resolve(root, file), 'utf8').includes('declareErrors('),
  );
  for (const file of files) await import(resolve(root, file));
});

describe('sentences that the code asks for', () => {
  test('exist: every key that stands in a template', () => {
    const asked = globSync('views/**/*.eta', { cwd: root }).flatMap((file) =>
      [...readFileSync(resolve(root, file), 'utf8').matchAll(/\b(?:t|rich)\('([a-z][\w.-]*)'/g)].map(
        (match) => match[1]!,
      ),
    );
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.filter((key) => !messages.has(key))).toEqual([]);
  });

  test('exist: every title of a view and every key that a source file writes as one', () => {
    const areas = new Set(messages.keys('vi').map((key) => key.split('.')[0]!));
    const asked = globSync('src/{journeys,oidc,platform}/**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(resolve(root, file), 'utf8').matchAll(/'([a-z][a-z-]*)\.([a-z][\w.-]*)'/g)]
        .filter(([, area, rest]) => areas.has(area!) && !/^(js|ts|css|json|eta)$/.test(rest!))
        .map(([, area, rest]) => `${area}.${rest}`),
    );
    const known = new Set(declaredErrors().map(([code]) => code));
    expect(asked.length).toBeGreaterThan(50);
    expect(
      asked.filter((key) => !messages.has(key) && !known.has(key) && !isEvent(key) && !(key in PERMISSIONS)),
    ).toEqual([]);
  });
});

/** Events of the journal are named `area.verb` like keys; they are in the list of `domain/audit`. */
const isEvent = (name: string): boolean =>
  readFileSync(`${root}/src/domain/audit/event.ts`, 'utf8').includes(`'${name}'`);

describe('every declared error', () => {
  test('has a sentence in both languages, filled by its facts or by nothing', () => {
    const codes = declaredErrors().map(([code]) => code);
    expect(codes).toContain('http.fault');
    expect(codes.filter((code) => !messages.has(`errors.${code}`))).toEqual([]);
  });
});

describe('t', () => {
  test('formats ICU plurals and numbers in the language', () => {
    expect(messages.t('en', 'message-code.resend-in', { seconds: 1 })).toContain('1 second.');
    expect(messages.t('en', 'message-code.resend-in', { seconds: 45 })).toContain('45 seconds.');
    expect(messages.t('vi', { key: 'message-code.resend-in', values: { seconds: 45 } })).toContain('45 giây');
  });

  test('refuses a key that does not exist', () => {
    expect(() => messages.t('vi', 'no.such.key')).toThrow('no.such.key');
    expect(() => messages.t('vi', 'constructor')).toThrow('constructor');
  });
});

test('html escapes the words and the values and keeps only our own tags', () => {
  const html = messages.html('en', 'consent.withdraw', {}, { link: (inner) => `<a href="/account">${inner}</a>` });
  expect(html).toBe('You can withdraw your consent in <a href="/account">My account</a>.');
  expect(escapeHtml(`<img src=x onerror="a('b')">&`)).not.toMatch(/[<>"']/);
});

describe('the language of a page', () => {
  const now = new Date('2026-11-21T09:00:00Z');
  const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
  test.each([
    [{}, 'vi'],
    [{ acceptLanguage: 'de-DE, fr;q=0.9' }, 'vi'],
    [{ acceptLanguage: 'en-US,en;q=0.9,vi;q=0.8' }, 'en'],
    [{ acceptLanguage: 'en;q=0.3, vi;q=0.8' }, 'vi'],
    [{ acceptLanguage: 'vi;q=0, en;q=0.1' }, 'en'],
    [{ cookie: 'en', acceptLanguage: 'vi' }, 'en'],
    [{ uiLocales: 'fr-CA en', acceptLanguage: 'vi' }, 'en'],
    [{ uiLocales: 'vi-VN', cookie: 'en' }, 'vi'],
    [{ uiLocales: 'vi', cookie: chosenLocale('en', ago(60)) }, 'en'],
    [{ uiLocales: 'vi', cookie: chosenLocale('en', ago(7200)) }, 'vi'],
    [{ uiLocales: '<script>', cookie: 'x.y' }, 'vi'],
  ] as const)('%o is %s', (hints, locale) => {
    expect(negotiateLocale(hints, now)).toBe(locale);
  });

  test('a tag is read by its primary subtag in any case', () => {
    expect([asLocale('EN-gb'), asLocale('vi-VN'), asLocale('english'), asLocale('')]).toEqual([
      'en',
      'vi',
      undefined,
      undefined,
    ]);
  });
});

test('every sentence compiles and speaks when its placeholders are filled', () => {
  const unfilled: string[] = [];
  for (const locale of locales)
    for (const key of messages.keys(locale)) {
      const names = messages.placeholders(locale, key);
      const values = Object.fromEntries(names.map((name) => [name, 3]));
      const tags = Object.fromEntries(names.map((name) => [name, (inner: string) => inner]));
      const isTag = texts[locale][key]?.includes('<') ?? false;
      const spoken = isTag ? messages.html(locale, key, {}, tags) : messages.t(locale, key, values);
      if (/[{}]/.test(spoken)) unfilled.push(`${locale} ${key}: ${spoken}`);
    }
  expect(unfilled).toEqual([]);
});
