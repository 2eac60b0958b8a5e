import { join } from 'node:path';
import { readSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/settings.ts';

/** The settings of a sandbox for tests. */
export const environmentOf = (databaseUrl: string, port: number, folder: string, more: Record<string, string>) => ({
  PROFILE: 'sandbox',
  ISSUER: `http://localhost:${port}`,
  HOST: '127.0.0.1',
  PORT: String(port),
  OPS_PORT: '0',
  DATABASE_URL: databaseUrl,
  SENID_MASTER_SECRET: Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64'),
  COOKIE_KEYS: Buffer.from('vutsrqponmlkjihgfedcba9876543210').toString('base64'),
  AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'),
  SIGNING_KEY_FOLDER: join(folder, 'keys'),
  EGRESS_ALLOWED: 'http://localhost:9999',
  LOG_LEVEL: 'silent',
  ...more,
});

/** Settings of an environment that has no faults. */
export const settingsOf = (environment: Record<string, string>): Settings => {
  const read = readSettings(environment);
  if ('faults' in read) throw new Error(read.faults.join('\n'));
  return read.settings;
};
