import { refuseToStart } from '../config/load.ts';
import { migrate } from '../platform/migrate.ts';
import { connectionFault } from '../serve/database-check.ts';
import type { Context } from './context.ts';

/** `senid migrate`: brings the schema up to date. Safe beside running processes of the version before. */
export async function migrateCommand({ terminal, settings }: Context): Promise<number> {
  const { databaseUrl } = settings();
  const fault = await connectionFault(databaseUrl);
  if (fault) refuseToStart([fault]);
  const progress = terminal.progress('migrating');
  const ran = await migrate(databaseUrl.reveal(), (file) => progress.step(file)).finally(progress.end);
  terminal.answer(
    { ran },
    ran.length === 0
      ? ['The schema is up to date.']
      : [...ran.map((file) => `ran ${file}`), `${ran.length} migrations`],
  );
  return 0;
}
