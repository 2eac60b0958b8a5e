import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ONLINE_METHODS } from '../../src/domain/recovery/index.ts';
import type { LockGround } from '../../src/domain/subscribers/index.ts';
import { KINDS } from './hands.ts';
import { forgetSeen, holds } from './holds.ts';
import { carrying } from './rules.ts';
import { aVillage } from './settlers.ts';
import { type Act, aStep, forAll, type Likely, PLACES, type Run, type Step } from './step.ts';
import { atCounter, dieAtCounter } from './steps/counter.ts';
import { disown, guess, lookInto } from './steps/disowning.ts';
import { eraseAll } from './steps/erasing.ts';
import { addAddress, bindAs, findAgain, lose, signIn, unbindAs } from './steps/factors.ts';
import { endsRemote, fromHome, lookAtHome, SHOWN } from './steps/from-home.ts';
import { lockWard, lookAfter, unlockWard } from './steps/guarding.ts';
import { close, lift, lockByCode, lockOn, lockSignedIn, unlock } from './steps/locking.ts';
import { MIDST_AT_COUNTER, SEEN } from './steps/officers.ts';
import { OVERRIDDEN, override } from './steps/overriding.ts';
import { crash, forget, MIDST, wait } from './steps/passing.ts';
import { CHANGED, changePolicy, restorePolicy } from './steps/policies.ts';
import { cancel, complete, counterRecovery, proveMethod } from './steps/recovering.ts';
import { signInAt, useToken, withdraw } from './steps/relying.ts';
import { again, card, die, passport, rename, renumber } from './steps/reporting.ts';
import { activate, answerPicture, apply, applyForWard, office, settle, stop, VARIANTS } from './steps/signing-up.ts';
import { strangerAsks } from './steps/strange.ts';
import { applyToTakeOver, takeOver } from './steps/taking-over.ts';
import { isActive, isLocked, isOver, mayTakeOver, openOf, THINGS, type Village } from './village.ts';
import type { World } from './world.ts';

/** Steps of one village at most. */
const MOST = 400;
const method = fc.constantFrom(...ONLINE_METHODS);
const who = fc.constantFrom('owner', 'owner', 'owner', 'thief');
const GROUNDS: readonly LockGround[] = [
  'terms_violation',
  'card_revoked',
  'card_held',
  'authority_request',
  'security_suspected',
];

const grownUp: Likely = ({ account, guardian, dead }) => !account && guardian === undefined && !dead;
/** Whose level 2 is to be proven, for the first time or once more. */
const unproven: Likely = ({ account, dead }) =>
  !dead && (account?.level !== 2 || account.mustReproof || isOver(account));
const lowly: Likely = ({ account, dead }) => account?.level !== 2 && !dead;
const unbound: Likely = ({ account }) => account?.level === 2 && account.factors.length === 0;
const ward: Likely = ({ account, guardian, dead }) => !account && guardian !== undefined && !dead;
const applied =
  (state: string): Likely =>
  (who) =>
    who.applied.some((one) => one.state === state);
const living: Likely = ({ account }) => isActive(account);
const known: Likely = ({ account }) => account !== undefined;
const barred: Likely = ({ account }) => account !== undefined && isLocked(account);
const guarded: Likely = ({ account }) => account?.held === true;
const takenOver: Likely = ({ account }) => account?.takenOverAt !== undefined;
const recovering: Likely = ({ account }) => account?.recovery !== undefined;
const pairing: Likely = ({ account }) =>
  account !== undefined && openOf(account).some(({ second }) => second === undefined);
const waited: Likely = ({ account }) =>
  account !== undefined &&
  openOf(account).some(({ waitsUntil }) => (waitsUntil ?? Number.POSITIVE_INFINITY) <= Date.now());
const served: Likely = ({ account }) => (account?.given.length ?? 0) > 0;

/** Everything that can happen in a life, and how often it is drawn. What a life needs to go on is drawn more often than what ends it. */
function lives(advance: (seconds: number) => void): fc.Arbitrary<Step>[] {
  const of = <T>(
    [name, times, likely]: readonly [string, number, Likely],
    made: fc.Arbitrary<T>,
    act: (drawn: T) => Act,
  ): fc.Arbitrary<Step>[] =>
    Array.from({ length: times }, () =>
      fc.tuple(made, fc.nat(PLACES - 1)).map(([drawn, at]) => aStep(name, at, act(drawn), likely)),
    );
  const all = <T>(name: string, times: number, made: fc.Arbitrary<T>, act: (drawn: T) => Act): fc.Arbitrary<Step>[] =>
    Array.from({ length: times }, () => made.map((drawn) => forAll(name, 0, act(drawn))));
  const so = fc.constant(0);
  const pick = fc.constantFrom;
  return [
    ...of(['apply', 3, grownUp], pick('honest', 'honest', 'honest', 'dark', ...VARIANTS), apply),
    ...of(['apply for a ward', 1, ward], so, () => applyForWard),
    ...all('office', 3, pick('nobody', 'nobody', 'nobody', 'population', 'telephone', 'face'), office),
    ...of(['another picture', 2, applied('NEEDS_INFO')], so, () => answerPicture),
    ...of(['activate', 6, applied('APPROVED issued')], pick('passkey', 'passkey', 'password', 'nothing'), activate),
    ...of(['stop the application', 1, applied('CHECKING')], so, () => stop),
    ...all('settle', 2, so, () => settle),
    ...of(
      ['apply to take over', 6, mayTakeOver],
      fc.tuple(pick('honest', 'honest', 'honest', 'thief'), pick(true, true, false)),
      ([variant, looked]) => applyToTakeOver(variant, looked),
    ),
    ...of(['take over', 10, (who) => mayTakeOver(who) && applied('APPROVED issued')(who)], so, () => takeOver),
    ...of(
      ['show from home', 7, living],
      fc.record({
        ...{ by: pick('owner' as const, 'owner' as const, 'owner' as const, 'thief' as const), shown: pick(...SHOWN) },
        ...{ another: pick(false, false, false, false, true), proves: pick(true, true, true, false) },
      }),
      ({ by, ...how }) => fromHome(by, how),
    ),
    ...of(['what was shown from home', 2, ({ account }) => account?.remote !== undefined], so, () => lookAtHome),
    ...all('another policy', 1, pick(...CHANGED), changePolicy),
    ...all('the policy as it was', 3, so, () => restorePolicy),
    ...of(
      ['at the counter', 4, lowly],
      fc.tuple(pick('everything', 'everything', 'leaves', ...SEEN), pick('own', 'own', 'false')),
      ([seen, claim]) => atCounter(seen, claim),
    ),
    ...of(
      ['at the counter', 2, ({ account }) => account?.level === 1],
      fc.tuple(pick('everything', 'worn'), pick('own', 'false')),
      ([seen, claim]) => atCounter(seen, claim),
    ),
    // One whose face nobody finds comes again and again, until nobody looks any more.
    ...of(['at the counter', 1, lowly], fc.integer({ min: 3, max: 7 }), (times) => async (world, who, village) => {
      let came: Awaited<ReturnType<Act>>;
      for (let time = 0; time < times && came !== 'too many tries'; time += 1)
        came = await atCounter('no face', 'own')(world, who, village);
      return came;
    }),
    // Within the visit, days later, or when it is too late to bind anything.
    ...of(['at the counter', 4, unbound], pick(0, 12, 30, 760), (hours) => async (world, who, village) => {
      if (hours > 0) await wait(hours, advance)(world, who, village);
      return atCounter('everything', 'own')(world, who, village);
    }),
    ...of(
      ['look away at the counter', 4, unproven],
      fc.tuple(pick(...OVERRIDDEN), pick('own', 'own', 'own', 'false')),
      ([what, claim]) => override(what, claim),
    ),
    ...of(['sign in', 18, living], fc.tuple(who, fc.nat(4)), ([by, index]) => signIn(by, index)),
    ...of(['bind', 9, living], fc.tuple(who, pick(...KINDS)), ([by, kind]) => bindAs(by, kind)),
    ...of(['unbind', 4, living], fc.tuple(who, fc.nat(4)), ([by, index]) => unbindAs(by, index)),
    ...of(['this was not me', 4, living], fc.tuple(fc.nat(4), pick(1, 1, 1, 0)), ([first, second]) =>
      disown(first, second, advance),
    ),
    ...of(['the office looks into it', 2, ({ account }) => account?.reported !== undefined], fc.boolean(), lookInto),
    ...all('guess', 1, fc.nat(5), (index) => guess(index, advance)),
    ...of(['lose', 3, living], fc.tuple(pick(...THINGS), pick(true, true, false)), ([thing, stolen]) =>
      lose(thing, stolen),
    ),
    ...of(['find again', 1, known], so, () => findAgain),
    ...of(['add an address', 4, living], fc.tuple(who, pick('sms', 'mail')), ([by, medium]) => addAddress(by, medium)),
    ...of(['recover', 6, living], fc.tuple(who, method), ([by, one]) => proveMethod(by, one, false)),
    // Beside what somebody has begun.
    ...of(
      ['recover', 5, recovering],
      fc.tuple(pick('owner' as const, 'owner' as const, 'thief' as const), method),
      ([by, one]) => proveMethod(by, one, false),
    ),
    ...of(['recover', 14, pairing], fc.tuple(who, method), ([by, one]) => proveMethod(by, one, true)),
    ...of(['stop the recovery', 1, recovering], fc.boolean(), cancel),
    ...of(['complete the recovery', 8, waited], pick('held', 'held', 'held', 'full', 'dead'), (how) =>
      endsRemote(complete(how)),
    ),
    ...of(['recover at the counter', 1, living], pick(1, 2, 2), (officers) => counterRecovery(officers as 1 | 2)),
    ...of(
      ['a stranger asks', 2, living],
      fc.tuple(pick('recovery', 'lock', 'sign-up'), pick(1, 7, 12)),
      ([what, times]) => strangerAsks(what, times),
    ),
    ...of(
      ['prove level 2 again', 4, ({ account }) => account !== undefined && (account.mustReproof || isOver(account))],
      fc.tuple(pick('everything', 'everything', 'worn', ...SEEN), pick('own', 'own', 'own', 'false')),
      ([seen, claim]) => atCounter(seen, claim),
    ),
    ...of(['a guardian locks', 2, guarded], so, () => lockWard),
    ...of(['a guardian unlocks', 3, (one) => guarded(one) && barred(one)], pick(true, true, false), unlockWard),
    ...of(['a guardian looks', 2, takenOver], so, () => lookAfter),
    ...of(['lock', 1, living], so, () => lockSignedIn),
    ...of(['lock by a code', 1, living], fc.tuple(who, pick('own', 'second')), ([by, phone]) => lockByCode(by, phone)),
    ...of(['unlock', 6, barred], who, unlock),
    ...of(['the office locks', 1, living], pick(...GROUNDS), lockOn),
    ...of(
      ['lift', 8, barred],
      fc.tuple(pick('operator', 'operator', 'operator', 'subscriber', 'claimant'), fc.nat(3)),
      ([kind, index]) => lift(kind, index),
    ),
    ...of(['die', 1, living], so, () => die),
    ...of(['die', 1, applied('APPROVED issued')], so, () => die),
    ...of(['die', 2, ({ dead }) => dead], so, () => die),
    ...of(['a number', 1, living], pick('cancelled', 'another'), renumber),
    ...of(['a number', 1, ({ said }) => said.number === 'cancelled'], so, () => renumber('another')),
    ...of(['a name', 1, living], fc.nat(4), rename),
    ...of(['a card', 1, living], pick('held', 'revoked'), (what) => card(what, undefined)),
    ...of(['a card', 2, ({ said }) => said.card === 'held'], so, () => card('returned', undefined)),
    ...of(['a card', 2, barred], pick(5, 20, 40, undefined), (days) => card('new', days)),
    ...of(
      ['a passport', 2, ({ account, entry }) => account !== undefined && entry.passport !== undefined],
      so,
      () => passport,
    ),
    ...of(
      ['the register says again', 2, ({ said }) => said.card !== undefined || said.life !== undefined],
      fc.tuple(pick('twice', 'late'), fc.nat(20)),
      ([how, back]) => again(how, back),
    ),
    ...of(['close', 1, known], so, () => close),
    ...of(
      ['sign in at a relying party', 4, living],
      fc.tuple(pick(0, 1), pick('nothing', 'nothing', 'level-2', 'level-2', '2.3', '2.4')),
      ([party, asks]) => signInAt(party as 0 | 1, asks),
    ),
    ...of(['use a token', 2, served], so, () => useToken),
    ...of(['withdraw', 1, served], pick(0, 1), (party) => withdraw(party as 0 | 1)),
    ...of(['ask for erasure', 1, served], pick(['account'], ['consents', 'account'], ['consents']), eraseAll),
    ...all('wait', 4, pick(0.1, 0.1, 1, 1, 12, 12, 24, 24, 24, 24, 48, 48, 72, 72, 72, 200, 760), (hours) =>
      wait(hours, advance),
    ),
    ...of(['forget', 1, known], so, () => forget),
    ...of(['crash', 2, living], fc.tuple(pick(...MIDST), fc.integer({ min: 1, max: 12 })), ([what, n]) =>
      crash(what, n),
    ),
    ...of(['crash', 2, lowly], fc.tuple(pick(...MIDST_AT_COUNTER), fc.nat(99)), ([over, part]) =>
      dieAtCounter(over, part / 100),
    ),
  ];
}

/** Those who have an account when the village begins: a life is mostly about what comes after the first day. The first has level 2. */
const FOUNDERS = [0, 2] as const;
/** A child who is soon of age: the first has an account made for it, and in every other village stands beside it at a counter. */
const OLDEST_CHILD = 6;

async function founded(world: World, village: Village, faced: boolean): Promise<void> {
  for (const at of FOUNDERS) {
    const who = village.people[at]!;
    const online = [apply('honest'), office('nobody'), activate('passkey')];
    const raised = at === 0 ? [atCounter('everything', 'own')] : [];
    const careful = [signIn('owner', 0), bindAs('owner', 'recovery-code'), signIn('owner', 0), bindAs('owner', 'totp')];
    // A face is asked of whoever has one, at every change: in every other village the first has one.
    const face = faced && at === 0 ? [signIn('owner', 0), bindAs('owner', 'face')] : [];
    for (const act of [...online, ...raised, ...careful, addAddress('owner', 'mail'), ...face]) {
      assert.notEqual(await act(world, who, village), undefined, 'nobody settles in the village');
      await holds(world, who);
    }
  }
  const child = village.people[OLDEST_CHILD]!;
  for (const act of [applyForWard, office('nobody'), settle, ...(faced ? [atCounter('everything', 'own')] : [])]) {
    assert.notEqual(await act(world, child, village), undefined, 'nobody looks after a child');
    await holds(world, child);
  }
}

/** What a run came to. */
export interface Walked {
  readonly villages: number;
  readonly steps: number;
  readonly done: ReadonlyMap<string, number>;
  /** What does not hold, with the steps that lead to it. */
  readonly found?: string;
}

/** One village after another, until so many steps were taken or the time is over. A seed takes the same steps again. */
export async function walk(
  world: World,
  options: {
    readonly steps: number;
    readonly seed: number;
    readonly advance: (seconds: number) => void;
    readonly seconds?: number;
    readonly told?: (steps: number) => void;
  },
): Promise<Walked> {
  const { advance } = options;
  const done = new Map<string, number>();
  const count = (): number => [...done.values()].reduce((sum, one) => sum + one, 0);
  const until = performance.now() + (options.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const over = (): boolean => performance.now() > until;
  const run: Run = { world, advance, done, over };
  let villages = 0;
  while (count() < options.steps && !over()) {
    const property = fc.asyncProperty(
      fc.boolean(),
      fc.noBias(fc.commands(lives(advance), { maxCommands: MOST, size: 'max' })),
      async (faced, steps) => {
        const village: Village = aVillage(new Date());
        await carrying(world);
        world.settle(village.people.map(({ entry }) => entry));
        await founded(world, village, faced);
        await fc.asyncModelRun(() => ({ model: village, real: run }), steps);
      },
    );
    // A village that fails is made smaller until the fault is left, for five minutes at most. One that takes longer than that by
    // itself was not walked to its end, and has held nothing.
    const seed = options.seed + villages;
    const checked = await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: 300_000 });
    villages += 1;
    if (checked.failed && !checked.counterexample)
      return { villages, steps: count(), done, found: `seed ${seed}: not walked to its end in 300 s` };
    if (checked.failed && checked.counterexample) {
      const error =
        checked.errorInstance instanceof Error ? checked.errorInstance.stack : String(checked.errorInstance);
      const [faced, steps] = checked.counterexample;
      const found = `seed ${seed}: ${faced ? 'with a face, ' : ''}${String(steps)}\n${error}`;
      return { villages, steps: count(), done, found };
    }
    await world.parts.journal.seal();
    forgetSeen();
    options.told?.(count());
  }
  return { villages, steps: count(), done };
}
