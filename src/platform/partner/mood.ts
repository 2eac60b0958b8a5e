import { setTimeout } from 'node:timers/promises';
import type { Silence, Unavailable } from './partner.ts';

/** How a simulated partner behaves: as it should, or silent for one of the reasons that the real one has. */
export type Mood = 'well' | Exclude<Silence, 'resting'>;

/** The mood of a simulated partner, which tests and magic values of the sandbox change. */
export interface Moods {
  behave(how: Mood): void;
  /** Passes when it is well; otherwise it is silent, and slow about it where that is the reason. */
  meet(asked?: Mood): Promise<void>;
}

/** `timeout`: milliseconds that a slow one is waited for. */
export function createMoods(unavailable: Unavailable, timeout = 2_500): Moods {
  let mood: Mood = 'well';
  return {
    behave(how) {
      mood = how;
    },
    async meet(asked = 'well') {
      const how = mood === 'well' ? asked : mood;
      if (how === 'too_slow') await setTimeout(timeout);
      if (how !== 'well') throw unavailable(how);
    },
  };
}
