import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { SaidSince } from '../../src/domain/applications/index.ts';
import type { Guardianships } from '../../src/domain/guardianships/index.ts';
import {
  createRegisterEvents,
  createSimulatedReporter,
  documentKey,
  type RegisterEvents,
  type Reported,
} from '../../src/domain/register-events/index.ts';
import type { PopulationRegistry } from '../../src/domain/registry/index.ts';
import type { Subscribers } from '../../src/domain/subscribers/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import type { Write } from '../../src/platform/unit-of-work.ts';
import { testSealer } from './people.ts';
import type { TestServer } from './server.ts';

export const AUDIENCE = 'https://id.example';
export const REGISTER = 'https://register.example';

/** What a report of a register is made of; each can be made wrong. */
export interface Token {
  readonly kind: string;
  readonly number: string;
  readonly said?: Record<string, unknown>;
  readonly sequence?: number;
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: CryptoKey;
}

let sequences = 0;
/** A register as another party would write it: its own key, its own tokens, and whatever somebody wants to be wrong with them. */
export async function aRegister(algorithm: 'ES256' | 'PS256' | 'Ed25519', clock: Clock) {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const kid = `${algorithm}-1`;
  const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' }] };
  const sign = ({ kind, number, said = {}, sequence, header = {}, claims = {}, key }: Token): Promise<string> => {
    sequences += 1;
    const events = { [`${AUDIENCE}/register/events/${kind}`]: { sequence: sequence ?? sequences, ...said } };
    const all = {
      ...{ iss: REGISTER, aud: AUDIENCE, iat: Math.floor(clock.now().getTime() / 1000), jti: randomUUID() },
      ...{ sub_id: { format: 'iss_sub', iss: REGISTER, sub: number }, events },
      ...claims,
    };
    return new SignJWT(all)
      .setProtectedHeader({ alg: algorithm, kid, typ: 'secevent+jwt', ...header })
      .sign(key ?? pair.privateKey);
  };
  return {
    signer: { issuer: REGISTER, keys },
    sign,
    private: { ...(await exportJWK(pair.privateKey)), kid, alg: algorithm },
  };
}

/** The simulated register's side of the same. */
export async function aSimulatedRegister(clock: Clock) {
  const { signer, private: key } = await aRegister('ES256', clock);
  const reporter = createSimulatedReporter({ issuer: REGISTER, audience: AUDIENCE, key, clock });
  return {
    signer,
    sign: ({ kind, number, said = {}, sequence }: Token): Promise<string> => {
      sequences += 1;
      return reporter.report(kind as 'death', number, said, sequence ?? sequences);
    },
  };
}

/** The key by which a server knows a card again in what the register reports. */
export const cardKey = ({ environment }: Pick<TestServer, 'environment'>, documentNumber: string): Buffer =>
  documentKey(
    createSealer(new Secret(Buffer.from(environment.SENID_MASTER_SECRET ?? '', 'base64')), 'register-events'),
    documentNumber,
  );

/** What register reports do, on a database. */
export const reportsOn = (
  parts: {
    readonly database: Database;
    readonly clock: Clock;
    readonly journal: Parameters<typeof createRegisterEvents>[0]['journal'];
    readonly subscribers: Subscribers;
    readonly guardianships?: Pick<Guardianships, 'endingByRegister' | 'concernedBy'>;
    readonly population?: Pick<PopulationRegistry, 'guardianship'>;
    readonly applications?: { saidSince(number: string, said: SaidSince): Promise<Write[]> };
  },
  signer: Awaited<ReturnType<typeof aRegister>>['signer'],
  said?: (
    reported: Reported,
    of: { readonly guardian?: string | undefined; readonly saidAt: Date },
  ) => SaidSince | undefined,
): RegisterEvents =>
  createRegisterEvents({
    ...{ database: parts.database, clock: parts.clock, journal: parts.journal, subscribers: parts.subscribers },
    ...{ sealer: testSealer('register-events'), audience: AUDIENCE, signer },
    guardianships: parts.guardianships ?? {
      endingByRegister: async () => {
        throw new Error('nobody looks after anybody here');
      },
      concernedBy: async () => [],
    },
    isNamed: async (of) => (await parts.population?.guardianship(of)) !== undefined,
    told: async () => [],
    applications: async (number, reported, of) => {
      const since = said?.(reported, of);
      return since && parts.applications ? parts.applications.saidSince(number, since) : [];
    },
  });
