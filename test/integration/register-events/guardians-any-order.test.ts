import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuardianships } from '../../../src/domain/guardianships/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { aRegistered, officeOn } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aProofing } from '../../support/people.ts';
import { aSimulatedRegister, reportsOn, type Token } from '../../support/register-reports.ts';

/** How many histories are told; set, they are others at every run. */
const HISTORIES = {
  numRuns: Number(process.env.REGISTER_HISTORIES ?? 40),
  ...(process.env.REGISTER_HISTORIES === undefined ? { seed: 20_261_129 } : {}),
};

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

/** Whose account it is that looks after the ward; the others never come here. */
const G = 0;
const WARD = 4;
const NOBODY = 9;

/** Whoever is the guardian then is followed by one of these, or another number takes the place of somebody's. */
interface Happening {
  readonly kind: 'passed' | 'renumbered';
  readonly who: number;
  /** By which of their numbers each is named. */
  readonly by: number;
}

interface History {
  /** Of the time before the account here was made through G; whether it was told then. */
  readonly before: readonly Happening[];
  readonly heard?: boolean;
  readonly since: readonly Happening[];
  /** Whether G's account is closed at once, and whether that is written down before anything is told. */
  readonly gone: 'no' | 'written' | 'not yet written';
}

/** As the register sees it: what it says, when the account here was made, and who is the guardian in the end. */
function asItWas({ before, since }: Pick<History, 'before' | 'since'>, numbers: readonly string[][]) {
  const had = numbers.map(() => 1);
  const numberOf = (who: number, by: number): string => numbers[who]![by % had[who]!]!;
  const tokens: Token[] = [];
  let present = G;
  const happen = ({ kind, who, by }: Happening): void => {
    const sequence = tokens.length + 1;
    if (kind === 'renumbered') {
      if (had[who] === numbers[who]!.length) return;
      const [number, next] = numbers[who]!.slice(had[who]! - 1);
      had[who]! += 1;
      tokens.push({ kind: 'number-reestablished', number: number!, sequence, said: { identity_number: next } });
    } else if (who !== present) {
      const follows = who === NOBODY ? {} : { successor_identity_number: numberOf(who, by >> 1) };
      const said = { guardian_identity_number: numberOf(present, by), ...follows };
      tokens.push({ kind: 'guardianship-ended', number: numberOf(WARD, by >> 2), sequence, said });
      // A court appoints one anew, of which the register says nothing.
      present = who === NOBODY ? by % WARD : who;
    }
  };
  for (const one of before) happen(one);
  if (present !== G) happen({ kind: 'passed', who: G, by: 0 });
  const began = tokens.length;
  let end: 'held' | 'over' | number = 'held';
  for (const one of since) {
    const sizes = tokens.length;
    happen(one);
    if (one.kind === 'passed' && tokens.length > sizes && end !== 'over') end = one.who === NOBODY ? 'over' : present;
  }
  return { tokens, began, present, end };
}

/** How it is told: in which order; at once, each to a process of its own; each where it was not kept yet who follows. */
interface Telling {
  readonly order: readonly number[];
  readonly how?: 'at once' | 'forgotten';
}

/** What has become of the account of somebody of whom all of it was told. */
async function told(history: History, { order, how }: Telling) {
  const people = [aRegistered(), aRegistered(), aRegistered(), aRegistered()];
  const [guardian, adult, ...later] = [
    people[G]!,
    aRegistered({ birthdate: '1974-10-08' }),
    aRegistered(),
    aRegistered(),
  ];
  const numbers = people.map(({ person }) => [person.identityNumber, aRegistered().person.identityNumber]);
  numbers.push([adult, ...later].map(({ person }) => person.identityNumber));
  const { tokens, began, present, end } = asItWas(history, numbers);

  const clock = fixedClock();
  const it = officeOn(fresh.database, [guardian, adult, ...later], { clock });
  const parts = { database: fresh.database, clock, journal: it.journal, authenticators: it.authenticators };
  const guardianships = createGuardianships({ ...parts, told: async () => [] });
  const register = await aSimulatedRegister(clock);
  const process = () => reportsOn({ ...it, database: fresh.database, guardianships }, register.signer);
  const reports = process();
  const opened = async ({ person, phone }: typeof adult, level2: boolean): Promise<string> => {
    const { contacts: _, documentExpiresOn: __, ...known } = person;
    const made = await it.subscribers.register(
      { ...known, phone, phoneVerified: true, locale: 'vi', test: true },
      { by: { kind: 'system' }, ...(level2 ? { proofing: aProofing() } : {}) },
    );
    if (!made.registered) throw new Error(made.reason);
    return made.id;
  };
  const [guardianId, wardId] = [await opened(guardian, true), await opened(adult, false)];

  const signed: string[] = [];
  for (const token of tokens.slice(0, began)) {
    signed.push(await register.sign(token));
    clock.advance(60);
  }
  const at = (index: number): number => order[index] ?? index;
  const inOrder = (from: number): string[] =>
    [...signed.keys()]
      .slice(from)
      .sort((one, other) => at(one) - at(other))
      .map((index) => signed[index]!);
  const take = async (by: typeof reports, token: string): Promise<void> =>
    expect(await by.take(token)).toMatchObject({ taken: true });
  if (history.heard) for (const token of inOrder(0)) await take(reports, token);
  const registered = { basis: 'guardian_of_adult' } as const;
  const begun = { wardId, guardianId, applicationId: randomUUID(), registered };
  await writeTogether(fresh.database, guardianships.beginning(begun));
  if (history.gone !== 'no') await it.subscribers.close(guardianId, { kind: 'system' });
  if (history.gone === 'written') while (await guardianships.endNext());
  for (const token of tokens.slice(began)) {
    clock.advance(60);
    signed.push(await register.sign(token));
  }
  // It knows whoever is the guardian, and the ward, by each number that they have had.
  const named = (numbers[present] ?? []).map((identityNumber) => ({ identityNumber, ...registered }));
  for (const ward of numbers[WARD]!) it.population.amend(ward, (entry) => ({ ...entry, guardians: named }));

  const ordered = inOrder(history.heard ? began : 0);
  if (how === 'at once') await Promise.all(ordered.map((token) => take(process(), token)));
  for (const token of how === 'at once' ? [] : ordered) {
    if (how === 'forgotten')
      await fresh.database.execute(sql`UPDATE guardianships SET successor_hash = NULL WHERE ward_id = ${wardId}`);
    await take(reports, token);
  }
  while (await guardianships.endNext());
  const found = (await guardianships.ofWard(wardId))!;
  const waitsFor = numbers.findIndex((theirs) =>
    theirs.some((number) => found.successor?.equals(it.subscribers.directoryKey(number))),
  );
  const account = (await it.subscribers.find(wardId))!;
  return {
    end,
    became: !found.endedAt ? 'held' : found.releasedAt ? 'over' : waitsFor < 0 ? 'unsaid' : waitsFor,
    isFree: await guardianships.mayBeTakenOver(account),
  };
}

async function check(history: History, telling: Telling): Promise<void> {
  const { end, became, isFree } = await told(history, telling);
  expect(became).toBe(end === 'held' && history.gone !== 'no' ? 'unsaid' : end);
  expect(isFree).toBe(end === 'over');
}

const passed = (...to: number[]): Happening[] => to.map((who) => ({ kind: 'passed', who, by: 0 }));
/** `by`: 1, whoever is one no more is named by a new number; 2, whoever follows; 4 and 8, the ward. */
const to = (who: number, by: number): Happening => ({ kind: 'passed', who, by });
const moved = (...people: number[]): Happening[] => people.map((who) => ({ kind: 'renumbered', who, by: 0 }));
const permuted = (left: readonly number[]): number[][] =>
  left.length === 0
    ? [[]]
    : left.flatMap((one) => permuted(left.filter((other) => other !== one)).map((rest) => [one, ...rest]));

const over = (appointed: number): Happening => ({ kind: 'passed', who: NOBODY, by: appointed });
test.each<[string, Omit<History, 'gone'>]>([
  ['passed on twice, and over', { before: [], since: passed(1, 2, NOBODY) }],
  ['passed on and back, and over', { before: [], since: passed(1, G, NOBODY) }],
  ['passed on and back, and on again', { before: [], since: passed(1, G, 1) }],
  ['over, and begun anew', { before: [], since: [...passed(1), over(1), ...passed(2)] }],
  ['begun anew after it was over', { heard: true, before: [over(G)], since: passed(1, 2) }],
  ['of one who had it before', { heard: true, before: [...passed(1), over(G)], since: passed(1) }],
  ['passed on after it had been so before', { before: passed(1, G), since: passed(1, 2) }],
  [
    'of people with other numbers, who follow by the old ones',
    { before: [], since: [...moved(G, 1), to(1, 1), to(2, 1)] },
  ],
  ['of one with another number, who follows by the new one', { before: [], since: [...moved(1), to(1, 2), to(2, 0)] }],
  ['of one who is named by a new number', { before: [], since: [...moved(WARD), to(1, 4), to(NOBODY, 4)] }],
  ['of one who has a third one', { before: [], since: [...moved(WARD), to(1, 4), ...moved(WARD), to(NOBODY, 8)] }],
  ['of one who is named by both', { before: [], since: [to(1, 0), ...moved(WARD), to(2, 4)] }],
  ['held as it was before', { before: passed(1, 2, G), since: [] }],
])(
  'a guardianship %s: in each order that the words can come in',
  async (_, history) => {
    const { tokens } = asItWas(history, Array(5).fill(['old', 'new', 'newest']));
    for (const order of permuted([...tokens.keys()])) await check({ ...history, gone: 'no' }, { order });
  },
  120_000,
);

const passing = fc.record({
  kind: fc.constant('passed' as const),
  who: fc.constantFrom(G, 1, 2, 3),
  by: fc.nat(11),
});
const moving = (who: fc.Arbitrary<number>) =>
  fc.record({ kind: fc.constant('renumbered' as const), who, by: fc.constant(0) });
const ended = fc.record({ kind: fc.constant('passed' as const), who: fc.constant(NOBODY), by: fc.nat(11) });
const order = fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 });

test.each<[History['gone'], fc.Arbitrary<Happening>]>([
  ['no', moving(fc.constantFrom(G, 1, 2, 3, WARD))],
  // Whoever has no account any more has the number that they had last.
  ['written', moving(fc.constantFrom(1, 2, 3, WARD))],
  ['not yet written', moving(fc.constantFrom(1, 2, 3, WARD))],
])(
  'whoever follows whom, in whatever order one is told of it, the account waits for the last of them, or for nobody (account closed: %s)',
  async (gone, moves) => {
    const earlier = { weight: 3, arbitrary: passing };
    const before = fc.oneof(
      fc.record({ before: fc.array(fc.oneof(earlier, moves), { maxLength: 3 }) }),
      // What was over before, and is told late, ends what the register does not name any more: it is told in its time.
      fc.record({ before: fc.array(fc.oneof(earlier, moves, ended), { maxLength: 3 }), heard: fc.constant(true) }),
    );
    const since = fc.array(
      fc.oneof({ weight: 4, arbitrary: passing }, { weight: 2, arbitrary: moves }, { weight: 1, arbitrary: ended }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(before, since, order, (early, late, at) =>
        check({ ...early, since: late, gone }, { order: at }),
      ),
      HISTORIES,
    );
  },
  300_000,
);

test('the register tells it to several processes in the same moment: it is as if one had heard all of it', async () => {
  for (const who of [2, NOBODY])
    for (let times = 0; times < 5; times += 1)
      await check({ before: [], since: passed(1, 3, who), gone: 'no' }, { order: [], how: 'at once' });
}, 60_000);

test('of one that was passed on before it was kept to whom, that is worked out of what was said', async () => {
  for (const since of [passed(1, NOBODY), passed(1, 3, 2)])
    for (const order of permuted([...since.keys()]))
      await check(
        { before: passed(1, G), since, gone: 'no' },
        { order: [0, 1, ...order.map((at) => at + 2)], how: 'forgotten' },
      );
}, 60_000);
