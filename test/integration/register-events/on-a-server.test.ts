import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY } from '../../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createSimulatedReporter, type Kind } from '../../../src/domain/register-events/index.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { twoPeople } from '../../support/two-people.ts';

let server: TestServer;
let report: (kind: Kind, number: string, said?: Record<string, unknown>) => Promise<string>;
beforeAll(async () => {
  server = await startServer();
  const settings = settingsOf(server.environment);
  const reporter = createSimulatedReporter({ ...sandboxReporter({ settings }), clock });
  report = async (kind, number, said = {}) => {
    const taken = await server.app.parts.registerEvents.take(await reporter.report(kind, number, said));
    return taken.taken ? taken.outcome : taken.err;
  };
});
afterAll(() => server.end());

const written = async (id: string): Promise<string[]> =>
  (await server.app.parts.notices.sentTo(id)).map(({ kind }) => kind);

test('nobody writes to somebody who died, whatever else is reported, until it was a mistake', async () => {
  const { id, identifier } = await aCitizen(server, { level: 1 });
  const before = await written(id);
  for (const [kind, said] of [
    ['death', {}],
    ['card-revoked', { document_number: 'C00000091' }],
    ['name-corrected', { full_name: 'Lê Thị Sen Hồng' }],
    ['number-reestablished', { identity_number: `0994${identifier.slice(4)}` }],
  ] as const)
    expect([kind, await report(kind, identifier, said)]).toEqual([kind, 'applied']);
  expect((await server.app.parts.subscribers.locks(id)).map(({ ground }) => ground).sort()).toEqual([
    ...['card_revoked', 'death'],
  ]);
  expect(await written(id)).toEqual(before);
  expect(await report('card-issued', identifier, { document_number: 'C00000092', expires_on: '2040-01-01' })).toBe(
    'applied',
  );
  expect(await written(id)).toEqual(before);
  expect(await report('death-corrected', identifier)).toBe('applied');
  expect(new Set((await written(id)).filter((kind) => !before.includes(kind)))).toEqual(new Set(['account_unlocked']));
});

// Read only when it is met: here by the report itself, which has the account in a transaction of its own.
test('another number of somebody whose level rests on a policy that was withdrawn is taken the first time', async () => {
  const { id, identifier } = await aCitizen(server);
  const { database, app } = server;
  const policies = createAssurancePolicies({ database });
  const subject = createPolicyChanges({ clock, journal: createJournal({ database, clock }), policies });
  const yesterday = new Date(clock.now().getTime() - 17 * 3_600_000).toISOString().slice(0, 10);
  const bare = {
    ...{ ...ASSURANCE_POLICY, version: clock.now().toISOString().slice(0, 10), withdrawn: [ASSURANCE_POLICY.version] },
    evidence: ASSURANCE_POLICY.evidence.map((row) => ({ ...row, effectiveUntil: yesterday })),
  };
  const people = twoPeople({ database, clock, subject: subject as ChangeSubject });
  expect(await people.change(bare)).toMatchObject({ done: true });
  await eventually(async () => (await app.parts.policies.inForce()).version).toBe(bare.version);
  const number = `0995${identifier.slice(4)}`;
  expect(await report('number-reestablished', identifier, { identity_number: number })).toBe('applied');
  expect(await app.parts.subscribers.locate(number)).toMatchObject({
    ...{ id, accountLevel: 1, reproofingGround: 'policy_withdrawn' },
  });
});
