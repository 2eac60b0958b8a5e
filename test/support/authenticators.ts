import { randomBytes } from 'node:crypto';
import { createAssurancePolicies } from '../../src/domain/assurance-policies/index.ts';
import { createJournal, type JournalEvent } from '../../src/domain/audit/index.ts';
import {
  type Authenticator,
  type AuthenticatorChange,
  createAuthenticators,
  type Limits,
  type OutgoingMessage,
  type SubscriberToBind,
} from '../../src/domain/authenticators/index.ts';
import type { FaceVerifier } from '../../src/domain/biometrics/index.ts';
import { createNotices, signInCodes } from '../../src/domain/notices/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { createHashingPool, type HashingPool } from '../../src/platform/hashing-pool.ts';
import { newId } from '../../src/platform/ids.ts';
import { createMessages } from '../../src/platform/messages.ts';
import { createOutbox } from '../../src/platform/outbox.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { fixedClock } from './clock.ts';
import { sandboxExaminer } from './examiner.ts';
import { sandboxFaces } from './faces.ts';
import { softwarePasskey } from './software-passkey.ts';

export const RP = { rpId: 'localhost', origin: 'http://localhost:3000' };
export const ADDRESS = '203.0.113.7';
export const LONG_PASSWORD = 'tám chiếc thuyền giấy trôi qua cầu';

/** All processes of one installation share their keys. */
const master = new Secret(Buffer.alloc(32, 7));
const pepper = new Secret(Buffer.alloc(32, 9));

/** The part on a database, with what it sent kept at hand. Two of them on one database are two processes. */
export function authenticatorsOn(
  database: Database,
  options: {
    limits?: Partial<Limits>;
    clock?: ReturnType<typeof fixedClock>;
    hashing?: HashingPool;
    faces?: FaceVerifier;
  } = {},
) {
  const clock = options.clock ?? fixedClock();
  const hashing = options.hashing ?? createHashingPool({ slots: 2, queue: 500, patience: 60_000, pepper });
  const messages: OutgoingMessage[] = [];
  const changes: AuthenticatorChange[] = [];
  const events: JournalEvent[] = [];
  const journal = createJournal({ database, clock });
  const notices = createNotices({
    ...{ database, clock, journal, channels: [], brand: 'SenID', host: 'localhost:3000' },
    sealer: createSealer(master, 'notices'),
    outbox: createOutbox({ database, sealer: createSealer(master, 'outbox') }),
    messages: createMessages('views/messages'),
  });
  const codes = signInCodes(notices);
  const authenticators = createAuthenticators({
    database,
    sealer: createSealer(master, 'authenticators'),
    clock,
    journal: {
      append: (event) => {
        events.push(event);
        return journal.append(event);
      },
    },
    hashing,
    policy: createAssurancePolicies({ database }).inForce,
    // Those whom it binds for have no account.
    holdingUnlocked: async () => true,
    examineCard: sandboxExaminer(clock).examine,
    stands: async () => true,
    holdsPassport: async () => true,
    faces: options.faces ?? sandboxFaces(async () => undefined).faces,
    relyingPartyId: RP.rpId,
    relyingPartyName: 'SenID',
    origin: RP.origin,
    ...(options.limits ? { limits: options.limits } : {}),
    codes: {
      admit: codes.admit,
      queue: (message, subscriberId) => {
        messages.push(message);
        return codes.queue(message, subscriberId);
      },
    },
    notify: (change) => {
      changes.push(change);
      return [];
    },
  });
  return { authenticators, clock, hashing, messages, changes, events, database };
}

export type AuthenticatorsUnderTest = ReturnType<typeof authenticatorsOn>;

/** Somebody who can bind; every word in `ownData` is invented. */
export const aBinder = (more: Partial<SubscriberToBind> = {}): SubscriberToBind => ({
  id: newId(),
  label: 'Lê Thị Sen',
  displayName: 'Lê Thị Sen',
  locale: 'vi',
  phone: '+84900000123',
  ownData: ['Lê Thị Sen', '1990-04-30', '097090000123', '+84900000123'],
  ...more,
});

const newSession = (): string => randomBytes(16).toString('hex');

/** Binds a fresh software passkey. */
export async function bindPasskey(
  { authenticators }: AuthenticatorsUnderTest,
  subscriber: SubscriberToBind,
  passkey = softwarePasskey({ ...RP, backedUp: true }),
): Promise<{ passkey: ReturnType<typeof softwarePasskey>; authenticator: Authenticator }> {
  const common = { kind: 'passkey', sessionKey: newSession(), subscriber, authority: { by: 'system' } } as const;
  const begun = await authenticators.begin({ ...common, purpose: 'bind' });
  if (!begun.begun || !begun.challengeId) throw new Error('no challenge to bind');
  const response = passkey.create(begun.request as never);
  const verdict = await authenticators.bind({ ...common, challengeId: begun.challengeId, response });
  if (!verdict.verified) throw new Error(`not bound: ${verdict.reason}`);
  return { passkey, authenticator: verdict.authenticator };
}

/** A discoverable sign-in, nobody typed anything. */
export async function signInByPasskey(
  { authenticators }: AuthenticatorsUnderTest,
  passkey: ReturnType<typeof softwarePasskey>,
  tampering: Parameters<ReturnType<typeof softwarePasskey>['get']>[1] = {},
  address = ADDRESS,
) {
  const sessionKey = newSession();
  const begun = await authenticators.begin({ kind: 'passkey', sessionKey, purpose: 'sign-in' });
  if (!begun.begun || !begun.challengeId) throw new Error('no challenge');
  const response = passkey.get(begun.request as never, tampering);
  return authenticators.answer({ kind: 'passkey', sessionKey, challengeId: begun.challengeId, response, address });
}

/** A password sign-in. */
export const signInByPassword = (
  { authenticators }: AuthenticatorsUnderTest,
  account: { subscriberId?: string; identifier?: string },
  password: string,
  address = ADDRESS,
) => authenticators.answer({ kind: 'password', sessionKey: newSession(), ...account, response: { password }, address });
