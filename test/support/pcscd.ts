import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openPcsc } from '../../src/pcsc/pcscd.ts';
import { freePort } from './samples.ts';

const DAEMON = '/usr/sbin/pcscd';
const DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const RUN = '/run/pcscd';
const SOCKET = `${RUN}/pcscd.comm`;
/** Where Debian's own configuration puts the virtual reader. */
const DEBIAN_PORT = 0x8c7b;
/** No test takes so long; a daemon that its test has forgotten ends by itself. */
const SECONDS = 300;

/** Why there is no pcscd with a virtual reader here; `undefined` when there can be one. */
export function whyNoPcscd(): string | undefined {
  if (!existsSync(DAEMON) || !existsSync(DRIVER)) return 'apt-get install pcscd vsmartcard-vpcd brings them';
  if (existsSync(SOCKET)) return undefined;
  try {
    accessSync(existsSync(RUN) ? RUN : '/run', constants.W_OK);
    return undefined;
  } catch {
    return 'pcscd does not run, and only root may start it';
  }
}

/** A pcscd with a virtual reader: the one that runs here already, or one of our own. */
export async function startPcscd(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  if (await answers()) return { port: DEBIAN_PORT, stop: async () => {} };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'senid-pcscd-'));
  const channel = `0x${port.toString(16)}`;
  const reader = [
    'FRIENDLYNAME "Virtual PCD"',
    `DEVICENAME /dev/null:${channel}`,
    `LIBPATH ${DRIVER}`,
    `CHANNELID ${channel}`,
  ];
  writeFileSync(join(folder, 'vpcd'), `${reader.join('\n')}\n`);
  // `timeout` is what ends it when this process dies before it can.
  const child = spawn('timeout', [String(SECONDS), DAEMON, '--foreground', '--config', folder], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  for (let left = 100; left > 0; left -= 1) {
    if (child.exitCode !== null)
      throw new Error('a pcscd runs here without the virtual reader: restart it after installing vsmartcard-vpcd');
    if (await answers()) return { port, stop };
    await pause(100);
  }
  await stop();
  throw new Error('pcscd did not come up');
}

/** Whether a pcscd is there that has the virtual reader. */
const answers = async (): Promise<boolean> => {
  try {
    return (await readers()).some(({ name }) => name.startsWith('Virtual PCD'));
  } catch {
    return false;
  }
};

/** What pcscd knows at this moment. */
export async function readers() {
  const pcsc = await openPcsc({ signal: AbortSignal.timeout(5_000) });
  try {
    return await pcsc.readers();
  } finally {
    pcsc.close();
  }
}
