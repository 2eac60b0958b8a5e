import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signInPage } from '../../../src/journeys/interactions/models.ts';
import { createAssets } from '../../../src/platform/assets.ts';
import { locales } from '../../../src/platform/messages.ts';
import { link, type Page } from '../../../src/platform/views.ts';
import { samples } from '../../e2e/pages/samples.ts';
import { testViews } from '../../e2e/pages/site.ts';

const root = resolve(import.meta.dirname, '../../..');
const { views } = testViews();
const page: Page = { locale: 'vi', requestId: '7K3M-92QF-4XTB', path: '/here' };
const every = locales.flatMap((locale) =>
  samples(locale).map(({ name, view, model, kiosk }) => ({
    name: `${name} ${locale}`,
    locale,
    html: views.render(view, model, { ...page, locale, ...(kiosk ? { kiosk } : {}) }),
  })),
);

test('every template of a page has a sample, and every sample a template', () => {
  const templates = globSync('**/*.eta', { cwd: `${root}/views` })
    .filter((file) => !/^(layouts|partials)\//.test(file))
    .map((file) => file.replace(/\.eta$/, ''));
  expect([...new Set(samples('vi').map(({ view }) => view.name))].sort()).toEqual(templates.sort());
});

describe.each(every)('$name', ({ name, html, locale }) => {
  test('names its language, has one heading and one main part', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="(vi|en)"( class="kiosk")?>/);
    expect(html).toContain(`<html lang="${locale}"`);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.match(/<main /g)).toHaveLength(1);
  });

  test('has no inline script, no style and no event attribute, and loads only its own', () => {
    expect(html).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [, address] of html.matchAll(/(?:src|<link[^>]*href)="([^"]+)"/g))
      expect(address).toMatch(/^\/(assets|sandbox\/pictures)\//);
  });

  test('posts with a token, and gives every control a name or an id of its own', () => {
    for (const [form] of html.matchAll(/<form[\s\S]*?<\/form>/g)) {
      // The filters of the console's lists ask and change nothing: they carry no token that an address would keep.
      if (form.startsWith('<form method="get" action="/operator')) {
        expect(form).not.toContain('csrf');
        continue;
      }
      // It closes what asks on a shared machine, and sends nothing.
      if (form.startsWith('<form method="dialog"')) continue;
      expect(form).toContain('method="post"');
      // What goes to a relying party, and the provider's own logout form, carry tokens of their own.
      if (!/logout-form|data-submit/.test(form)) expect(form).toContain('name="csrf" value="');
    }
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
    expect(ids).toEqual([...new Set(ids)]);
    // In the console a form has one button, which needs no name to be told apart.
    const controls = name.startsWith('operator/') ? /<input[^>]*>/g : /<(?:input|button)[^>]*>/g;
    for (const [control] of html.matchAll(controls)) expect(control).toMatch(/\s(name|id|data-copies|data-shows)="/);
  });

  test('leaves nothing unsaid and no UUID to read', () => {
    expect(html).not.toMatch(/undefined|\[object|NaN|\{[a-z]+\}/);
    // Citizens never read one; operators compare those of programs and of the journal.
    const read = html.replace(/<[^>]*>/g, ' ');
    if (!name.startsWith('operator/')) expect(read).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
  });
});

test('the TEST banner stands on every page of a sandbox and on none elsewhere', () => {
  const production = testViews({ sandbox: false }).views;
  for (const { view, model } of samples('vi')) {
    const banner = 'Môi trường thử nghiệm – không phải danh tính thật';
    expect(views.render(view, model, page)).toContain(banner);
    expect(production.render(view, model, page)).not.toContain(banner);
  }
});

test('abuse case 29: whatever a relying party or a person is called, no markup leaves the template', () => {
  const nasty = [
    '<script>window.__xss=1</script>',
    '"><img src=x onerror=window.__xss=1>',
    "' autofocus onfocus='window.__xss=1",
    '</title><svg onload=window.__xss=1>',
    '{{7*7}} <%= 7*7 %> <%~ 7*7 %>',
  ];
  const spoil = (value: unknown, text: string): unknown => {
    if (typeof value === 'string') return value;
    if (value instanceof Date || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => spoil(item, text));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        name === 'errors' ? item : isFree(name, item) ? text : spoil(item, text),
      ]),
    );
  };
  for (const { view, model } of samples('en'))
    for (const text of nasty) {
      const html = views.render(view, spoil(model, text) as object, page);
      expect(html).not.toMatch(/<script>|<img src=x|<svg onload|onfocus='/);
      expect(html).not.toContain('__xss=1</script');
    }
});
/** The key of a sentence, or one word of a closed list, comes from nobody outside. */
const isFree = (name: string, item: unknown): boolean =>
  FREE.has(name) &&
  typeof item === 'string' &&
  !views.messages.has(item) &&
  !(['state', 'code', 'what'].includes(name) && /^[a-z_.-]+$/i.test(item));

/** Properties of models that carry what somebody outside has chosen. */
const FREE = new Set([
  'name',
  'purpose',
  'text',
  'identifier',
  'colour',
  'mark',
  'provider',
  'csrf',
  'contact',
  'code',
  'state',
  'what',
]);

test('a model that lacks what its template reads throws instead of showing nothing', () => {
  const [sample] = samples('vi');
  const { identifier: _, ...model } = sample!.model as { identifier: string };
  expect(() => views.render(signInPage, model as never, page)).toThrow('no property "identifier"');
});

test('an address of a model leads to the web, into an app of its own name, or nowhere', () => {
  for (const fine of [
    '/account',
    'https://a.example/x?y',
    'http://localhost:3001/',
    'com.example.app:/done',
    'otpauth://totp/x',
  ])
    expect(link(fine)).toBe(fine);
  for (const bad of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'JaVaScRiPt:x',
    'data:text/html,x',
    '//evil.example',
    '/\\evil.example',
    'vbscript:x',
    '',
  ])
    expect(() => link(bad), bad).toThrow();
});

test('brand colours that cannot be read stop the start', () => {
  const assets = (brand: string, onBrand: string) =>
    createAssets({
      directory: `${root}/views/assets`,
      brand: { name: 'X', colours: { light: { brand, onBrand }, dark: { brand: '#6fd0b4', onBrand: '#06231b' } } },
    });
  expect(() => assets('#0f5c4a', '#ffffff')).not.toThrow();
  expect(() => assets('#8fd0a4', '#ffffff')).toThrow('4.5:1');
  expect(() => assets('red;}', '#ffffff')).toThrow('not a colour');
});

test('the language link keeps what the address carries, and nothing else of it', () => {
  const { view, model } = samples('vi').find(({ name }) => name === 'operator/clients')!;
  const hrefOf = (more: Partial<Page>): string | undefined =>
    /<a[^>]* href="([^"]*)"[^>]* hreflang="en"/.exec(views.render(view, model, { ...page, ...more }))?.[1];
  expect(hrefOf({})).toBe('/here?lang=en');
  expect(hrefOf({ query: 'text=Ba+V%C3%AC&lang=vi&sector=banking' })).toBe(
    '/here?text=Ba+V%C3%AC&#38;lang=en&#38;sector=banking',
  );
  expect(hrefOf({ query: 'text="><script>' })).toBe('/here?text=%22%3E%3Cscript%3E&#38;lang=en');
  expect(hrefOf({ path: null, query: 'text=x' })).toBeUndefined();
});
