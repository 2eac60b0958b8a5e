import type { Outcome } from './batch.ts';
import type { Target } from './target.ts';

/** Plain lines come so often, milliseconds; on a terminal there is one line that changes. */
const LINE_EVERY = 30_000;
const LOOK_EVERY = 500;

interface Row {
  cases: number;
  read: number;
  codes: Set<string>;
  cpuMs: number;
  heldMb: number;
}

/** Counts what is done, says how far it is, and at the end what each target has had. */
export function createTally({
  targets,
  cases,
  seed,
  json,
}: {
  readonly targets: readonly Target[];
  readonly cases: number;
  readonly seed: number;
  readonly json: boolean;
}) {
  const began = performance.now();
  const rows = new Map<string, Row>(
    targets.map(({ name }) => [name, { cases: 0, read: 0, codes: new Set(), cpuMs: 0, heldMb: 0 }]),
  );
  const terminal = process.stdout.isTTY && !json;
  let done = 0;
  let saidAt = began;
  const seconds = (): number => Math.round((performance.now() - began) / 1000);

  const say = (name: string): void => {
    if (performance.now() - saidAt < (terminal ? LOOK_EVERY : LINE_EVERY)) return;
    saidAt = performance.now();
    const line = `${((100 * done) / cases).toFixed(1).padStart(5)} %  ${done} cases in ${seconds()} s  ${name}`;
    if (terminal) process.stdout.write(`\r\u001b[K${line}`);
    else if (!json) console.log(line);
  };
  return {
    add({ name, cases: more, counts, cpuMs, heldBytes }: Outcome): void {
      const row = rows.get(name)!;
      row.cases += more;
      row.read += counts.read ?? 0;
      for (const code of Object.keys(counts)) if (code !== 'read') row.codes.add(code);
      row.cpuMs += cpuMs;
      row.heldMb = Math.max(row.heldMb, Math.round(heldBytes / 1_048_576));
      done += more;
      say(name);
    },
    end(): void {
      if (terminal) process.stdout.write('\r\u001b[K');
      for (const [name, { codes, cpuMs, ...row }] of rows) {
        const figures = { ...row, refusals: codes.size, micros: Math.round((1000 * cpuMs) / Math.max(1, row.cases)) };
        if (json) console.log(JSON.stringify({ name, ...figures, cpu_s: Math.round(cpuMs / 100) / 10 }));
        else console.log(lineOf(name, figures));
      }
      if (json) console.log(JSON.stringify({ cases: done, seconds: seconds(), seed }));
      else console.log(`\n${done} cases for ${rows.size} targets in ${seconds()} s, seed ${seed}`);
    },
  };
}

const lineOf = (name: string, row: { cases: number; read: number; refusals: number; micros: number; heldMb: number }) =>
  [
    name.padEnd(42),
    `${String(row.cases).padStart(8)} cases`,
    `${String(row.read).padStart(8)} read`,
    `${String(row.refusals).padStart(3)} kinds of refusal`,
    `${String(row.micros).padStart(6)} µs each`,
    `${String(row.heldMb).padStart(4)} MB held`,
  ].join('  ');
