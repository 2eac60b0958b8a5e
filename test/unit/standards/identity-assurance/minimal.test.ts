import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answer,
  keepOnly,
  pathsOf,
  requestFault,
  type VerifiedClaims,
  type VerifiedClaimsRequest,
  verifiedClaimsResponse,
} from '../../../../src/standards/identity-assurance/index.ts';
import { COUNTER, REMOTE, WARD } from './examples.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const held = [REMOTE, COUNTER, WARD];
/** Values of the three people, so that a restriction is met now and then. */
const someValue = fc.constantFrom(
  ...['vcrypt', 'bvr', 'bvp', 'data', 'c-01', 'c-03', 'c-12', 'idcard', 'passport', 'population_register', 'nothing'],
  ...held.flatMap(({ verification }) => [String(verification.trust_framework), String(verification.assurance_level)]),
);
const plain = fc.constantFrom(null, {}, { essential: true }, { essential: false });
const constrainable = fc.oneof(
  { weight: 9, arbitrary: plain },
  someValue.map((value) => ({ value })),
  fc.array(someValue, { minLength: 1, maxLength: 6 }).map((values) => ({ values })),
);
const datetime = fc.oneof(
  { weight: 9, arbitrary: plain },
  fc.integer({ min: 0, max: 2e8 }).map((max_age) => ({ max_age })),
);
const some = (members: Record<string, fc.Arbitrary<unknown>>) => fc.record(members, { requiredKeys: [] });
const plains = (...names: string[]) => Object.fromEntries(names.map((name) => [name, plain]));
const authority = some(plains('name', 'country_code', 'locality'));
const checks = fc.array(
  fc.record(
    { check_method: constrainable, check_id: constrainable, organization: constrainable, time: datetime },
    { requiredKeys: ['check_method'] },
  ),
  { minLength: 1, maxLength: 3 },
);
const entry = (type: string, members: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ type: fc.constant({ value: type }), ...members }, { requiredKeys: ['type'] });
const evidence = fc.oneof(
  entry('document', {
    check_details: checks,
    document_details: some({
      ...plains('document_number', 'serial_number'),
      ...{ type: constrainable, date_of_issuance: datetime, date_of_expiry: datetime, issuer: authority },
    }),
  }),
  entry('electronic_record', {
    check_details: checks,
    record: some({ type: constrainable, created_at: datetime, source: authority }),
  }),
  entry('vouch', {
    check_details: checks,
    attestation: some({
      ...plains('reference_number'),
      ...{ type: constrainable, date_of_issuance: datetime, voucher: some(plains('name', 'occupation')) },
    }),
  }),
);
const reference = fc.record(
  { check_id: constrainable, evidence_metadata: some({ evidence_classification: constrainable }) },
  { requiredKeys: ['check_id'] },
);
const claim = fc.oneof(
  { weight: 9, arbitrary: plain },
  fc.constantFrom('Lena', 'Orsova', '1990-04-17', ['UTO']).map((value) => ({ value })),
);
const element = fc.record({
  verification: fc.record(
    {
      ...{
        trust_framework: constrainable,
        assurance_level: constrainable,
        time: datetime,
        verification_process: plain,
      },
      assurance_process: some({
        policy: constrainable,
        procedure: constrainable,
        assurance_details: fc.array(
          some({
            ...{ assurance_type: constrainable, assurance_classification: constrainable },
            evidence_ref: fc.array(reference, { minLength: 1, maxLength: 2 }),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      }),
      evidence: fc.array(evidence, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['trust_framework'] },
  ),
  claims: fc.oneof(
    fc.constant(null),
    fc.dictionary(fc.constantFrom('given_name', 'family_name', 'birthdate', 'nationalities', 'unheard_of'), claim, {
      minKeys: 1,
    }),
  ),
});
const request = fc.oneof(
  element,
  fc.array(element, { minLength: 1, maxLength: 3 }),
) as fc.Arbitrary<VerifiedClaimsRequest>;
const assured = fc.constantFrom(...held);

/** What `assurance_details` brings along. */
const BROUGHT_ALONG = /\.assurance_process\.assurance_details\./;

/** Every place of an answer, named as `pathsOf` names the places of a request. */
function placesOf(said: unknown, path: string): string[] {
  if (Array.isArray(said))
    return said.flatMap((one) => {
      const type = path.endsWith('.evidence') ? `.${String(one.type)}` : '';
      return placesOf(one, path + type);
    });
  if (typeof said !== 'object' || said === null || path.includes('.claims.')) return [path];
  return Object.entries(said).flatMap(([name, one]) => placesOf(one, `${path}.${name}`));
}

/** Every single thing that an answer says: which check, which document, with its value. */
const saidIn = (said: VerifiedClaims | undefined): string[] => (said ? leaves(said, '') : []);
function leaves(said: unknown, path: string): string[] {
  // What stands in an array has no place of its own there: more or fewer of them may stand before it.
  if (Array.isArray(said)) return said.flatMap((one) => leaves(one, `${path}.each`));
  if (typeof said !== 'object' || said === null) return [`${path}=${String(said)}`];
  return Object.entries(said).flatMap(([name, one]) => leaves(one, `${path}.${name}`));
}

test('whatever is asked, the answer has no place that the request does not have', () => {
  let answers = 0;
  fc.assert(
    fc.property(request, assured, (asked, who) => {
      expect(requestFault(asked)).toBeUndefined();
      const said = answer(asked, who, NOW);
      if (said === undefined) return;
      answers += 1;
      const named = new Set(pathsOf(asked));
      const places = [said].flat().flatMap((one) => placesOf(one, 'verified_claims'));
      for (const place of places) {
        if (named.has(place)) continue;
        expect(place).toMatch(BROUGHT_ALONG);
        // And then only below something that was asked for.
        const parent = 'verified_claims.verification.assurance_process.assurance_details';
        expect([...named].some((one) => one.startsWith(parent))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
  expect(answers).toBeGreaterThan(50);
});

test('whatever is asked, the answer is one that the schema has', () => {
  fc.assert(
    fc.property(request, assured, (asked, who) => {
      const said = answer(asked, who, NOW);
      if (said !== undefined) verifiedClaimsResponse.parse(JSON.parse(JSON.stringify(said)));
      expect(Array.isArray(said)).toBe(said !== undefined && Array.isArray(asked));
    }),
    { numRuns: 500 },
  );
});

/** The places of a request at which a restriction may be added. */
function restrictable(asked: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (asked === null || (typeof asked === 'object' && !Array.isArray(asked) && isPlain(asked))) {
    return ['verification', 'claims'].includes(String(path.at(-1))) ? [] : [path];
  }
  if (typeof asked !== 'object') return [];
  return Object.entries(asked).flatMap(([name, one]) =>
    restrictable(one, [...path, Array.isArray(asked) ? Number(name) : name]),
  );
}
const isPlain = (asked: object): boolean => Object.keys(asked).every((name) => name === 'essential');

test('a restriction more never adds anything to an answer', () => {
  let added = 0;
  fc.assert(
    fc.property(element, assured, fc.nat(), someValue, fc.boolean(), (asked, who, which, value, byAge) => {
      const places = restrictable(asked);
      fc.pre(places.length > 0);
      const stricter = structuredClone(asked) as never;
      const place = places[which % places.length]!;
      let at = stricter as Record<string | number, unknown>;
      for (const name of place.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
      at[place.at(-1)!] = byAge ? { max_age: which } : { value };
      const before = new Set(saidIn(answer(asked as VerifiedClaimsRequest, who, NOW) as VerifiedClaims));
      const after = saidIn(answer(stricter as VerifiedClaimsRequest, who, NOW) as VerifiedClaims);
      for (const one of after) expect(before).toContain(one);
      added += 1;
    }),
    { numRuns: 500 },
  );
  expect(added).toBeGreaterThan(50);
});

/** The same request without alternatives: of each array its first entry. */
function alone(asked: unknown): unknown {
  if (Array.isArray(asked)) return asked.slice(0, 1).map(alone);
  if (typeof asked !== 'object' || asked === null) return asked;
  return Object.fromEntries(Object.entries(asked).map(([name, one]) => [name, alone(one)]));
}

test('no restriction is ignored, wherever it stands: of what nobody has nothing is answered (§5.5.1)', () => {
  const places = new Map<string, number>();
  fc.assert(
    fc.property(element, assured, fc.nat(), (asked, who, which) => {
      const single = alone(asked) as { verification: unknown };
      const among = restrictable(single).filter(([first]) => first === 'verification');
      fc.pre(among.length > 0);
      const place = among[which % among.length]!;
      let at = single as unknown as Record<string | number, unknown>;
      for (const name of place.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
      at[place.at(-1)!] = { value: 'nobody has this' };
      expect(requestFault(single)).toBeUndefined();
      expect(answer(single as never, who, NOW)).toBeUndefined();
      const name = place.filter((one) => typeof one === 'string').join('.');
      places.set(name, (places.get(name) ?? 0) + 1);
    }),
    { numRuns: 2_000 },
  );
  for (const within of ['evidence_ref.check_id', 'evidence_metadata.evidence_classification', 'source.country_code'])
    expect([...places.keys()].some((one) => one.endsWith(within))).toBe(true);
});

test('what may not be answered is not, and to allow less never adds anything', () => {
  fc.assert(
    fc.property(element, assured, fc.infiniteStream(fc.boolean()), (asked, who, coin) => {
      const refused = new Set(pathsOf(asked as VerifiedClaimsRequest).filter(() => coin.next().value));
      const kept = keepOnly(asked as VerifiedClaimsRequest, (path) => !refused.has(path));
      const all = new Set(saidIn(answer(asked as VerifiedClaimsRequest, who, NOW) as VerifiedClaims));
      const said = kept && (answer(kept, who, NOW) as VerifiedClaims | undefined);
      for (const one of saidIn(said)) expect(all).toContain(one);
      const places = said ? placesOf(said, 'verified_claims') : [];
      for (const place of places.filter((one) => !BROUGHT_ALONG.test(one))) expect(refused).not.toContain(place);
    }),
    { numRuns: 500 },
  );
});
