/** One thing that must work. It throws or rejects when it does not. */
export interface Check {
  readonly name: string;
  check(): void | Promise<void>;
}

/** What a look at the checks found; no reasons, they stand in the log. */
export interface Report {
  readonly status: 'pass' | 'fail';
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly ms: number }[];
}

/** Live: restart me if this fails. Ready: send me nobody while this fails. */
export interface Health {
  live(): Promise<Report>;
  ready(): Promise<Report>;
  /** From now on not ready: SIGTERM has come, and the balancer should look elsewhere while we drain. */
  drain(): void;
}

const AT_MOST_MS = 2_000;

/** The checks as lists, run at once, each bounded in time. */
export function createHealth(options: { readonly live?: readonly Check[]; readonly ready: readonly Check[] }): Health {
  let draining = false;
  const serving: Check = {
    name: 'serving',
    check() {
      if (draining) throw new Error('draining');
    },
  };
  return {
    live: () => look(options.live ?? []),
    ready: () => look([serving, ...options.ready]),
    drain() {
      draining = true;
    },
  };
}

async function look(checks: readonly Check[]): Promise<Report> {
  const results = await Promise.all(
    checks.map(async ({ name, check }) => {
      const begun = performance.now();
      const ok = await withinTime(check);
      return { name, ok, ms: Math.round(performance.now() - begun) };
    }),
  );
  return { status: results.every((result) => result.ok) ? 'pass' : 'fail', checks: results };
}

async function withinTime(check: () => void | Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), AT_MOST_MS);
  });
  try {
    const done = (async () => {
      await check();
      return true;
    })();
    return await Promise.race([done, late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
