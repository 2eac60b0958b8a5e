import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { officeOn } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { anApplicant } from '../../support/people.ts';
import { aSimulatedRegister, reportsOn, type Token } from '../../support/register-reports.ts';

/** How many histories are told; set, they are others at every run. */
const HISTORIES = {
  numRuns: Number(process.env.REGISTER_HISTORIES ?? 30),
  ...(process.env.REGISTER_HISTORIES === undefined ? { seed: 20_261_128 } : {}),
};

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

/** What happens to one person, as the register sees it: about the number that they have then, by that one or by a former one. */
const happening = fc.oneof(
  fc.record({ kind: fc.constantFrom('death', 'death-corrected', 'name-corrected'), by: fc.nat(9), name: fc.nat(9) }),
  fc.record({ kind: fc.constantFrom('card-held', 'card-returned', 'card-revoked'), by: fc.nat(9), name: fc.nat(9) }),
  fc.record({ kind: fc.constantFrom('number-cancelled', 'number-restored'), by: fc.nat(9), name: fc.nat(9) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('number-reestablished'), by: fc.nat(9), name: fc.nat(3) }) },
);
/** What happens to their cards: one of these is issued, and what is said of a card is of one that they have had, or have. */
const cardsHappening = fc.oneof(
  fc.record({
    kind: fc.constantFrom('death', 'death-corrected', 'card-held', 'card-returned', 'card-revoked'),
    ...{ by: fc.nat(9), name: fc.nat(9) },
  }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('card-revoked', 'card-held'), by: fc.nat(9), name: fc.constant(0) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('card-issued'), by: fc.nat(9), name: fc.nat(3) }) },
);
/** The next of the numbers, which nobody has had before. */
const NEXT = 9;
/** From here on a card is one of all, whether or not anybody says that it was issued. */
const ANY = 10;
/** Both beside one another: a number takes the place of another while cards are issued, taken away and given back. */
const mixedHappening = fc.oneof(
  fc.record({ kind: fc.constantFrom('number-cancelled', 'number-restored'), by: fc.nat(9), name: fc.nat(9) }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('number-reestablished'), by: fc.nat(9), name: fc.constant(NEXT) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('card-revoked', 'card-held', 'card-returned'),
      ...{ by: fc.nat(9), name: fc.nat(ANY + 3) },
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('card-issued'), by: fc.nat(9), name: fc.nat(3) }) },
);
const DOCUMENTS = ['C12345670', 'C12345671', 'C12345672', 'C12345673'];
/** The first has no last day. */
const LAST_DAYS = [undefined, '2027-01-01', '2030-02-02', '2040-03-03'];

/** The same as the register reports it, in its order, with the number that the person has in the end. */
function reported(happened: readonly { kind: string; by: number; name: number }[], numbers: readonly string[]) {
  let at = 0;
  const had = [0];
  const cards = [0];
  const tokens = happened.flatMap(({ kind, by, name }, index): Token[] => {
    const former = numbers[had[by % had.length]!]!;
    const sequence = index + 1;
    if (kind.startsWith('number-c') || kind === 'number-restored') return [{ kind, number: numbers[at]!, sequence }];
    if (kind === 'card-issued') {
      cards.unshift(name);
      const lastDay = LAST_DAYS[name];
      const said = { document_number: DOCUMENTS[name], ...(lastDay === undefined ? {} : { expires_on: lastDay }) };
      return [{ kind, number: former, sequence, said }];
    }
    if (kind !== 'number-reestablished') {
      const document = DOCUMENTS[name < ANY ? cards[name % cards.length]! : name - ANY];
      const said = kind === 'name-corrected' ? { full_name: `Lê Thị Số ${name}` } : { document_number: document };
      return [{ kind, number: former, sequence, said: kind.startsWith('death') ? {} : said }];
    }
    const to = name === NEXT ? Math.min(at + 1, numbers.length - 1) : name;
    if (to === at) return [];
    const number = numbers[at]!;
    at = to;
    had.push(at);
    return [{ kind, number, sequence, said: { identity_number: numbers[at]! } }];
  });
  return { tokens, last: numbers[at]! };
}

let people = 0;
/** A person of the register, with or without an account, of whom these are told. */
async function told(happened: Parameters<typeof reported>[0], hasAccount: boolean, order?: readonly number[]) {
  people += 1;
  const clock = fixedClock();
  const it = officeOn(fresh.database, [], { clock });
  const register = await aSimulatedRegister(clock);
  const reports = reportsOn({ ...it, database: fresh.database }, register.signer);
  const numbers = [0, 1, 2, 3].map((at) => `09740${at}${String(people).padStart(6, '0')}`);
  const applicant = anApplicant({ identityNumber: numbers[0]!, phone: `+84936${String(people).padStart(6, '0')}` });
  const by = { kind: 'system' } as const;
  const made = hasAccount ? await it.subscribers.register(applicant, { by }) : undefined;
  const { tokens, last } = reported(happened, numbers);
  const ordered = order ? [...tokens.keys()].sort((one, other) => order[one]! - order[other]!) : [...tokens.keys()];
  for (const index of ordered) expect((await reports.take(await register.sign(tokens[index]!))).taken).toBe(true);
  const stands = await Promise.all(DOCUMENTS.map((document) => reports.stands(last, document)));
  if (!made?.registered) {
    const opened = await it.subscribers.register({ ...applicant, identityNumber: last }, { by });
    return { stands, opened: opened.registered ? 'opened' : opened.reason };
  }
  const grounds = (await it.subscribers.locks(made.id)).filter(({ liftedAt }) => !liftedAt).map(({ ground }) => ground);
  const found = await it.subscribers.locate(last);
  const { card: until } = await it.subscribers.lastDays(made.id);
  clock.advance(31 * 86_400);
  while (await reports.closeNext());
  return {
    ...{ stands, until, found: found?.id === made.id, name: found?.fullName },
    // A card that was revoked is held or not: it is the same to everybody.
    grounds: grounds.filter((ground) => ground !== 'card_held' || !grounds.includes('card_revoked')).sort(),
    closed: (await it.subscribers.find(made.id))?.state === 'closed',
  };
}

test.each<[string, fc.Arbitrary<{ kind: string; by: number; name: number }>]>([
  ['a person', happening],
  ['the cards of a person', cardsHappening],
  ['the numbers and cards of a person', mixedHappening],
])(
  'whatever happens to %s, and in whatever order one is told of it: it ends as if one had been told in order',
  async (_, happens) => {
    const history = fc.array(happens, { minLength: 2, maxLength: 8 });
    const order = fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(history, order, fc.boolean(), async (happened, at, hasAccount) => {
        expect(await told(happened, hasAccount, at)).toEqual(await told(happened, hasAccount));
      }),
      HISTORIES,
    );
  },
  300_000,
);
