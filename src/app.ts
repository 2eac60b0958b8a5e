import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from './config/settings.ts';
import { createDatabase } from './platform/database.ts';
import { sql } from './platform/sql.ts';
import type { ProductionCheck } from './serve/database-check.ts';

/** Everything that answers requests, put together. */
export interface App {
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  health: { live(): boolean; ready(): Promise<{ ready: boolean; checks: Record<string, string> }> };
  metrics(): Promise<string>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What must not be found in a production database. */
export const productionChecks: readonly ProductionCheck[] = [];

export async function createApp(settings: Settings): Promise<App> {
  const database = createDatabase({ url: settings.databaseUrl.reveal(), poolSize: settings.databasePool });
  return {
    handler: (_request, response) => void response.end('SenID'),
    health: {
      live: () => true,
      ready: async () => ({ ready: (await database.row(sql`SELECT 1`)) !== undefined, checks: { database: 'ok' } }),
    },
    metrics: async () => '',
    start: async () => {},
    stop: () => database.close(),
  };
}
