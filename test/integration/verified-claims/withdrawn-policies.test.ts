import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import {
  ASSURANCE_POLICY,
  type FrozenAssurance,
  type Policy,
  referenceOf,
} from '../../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createVerifiedClaims } from '../../../src/oidc/verified-claims/release.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aProofing, testSealer } from '../../support/people.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { twoPeople } from '../../support/two-people.ts';
import { register, type Someone } from '../levels/people.ts';

const TODAY = new Date().toISOString().slice(0, 10);
const YESTERDAY = new Date(Date.now() + (7 - 24) * 3_600_000).toISOString().slice(0, 10);
/** The first policy is not believed any more; what it says of evidence is said again, but for the rows named. */
const without = (version: string, ...ended: readonly string[]): Policy => ({
  ...ASSURANCE_POLICY,
  version,
  withdrawn: [ASSURANCE_POLICY.version],
  evidence: ASSURANCE_POLICY.evidence.map((row) =>
    ended.includes(row.id) ? { ...row, effectiveUntil: YESTERDAY } : row,
  ),
});
const carrying = without(TODAY, 'account-2.counter');
const bare = without(`${TODAY}.1`, ...ASSURANCE_POLICY.evidence.map(({ id }) => id));

// Issue 6 §4: "withdrawing a policy re-checks at next use", of level 1 as well.
describe('a record whose policy was withdrawn', { timeout: 60_000 }, () => {
  let server: TestServer;
  let online: Someone;
  let change: (to: Policy) => Promise<void>;
  beforeAll(async () => {
    server = await startServer();
    const { database } = server;
    const policies = createAssurancePolicies({ database });
    const subject = createPolicyChanges({ clock, journal: createJournal({ database, clock }), policies });
    const people = twoPeople({ database, clock, subject: subject as ChangeSubject });
    change = async (to) => {
      expect(await people.change(to)).toMatchObject({ done: true });
      await eventually(async () => (await server.app.parts.policies.inForce()).version).toBe(to.version);
    };
    online = await register(server, {
      ...{ accountLevel: 1, has: ['password'] },
      proofing: aProofing({
        ...{ accountLevel: 1, channel: 'remote', fingerprintsMatched: false, officer: 'system' },
        evidence: [
          {
            ...{ kind: 'register_entry', strength: 'strong' },
            checks: ['phone_confirmed', 'register_match', 'phone_ownership', 'face_match'],
            hash: createHash('sha256').update('an invented entry').digest('hex'),
          },
        ],
        assurance: { ...referenceOf(ASSURANCE_POLICY), row: 'account-1.online' },
      }),
    });
  });
  afterAll(async () => {
    await checkInvariants(server.database, server.app);
    await server.end();
  });

  /** What leaves of her to whoever asks by which policy. */
  const told = async () => {
    const { subscribers, relyingParties, policies } = server.app.parts;
    const verified = createVerifiedClaims({
      ...{ issuer: server.issuer, sandbox: true, subscribers, policy: policies.inForce, clock },
      sealer: testSealer('verified-claims'),
    });
    const frozen: FrozenAssurance = {
      ...{ acr: '', amr: [], authTime: 0, phishingResistant: true, strong: true },
      ...{ accountLevel: 1, authenticationLevel: 2, policy: (await policies.inForce()).version },
    };
    const verification = { trust_framework: null, assurance_level: null, assurance_process: { policy: null } };
    const agreed = ['trust_framework', 'assurance_level', 'assurance_process.policy']
      .map((place) => `verified_claims.verification.${place}`)
      .concat('verified_claims.claims.name');
    return verified.release({
      asked: { verification, claims: { name: null } },
      person: (await subscribers.find(online.id))!,
      client: (await relyingParties.find('sandbox-confidential'))!,
      ...{ agreed, frozen },
    });
  };
  const by = (policy: Policy) => ({
    verification: {
      trust_framework: `${server.issuer}/ida/test/framework/remote`,
      assurance_level: 'remote-register-face',
      assurance_process: {
        policy: `${server.issuer}/assurance/test/policy/${policy.version}/sha256-${referenceOf(policy).hash}`,
      },
    },
    claims: { name: expect.any(String) },
  });
  const disbelieved = async () =>
    (
      await server.app.parts.journal.query({
        ...{ subscriberId: online.id, types: ['proofing.disbelieved'], limit: 10 },
      })
    ).map(({ actor, detail }) => ({ actor, detail }));

  test('is told by the policy in force where that carries it, and by no other', async () => {
    expect(await told()).toStrictEqual(by(ASSURANCE_POLICY));
    await change(carrying);
    expect(await told()).toStrictEqual(by(carrying));
    expect(await disbelieved()).toEqual([]);
  });

  test('is told to nobody where no row carries it, which is journalled once', async () => {
    await change(bare);
    expect(await Promise.all(Array.from({ length: 5 }, told))).toEqual(Array(5).fill(undefined));
    expect(await told()).toBeUndefined();
    const record = (await server.app.parts.subscribers.proofing(online.id))!;
    const { version, hash } = referenceOf(bare);
    expect(await disbelieved()).toEqual([
      {
        actor: { kind: 'system' },
        detail: {
          ...{ proofing: record.id, ground: 'policy_withdrawn', made_by: ASSURANCE_POLICY.version },
          ...{ policy: version, policy_hash: hash, row: null },
        },
      },
    ]);
    // The account and its level stay, and its record is what it was.
    expect(await server.app.parts.subscribers.find(online.id)).toMatchObject({ state: 'active', accountLevel: 1 });
    expect(record.assurance).toMatchObject({ version: ASSURANCE_POLICY.version });
  });

  test('is told again by a later policy that carries it', async () => {
    const again = without(`${TODAY}.2`);
    await change(again);
    expect(await told()).toStrictEqual(by(again));
    expect(await disbelieved()).toHaveLength(1);
  });
});
