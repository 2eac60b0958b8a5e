import type fc from 'fast-check';
import { age, holds } from './holds.ts';
import type { Citizen, Village } from './village.ts';
import type { World } from './world.ts';

/** What came of a step, in a word; nothing when there was nothing to be done. */
export type Outcome = string | undefined;
/** What is done, for whom. */
export type Act = (world: World, who: Citizen, village: Village) => Promise<Outcome>;
export type Step = fc.AsyncCommand<Village, Run>;

/** A run: the world, and what was done in it. */
export interface Run {
  readonly world: World;
  readonly advance: (seconds: number) => void;
  /** Steps by name and outcome. */
  readonly done: Map<string, number>;
  /** Whether it has gone on for long enough. */
  readonly over: () => boolean;
}

/** A step of one person's life; afterwards everything holds for them, or for everybody whom it could concern. */
export function aStep(
  name: string,
  at: number,
  act: Act,
  concerns: 'them' | 'everybody' | 'whoever has no account' = 'them',
): Step {
  return {
    check: () => true,
    async run(village, run) {
      if (run.over()) return;
      // Of those whom it can happen to, so that few steps do nothing.
      const some = village.people.filter(
        ({ account }) => (account === undefined) === (concerns === 'whoever has no account'),
      );
      const among = concerns === 'everybody' || some.length === 0 ? village.people : some;
      const who = among[at % among.length]!;
      run.advance(1);
      for (const { account } of village.people) if (account) age(account);
      const outcome = await act(run.world, who, village);
      if (outcome === undefined) return;
      const key = `${name}: ${outcome}`;
      run.done.set(key, (run.done.get(key) ?? 0) + 1);
      for (const one of concerns === 'everybody' ? village.people : [who]) await holds(run.world, one);
    },
    toString: () => `${name} (${at})`,
  };
}
