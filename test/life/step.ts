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

/** Whom a step happens to: one of those whom it is about, if there is one, five times of six; otherwise whoever comes. */
export type Likely = (who: Citizen) => boolean;
/** How many places there are to draw. */
export const PLACES = 36;

const chosen = ({ people }: Village, at: number, likely: Likely): Citizen | undefined => {
  const among = at < 30 ? people.filter(likely) : people;
  return among[at % among.length];
};

/** A step of one person's life; afterwards everything holds for them. */
export function aStep(name: string, at: number, act: Act, likely: Likely): Step {
  return stepOf(name, at, act, { likely, concerned: (_, who) => [who] });
}

/** A step that concerns everybody: afterwards everything holds for each of them. */
export const forAll = (name: string, at: number, act: Act): Step =>
  stepOf(name, at, act, { likely: () => true, concerned: ({ people }) => people });

function stepOf(
  name: string,
  at: number,
  act: Act,
  of: { readonly likely: Likely; readonly concerned: (village: Village, who: Citizen) => readonly Citizen[] },
): Step {
  return {
    check: () => true,
    async run(village, run) {
      if (run.over()) return;
      const who = chosen(village, at, of.likely);
      if (!who) return;
      run.advance(1);
      for (const { account } of village.people) if (account) age(account);
      const outcome = await act(run.world, who, village);
      if (outcome === undefined) return;
      const key = `${name}: ${outcome}`;
      run.done.set(key, (run.done.get(key) ?? 0) + 1);
      for (const one of of.concerned(village, who)) await holds(run.world, one);
    },
    toString: () => `${name} (${at})`,
  };
}
