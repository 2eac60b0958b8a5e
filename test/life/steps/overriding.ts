import assert from 'node:assert/strict';
import type { CounterApplication as Application, DecidingRefusal, OVERRIDES } from '../../../src/domain/counter/index.ts';
import { type Face, photoNow } from '../../support/applications.ts';
import { cardOf } from '../cards.ts';
import type { Act } from '../step.ts';
import { type Citizen, isOver } from '../village.ts';
import type { World } from '../world.ts';
import { boundAtCounter, type Claim, held, notApproved, notReceived, raised } from './counter.ts';

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
/** Days for which a picture that somebody has kept is surely known. */
const KNOWN_DAYS = 80;
const kept = new WeakMap<Citizen, { readonly picture: Buffer; readonly at: number }>();

/** The picture that somebody has kept of a visit of before; of somebody who has none, one that the camera has just made. */
async function keptBy(world: World, who: Citizen, application: Application): Promise<Buffer | undefined> {
  const before = kept.get(who);
  if (before && Date.now() - before.at < KNOWN_DAYS * 86_400_000) return before.picture;
  const picture = await photoNow('red');
  const { counter, officers } = world.hall;
  const taken = await counter.portrait(application, picture, officers[0]);
  if (!taken.done) return undefined;
  assert.equal(taken.result, 'passed', 'the camera’s own picture was kept from before');
  kept.set(who, { picture, at: Date.now() });
  return picture;
}

/** Somebody stands at a counter of whom one thing does not match, and their officer asks another one to look away from it. */
export const override =
  (what: Overridden, claim: Claim): Act =>
  async (world, who, village) => {
    const { counter, officers } = world.hall;
    const [officer, second] = officers;
    const { face, capture, asked, never }: Case = CASES[what];
    const { person } = who.entry;
    const open = who.account && (await counter.search(person.identityNumber, officer));
    if (open) return undefined;
    const guardian = who.guardian === undefined ? undefined : village.people[who.guardian]!;
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
    const taken = picture && (await counter.portrait(await again(), picture, officer));
    // Five pictures, and then another day.
    if (!taken?.done) return refused(`${what}: too many pictures`);
    if (face === 'red') kept.set(who, { picture: picture!, at: Date.now() });
    captures += 1;
    await counter.fingerprints(await again(), `${capture}-${captures}`, officer);

    // One officer alone decides nothing of it, whatever it is.
    const alone = await counter.approve(await again(), claim, officer);
    assert.deepEqual(alone, { decided: false, reason: 'lacking' }, `one officer alone: ${what}`);
    const of = { ...asked, statement: 'both of us have looked', claim };
    const proposed = await counter.propose(await again(), of, officer);
    const expected = never ?? notApproved(who, { seen: 'worn', claim, card });
    // What the register says is asked with the decision, and not before.
    const atOnce = expected === 'register_differs' ? undefined : expected;
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
    if (who.guardian !== undefined) return `${what}, a ward`;
    await boundAtCounter(world, who, await again());
    return `${what}, two officers${anew}`;
  };
