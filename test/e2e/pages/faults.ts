import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on the open page by the rules of WCAG 2.2 AA and by good practice, or by `rules`: a line an element. */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Through the debugger, not as a script tag: the page's policy allows no script but its own.
  await page.evaluate(axe);
  return page.evaluate(async (only) => {
    const { axe, document } = globalThis as unknown as {
      axe: { run(target: unknown, options: object): Promise<Results> };
      document: unknown;
    };
    interface Results {
      violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run(document, {
      runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: tags },
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary.replaceAll('\n', ' ')}`),
    );
  }, rules);
}
