import cluster, { type Worker } from 'node:cluster';
import type { Vitals } from './ops.ts';

/** What the first process and its workers say to one another. */
type Question = { ask: 'ready' | 'metrics'; id: number };
type Answer = { id: number; value: unknown };

/** Workers on one port: they are started, started again when they die, and told to stop. */
export interface Workers {
  readonly vitals: Vitals;
  /** Resolves when every worker listens. */
  readonly listening: Promise<void>;
  stop(limit: number): Promise<void>;
  /** Passes a signal on to every worker. */
  signal(signal: NodeJS.Signals): void;
}

const ANSWER_WITHIN = 3_000;

/** Starts `count` workers. `died` is told about one that ends by itself; it is replaced after a second. */
export function startWorkers(count: number, died: (pid: number, code: number) => void): Workers {
  // Each worker accepts by itself from the one queue. Node's own round robin hands connections out from here, and what it
  // has handed to a worker that dies at that moment hangs for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  let stopping = false;
  let questions = 0;
  const all = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

  const ask = (worker: Worker, question: Question['ask']): Promise<unknown> =>
    new Promise((resolve) => {
      questions += 1;
      const id = questions;
      const heard = (answer: Answer): void => {
        if (answer.id === id) settle(answer.value);
      };
      const settle = (value: unknown): void => {
        clearTimeout(timer);
        worker.off('message', heard);
        resolve(value);
      };
      const timer = setTimeout(settle, ANSWER_WITHIN, undefined);
      worker.on('message', heard);
      worker.send({ ask: question, id } satisfies Question, (error) => error && settle(undefined));
    });

  const fork = (): Promise<void> => {
    const worker = cluster.fork();
    worker.on('exit', (code) => {
      if (stopping) return;
      died(worker.process.pid ?? 0, code);
      setTimeout(() => !stopping && fork(), 1_000);
    });
    return new Promise((resolve, reject) => {
      worker.once('listening', () => resolve());
      worker.once('exit', (code) => reject(new Error(`worker ended with ${code}`)));
    });
  };

  const listening = Promise.all(Array.from({ length: count }, fork)).then(() => {});
  return {
    listening,
    signal: (signal) => {
      for (const worker of all()) worker.process.kill(signal);
    },
    vitals: {
      live: () => true,
      ready: async () => {
        const states = (await Promise.all(all().map((worker) => ask(worker, 'ready')))) as (
          | { ready: boolean; checks: Record<string, string> }
          | undefined
        )[];
        const missing = states.filter((state) => state === undefined).length + Math.max(0, count - states.length);
        const checks = Object.assign(
          {},
          ...states.map((state) => state?.checks),
          ...states.map((state) => (state?.ready ? {} : state?.checks)),
        );
        return {
          ready: !stopping && missing === 0 && states.every((state) => state?.ready),
          checks: { ...checks, workers: `${count - missing} of ${count}` },
        };
      },
      metrics: async () => {
        const texts = await Promise.all(
          all().map(async (worker) => [worker.id, await ask(worker, 'metrics')] as const),
        );
        return mergeMetrics(texts.filter((entry): entry is [number, string] => typeof entry[1] === 'string'));
      },
    },
    stop: async (limit) => {
      stopping = true;
      const ended = all().map((worker) => new Promise<void>((resolve) => void worker.once('exit', () => resolve())));
      for (const worker of all()) worker.process.kill('SIGTERM');
      const over = setTimeout(() => all().forEach((worker) => void worker.process.kill('SIGKILL')), limit);
      await Promise.all(ended);
      clearTimeout(over);
    },
  };
}

/** In a worker: answers the first process, and calls `orphaned` when it is gone. */
export function answerPrimary(vitals: Vitals, orphaned: () => void): void {
  process.on('message', async ({ ask, id }: Question) => {
    if (ask !== 'ready' && ask !== 'metrics') return;
    const value = await (ask === 'ready' ? vitals.ready() : vitals.metrics()).catch(() => undefined);
    if (process.connected) process.send?.({ id, value } satisfies Answer);
  });
  process.on('disconnect', orphaned);
}

/** Puts several expositions together: a series keeps apart by the label `worker`, and HELP and TYPE stand once. */
export function mergeMetrics(texts: readonly (readonly [worker: number, text: string])[]): string {
  const families = new Map<string, { head: string[]; series: string[] }>();
  for (const [worker, text] of texts) {
    let family = { head: [] as string[], series: [] as string[] };
    for (const line of text.split('\n')) {
      const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name !== undefined) {
        family = families.get(name) ?? { head: [], series: [] };
        families.set(name, family);
        if (!family.head.includes(line)) family.head.push(line);
      } else if (line !== '' && !line.startsWith('#')) {
        family.series.push(labelled(line, worker));
      }
    }
  }
  return [...families.values()]
    .flatMap(({ head, series }) => [...head, ...series])
    .join('\n')
    .concat('\n');
}

const labelled = (line: string, worker: number): string => {
  const label = `worker="${worker}"`;
  const brace = line.indexOf('{');
  return brace >= 0
    ? `${line.slice(0, brace + 1)}${label},${line.slice(brace + 1)}`
    : line.replace(/^(\S+)/, (_, name: string) => `${name}{${label}}`);
};
