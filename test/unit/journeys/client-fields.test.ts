import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseRegistration } from '../../../src/domain/relying-parties/index.ts';
import { fieldsOf, registrationFrom } from '../../../src/journeys/operator/clients/fields.ts';
import { purposesIn, withAnother, without } from '../../../src/journeys/operator/clients/purposes.ts';
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
  [
    'one with several purposes of which one has a basis in law and claims, and with a scope beside them',
    inForce({
      ...aRegistration({
        allowedScopes: ['openid', 'assurance', 'profile', 'offline_access'],
        allowedClaims: ['birthdate'],
      }),
      purposes: [several[0], { ...several[1], legalBasis: 'Điều 40', claims: ['birthdate'] }],
    }),
  ],
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

describe('several purposes', () => {
  const base = inForce(aProductionRegistration({ purposes: several }));

  test('are changed, and what they name is what the client may ask', () => {
    const fields = {
      ...fieldsOf(base),
      'purpose-1-scopes': 'assurance email',
      'purpose-0-claims': 'birthdate, gender',
    };
    const changed = registrationFrom(base, fields);
    expect(changed.allowedScopes).toEqual([...(base.allowedScopes as string[]), 'email']);
    expect(changed.allowedClaims).toEqual(['birthdate', 'gender']);
    expect(changed.purposes).toMatchObject([{ claims: ['birthdate', 'gender'] }, { scopes: ['assurance', 'email'] }]);
    const { disabled: _, ...registration } = changed;
    expect(parseRegistration(registration)).toMatchObject({ parsed: true });
  });

  test('are begun from the one there is, without losing a word of it', () => {
    const one = { ...example, purposes: [{ ...(example.purposes as object[])[0], legalBasis: 'Điều 40' }] };
    const typed = { ...fieldsOf(one), scopes: `${fieldsOf(one).scopes} email` };
    const fields = withAnother(typed, () => registrationFrom(one, typed));
    expect(purposesIn(fields)).toMatchObject([
      { place: '0', id: 'check-in', legalBasis: 'Điều 40', scopes: 'assurance profile email' },
      { place: '1', id: '', vi: '', en: '', scopes: '', claims: '' },
    ]);
    expect(fields.scopes).toBe('openid');
    const back = registrationFrom(one, without(fields, '1'));
    expect(plain(back)).toEqual(plain(registrationFrom(one, typed)));
  });

  test('are begun for a client that has none', () => {
    const fields = withAnother({ ...fieldsOf({}), scopes: 'openid profile', purposeVi: 'bay', purposeEn: 'fly' }, () =>
      registrationFrom({}, { ...fieldsOf({}), scopes: 'openid profile', purposeVi: 'bay', purposeEn: 'fly' }),
    );
    expect(purposesIn(fields)).toMatchObject([{ id: 'main', vi: 'bay', en: 'fly', scopes: 'profile' }, { id: '' }]);
  });

  test('go with their data when they are taken out, and the last one stays', () => {
    const fields = without(fieldsOf(base), '0');
    const changed = registrationFrom(base, fields);
    expect(changed.purposes).toMatchObject([{ id: 'assurance' }]);
    expect(changed.allowedScopes).not.toContain('profile');
    expect(changed.allowedScopes).toContain('openid');
    expect(without(fields, '1')).toEqual(fields);
    // A place that was taken out is not the next one's: what was typed there is gone.
    expect(purposesIn(withAnother(fields, () => base)).map(({ place }) => place)).toEqual(['1', '2']);
  });

  test('are no more than a registration takes, and no place but a number', () => {
    let fields: Readonly<Record<string, string>> = fieldsOf(base);
    for (let more = 0; more < 40; more += 1) fields = withAnother(fields, () => base);
    expect(purposesIn(fields)).toHaveLength(30);
    expect(purposesIn({ purposes: '__proto__ 0 0 x -1' })).toHaveLength(1);
  });
});
