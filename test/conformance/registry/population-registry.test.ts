import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createHttpPopulationRegistry,
  createSimulatedPopulationRegistry,
  POPULATION_ANSWER_LIMIT,
  type PopulationRegistry,
  type RegisterEntry,
  registryUnavailable,
} from '../../../src/domain/registry/index.ts';
import { MISMATCH_REASONS } from '../../../src/domain/registry/population-registry.ts';
import type { Mood } from '../../../src/platform/partner/mood.ts';
import { fixedClock } from '../../support/clock.ts';
import { giveToken, moody, say, startPartner } from '../../support/partner.ts';
import { serveRegister } from '../../support/register-server.ts';

const clock = fixedClock();
const born = { birthdate: '1990-05-17', nationality: 'VNM', accountType: 'citizen' } as const;
const entry = (
  ending: number,
  more: Partial<RegisterEntry['person']>,
  rest: Partial<RegisterEntry> = {},
): RegisterEntry => ({
  person: {
    ...{ identityNumber: `0971900000${ending}`, fullName: 'Đỗ Thúy Hòa', contacts: { phone: `+849000000${ending}` } },
    ...{ ...born, documentExpiresOn: '2039-08-12', ...more },
  },
  ...rest,
});
const image = Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(2 * 1024 * 1024 - 3, 7)]);
const entries: RegisterEntry[] = [
  entry(
    41,
    {
      familyName: 'Đỗ',
      middleName: 'Thúy',
      givenName: 'Hòa',
      gender: 'female',
      contacts: { phone: '+84900000041', email: 'hoa@sen.example' },
      address: { formatted: 'Số 9, ngõ Hoa Sen\nViệt Nam', country: 'Việt Nam' },
    },
    { portrait: async () => ({ image, takenOn: '2024-08-12' }), guardians: [{ identityNumber: '097190000042' }] },
  ),
  entry(42, { birthdate: '1945' }, { guardians: [{ identityNumber: '097190000041', until: '2026-03-01' }] }),
  entry(
    43,
    { birthdate: '1945-08-20' },
    {
      ...{ birthdateOnCard: '1945', portrait: async () => ({ image: image.subarray(0, 99) }) },
      guardians: [
        { identityNumber: '097190000041', basis: 'parent' },
        { identityNumber: '097190000047', basis: 'guardian_of_adult', until: '2026-03-02' },
      ],
    },
  ),
  entry(44, {}, { standing: 'cancelled' }),
  entry(45, {}, { standing: 'deceased' }),
  entry(46, { documentExpiresOn: '2026-03-01', accountType: 'foreigner', nationality: 'NOR' }),
  entry(47, {}),
  entry(
    48,
    { accountType: 'foreigner', nationality: 'NOR' },
    { passport: { issuingState: 'D', documentNumber: 'C01X00T47' } },
  ),
];
const claim = (ending: number, more = {}) => ({
  ...{ identityNumber: `0971900000${ending}`, fullName: 'ĐỖ THUÝ HOÀ', birthdate: '1990-05-17' },
  ...more,
});

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly registry: PopulationRegistry;
  behave(how: Mood): void;
  stop(): Promise<void>;
}

async function httpSide(): Promise<Side> {
  const behind = createSimulatedPopulationRegistry({ clock, entries });
  let mood: Mood = 'well';
  const partner = await startPartner({
    token: giveToken,
    answer: (path, question, response) => {
      if (mood === 'too_slow') return;
      return moody(mood, response) ? undefined : serveRegister(behind, path, question, response);
    },
  });
  return {
    registry: createHttpPopulationRegistry(partner.parts({ clock, limit: POPULATION_ANSWER_LIMIT, timeout: 1_500 })),
    behave: (how) => {
      mood = how;
    },
    stop: () => partner.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const registry = createSimulatedPopulationRegistry({ clock, entries, timeout: 500 });
  return { registry, behave: registry.behave, stop: async () => {} };
}

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the population register, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());

  test('tells of whom it was asked, every part as it holds it, and when it knew', async () => {
    expect(await side.registry.match(claim(41))).toEqual({
      matched: true,
      person: entries[0]!.person,
      asOf: clock.now(),
    });
  });

  test('names the passport of a foreigner beside the person, and of nobody else', async () => {
    const answer = await side.registry.match(claim(48));
    expect(answer).toMatchObject({ passport: { issuingState: 'D', documentNumber: 'C01X00T47' } });
    expect(answer.matched && 'passport' in answer.person).toBe(false);
    expect(await side.registry.match(claim(41))).not.toHaveProperty('passport');
  });

  test('a part that it lacks is missing, not empty', async () => {
    const answer = await side.registry.match(claim(47));
    expect(answer.matched && Object.keys(answer.person).sort()).toEqual(
      ['accountType', 'birthdate', 'contacts', 'documentExpiresOn', 'fullName', 'identityNumber', 'nationality'].sort(),
    );
  });

  test.each(['1945', '1945-08', '1945-08-20'])('knows a year alone: %s fits it', async (birthdate) => {
    expect(await side.registry.match(claim(42, { birthdate }))).toMatchObject({ matched: true });
  });

  test('a year alone fits a day that it knows only where the card shows no more', async () => {
    expect(await side.registry.match(claim(43, { birthdate: '1945' }))).toMatchObject({ matched: true });
    expect(await side.registry.match(claim(41, { birthdate: '1990' }))).toMatchObject({ reason: 'birthdate_differs' });
  });

  const refused: [reason: (typeof MISMATCH_REASONS)[number], claim: ReturnType<typeof claim>, contacts: object][] = [
    ['no_such_number', claim(41, { identityNumber: '097190000099' }), {}],
    ['name_differs', claim(41, { fullName: 'Đỗ Thúy Hoa' }), entries[0]!.person.contacts],
    ['birthdate_differs', claim(42, { birthdate: '1946' }), { phone: '+84900000042' }],
    ['number_cancelled', claim(44), { phone: '+84900000044' }],
    // Somebody else may have that telephone by now.
    ['deceased', claim(45), {}],
    ['document_expired', claim(46), { phone: '+84900000046' }],
  ];
  test.each(refused)('%s: says why, and whom to tell', async (reason, claimed, contacts) => {
    expect(await side.registry.match(claimed)).toEqual({ matched: false, reason, contacts, asOf: clock.now() });
  });

  test('every reason that there is was met', () => {
    expect(refused.map(([reason]) => reason).sort()).toEqual([...MISMATCH_REASONS].sort());
  });

  test('hands out a portrait of 2 MiB byte by byte, with or without its day, and none where there is none', async () => {
    const { portrait } = side.registry;
    expect(await portrait('097190000041')).toEqual({ image, takenOn: '2024-08-12' });
    expect(await portrait('097190000043')).toEqual({ image: image.subarray(0, 99) });
    expect(await portrait('097190000047')).toBeUndefined();
    expect(await portrait('097190000099')).toBeUndefined();
  });

  test('knows who is whose guardian today, and it is not mutual', async () => {
    const { guardianship } = side.registry;
    expect(await guardianship({ guardian: '097190000042', ward: '097190000041' })).toEqual({
      basis: 'guardian_of_minor',
    });
    // Ended yesterday.
    expect(await guardianship({ guardian: '097190000041', ward: '097190000042' })).toBeUndefined();
    expect(await guardianship({ guardian: '097190000042', ward: '097190000099' })).toBeUndefined();
  });

  test('says as what somebody is a guardian: a parent, or an adult’s by a court’s decision, and until when', async () => {
    const { guardianship } = side.registry;
    expect(await guardianship({ guardian: '097190000041', ward: '097190000043' })).toEqual({ basis: 'parent' });
    expect(await guardianship({ guardian: '097190000047', ward: '097190000043' })).toEqual({
      ...{ basis: 'guardian_of_adult', until: '2026-03-02' },
    });
  });

  test('takes a correction once, however often it is handed over', async () => {
    const request = {
      ...({ identityNumber: '097190000041', what: 'name', statement: 'Tên tôi có dấu: Hòa.' } as const),
      reference: 'ours-1',
    };
    const first = await side.registry.requestCorrection(request);
    expect(first).toEqual({ received: true, caseNumber: expect.stringMatching(/./) });
    expect(await side.registry.requestCorrection(request)).toEqual(first);
    expect(await side.registry.requestCorrection({ ...request, reference: 'ours-2' })).not.toEqual(first);
  });

  test.each(['unreachable', 'too_slow', 'busy', 'refused', 'garbage'] as const)(
    '%s: there is one error, soon, for all four questions',
    async (how) => {
      side.behave(how);
      const { registry } = side;
      const from = performance.now();
      const answers = await Promise.allSettled([
        registry.match(claim(41)),
        registry.portrait('097190000041'),
        registry.guardianship({ guardian: '097190000042', ward: '097190000041' }),
        registry.requestCorrection({ identityNumber: '097190000041', what: 'name', statement: 'x', reference: 'y' }),
      ]);
      expect(performance.now() - from).toBeLessThan(3_000);
      for (const answer of answers) {
        expect(answer).toMatchObject({
          status: 'rejected',
          reason: { code: registryUnavailable(how).code, status: 503, facts: { reason: how } },
        });
      }
      side.behave('well');
      expect(await registry.match(claim(41))).toMatchObject({ matched: true });
    },
  );
});

describe('what a register over HTTPS says of a guardian', () => {
  const asked = async (answer: object) => {
    const partner = await startPartner({ token: giveToken, answer: (_, __, response) => say(response, answer) });
    try {
      return await createHttpPopulationRegistry(partner.parts({ clock })).guardianship({
        ...{ guardian: '097190000042', ward: '097190000041' },
      });
    } finally {
      await partner.stop();
    }
  };

  test('without a basis is said of a minor: nobody is an adult’s guardian by it', async () => {
    expect(await asked({ isGuardian: true })).toEqual({ basis: 'guardian_of_minor' });
    expect(await asked({ isGuardian: false, basis: 'guardian_of_adult' })).toBeUndefined();
  });

  test('is over after its last day, whatever else it says; and a basis that nobody knows is no answer', async () => {
    const said = { isGuardian: true, basis: 'guardian_of_adult' };
    expect(await asked({ ...said, until: '2026-03-02' })).toEqual({ basis: 'guardian_of_adult', until: '2026-03-02' });
    expect(await asked({ ...said, until: '2026-03-01' })).toBeUndefined();
    await expect(asked({ ...said, basis: 'neighbour' })).rejects.toMatchObject({
      code: 'population_registry.unavailable',
    });
  });
});

test('a simulated register is away for the people it is told to be away for, as often as it is told', async () => {
  const registry = createSimulatedPopulationRegistry({
    ...{ clock, entries },
    silent: { '097190000041': { mood: 'unreachable', times: 2 }, '097190000047': { mood: 'busy' } },
  });
  const asked = (ending: number) =>
    registry.match(claim(ending)).then(
      ({ matched }) => matched,
      ({ facts }) => facts.reason,
    );
  expect([await asked(41), await asked(41), await asked(41)]).toEqual(['unreachable', 'unreachable', true]);
  expect([await asked(47), await asked(47), await asked(47)]).toEqual(['busy', 'busy', 'busy']);
});
