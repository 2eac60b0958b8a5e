import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// The shell is the same browser without its windows: it takes half the processor time.
const SHELL = 'chromium-headless-shell';
const NAMES = [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FIXED = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The Chromium of this machine: `CHROMIUM_PATH`, or the first known name on the PATH. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return runs(named) ? named : undefined;
  return first(NAMES);
}

/** One with windows, for what the shell has not: the cache of pages behind the back button. */
export function findWholeChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named && !named.endsWith(SHELL)) return runs(named) ? named : undefined;
  return first(NAMES.filter((name) => name !== SHELL));
}

function first(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...FIXED].find(runs);
}

/** The same; when there is none and we are root on a Debian, apt installs it. Otherwise says what is missing. */
export function findOrInstallChromium(): { path: string; problem?: never } | { path?: never; problem: string } {
  const path = findChromium();
  if (path && findWholeChromium()) return { path };
  if (process.env.CHROMIUM_PATH) return { problem: `CHROMIUM_PATH=${process.env.CHROMIUM_PATH} cannot be run` };
  const missing = 'Chromium is missing: install the package chromium, or name one in CHROMIUM_PATH';
  if (process.getuid?.() !== 0) return { problem: missing };
  const apt = (...words: string[]): boolean =>
    spawnSync('apt-get', words, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  console.log('installing Chromium with apt-get');
  apt('update', '-q');
  const install = (name: string): boolean => apt('install', '-q', '-y', '--no-install-recommends', name);
  if (!install('chromium')) return { problem: `${missing} (apt-get failed)` };
  install(SHELL);
  const installed = findChromium();
  return installed ? { path: installed } : { problem: missing };
}
