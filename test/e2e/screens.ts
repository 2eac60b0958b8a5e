import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { locales } from '../../src/platform/messages.ts';
import { accessibilityFaults } from './pages/faults.ts';
import { samples } from './pages/samples.ts';
import { launchBrowser, serveSamples } from './pages/site.ts';

/**
 * `npm run screens [name…]`: every page in {vi, en} × {light, dark} × {360, 1280 px} below `./screens`, and contact sheets
 * for each width, of 25 pages each. Ends with code 1 if axe-core finds anything.
 */
const folder = resolve(import.meta.dirname, '../../screens');
const wanted = process.argv.slice(2);
const names = samples('vi')
  .map(({ name }) => name)
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const looks = ['light', 'dark'] as const;
const widths = [360, 1280] as const;
const ROWS = 25;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const site = await serveSamples();
const browser = await launchBrowser();
const faults: string[] = [];
try {
  for (const width of widths)
    for (const colorScheme of looks)
      for (const locale of locales) {
        const viewport = { width, height: width === 360 ? 740 : 800 };
        const context = await browser.newContext({ viewport, colorScheme, locale });
        const page = await context.newPage();
        for (const name of names) await shoot(page, name, `${locale}-${colorScheme}-${width}`);
        await context.close();
      }
  for (const width of widths) for (let from = 0; from < names.length; from += ROWS) await contactSheet(width, from);
} finally {
  await browser.close();
  await site.close();
}
console.log(`${names.length} pages, ${names.length * 8} pictures in ${folder}`);
for (const fault of faults) console.log(`axe: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function shoot(page: Page, name: string, look: string): Promise<void> {
  // The form that submits itself would leave; everything else is shown with its script, as people see it.
  if (name.startsWith('form-post')) await page.route('**/submit.js', (route) => route.abort());
  const answer = await page.goto(`${site.origin}/pages/${name}`);
  if (answer?.status() !== 200) throw new Error(`${name} answered ${answer?.status()}`);
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: `${folder}/${name.replaceAll('/', '.')}-${look}.png`, fullPage: true });
  for (const fault of await accessibilityFaults(page)) faults.push(`${name} ${look}: ${fault}`);
}

/** One picture of some pages at one width: a row for each page, a column for each language and look. */
async function contactSheet(width: number, from: number): Promise<void> {
  const scale = width === 360 ? 0.5 : 0.28;
  const cell = (name: string, look: string): string => {
    const file = `${name.replaceAll('/', '.')}-${look}-${width}.png`;
    return `<td><img src="${file}" width="${Math.round(width * scale)}"></td>`;
  };
  const columns = locales.flatMap((locale) => looks.map((look) => `${locale}-${look}`));
  const rows = names
    .slice(from, from + ROWS)
    .map((name) => `<tr><th>${name}</th>${columns.map((look) => cell(name, look)).join('')}</tr>`);
  const sheet = `${folder}/contact-sheet-${width}-${String(from / ROWS + 1).padStart(2, '0')}.html`;
  writeFileSync(
    sheet,
    `<!doctype html><meta charset="utf-8"><style>body{font:14px sans-serif;background:#888;margin:8px}td,th{padding:6px;vertical-align:top;text-align:left}</style><table>${rows.join('')}</table>`,
  );
  const page = await browser.newPage({ viewport: { width: Math.round(width * scale * 4) + 300, height: 800 } });
  await page.goto(`file://${sheet}`);
  await page.screenshot({ path: sheet.replace('.html', '.png'), fullPage: true });
  await page.close();
}
