import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = 'color-contrast';
/** The one rule that looks at colours costs as much as all that look at words and structure. */
const LOOKS = {
  all: { runOnly: { type: 'tag', values: TAGS } },
  words: { runOnly: { type: 'tag', values: TAGS }, rules: { [COLOURS]: { enabled: false } } },
  colours: { runOnly: { type: 'rule', values: [COLOURS] } },
};

/** Puts axe-core into every page that is opened from now on: asked for on each of hundreds, it is sent and read hundreds of times. */
export const bringAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript(axe);

/** What axe-core finds on the open page by the rules of WCAG 2.2 AA and by good practice, or by a part of them: a line an element. */
export async function accessibilityFaults(page: Page, look: keyof typeof LOOKS = 'all'): Promise<string[]> {
  // Through the debugger, not as a script tag: the page's policy allows no script but its own.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  return page.evaluate(
    async (options) => {
      const { axe, document } = globalThis as unknown as {
        axe: { run(target: unknown, options: object): Promise<Results> };
        document: unknown;
      };
      interface Results {
        violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
      }
      const { violations } = await axe.run(document, options);
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary.replaceAll('\n', ' ')}`),
      );
    },
    { ...LOOKS[look], resultTypes: ['violations'] },
  );
}
