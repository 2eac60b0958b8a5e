import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from '../app.ts';
import { refuseToStart, settingsOrExit } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { createTerminal, type Terminal } from './terminal.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** The options that every command has. */
export interface Options {
  readonly json?: boolean;
  readonly sandbox?: boolean;
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** All settings, or every fault and 78. */
  settings(): Settings;
  /** The parts of the application, without serving anything and without its jobs; closed when `work` is done. */
  withApp<T>(work: (app: App) => Promise<T>): Promise<T>;
}

/** From the environment; with `--sandbox`, from the sandbox that runs in this folder. */
export function contextOf({ json = false, sandbox = false }: Options): Context {
  const environment = sandbox ? { ...process.env, ...runningSandbox() } : process.env;
  const settings = (): Settings => settingsOrExit(environment);
  return {
    terminal: createTerminal(json),
    environment,
    settings,
    withApp: async (work) => {
      const known = settings();
      // Loaded here: the commands that need no application answer in a tenth of the time.
      const { databaseFaults } = await import('../serve/database-check.ts');
      const { createApp, databaseChecks } = await import('../app.ts');
      // What the sandbox lets one person do at once, nobody does among real people by naming that profile. In production the
      // commands run all the same: with them a database is cleared of what keeps it from being served.
      const checks = known.profile === 'sandbox' ? databaseChecks(known) : [];
      const faults = await databaseFaults(known.databaseUrl, checks);
      if (faults.length > 0) refuseToStart(faults);
      // The journal says what was done; a log between the lines of an answer would only be in the way.
      const app = await createApp({ ...known, logLevel: 'silent' });
      try {
        return await work(app);
      } finally {
        await app.stop();
      }
    },
  };
}

/** What the launcher tells its provider, for as long as it runs. */
function runningSandbox(): Record<string, string> {
  const file = join(resolve(project, process.env.STATE_FOLDER?.trim() || 'var'), 'environment.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return refuseToStart(['no sandbox runs in this folder: npm start']);
  }
}
