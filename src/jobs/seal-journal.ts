import type { Journal } from '../domain/audit/index.ts';
import { type Repetition, repeat } from './repeat.ts';

/** Seals the journal each second; in all processes, of which one works at a time. Stopping seals once more. */
export function startSealing(parts: {
  journal: Pick<Journal, 'seal'>;
  /** Milliseconds between rounds: how long an event can be lost without a trace. */
  every?: number;
  failed: (error: unknown) => void;
}): Repetition {
  const { journal, every = 1_000, failed } = parts;
  const rounds = repeat(() => journal.seal(), every, failed);
  return {
    async stop() {
      await rounds.stop();
      await journal.seal().catch(failed);
    },
  };
}
