import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import pg from 'pg';
import { foundation } from '../../src/app/foundation.ts';
import { partings } from '../../src/app/my-account/partings.ts';
import { sandboxReporter } from '../../src/app/registers/register-events.ts';
import { type App, createApp } from '../../src/app.ts';
import { createApplications, createPictureIntake } from '../../src/domain/applications/index.ts';
import { createSimulatedFaceMatcher } from '../../src/domain/biometrics/index.ts';
import { createLockCodes, createUnlocks } from '../../src/domain/locks/index.ts';
import type { MessagePayload } from '../../src/domain/notices/index.ts';
import { createSimulatedReporter, type Kind } from '../../src/domain/register-events/index.ts';
import {
  createSimulatedPopulationRegistry,
  createSimulatedTelephoneRegistry,
  type PopulationRegistry,
  type RegisterEntry,
} from '../../src/domain/registry/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { limitServer } from '../../src/platform/http.ts';
import { createPortraitDecoder } from '../../src/platform/portrait-decoder/portrait-decoder.ts';
import { sql } from '../../src/platform/sql.ts';
import { look } from '../support/applications.ts';
import { aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { environmentOf, settingsOf } from '../support/settings.ts';
import { forgetCards } from './cards.ts';
import { aHall } from './hall.ts';

/** The same answer for the same bytes. */
function onceEach<T>(answer: (image: Buffer) => Promise<T>): (image: Buffer) => Promise<T> {
  const answered = new Map<string, Promise<T>>();
  return (image) => {
    const key = createHash('sha256').update(image).digest('hex');
    const known = answered.get(key) ?? answer(image);
    answered.set(key, known);
    return known;
  };
}

/** Connections that died are found dead, one after the other, until a living one answers. */
async function mended(asked: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      for (const ask of asked) await ask();
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

type Letter = MessagePayload['notice'];

/** The server, those it asks, and what it writes to people: everything that a life has to do with. */
export type World = Awaited<ReturnType<typeof aWorld>>;

/** The whole server on a migrated database, its registers simulated, its jobs done by hand. */
export async function aWorld(url: string, folder: string) {
  const port = await freePort();
  const settings = settingsOf(
    environmentOf(url, port, folder, { RECOVERY_WAIT_PERCENT: '100', REMOTE_PROOFING: 'on' }),
  );
  let armed = 0;
  const killer = new pg.Client({ connectionString: url, application_name: 'killer' });
  killer.on('error', () => {});
  await killer.connect();
  const kill = () =>
    killer.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
  let killed: Promise<unknown> | undefined;
  const onStatement = (): void => {
    if (armed > 0 && --armed === 0) killed = kill();
  };
  // Whoever lives now is all that the registers know; those of an earlier village have moved away.
  const holders: Record<string, string> = {};
  const telephone = createSimulatedTelephoneRegistry({ clock: systemClock, holders, timeout: 5 });
  let register = createSimulatedPopulationRegistry({ clock: systemClock, entries: [], timeout: 5 });
  // There are a handful of pictures: each is taken in, and looked at, once.
  const decoder = createPortraitDecoder({ timeoutMs: 10_000 });
  const pictures = onceEach(createPictureIntake(decoder));
  const face = createSimulatedFaceMatcher({ look: onceEach(look), pad: 'none', timeout: 5 });
  const population = {
    match: (claimed) => register.match(claimed),
    portrait: (identityNumber) => register.portrait(identityNumber),
    guardianship: (numbers) => register.guardianship(numbers),
    requestCorrection: (request) => register.requestCorrection(request),
  } satisfies PopulationRegistry;
  // At a counter and at sign-in somebody lives before the camera, and online a still picture does.
  const before = createSimulatedFaceMatcher({ look: onceEach(look), timeout: 5 });
  const app: App = await createApp(settings, { strict: true, onStatement, registers: { population, face: before } });
  const server = limitServer(createServer(app.handler));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const base = foundation(settings, systemClock, { onStatement });
  const { parts } = app;
  const online = createApplications({
    ...{ database: base.database, clock: systemClock, sealer: base.sealer('applications'), sandbox: true },
    ...{ journal: parts.journal, notices: parts.notices },
    ...{ subscribers: parts.subscribers, authenticators: parts.authenticators },
    reachable: parts.recoveries.addresses.reachable,
    ...{ used: parts.usedPictures, guardianships: parts.guardianships, assurance: parts.policies.inForce },
    ...{ population, telephone, face, pictures, padRequired: async () => 'none' },
  });

  const hall = await aHall(base, parts, { population, telephone, face: before });
  await hall.renewed();

  const issuer = settings.issuer;
  const scopes = ['openid', 'offline_access', 'assurance', 'profile'];
  const party = async (name: string, allowedScopes: string[]): Promise<RelyingParty> =>
    plainClient(issuer, await aParty({ app }, name, {}, undefined, { allowedScopes }));
  const parties = [await party('life-air', scopes), await party('life-bank', [...scopes, 'vn_pin'])] as const;

  const reporter = createSimulatedReporter({ ...sandboxReporter(base), clock: systemClock });
  /** What the register has said, newest last. */
  const said: string[] = [];
  let sequence = 0;
  const take = async (token: string): Promise<string> => {
    const taken = await parts.registerEvents.take(token);
    return taken.taken ? taken.outcome : taken.err;
  };

  const letters = new Map<string, Letter[]>();
  /** Everything that was written to an address, the newest last. */
  async function mailbox(address: string): Promise<readonly Letter[]> {
    for (;;) {
      const claimed = await parts.outbox.claim('message', { limit: 200, lease: 60 });
      if (claimed.length === 0) break;
      // What waited together is handed out in any order.
      const written = claimed.map(({ payload }) => payload as MessagePayload).sort((one, other) => one.at - other.at);
      for (const { notice } of written)
        letters.set(notice.to.address, [...(letters.get(notice.to.address) ?? []).slice(-30), notice]);
      await parts.outbox.settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
    }
    return letters.get(address) ?? [];
  }

  return {
    ...{ app, parts, online, hall, issuer, parties, mailbox, base },
    database: base.database,
    registers: { telephone, face, population: () => register },
    lockCodes: createLockCodes({
      ...{ database: base.database, clock: systemClock, subscribers: parts.subscribers },
      ...{ codes: parts.recoveries.codes, addresses: parts.recoveries.addresses },
    }),
    unlocks: createUnlocks({
      ...{ clock: systemClock, subscribers: parts.subscribers, authenticators: parts.authenticators },
      policy: parts.policies.inForce,
    }),
    partings: partings(base, parts),
    /** The newest letter of a kind to an address: another one than before when something was written since. */
    newest: async (address: string, kind: Letter['kind']): Promise<Letter | undefined> =>
      (await mailbox(address)).findLast((one) => one.kind === kind),
    /** The newest value of a kind of letter to an address. */
    async told(address: string, kind: Letter['kind'], value: string): Promise<string | undefined> {
      const found = (await mailbox(address)).findLast((one) => one.kind === kind);
      const values = found?.values as Record<string, string | number> | undefined;
      return values?.[value] === undefined ? undefined : String(values[value]);
    },
    /** The register reports something. Answers what came of it. `late`: it should have come before everything else. */
    async report(kind: Kind, number: string, what: Record<string, unknown> = {}, late = false): Promise<string> {
      sequence += 1;
      const token = await reporter.report(kind as 'death', number, what, late ? 1 : sequence + 1);
      said.push(token);
      return take(token);
    },
    /** It says once more what it has said already; nothing where it has said nothing. */
    async repeat(back: number): Promise<string | undefined> {
      const token = said.at(-1 - (back % Math.min(20, Math.max(1, said.length))));
      return token && take(token);
    },
    /** Somebody has another number, or another card, in the register. */
    rewritten(entries: readonly (RegisterEntry & { readonly phone: string })[]): void {
      register = createSimulatedPopulationRegistry({ clock: systemClock, entries, timeout: 5 });
      for (const { phone, person } of entries) holders[phone] = person.identityNumber;
    },
    /** New people come to live here. */
    settle(entries: readonly (RegisterEntry & { readonly phone: string })[]): void {
      register = createSimulatedPopulationRegistry({ clock: systemClock, entries, timeout: 5 });
      for (const phone of Object.keys(holders)) delete holders[phone];
      for (const { phone, person } of entries) holders[phone] = person.identityNumber;
      letters.clear();
      forgetCards();
    },
    /** Does something while every connection to the database dies at its n-th statement; ends when a living one answers. */
    async cut(at: number, work: () => Promise<unknown>): Promise<void> {
      armed = at;
      await work().catch(() => {});
      armed = 0;
      await killed;
      killed = undefined;
      await mended([() => base.database.row(sql`SELECT 1`), () => parts.subscribers.locate('097000000000')]);
    },
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.stop();
      await base.database.close();
      await decoder.close();
      await killer.end();
    },
  };
}
