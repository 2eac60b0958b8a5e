import type { Page } from 'playwright-core';
import { press } from './visitor.ts';

/** What a way costs a person: presses of a button or link, fields filled, pages read. */
export interface Effort {
  press(page: Page, selector: string): Promise<void>;
  fill(page: Page, selector: string, value: string): Promise<void>;
  /** A press that the device makes by itself here. */
  touch(): void;
  /** The page of a waiting time: there is all of it to read the page in, and none of what is counted here. */
  wait(page: Page): Promise<void>;
  /** Says what it came to; answers the seconds that a slow person needs. */
  tell(what: string): number;
}

/**
 * Seconds by the keystroke-level model (Card, Moran and Newell, "The keystroke-level model for user performance time with
 * interactive systems", CACM 23(7), 1980): M, think; P, point; K, a key, of somebody who does not know the keyboard, the slowest
 * of its table. A browser that a robot drives says nothing of people.
 */
const KLM = { think: 1.35, point: 1.1, key: 1.2 } as const;
/**
 * Every word that is to be seen of every page, at 100 a minute: adults read 238 (Brysbaert, "How many words do we read per minute?", J. Memory and
 * Language 109, 2019); in Vietnamese each syllable counts as one.
 */
const WORDS_A_MINUTE = 100;
/** To each press, for an answer over a slow network. */
const ANSWER = 5;
/** To each field, to take the sheet or the other telephone in the hand and find the place. */
const LOOK_UP = 15;

/** Begins to count. */
export function effort(): Effort {
  let [presses, fields, keys, pages, words] = [0, 0, 0, 0, 0];
  let last = '';
  // biome-ignore lint/performance/useDomNodeTextContent: what is folded away or for a screen reader alone nobody reads.
  const shown = (page: Page): Promise<string> => page.locator('main').innerText();
  const read = async (page: Page): Promise<void> => {
    const text = await shown(page);
    if (text === last) return;
    last = text;
    pages += 1;
    words += text.split(/\s+/).filter(Boolean).length;
  };
  return {
    async press(page, selector) {
      await read(page);
      presses += 1;
      await press(page, selector);
    },
    async fill(page, selector, value) {
      await read(page);
      fields += 1;
      keys += value.length;
      await page.fill(selector, value);
    },
    async wait(page) {
      last = await shown(page);
    },
    touch() {
      presses += 1;
    },
    tell(what) {
      const pressing = presses * (KLM.think + KLM.point + KLM.key + ANSWER);
      const typing = fields * (KLM.think + KLM.point + LOOK_UP) + keys * KLM.key;
      const reading = (words / WORDS_A_MINUTE) * 60;
      const seconds = pressing + typing + reading;
      const parts = `pressing ${pressing.toFixed(0)} s, typing ${typing.toFixed(0)} s, reading ${reading.toFixed(0)} s`;
      console.info(
        `${what}: ${presses} presses, ${fields} fields with ${keys} characters, ${pages} pages with ${words} words: ` +
          `${seconds.toFixed(0)} s of a slow person beside the waiting time (${parts})`,
      );
      return seconds;
    },
  };
}
