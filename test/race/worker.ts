import { createDatabase } from '../../src/platform/database.ts';
import { startStoredProvider } from '../support/stored-provider.ts';

/** One of the processes that serve the same issuer: told what to do by its parent, gone with it. */
const { databaseUrl, keys, issuer } = JSON.parse(process.env.RACE_WORKER ?? '{}');
const database = createDatabase({
  url: databaseUrl,
  poolSize: 20,
  // A machine that is busy with other things must not turn a slow pair into a refused one.
  acquireTimeout: 30_000,
  applicationName: 'senid race',
});

// Writes that lost in the database, not merely at a later look: only these prove that two requests were really in one another's way.
let lost = 0;
const execute = database.execute.bind(database);
database.execute = async (statement) => {
  try {
    return await execute(statement);
  } catch (error) {
    if ((error as { code?: string }).code === 'SL001') lost += 1;
    throw error;
  }
};

const op = await startStoredProvider({ database, keys, issuer, freshGrants: true });
process.on('message', (message) => {
  if (message === 'lost') process.send?.({ lost });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: op.url });
