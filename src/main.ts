import './config/runtime.ts';
import cluster from 'node:cluster';
import { tokenFault } from './app/keystore.ts';
import { loadClients } from './app/sandbox.ts';
import { createApp, databaseChecks } from './app.ts';
import { readSettings, refuseToStart, settingsOrExit } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { EidError } from './platform/errors.ts';
import { databaseFaults } from './serve/database-check.ts';
import { createListener, type Listener } from './serve/listener.ts';
import { serveVitals, type Vitals } from './serve/ops.ts';
import { sentenceOf } from './serve/refusal.ts';
import { answerPrimary, startWorkers } from './serve/workers.ts';

/** The process: read settings, look at the database, build the app, listen, and drain on SIGTERM. */
const read = readSettings(process.env);
if (cluster.isWorker) await work(settingsOrExit());
else await begin();

async function begin(): Promise<void> {
  // What is wrong with the settings and with the database is told at once, so that it can be put right at once.
  const known = 'settings' in read ? read.settings : read.known;
  const faults = 'settings' in read ? [] : read.faults;
  if (known.databaseUrl) faults.push(...(await databaseFaults(known.databaseUrl, databaseChecks(known))));
  if ('faults' in read || faults.length > 0) return refuseToStart(faults);
  const { settings } = read;
  // Tried once and before any worker: each of them would spend one of the tries that the token has for its PIN.
  const token = await tokenFault(settings);
  if (token && !token.outage) return refuseToStart([token.sentence]);
  const clientFaults = await loadClients(settings);
  if (clientFaults.length > 0) refuseToStart(clientFaults);
  if (settings.workers > 1) await supervise(settings);
  else await work(settings);
}

/** One process that answers requests: alone, or a worker among several. */
async function work(settings: Settings): Promise<void> {
  const app = await createApp(settings).catch(refused);
  const listener = orRefuse(() =>
    createListener({
      handler: app.handler,
      upgrades: app.upgrades,
      behindProxy: settings.trustedProxies.length > 0,
      ...(settings.tlsCertFile && settings.tlsKeyFile
        ? { tls: { certFile: settings.tlsCertFile, keyFile: settings.tlsKeyFile } }
        : {}),
    }),
  );
  let draining = false;
  const vitals: Vitals = {
    live: () => app.health.live(),
    ready: async () => {
      const state = await app.health.ready();
      return draining ? { ready: false, checks: { ...state.checks, serving: 'draining' } } : state;
    },
    metrics: () => app.metrics(),
  };
  await app.start();
  const ops = cluster.isWorker
    ? undefined
    : await listenOrRefuse(() => serveVitals(vitals, settings.opsPort), settings.opsPort);
  const port = await listenOrRefuse(() => listener.listen(settings.port, settings.host), settings.port);

  // Abuse case 66: readiness goes red first, then the port closes, requests under way finish, jobs and database close.
  const stop = async (): Promise<void> => {
    if (draining) return;
    draining = true;
    await pause(settings.drainDelay);
    const cut = await listener.drain(settings.drainLimit * 1000);
    await withinTime(app.stop(), settings.drainLimit);
    if (ops) say('stopped', { cut });
    process.exit(0);
  };
  whenTold(stop, listener);
  if (cluster.isWorker) answerPrimary(vitals, stop);
  // Whoever reads this may end it: not before it can be ended well.
  if (ops) say('listening', { url: settings.issuer, port, opsPort: ops.port });
}

/** The first of several processes: answers no request itself, keeps the others running and speaks for them. */
async function supervise(settings: Settings): Promise<void> {
  const workers = startWorkers(settings.workers, (pid, code) => say('worker ended', { pid, code }));
  const ops = await listenOrRefuse(() => serveVitals(workers.vitals, settings.opsPort), settings.opsPort);
  let stopping = false;
  whenTold(async () => {
    if (stopping) return;
    stopping = true;
    await workers.stop((settings.drainDelay + 2 * settings.drainLimit + 5) * 1000);
    say('stopped', { workers: settings.workers });
    process.exit(0);
  });
  // The workers hold the certificate: each reads the renewed one.
  process.on('SIGHUP', () => workers.signal('SIGHUP'));
  // A worker has said on stderr why it could not start; saying it once more for each would hide it.
  await workers.listening.catch(() => process.exit(78));
  say('listening', { url: settings.issuer, port: settings.port, opsPort: ops.port, workers: settings.workers });
}

function whenTold(stop: () => Promise<void>, listener?: Listener): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  if (listener) process.on('SIGHUP', () => renew(listener));
}

/** A renewed certificate that cannot be read is said, and the one in use stays: a bad file must not end the service. */
function renew(listener: Listener): void {
  try {
    listener.renewCertificate();
    say('certificate read again', {});
  } catch (error) {
    say('certificate not read: the one in use stays', { reason: (error as { code?: string }).code ?? 'unreadable' });
  }
}

async function listenOrRefuse<T>(listen: () => Promise<T>, port: number): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EADDRINUSE') return refuseToStart([`port ${port} is taken by another program`]);
    if (code === 'EACCES') return refuseToStart([`port ${port} is not open to this user: take one above 1023`]);
    if (code === 'EADDRNOTAVAIL') return refuseToStart(['HOST names an address that this machine does not have']);
    throw error;
  }
}

/** What the parts have a name for when they are made is told by that name. */
function refused(error: unknown): never {
  if (!(error instanceof EidError)) throw error;
  return refuseToStart([sentenceOf(error)]);
}

/** Certificate and key are read while the server is made; anything wrong with them is a setting to put right. */
function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return refuseToStart([`TLS_CERT_FILE and TLS_KEY_FILE do not serve: ${(error as Error).message}`]);
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function withinTime(work: Promise<void>, seconds: number): Promise<void> {
  return Promise.race([work, pause(seconds)]);
}

/** A line of the engineers' log, in the shape that the requests' lines have. */
function say(msg: string, facts: Record<string, string | number>): void {
  process.stdout.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), ...facts, msg })}\n`);
}
