import type { Page } from 'playwright-core';
import { press } from './visitor.ts';

/** What a way costs a person: presses of a button or link, and fields filled. */
export interface Effort {
  press(page: Page, selector: string): Promise<void>;
  fill(page: Page, selector: string, value: string): Promise<void>;
  /** A press that the device makes by itself here. */
  touch(): void;
  /** Says what it came to; answers the seconds. */
  tell(what: string): number;
}

/** Begins to count. */
export function effort(): Effort {
  const since = Date.now();
  let presses = 0;
  let fields = 0;
  return {
    async press(page, selector) {
      presses += 1;
      await press(page, selector);
    },
    async fill(page, selector, value) {
      fields += 1;
      await page.fill(selector, value);
    },
    touch() {
      presses += 1;
    },
    tell(what) {
      const seconds = (Date.now() - since) / 1000;
      console.info(`${what}: ${presses} presses, ${fields} fields, ${seconds.toFixed(1)} s beside the waiting time`);
      return seconds;
    },
  };
}
