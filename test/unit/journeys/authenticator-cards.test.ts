import { expect, test } from 'vitest';
import type { Authenticator } from '../../../src/domain/authenticators/index.ts';
import { cardOf } from '../../../src/journeys/self-service/methods.ts';

const passkey = (backedUp: boolean, deviceOnly: boolean): Authenticator => ({
  ...{ id: 'a', kind: 'passkey', name: 'passkey', status: 'active', createdAt: new Date('2026-11-28T02:00:00Z') },
  passkey: { aaguid: '00000000-0000-0000-0000-000000000000', backedUp, deviceOnly, transports: [] },
});

// WebAuthn Level 3 §6.1.3: a credential that may be backed up (BE = 1) is not yet one that is (BS = 1).
test.each([
  [true, false, 'synced'],
  [false, false, 'unsynced'],
  [false, true, 'device'],
] as const)('a passkey with BS = %s that cannot leave its device: %s is %s', (backedUp, deviceOnly, place) => {
  expect(cardOf(passkey(backedUp, deviceOnly)).place).toBe(place);
});

test('what is no passkey is nowhere', () => {
  const sheet = { ...passkey(true, false), kind: 'recovery-code' } as const;
  const { passkey: _, ...none } = sheet;
  expect(cardOf(none).place).toBeNull();
});
