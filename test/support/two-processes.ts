import { afterAll, beforeAll } from 'vitest';
import { startTwoProcesses, type TwoProcesses } from '../race/race.ts';
import { freshDatabase } from './database.ts';

/** For a test file: two processes of one issuer on a database of their own. */
export function twoProcesses(): { readonly two: TwoProcesses; readonly database: Fresh['database'] } {
  let fresh: Fresh;
  let two: TwoProcesses;
  beforeAll(async () => {
    fresh = await freshDatabase();
    two = await startTwoProcesses(fresh.url);
  });
  afterAll(async () => {
    await two?.stop();
    await fresh?.end();
  });
  return {
    get two() {
      return two;
    },
    get database() {
      return fresh.database;
    },
  };
}

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;
