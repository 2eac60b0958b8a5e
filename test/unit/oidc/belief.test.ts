import { expect, test } from 'vitest';
import { ASSURANCE_POLICY, type FrozenAssurance } from '../../../src/domain/assurance/index.ts';
import type { Subscriber } from '../../../src/domain/subscribers/index.ts';
import { createBelief } from '../../../src/oidc/belief.ts';

const frozen: FrozenAssurance = {
  ...{ acr: 'level-2', amr: ['pwd'], authTime: 0, accountLevel: 2, authenticationLevel: 1 },
  ...{ phishingResistant: false, strong: false, policy: '2026-06-01' },
};
const believed = (said: Partial<FrozenAssurance>, withdrawn: readonly string[], level: 1 | 2 = 2): Promise<boolean> =>
  createBelief({ policy: async () => ({ ...ASSURANCE_POLICY, withdrawn: [...withdrawn] }) })(
    { ...frozen, ...said },
    async () => ({ accountLevel: level }) as Subscriber,
  );

test('a token is believed until what it was computed by, or what made its account level, was withdrawn', async () => {
  const levelPolicy = { version: '2026-01-01' };
  expect(await believed({ levelPolicy }, [])).toBe(true);
  expect(await believed({ levelPolicy }, ['2025-01-01'])).toBe(true);
  expect(await believed({ levelPolicy }, ['2026-06-01'])).toBe(false);
  expect(await believed({ levelPolicy }, ['2026-01-01'])).toBe(false);
  // Whoever has less by now than it says has it believed no more.
  expect(await believed({}, ['2025-01-01'], 1)).toBe(false);
});
