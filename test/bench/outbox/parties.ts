import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Arrivals, Ask, Told } from './receivers.ts';

/** Relying parties that hear of logouts, in another process than ours. */
export interface Parties {
  readonly origins: readonly string[];
  /** Of these, the first ones never answer. */
  readonly hanging: number;
  arrivals(): Promise<Arrivals>;
  stop(): Promise<void>;
}

/** Starts them. */
export async function startParties(count: number, hanging: number): Promise<Parties> {
  const child = fork(fileURLToPath(new URL('./receivers.ts', import.meta.url)));
  const ask = async (question: Ask): Promise<Told> => {
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0] as Told;
  };
  const first = await ask({ listen: count, hanging });
  if (!('ports' in first)) throw new Error('the relying parties do not listen');
  return {
    origins: first.ports.map((port) => `https://localhost:${port}`),
    hanging,
    arrivals: async () => (await ask({ arrived: true })) as Arrivals,
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
