import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Agent } from 'undici';
import { createApp } from '../../../src/app.ts';
import type { Said } from '../../support/command.ts';
import { freshDatabase } from '../../support/database.ts';
import { createSend, type Send } from '../../support/http-client.ts';
import { listenTo } from '../../support/said.ts';
import { freePort } from '../../support/samples.ts';
import type { TestServer } from '../../support/server.ts';
import { serverRole } from '../../support/server-role.ts';
import { settingsOf } from '../../support/settings.ts';

/** Of localhost and 127.0.0.1, signed by itself. */
export const TLS = { cert: resolve('test/vectors/tls/localhost.crt'), key: resolve('test/vectors/tls/localhost.key') };

/** Connections to whoever shows that certificate. */
export const trusting = new Agent({ connect: { ca: readFileSync(TLS.cert) } });

/**
 * A process of `senid serve` with nothing of a sandbox: https, settings from the environment, a database with nobody in it, to which
 * it comes as a role that owns nothing.
 */
export interface ProductionServer {
  readonly issuer: string;
  /** A folder for the files of whoever works here; gone at the end. */
  readonly folder: string;
  readonly send: Send;
  /** The command line as a process, beside the server. `elsewhere`: on a machine that knows the certificate and nothing else. */
  senid(words: readonly string[], more?: { readonly input?: string; readonly elsewhere?: true }): Promise<Said>;
  /** What no page or command of this release does, on the parts of the application: registering a citizen at a counter. */
  atTheCounter<T>(work: (server: Pick<TestServer, 'app'>) => Promise<T>): Promise<T>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  end(): Promise<void>;
}

export async function startProduction(): Promise<ProductionServer> {
  const fresh = await freshDatabase();
  const role = await serverRole(fresh.url);
  const folder = await mkdtemp(join(tmpdir(), 'senid-production-'));
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  const random = (): string => randomBytes(32).toString('base64');
  const environment = {
    ...{ ISSUER: issuer, PORT: String(port), OPS_PORT: '0', DATABASE_URL: role.url },
    ...{ TLS_CERT_FILE: TLS.cert, TLS_KEY_FILE: TLS.key, SENID_MASTER_SECRET: random(), COOKIE_KEYS: random() },
    ...{ AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'), LOG_LEVEL: 'error' },
    ...{ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'no-reply@localhost.example' },
    SMS_GATEWAY_URL: 'http://127.0.0.1:9/sms',
  };
  const base = { PATH: process.env.PATH, NO_COLOR: '1' };
  const senid = resolve('bin/senid');
  const child = spawn(senid, ['serve'], { env: { ...base, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const said = listenTo(child);
  const stop: ProductionServer['stop'] = () => {
    child.kill('SIGTERM');
    return exited;
  };
  const end: ProductionServer['end'] = async () => {
    await stop();
    await role.end();
    await fresh.end();
    await rm(folder, { recursive: true, force: true });
  };
  const listening = new Promise<true>((resolve) => {
    child.stdout.on('data', () => said.text.includes('listening') && resolve(true));
  });
  if ((await Promise.race([listening, exited])) !== true) {
    await end();
    throw new Error(`production does not start: ${said.text}`);
  }
  return {
    ...{ issuer, folder, stop, end },
    send: createSend({ dispatcher: trusting }),
    async senid(words, { input = '', elsewhere } = {}) {
      const env = elsewhere ? { ...base, NODE_EXTRA_CA_CERTS: TLS.cert } : { ...base, ...environment };
      const command = spawn(senid, words, { env });
      command.stdin.end(input);
      const closed = once(command, 'close');
      const [stdout, stderr, [status]] = await Promise.all([text(command.stdout), text(command.stderr), closed]);
      return { status: status as number, stdout, stderr };
    },
    async atTheCounter(work) {
      const app = await createApp(settingsOf(environment));
      return work({ app }).finally(app.stop);
    },
  };
}
