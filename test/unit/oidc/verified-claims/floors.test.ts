import { expect, test } from 'vitest';
import type { Floors } from '../../../../src/domain/assurance/index.ts';
import { hearsFromHome, mayHearFromHome } from '../../../../src/oidc/verified-claims/floors.ts';

type Says = Floors['proofing'];
/** A client whose own floor, floor for verified claims, and floor for `name` say this. */
const saying = (client: Says, verified: Says, name: Says = undefined) => ({
  floors: client ? { proofing: client } : {},
  claimFloors: {
    ...(verified ? { verified_claims: { proofing: verified } } : {}),
    ...(name ? { name: { proofing: name } } : {}),
  },
});

// Client, verified claims, the claim `name`: what is said holds together, and silence is `in_person`.
test.each<[Says, Says, Says, boolean]>([
  [undefined, undefined, undefined, false],
  [undefined, undefined, 'any', true],
  [undefined, undefined, 'in_person', false],
  [undefined, 'any', undefined, true],
  [undefined, 'any', 'any', true],
  [undefined, 'any', 'in_person', false],
  [undefined, 'in_person', undefined, false],
  [undefined, 'in_person', 'any', false],
  [undefined, 'in_person', 'in_person', false],
  ['any', undefined, undefined, true],
  ['any', undefined, 'any', true],
  ['any', undefined, 'in_person', false],
  ['any', 'any', undefined, true],
  ['any', 'any', 'any', true],
  ['any', 'any', 'in_person', false],
  ['any', 'in_person', undefined, false],
  ['any', 'in_person', 'any', false],
  ['any', 'in_person', 'in_person', false],
  ['in_person', undefined, undefined, false],
  ['in_person', undefined, 'any', false],
  ['in_person', undefined, 'in_person', false],
  ['in_person', 'any', undefined, false],
  ['in_person', 'any', 'any', false],
  ['in_person', 'any', 'in_person', false],
  ['in_person', 'in_person', undefined, false],
  ['in_person', 'in_person', 'any', false],
  ['in_person', 'in_person', 'in_person', false],
])('client %s, verified claims %s, claim %s: hears of a proofing from home: %s', (client, verified, name, hears) => {
  expect(hearsFromHome(saying(client, verified, name), ['name'])).toBe(hears);
});

test('a claim says any for itself alone: another one that says nothing keeps what was proofed from home shut', () => {
  const client = saying(undefined, undefined, 'any');
  expect(hearsFromHome(client, ['name', 'birthdate'])).toBe(false);
  expect(hearsFromHome(client, [])).toBe(false);
  // But it may be the one that is left: a person reads of it before.
  expect(mayHearFromHome(client, ['name', 'birthdate'])).toBe(true);
  expect(mayHearFromHome(client, ['birthdate'])).toBe(false);
});

test('a floor of a claim that is not asked for closes nothing', () => {
  const client = saying('any', undefined, 'in_person');
  expect(hearsFromHome(client, ['birthdate'])).toBe(true);
  expect(mayHearFromHome(client, ['name', 'birthdate'])).toBe(true);
});

test('other floors say nothing of how somebody was proofed', () => {
  const claimFloors = { verified_claims: { authenticationLevel: 3 as const }, name: { accountLevel: 2 as const } };
  expect(hearsFromHome({ floors: {}, claimFloors }, ['name'])).toBe(false);
  expect(hearsFromHome({ floors: { proofing: 'any' }, claimFloors }, ['name'])).toBe(true);
});
