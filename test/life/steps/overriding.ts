import assert from 'node:assert/strict';
import type {
  CounterApplication as Application,
  DecidingRefusal,
  OVERRIDES,
} from '../../../src/domain/counter/index.ts';
import { type Face, photoNow } from '../../support/applications.ts';
import { cardOf } from '../cards.ts';
import type { Act } from '../step.ts';
import { type Citizen, guardianOf, isOver } from '../village.ts';
import type { World } from '../world.ts';
import { boundAtCounter, raised } from './counter.ts';
import { type Claim, decidedBy, held, isOneOfFive, keep, keptOf, notApproved, notReceived } from './officers.ts';

type Grounds = typeof OVERRIDES;
type Asked = {
  [Check in keyof Grounds]: { readonly check: Check; readonly ground: Grounds[Check][number] };
}[keyof Grounds];

/** What two officers are asked to look away from: what camera and station come to, on which ground, and why it is never even proposed. */
interface Case {
  readonly face: Face | 'kept';
  readonly capture: string;
  readonly asked: Asked;
  readonly never?: DecidingRefusal;
}
const changed = { check: 'face_match', ground: 'changed_face' } as const;
const old = { check: 'face_match', ground: 'old_portrait' } as const;
const without = { check: 'fingerprint_match', ground: 'no_fingers' } as const;
const CASES = {
  'a changed face': { face: 'green', capture: 'MATCH', asked: changed },
  'an old portrait': { face: 'green', capture: 'MATCH', asked: old },
  'no fingers': { face: 'red', capture: 'MISSING', asked: without },
  'a kept picture': { face: 'kept', capture: 'MATCH', asked: changed, never: 'attack' },
  'a screen': { face: 'yellow', capture: 'MATCH', asked: old, never: 'attack' },
  'nobody knows whether it lives': { face: 'violet', capture: 'MATCH', asked: changed, never: 'not_overridable' },
  'a capture of nobody': { face: 'red', capture: 'SILICONE', asked: without, never: 'not_overridable' },
  'fingers not looked for': { face: 'red', capture: 'NOBODY', asked: without, never: 'not_overridable' },
  'fingers of yesterday': { face: 'red', capture: 'OLD', asked: without, never: 'not_overridable' },
  'neither face nor fingers': { face: 'green', capture: 'MISSING', asked: changed, never: 'something_else' },
} as const satisfies Record<string, Case>;
export type Overridden = keyof typeof CASES;
export const OVERRIDDEN = Object.keys(CASES) as readonly Overridden[];

/** Captures of these steps alone: a capture is used once, and another file counts its own. */
let captures = 500_000_000;

/** Five pictures of a number in a visit, and then another day. Answers whether this one was looked at, and passed. */
async function pictured(
  { hall: { counter, officers } }: World,
  who: Citizen,
  { application, picture }: { readonly application: Application; readonly picture: Buffer },
): Promise<'passed' | 'not passed' | undefined> {
  const isOne = isOneOfFive(who, 'face');
  const taken = await counter.portrait(application, picture, officers[0]);
  assert.equal(taken.done ? 'looked at' : taken.reason, isOne ? 'looked at' : 'too_many');
  if (!taken.done) return undefined;
  if (taken.result === 'passed') keep(who, picture);
  return taken.result === 'passed' ? 'passed' : 'not passed';
}

/** The picture that somebody has kept of a visit of before; of somebody who has none, one that the camera has just made. */
async function keptBy(world: World, who: Citizen, application: Application): Promise<Buffer | undefined> {
  const before = keptOf(who);
  if (before) return before;
  const picture = await photoNow('red');
  const came = await pictured(world, who, { application, picture });
  assert.notEqual(came, 'not passed', 'the camera’s own picture was kept from before');
  return came && picture;
}

/** Somebody stands at a counter of whom one thing does not match, and their officer asks another one to look away from it. */
export const override =
  (what: Overridden, claim: Claim): Act =>
  async (world, who, village) => {
    const { counter, officers } = world.hall;
    const [officer, second] = officers;
    const { face, capture, asked, never }: Case = CASES[what];
    const { person } = who.entry;
    // Whoever left before binding comes back by another step.
    const left = who.account && (await counter.search(person.identityNumber, officer));
    if (left) return undefined;
    const guardian = guardianOf(who, village);
    const { identityNumber, fullName, birthdate } = person;
    const guardianNumber = guardian ? { guardianNumber: guardian.entry.person.identityNumber } : {};
    const received = await counter.receive({ identityNumber, fullName, birthdate, ...guardianNumber }, officer);
    assert.equal(received.received ? undefined : received.reason, notReceived(who, guardian));
    if (!received.received) return undefined;

    const again = async (): Promise<Application> => (await counter.find(received.id, officer))!;
    const refused = async (outcome: string): Promise<string> => {
      assert.equal(await counter.refuse(await again(), 'not_the_person', officer), 'refused');
      assert.equal((await again()).state, 'REFUSED');
      return outcome;
    };
    assert.equal(await counter.take(await again(), officer), 'taken');
    const card = cardOf(who.entry);
    await held(world, await again(), card);
    const picture = face === 'kept' ? await keptBy(world, who, await again()) : await photoNow(face);
    const came = picture && (await pictured(world, who, { application: await again(), picture }));
    captures += 1;
    const isOne = isOneOfFive(who, 'prints');
    const printed = await counter.fingerprints(await again(), `${capture}-${captures}`, officer);
    assert.equal(printed.done ? 'looked at' : printed.reason, isOne ? 'looked at' : 'too_many_captures');
    if (!came || !isOne) return refused(`${what}: too many tries`);
    assert.equal(came === 'passed', face === 'red', `a picture: ${what}`);

    // One officer alone decides nothing of it, whatever it is.
    const alone = await counter.approve(await again(), claim, officer);
    assert.deepEqual(alone, { decided: false, reason: 'lacking' }, `one officer alone: ${what}`);
    const of = { ...asked, statement: 'both of us have looked', claim };
    const proposed = await counter.propose(await again(), of, officer);
    const expected =
      never ?? decidedBy(world, notApproved(who, { seen: 'worn', claim, tried: { face: true, prints: true } }));
    // The register and the policy are asked with the decision, and not before.
    const atOnce = expected === 'register_differs' || expected === 'policy' ? undefined : expected;
    assert.equal(proposed.decided ? undefined : proposed.reason, atOnce, `an override of ${what}`);
    if (!proposed.decided) {
      assert.equal(await counter.waiting(await again()), undefined, `${what} waits for a second officer`);
      return refused(`${what}: ${proposed.reason}`);
    }
    const { shown } = (await counter.waiting(await again()))!;
    for (const time of ['once', 'twice']) {
      const same = await counter.confirm(await again(), shown, officer);
      assert.deepEqual(same, { decided: false, reason: 'same_officer' }, `the same officer, ${time}`);
    }
    const unseen = await counter.confirm(await again(), '0'.repeat(64), second);
    assert.deepEqual(unseen, { decided: false, reason: 'changed' }, 'a second officer who has seen something else');
    const confirmed = await counter.confirm(await again(), shown, second);
    assert.equal(confirmed.decided ? undefined : confirmed.reason, expected, `two officers: ${what}`);
    if (!confirmed.decided) return refused(`two officers: ${confirmed.reason}`);
    const anew = who.account && isOver(who.account) ? ', another card' : '';
    await raised(world, who, { application: await again(), claim, card });
    if (guardian) {
      who.account!.held = true;
      return `${what}, a ward`;
    }
    await boundAtCounter(world, who, await again());
    return `${what}, two officers${anew}`;
  };
