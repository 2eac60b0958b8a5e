import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SANDBOX_KEY } from '../config/profiles.ts';
import { Unfit } from '../config/unfit.ts';
import { readableFolder } from './binaries.ts';
import { holdsFor, unprivileged } from './unprivileged.ts';

/** Where the sandbox keeps what it must not forget: `STATE_FOLDER`, or ./var. */
export function stateFolder(named: string | undefined): string {
  const folder = resolve(named?.trim() || 'var');
  try {
    makeFolder(folder);
    // A file of that name is no folder, and neither is a link to one.
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Unfit(
      `${folder} cannot be written to (${(error as NodeJS.ErrnoException).code}): give it to this user, or name another folder in STATE_FOLDER.`,
    );
  }
  return folder;
}

/** Step by step: Node's own `recursive` turns for ever where the parent exists and refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/**
 * The folder of the cluster: inside the state folder, unless root started us below a folder that `nobody` cannot enter.
 * Then it is one in the readable place, named after the state folder, so that a second start finds it again.
 */
export function clusterFolder(state: string): string {
  if (unprivileged.uid === undefined || holdsFor(unprivileged, 'cd "$1"', state)) return join(state, 'postgres');
  return join(readableFolder(), `postgres-of-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`);
}

/** Keys of this sandbox alone, made at its first start. They are marked, so that production refuses them. */
export interface SandboxSecrets {
  readonly masterSecret: string;
  readonly cookieKey: string;
}

/** Reads the secrets of the sandbox, or makes and keeps them (only the owner may read the file). */
export function sandboxSecrets(state: string): SandboxSecrets {
  const file = join(state, 'secrets.json');
  try {
    chmodSync(file, 0o600);
    return JSON.parse(readFileSync(file, 'utf8')) as SandboxSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new Unfit(`${file} cannot be read: npm run reset makes a new sandbox.`);
    }
  }
  const key = () => Buffer.concat([SANDBOX_KEY, randomBytes(32)]).toString('base64');
  const secrets = { masterSecret: key(), cookieKey: key() };
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
