import { execFileSync, spawnSync } from 'node:child_process';

/** Who the cluster's processes run as. Empty when we are somebody ordinary: then it is us. */
export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

const numberOf = (flag: '-u' | '-g'): number => {
  try {
    return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return 65534;
  }
};

/** PostgreSQL refuses to run as root: then it runs as `nobody`, whom every machine has; no system user is created. */
export const unprivileged: Identity = process.getuid?.() === 0 ? { uid: numberOf('-u'), gid: numberOf('-g') } : {};

/** Whether a shell of that identity finds this true; `$1` is `argument`. The kernel answers, whatever modes and lists say. */
export const holdsFor = (identity: Identity, test: string, argument: string): boolean =>
  spawnSync('/bin/sh', ['-c', test, 'sh', argument], { ...identity, cwd: '/', stdio: 'ignore' }).status === 0;
