import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createHttpTelephoneRegistry,
  createSimulatedTelephoneRegistry,
  type TelephoneRegistry,
} from '../../../src/domain/registry/index.ts';
import { OWNERSHIPS } from '../../../src/domain/registry/telephone-registry.ts';
import type { Mood } from '../../../src/platform/partner/mood.ts';
import { fixedClock } from '../../support/clock.ts';
import { giveToken, moody, startPartner } from '../../support/partner.ts';
import { serveTelephones } from '../../support/register-server.ts';

const clock = fixedClock();
const holders = { '+84900000041': '097190000041', '+84900000042': { mood: 'busy' } } as const;
const identityNumber = '097190000041';

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly registry: TelephoneRegistry;
  behave(how: Mood): void;
  stop(): Promise<void>;
}

async function httpSide(): Promise<Side> {
  const behind = createSimulatedTelephoneRegistry({ clock, holders });
  let mood: Mood = 'well';
  const partner = await startPartner({
    token: giveToken,
    answer: (_path, question, response) => {
      if (mood === 'too_slow') return;
      if (question.phone === '+84900000042') return void moody('busy', response);
      return moody(mood, response) ? undefined : serveTelephones(behind, question, response);
    },
  });
  return {
    registry: createHttpTelephoneRegistry(partner.parts({ clock, timeout: 1_500 })),
    behave: (how) => {
      mood = how;
    },
    stop: () => partner.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const registry = createSimulatedTelephoneRegistry({ clock, holders, timeout: 500 });
  return { registry, behave: registry.behave, stop: async () => {} };
}

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the register of telephone subscribers, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());

  const known: [(typeof OWNERSHIPS)[number], { phone: string; identityNumber: string }][] = [
    ['holder', { phone: '+84900000041', identityNumber }],
    ['another', { phone: '+84900000041', identityNumber: '097190000042' }],
    ['unknown', { phone: '+84900000099', identityNumber }],
  ];
  test.each(known)('says %s, as of now', async (ownership, question) => {
    expect(await side.registry.ownership(question)).toEqual({ ownership, asOf: clock.now() });
  });

  test('every answer that there is was asked for', () => {
    expect(known.map(([ownership]) => ownership)).toEqual([...OWNERSHIPS]);
  });

  test('a name of JavaScript is no telephone', async () => {
    expect(await side.registry.ownership({ phone: '__proto__', identityNumber })).toMatchObject({
      ownership: 'unknown',
    });
  });

  test('a number whose network is busy has no answer', async () => {
    await expect(side.registry.ownership({ phone: '+84900000042', identityNumber })).rejects.toMatchObject({
      facts: { reason: 'busy' },
    });
  });

  test.each(['unreachable', 'too_slow', 'busy', 'refused', 'garbage'] as const)(
    '%s: there is one error, soon',
    async (how) => {
      side.behave(how);
      const from = performance.now();
      const question = { phone: '+84900000041', identityNumber };
      await expect(side.registry.ownership(question)).rejects.toMatchObject({
        ...{ code: 'telephone_registry.unavailable', status: 503, facts: { reason: how } },
      });
      expect(performance.now() - from).toBeLessThan(3_000);
      side.behave('well');
      expect(await side.registry.ownership(question)).toMatchObject({ ownership: 'holder' });
    },
  );
});
