import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Locale, locales } from '../../src/platform/messages.ts';
import { citizenSamples, firstOfEach } from './pages/samples.ts';
import { launchBrowser, openToLook, serveSamples } from './pages/site.ts';

// WCAG 2.2: 1.3.1, 2.1.1, 2.4.1, 2.4.3, 2.4.7, 3.1.2, 3.3.1, 4.1.2, over every page that a citizen sees.
let site: Awaited<ReturnType<typeof serveSamples>>;
let browser: Browser;
beforeAll(async () => {
  site = await serveSamples();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const names = citizenSamples('vi').map(({ name }) => name);

/** Where the focus is, how it shows, and where that stands on the page. */
interface Stop {
  readonly what: string;
  readonly skip: boolean;
  readonly ring: string;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
}
/** Notes each stop in the page itself, until the focus has left it. */
const NOTE = `(() => {
  const walk = (globalThis.walk = { stops: [], over: false });
  document.addEventListener('focusin', ({ target: one }) => {
    if (walk.over) return;
    // A link that goes over two lines stands where it begins.
    const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
    const style = getComputedStyle(one);
    walk.stops.push({
      what: one.outerHTML.slice(0, 160),
      skip: one.className === 'skip',
      ring: style.outlineWidth + ' ' + style.outlineStyle,
      top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left,
    });
  });
  // From the top, wherever the page has put the focus.
  document.querySelector('a.skip').focus();
  document.addEventListener('focusout', ({ relatedTarget }) => { if (relatedTarget === null) walk.over = true; });
})()`;

/** What is wrong with a page before anybody touches it. */
const FAULTS = `(() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const one = (selector) => { if (all(selector).length !== 1) faults.push(selector + ': ' + all(selector).length); };
  ['h1', 'main#main', 'body > header', 'body > footer', 'a.skip[href="#main"]'].forEach(one);
  for (const nav of all('nav')) if (!nav.ariaLabel && !nav.getAttribute('aria-labelledby')) faults.push('a nav without a name');
  let level = 1;
  for (const heading of all('h1, h2, h3, h4')) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1 && !heading.closest('dialog, .error-summary')) faults.push(heading.outerHTML + ' after h' + level);
    level = own;
  }
  for (const attribute of ['aria-describedby', 'aria-labelledby', 'for', 'form'])
    for (const element of all('[' + attribute + ']'))
      for (const id of element.getAttribute(attribute).split(/\\s+/))
        if (!document.getElementById(id)?.outerHTML) faults.push(attribute + ' leads nowhere: ' + id);
  for (const wrong of all('[aria-invalid=true]')) {
    const said = (wrong.getAttribute('aria-describedby') ?? '').split(/\\s+/).map((id) => document.getElementById(id));
    if (!said.some((text) => text?.classList.contains('error') && text.innerText.trim())) faults.push('wrong, and nothing says why: ' + wrong.id);
  }
  const first = document.querySelector('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]');
  if (first?.className !== 'skip') faults.push('the first stop is not the way to the content: ' + first?.outerHTML);
  const summary = document.getElementById('error-summary');
  if (summary) {
    if (document.activeElement !== summary) faults.push('the summary of errors has not the focus');
    if (!document.title.match(/^(Cần sửa|Please check)/)) faults.push('the title does not say that something is wrong: ' + document.title);
    for (const link of summary.querySelectorAll('a')) {
      const target = document.querySelector(link.hash);
      if (!target) { faults.push('an error leads nowhere: ' + link.hash); continue; }
      target.focus();
      if (document.activeElement !== target) faults.push('an error leads to what takes no focus: ' + link.hash);
    }
    summary.focus();
  }
  for (const other of all('[hreflang]')) if (other.lang !== other.hreflang) faults.push('no lang: ' + other.outerHTML);
  return faults;
})()`;

describe.each(locales)('in %s', (locale) => {
  test('each page can be walked by Tab from top to bottom, shows where one is, and names every stop', async () => {
    const context = await openToLook(browser, { viewport: { width: 360, height: 740 }, locale });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const faults: string[] = [];
    const stops: number[] = [];
    // A language moves nothing: the second one is one walk through each page.
    for (const name of locale === 'vi' ? names : firstOfEach(citizenSamples(locale))) {
      await page.goto(`${site.origin}/pages/${name}`);
      // The browser gives the focus before it paints, not before it has loaded.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      for (const fault of await page.evaluate<string[]>(FAULTS)) faults.push(`${name}: ${fault}`);
      for (const fault of await unnamed(cdp, locale)) faults.push(`${name}: ${fault}`);
      const walked = await walk(page, cdp);
      stops.push(walked.length);
      for (const fault of disorder(walked)) faults.push(`${name}: ${fault}`);
    }
    await context.close();
    expect(faults).toEqual([]);
    // The way to the content, our name, help, and the foot of the page are on every one.
    expect(Math.min(...stops)).toBeGreaterThanOrEqual(7);
  }, 300_000);
});

/** Every stop from the top of the page until the focus leaves it. */
async function walk(page: Page, cdp: CDPSession): Promise<Stop[]> {
  await page.evaluate(NOTE);
  const tab = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  for (let presses = 0; presses < 120; presses += 20) {
    // Twenty at once: the browser takes them in their order.
    const keys = Array.from({ length: 20 }, () => [
      cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...tab }),
      cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...tab }),
    ]);
    await Promise.all(keys.flat());
    const { stops, over } = await page.evaluate<{ stops: Stop[]; over: boolean }>('globalThis.walk');
    if (over) return stops;
  }
  throw new Error(`the focus does not leave ${page.url()}`);
}

/** Stops that show no ring, and stops that stand above the one before. */
function disorder(stops: readonly Stop[]): string[] {
  const faults = stops.filter(({ ring }) => ring !== '3px solid').map(({ what, ring }) => `no ring (${ring}): ${what}`);
  for (const [index, stop] of stops.entries()) {
    const before = stops[index - 1];
    if (!before || before.skip) continue;
    const sameRow = stop.top < before.bottom && stop.bottom > before.top;
    const follows = sameRow ? stop.left >= before.left - 1 || stop.top > before.top : stop.top >= before.bottom - 1;
    if (!follows) faults.push(`${stop.what} stands before ${before.what}`);
  }
  return faults;
}

/** What may be the same in both languages: names, addresses and what is written for machines. */
const SAME = /^(SenID|Lotus Air|level-2|\d\.\d|\d{4}-\d\d-\d\d|[a-z]+\.json|\/[\w./-]+|[A-Z2-7]{32})$/;
const spoken: Record<string, Map<string, Set<string>>> = {};

interface AxNode {
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
  readonly ignored: boolean;
}
const CONTROLS = [
  'button',
  'link',
  'textbox',
  'checkbox',
  'radio',
  'combobox',
  'searchbox',
  'spinbutton',
  'DisclosureTriangle',
];

/** Controls that a screen reader has no name for, as the browser's own tree tells it. */
async function unnamed(cdp: CDPSession, locale: Locale): Promise<string[]> {
  const { nodes } = (await cdp.send('Accessibility.getFullAXTree')) as { nodes: AxNode[] };
  const controls = nodes.filter(({ ignored, role }) => !ignored && CONTROLS.includes(role?.value ?? ''));
  const named = controls.map(({ name }) => (name?.value ?? '').trim());
  const { result } = await cdp.send('Runtime.evaluate', { expression: 'location.pathname' });
  for (const text of named) {
    spoken[locale] ??= new Map();
    const where = spoken[locale].get(text) ?? new Set();
    spoken[locale].set(text, where.add(String(result.value)));
  }
  return controls.filter(({ name }) => !name?.value?.trim()).map(({ role }) => `a ${role?.value} without a name`);
}

test('what is read aloud is in the language of the page: nothing is the same in both but names and figures', () => {
  const [vi, en] = [spoken.vi ?? new Map(), spoken.en ?? new Map()];
  expect(vi.size).toBeGreaterThan(100);
  const same = [...vi.keys()].filter((text) => en.has(text) && !SAME.test(text));
  expect(same.map((text) => `${text} at ${[...(vi.get(text) ?? [])][0]}`)).toEqual([]);
});
