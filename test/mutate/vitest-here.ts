/**
 * The tests as they are, run here a hundred times a minute: what they take from `vitest` is this. Its own `expect` decides; what is
 * ours is only the order, and the end at the first test that fails.
 */
type Body = () => unknown;
interface Collected {
  readonly name: string;
  readonly body: Body;
}

// `expect` asks the running worker for its state; outside one it finds this.
const state = { config: { expect: {}, sequence: {} }, ctx: {}, durations: {}, environment: {}, rpc: {} };
(globalThis as Record<string, unknown>).__vitest_worker__ = state;
export const { expect } = (await import(import.meta.resolve('../../node_modules/vitest/dist/index.js'))) as {
  expect: unknown;
};

let collected: Collected[] = [];
const within: string[] = [];

/** What was collected since the last time. */
export function collectedTests(): Collected[] {
  const all = collected;
  collected = [];
  return all;
}

const bodyOf = (rest: readonly unknown[]): Body => rest.find((one) => typeof one === 'function') as Body;
const add = (name: string, ...rest: readonly unknown[]): void => {
  collected.push({ name: [...within, name].join(' > '), body: bodyOf(rest) });
};
const group = (name: string, ...rest: readonly unknown[]): void => {
  within.push(name);
  bodyOf(rest)();
  within.pop();
};
/** `%s` and the like are only for reading. */
const each =
  (run: typeof add) =>
  (cases: readonly unknown[]) =>
  (name: string, ...rest: readonly unknown[]): void => {
    for (const [at, one] of cases.entries()) {
      const words = Array.isArray(one) ? one : [one];
      run(`${name} #${at}`, () => (bodyOf(rest) as (...words: unknown[]) => unknown)(...words));
    }
  };
export const test = Object.assign(add, { each: each(add) });
export const it = test;
export const describe = Object.assign(group, { each: each(group) });
