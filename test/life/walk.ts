import fc from 'fast-check';
import { ONLINE_METHODS } from '../../src/domain/recovery/index.ts';
import type { LockGround } from '../../src/domain/subscribers/index.ts';
import { KINDS } from './hands.ts';
import { forgetSeen } from './holds.ts';
import { aStep, type Run, type Step } from './step.ts';
import { registerAtCounter, SEEN } from './steps/counter.ts';
import { addAddress, bindAs, findAgain, lose, signIn, unbindAs } from './steps/factors.ts';
import { close, die, lift, lockByCode, lockOn, lockSignedIn, unlock } from './steps/locking.ts';
import { crash, forget, MIDST, wait } from './steps/passing.ts';
import { cancel, complete, counterRecovery, proveMethod, reproof } from './steps/recovering.ts';
import { signInAt, useToken, withdraw } from './steps/relying.ts';
import { activate, answerPicture, apply, applyForWard, office, settle, stop, VARIANTS } from './steps/signing-up.ts';
import { aVillage, THINGS, type Village } from './village.ts';
import type { World } from './world.ts';

/** Steps of one village at most. */
const MOST = 400;
const anybody = fc.nat(5);
const who = fc.constantFrom('owner', 'owner', 'owner', 'thief');
const GROUNDS: readonly LockGround[] = [
  'terms_violation',
  'card_revoked',
  'card_held',
  'card_expired',
  'authority_request',
  'security_suspected',
];

/** Everything that can happen in a life, and how often it is drawn. What a life needs to go on is drawn more often than what ends it. */
function lives(advance: (seconds: number) => void): fc.Arbitrary<Step>[] {
  const of = <T>(times: number, made: fc.Arbitrary<T>, step: (drawn: T, at: number) => Step): fc.Arbitrary<Step>[] =>
    Array.from({ length: times }, () => fc.tuple(made, anybody).map(([drawn, at]) => step(drawn, at)));
  const nothing = fc.constant(0);
  return [
    ...of(3, fc.constantFrom('honest', 'honest', 'honest', 'dark', ...VARIANTS), (variant, at) =>
      aStep('apply', at, apply(variant), 'whoever has no account'),
    ),
    ...of(1, nothing, (_, at) => aStep('apply for a ward', at, applyForWard, 'whoever has no account')),
    ...of(3, fc.constantFrom('nobody', 'nobody', 'nobody', 'population', 'telephone', 'face'), (silent, at) =>
      aStep('office', at, office(silent), 'everybody'),
    ),
    ...of(1, nothing, (_, at) => aStep('another picture', at, answerPicture, 'whoever has no account')),
    ...of(3, fc.constantFrom('passkey', 'passkey', 'password', 'nothing'), (how, at) =>
      aStep('activate', at, activate(how), 'whoever has no account'),
    ),
    ...of(1, nothing, (_, at) => aStep('stop the application', at, stop, 'whoever has no account')),
    ...of(2, nothing, (_, at) => aStep('settle', at, settle, 'everybody')),
    ...of(2, fc.constantFrom('everything', 'everything', ...SEEN), (seen, at) =>
      aStep('at the counter', at, registerAtCounter(seen), 'whoever has no account'),
    ),
    ...of(12, fc.tuple(who, fc.nat(4)), ([by, index], at) => aStep('sign in', at, signIn(by, index))),
    ...of(7, fc.tuple(who, fc.constantFrom(...KINDS)), ([by, kind], at) => aStep('bind', at, bindAs(by, kind))),
    ...of(4, fc.tuple(who, fc.nat(4)), ([by, index], at) => aStep('unbind', at, unbindAs(by, index))),
    ...of(2, fc.tuple(fc.constantFrom(...THINGS), fc.boolean()), ([thing, stolen], at) =>
      aStep('lose', at, lose(thing, stolen)),
    ),
    ...of(1, nothing, (_, at) => aStep('find again', at, findAgain)),
    ...of(3, fc.tuple(who, fc.constantFrom('sms', 'mail')), ([by, medium], at) =>
      aStep('add an address', at, addAddress(by, medium)),
    ),
    ...of(14, fc.tuple(who, fc.constantFrom(...ONLINE_METHODS), fc.boolean()), ([by, method, on], at) =>
      aStep('recover', at, proveMethod(by, method, on)),
    ),
    ...of(2, fc.boolean(), (locks, at) => aStep('stop the recovery', at, cancel(locks))),
    ...of(6, fc.constantFrom(false, false, false, true), (dead, at) =>
      aStep('complete the recovery', at, complete(dead)),
    ),
    ...of(2, fc.constantFrom(1, 2, 2), (officers, at) =>
      aStep('recover at the counter', at, counterRecovery(officers as 1 | 2)),
    ),
    ...of(3, fc.constantFrom(true, true, false), (matched, at) => aStep('re-proof', at, reproof(matched))),
    ...of(1, nothing, (_, at) => aStep('lock', at, lockSignedIn)),
    ...of(2, fc.tuple(who, fc.constantFrom('own', 'second')), ([by, phone], at) =>
      aStep('lock by a code', at, lockByCode(by, phone)),
    ),
    ...of(4, who, (by, at) => aStep('unlock', at, unlock(by))),
    ...of(1, fc.constantFrom(...GROUNDS), (ground, at) => aStep('the office locks', at, lockOn(ground))),
    ...of(
      10,
      fc.tuple(
        fc.constantFrom('operator', 'operator', 'operator', 'operator', 'system', 'system', 'subscriber', 'claimant'),
        fc.nat(3),
      ),
      ([kind, index], at) => aStep('lift', at, lift(kind, index)),
    ),
    ...of(1, nothing, (_, at) => aStep('die', at, die)),
    ...of(1, nothing, (_, at) => aStep('close', at, close)),
    ...of(2, fc.tuple(fc.constantFrom(0, 1), fc.constantFrom('nothing', 'level-2')), ([party, asks], at) =>
      aStep('sign in at a relying party', at, signInAt(party as 0 | 1, asks)),
    ),
    ...of(2, nothing, (_, at) => aStep('use a token', at, useToken)),
    ...of(1, fc.constantFrom(0, 1), (party, at) => aStep('withdraw', at, withdraw(party as 0 | 1))),
    ...of(3, fc.constantFrom(0.1, 0.1, 1, 12, 24, 24, 72, 72, 200), (hours, at) =>
      aStep('wait', at, wait(hours, advance), 'everybody'),
    ),
    ...of(1, nothing, (_, at) => aStep('forget', at, forget)),
    ...of(1, fc.tuple(fc.constantFrom(...MIDST), fc.integer({ min: 1, max: 12 })), ([what, n], at) =>
      aStep('crash', at, crash(what, n)),
    ),
  ];
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
      fc.noBias(fc.commands(lives(advance), { maxCommands: MOST, size: 'max' })),
      async (steps) => {
        const village: Village = aVillage(new Date());
        world.settle(village.people.map(({ entry }) => entry));
        await fc.asyncModelRun(() => ({ model: village, real: run }), steps);
      },
    );
    // A village that fails is made smaller until the fault is left, for two minutes at most.
    const seed = options.seed + villages;
    const checked = await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: 120_000 });
    villages += 1;
    if (checked.failed && checked.counterexample) {
      const error =
        checked.errorInstance instanceof Error ? checked.errorInstance.stack : String(checked.errorInstance);
      const found = `seed ${seed}: ${String(checked.counterexample[0])}\n${error}`;
      return { villages, steps: count(), done, found };
    }
    await world.parts.journal.seal();
    forgetSeen();
    options.told?.(count());
  }
  return { villages, steps: count(), done };
}
