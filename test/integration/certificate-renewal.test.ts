import { spawn } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BARE } from '../support/bare-environment.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/samples.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const serialOf = (name: string): string =>
  new X509Certificate(readFileSync(path(`../vectors/tls/${name}.crt`))).serialNumber;

/** The serial number of the certificate that a new connection is shown. */
async function shown(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.serialNumber ?? '';
  } finally {
    socket.destroy();
  }
}

test.each([1, 2])(
  'SIGHUP shows a renewed certificate on every connection, with %i processes; a bad file changes nothing',
  async (workers) => {
    const fresh = await freshDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'senid-certificate-'));
    const [certificate, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')];
    const install = (name: string): void => {
      copyFileSync(path(`../vectors/tls/${name}.crt`), certificate);
      copyFileSync(path(`../vectors/tls/${name}.key`), key);
    };
    install('localhost');
    const port = await freePort();
    const child = spawn(process.execPath, [path('../../src/main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...BARE,
        ISSUER: `https://localhost:${port}`,
        PORT: String(port),
        OPS_PORT: '0',
        WORKERS: String(workers),
        DATABASE_URL: fresh.url,
        SENID_MASTER_SECRET: randomBytes(32).toString('base64'),
        COOKIE_KEYS: randomBytes(32).toString('base64'),
        AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'),
        SMTP_URL: 'smtp://127.0.0.1:25',
        MAIL_FROM: 'no-reply@localhost.example',
        SMS_GATEWAY_URL: 'http://127.0.0.1:9/sms',
        TLS_CERT_FILE: certificate,
        TLS_KEY_FILE: key,
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const ended = once(child, 'close');
    try {
      await eventually(() => said).toContain('"listening"');
      expect(await shown(port)).toBe(serialOf('localhost'));

      install('renewed');
      child.kill('SIGHUP');
      await eventually(() => said.split('certificate read again').length - 1).toBe(workers);
      for (let connection = 0; connection < 6; connection += 1) expect(await shown(port)).toBe(serialOf('renewed'));

      writeFileSync(key, 'not a key');
      child.kill('SIGHUP');
      await eventually(() => said.split('certificate not read').length - 1).toBe(workers);
      expect(await shown(port)).toBe(serialOf('renewed'));
    } finally {
      child.kill('SIGTERM');
      const [code] = await ended;
      expect(code).toBe(0);
      await fresh.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  90_000,
);
