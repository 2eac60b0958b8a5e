import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseRegistration } from '../../../src/domain/relying-parties/index.ts';
import { fieldsOf, registrationFrom } from '../../../src/journeys/operator/clients/fields.ts';
import { aProductionRegistration, aRegistration, fapiMetadata } from '../../support/clients.ts';

const inForce = (given: unknown): Record<string, unknown> => {
  const parsed = parseRegistration(given);
  if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
  return { ...parsed.registration, disabled: false };
};
/** As it is stored and read back. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const example = inForce(parse(readFileSync('clients/airline.example.yaml', 'utf8')));
const several = ['profile', 'assurance'].map((scope) => ({
  id: scope,
  text: { vi: scope, en: scope },
  scopes: [scope],
}));

test.each<[string, Record<string, unknown>]>([
  ['the example', example],
  ['a client with a secret', inForce(aRegistration())],
  ['a FAPI client', inForce(aProductionRegistration({ fapi: true, metadata: fapiMetadata() }))],
  ['one with several purposes', inForce(aProductionRegistration({ purposes: several }))],
  ['one whose purpose has words of its own', inForce(aProductionRegistration())],
  [
    'one that learns nothing',
    inForce({
      ...aProductionRegistration({ allowedScopes: ['openid'] }),
      purposes: [{ id: 'sign-in', text: { vi: 'đăng nhập', en: 'sign in' }, scopes: ['openid'] }],
    }),
  ],
  ['one with claims', inForce(aProductionRegistration({ allowedClaims: ['birthdate'] }))],
])('a form in which nobody changed anything changes nothing: %s', (_, base) => {
  expect(plain(registrationFrom(base, fieldsOf(base)))).toEqual(plain(base));
});

test('a scope that is added reaches the one purpose, which keeps words of its own and follows those of the client', () => {
  const added = (base: Record<string, unknown>) => {
    const fields = { ...fieldsOf(base), scopes: `${fieldsOf(base).scopes} email`, purposeEn: 'fly', purposeVi: 'bay' };
    return registrationFrom(base, fields).purposes;
  };
  const scopes = ['assurance', 'profile', 'email'];
  expect(added(example)).toEqual([{ id: 'check-in', text: { vi: 'bay', en: 'fly' }, scopes, claims: [] }]);
  const own = aProductionRegistration({ allowedScopes: ['openid', 'assurance', 'profile'] });
  expect(added(inForce(own))).toEqual([{ id: 'check-in', text: own.purposes?.[0]?.text, scopes, claims: [] }]);
});

test('a client that goes into production by the form gets a purpose there', () => {
  const base = inForce(aRegistration());
  const { purposes } = registrationFrom(base, { ...fieldsOf(base), environment: 'production' });
  expect(purposes).toEqual([{ id: 'main', text: base.purpose, scopes: ['profile', 'assurance'], claims: [] }]);
});
