import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createHttpEnterpriseRegistry,
  createSimulatedEnterpriseRegistry,
  type EnterpriseRegistry,
  type RegisteredEnterprise,
} from '../../../src/domain/registry/index.ts';
import type { Mood } from '../../../src/platform/partner/mood.ts';
import { fixedClock } from '../../support/clock.ts';
import { giveToken, moody, startPartner } from '../../support/partner.ts';
import { serveEnterprises } from '../../support/register-server.ts';

const clock = fixedClock();
const standing = {
  enterpriseCode: '0000000019',
  name: 'Công ty TNHH Đèn Đom Đóm',
  status: 'active',
  representatives: [
    { identityNumber: '097190000041', fullName: 'Đỗ Thúy Hòa', role: 'legal_representative' },
    { identityNumber: '097190000042', fullName: 'Lò Văn Ưởng', role: 'head' },
    { identityNumber: '097190000043', fullName: 'Sương', role: 'authorised' },
  ],
} as const satisfies RegisteredEnterprise;
const enterprises: RegisteredEnterprise[] = [
  standing,
  { ...standing, enterpriseCode: '0000000019-001', status: 'suspended', representatives: [] },
  { ...standing, enterpriseCode: '0000000027', status: 'dissolved' },
];
const silent = { '0000000035': 'busy' } as const;

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly registry: EnterpriseRegistry;
  behave(how: Mood): void;
  stop(): Promise<void>;
}

async function httpSide(): Promise<Side> {
  const behind = createSimulatedEnterpriseRegistry({ clock, enterprises });
  let mood: Mood = 'well';
  const partner = await startPartner({
    token: giveToken,
    answer: (_path, question, response) => {
      if (mood === 'too_slow') return;
      if (question.enterpriseCode === '0000000035') return void moody('busy', response);
      return moody(mood, response) ? undefined : serveEnterprises(behind, question, response);
    },
  });
  return {
    registry: createHttpEnterpriseRegistry(partner.parts({ clock, timeout: 1_500 })),
    behave: (how) => {
      mood = how;
    },
    stop: () => partner.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const registry = createSimulatedEnterpriseRegistry({ clock, enterprises, silent, timeout: 500 });
  return { registry, behave: registry.behave, stop: async () => {} };
}

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the register of enterprises, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());

  test.each(enterprises.map((one) => [one.status, one] as const))(
    'says who acts for one that is %s',
    async (_s, one) => {
      expect(await side.registry.find(one.enterpriseCode)).toEqual({ found: true, enterprise: one, asOf: clock.now() });
    },
  );

  test.each(['0000000043', '0000000019-002', '__proto__'])('knows nothing of %s', async (code) => {
    expect(await side.registry.find(code)).toEqual({ found: false, asOf: clock.now() });
  });

  test('one whose register is busy has no answer', async () => {
    await expect(side.registry.find('0000000035')).rejects.toMatchObject({ facts: { reason: 'busy' } });
  });

  test.each(['unreachable', 'too_slow', 'busy', 'refused', 'garbage'] as const)(
    '%s: there is one error, soon',
    async (how) => {
      side.behave(how);
      const from = performance.now();
      await expect(side.registry.find(standing.enterpriseCode)).rejects.toMatchObject({
        ...{ code: 'enterprise_registry.unavailable', status: 503, facts: { reason: how } },
      });
      expect(performance.now() - from).toBeLessThan(3_000);
      side.behave('well');
      expect(await side.registry.find(standing.enterpriseCode)).toMatchObject({ found: true });
    },
  );
});
