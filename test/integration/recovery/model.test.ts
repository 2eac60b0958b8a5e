import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METHODS, ONLINE_METHODS, type OnlineMethod, pathOf } from '../../../src/domain/recovery/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Holder, type RecoveryStand, recoveryStand } from '../../support/recovery.ts';

/** Walks; each is an account with all its factors and up to this many steps. */
const RUNS = Number(process.env.RECOVERY_WALKS ?? 40);
/** So few walks take the same ways each time, or some kind of completion may be missing among them; more take any. */
const WALKS = { numRuns: RUNS, ...(process.env.RECOVERY_WALKS === undefined ? { seed: 20_261_128 } : {}) };
const STEPS = 30;

let stand: RecoveryStand;
beforeAll(async () => {
  stand = await recoveryStand();
});
afterAll(() => stand.end());

interface Open {
  by: 'owner' | 'thief' | 'counter';
  /** What goes on with it; of a counter, once both officers have given out their half. */
  held?: string;
  first: OnlineMethod | 'intake-officer';
  second?: OnlineMethod | 'approving-officer';
  waitsUntil?: number;
  /** How long its path waits; at a counter nothing, from the first officer on. */
  hours?: number;
  cancel: string;
  since: number;
}

/** What we think of one account: written by hand beside the code, and compared with it after every step. */
interface Model {
  readonly level: 1 | 2;
  /** What is open, the newest last: halves beside each other, and beside one that has both or was begun at a counter. */
  open: Open[];
  /** Values of holders whose recovery has ended. */
  readonly dead: string[];
  locked: boolean;
  mustReproof: boolean;
  /** Codes of the sheet that were used. */
  printed: number;
  completions: number;
}

interface Real {
  readonly holder: Holder;
  readonly sub: string;
  /** The one factor that a thief has. */
  readonly stolen: (typeof METHODS)[OnlineMethod]['kind'];
}

type Step = fc.AsyncCommand<Model, Real>;
const now = (): number => stand.clock.now().getTime();
const everyone = (holder: Holder): string[] => [...holder.addresses].sort();
const HOUR = 3_600_000;

/** Everything that must hold whatever was done. */
async function holds(model: Model, { holder, sub }: Real): Promise<void> {
  const person = (await stand.parts.subscribers.find(holder.id))!;
  expect(person.state).toBe(model.locked ? 'locked' : 'active');
  // A recovered level 2 stays below level 2 until it was re-proofed.
  expect(person.accountLevel).toBe(model.mustReproof ? 1 : model.level);
  expect(person.recordedLevel).toBe(model.level);
  expect(await stand.subOf(holder.id)).toBe(sub);
  const states = await stand.states(holder.id);
  expect(states.filter((state) => state === 'completed')).toHaveLength(model.completions);
  const open = states.filter((state) => ['half', 'proven_one', 'waiting', 'ready'].includes(state));
  expect(open).toHaveLength(model.open.length);
}

const told = (notices: { kind: string; to: { address: string } }[], kind: string): string[] =>
  notices
    .filter((one) => one.kind === kind)
    .map(({ to }) => to.address)
    .sort();

const cancelIn = (notices: { kind: string; values: object }[]): string => {
  const { cancel } = (notices.find(({ kind }) => kind === 'recovery_started')?.values ?? {}) as { cancel?: string };
  return String(cancel).slice(-16);
};

/** When it runs out: a half after a day, and at a counter what has both too; else a week after the waiting time. */
const endOf = ({ by, since, waitsUntil }: Open): number =>
  waitsUntil === undefined ? since + 24 * HOUR : waitsUntil + (by === 'counter' ? 24 : 7 * 24) * HOUR;

/** What was under way goes no further; all of it, or what `ends`. */
function over(model: Model, ends: (one: Open) => boolean = () => true): void {
  for (const { held } of model.open.filter(ends)) if (held !== undefined) model.dead.push(held);
  model.open = model.open.filter((one) => !ends(one));
}
/** Whether a half of this could come to less waiting. */
const faster = (first: Open['first'], level: 1 | 2, hours: number): boolean =>
  ONLINE_METHODS.some((second) => (pathOf(first, second, level)?.waitHours ?? Number.POSITIVE_INFINITY) < hours);

/** Completions of what two officers have answered for. */
let atCounter = 0;
/** What gave way to a path that waits less. */
let weaker = 0;
/** What had both halves and was ended by an officer. */
let interrupted = 0;
/** Second halves that were refused because the person was at a counter. */
let heldOff = 0;

/** Somebody proves a method: the owner any, the thief only what they stole. */
class Prove implements Step {
  readonly by: 'owner' | 'thief';
  readonly method: OnlineMethod;
  readonly goesOn: boolean;
  constructor(by: 'owner' | 'thief', method: OnlineMethod, goesOn: boolean) {
    this.by = by;
    this.method = method;
    this.goesOn = goesOn;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { holder, stolen } = real;
    if (this.by === 'thief' && METHODS[this.method].kind !== stolen) return;
    const mine = this.goesOn ? model.open.findLast(({ by, held }) => by === this.by && held !== undefined) : undefined;
    const verdict = await stand.prove(holder, this.method, { holder: mine?.held, printed: model.printed });
    if (!verdict.proven) {
      // Asked too often: nothing has happened, and nothing more can be said.
      if (verdict.reason === 'throttled') return holds(model, real);
      const paired = mine && mine.second === undefined && pathOf(mine.first as OnlineMethod, this.method, model.level);
      const blocked = paired
        ? model.open.some((one) => one !== mine && one.hours !== undefined && one.hours <= paired.waitHours)
        : !mine && model.open.some(({ second, hours }) => second && !faster(this.method, model.level, hours!));
      const empty = this.method === 'printed-code' && model.printed >= holder.sheet.length;
      if (paired && model.open.some(({ by }) => by === 'counter')) heldOff += 1;
      expect([model.locked, empty, blocked, mine !== undefined && !paired]).toContain(true);
      return holds(model, real);
    }
    expect(model.locked).toBe(false);
    if (this.method === 'printed-code') model.printed += 1;
    if (mine) {
      // The thief has one kind, and one kind pairs with nothing.
      const first = mine.first as OnlineMethod;
      expect(METHODS[first].kind).not.toBe(METHODS[this.method].kind);
      expect(this.by).toBe('owner');
      const path = pathOf(first, this.method, model.level)!;
      // Of an account one comes to its end: whoever is at a counter, or whose path waits no longer, is ended by nobody.
      const others = model.open.filter((one) => one !== mine);
      const hours = others.flatMap((one) => one.hours ?? []);
      for (const one of hours) expect(one).toBeGreaterThan(path.waitHours);
      if (hours.length > 0) weaker += 1;
      expect(told(verdict.notices, 'recovery_cancelled')).toEqual(hours.length > 0 ? everyone(holder) : []);
      const stays = others.filter((one) => one.hours === undefined && faster(one.first, model.level, path.waitHours));
      over(model, (one) => one !== mine && !stays.includes(one));
      mine.second = this.method;
      mine.hours = path.waitHours;
      mine.waitsUntil = now() + path.waitHours * HOUR;
      const step = path.waitHours === 0 ? 'recovery_ready' : 'recovery_waiting';
      expect(told(verdict.notices, step)).toEqual(everyone(holder));
      return holds(model, real);
    }
    for (const { hours } of model.open.filter(({ second }) => second !== undefined))
      expect(faster(this.method, model.level, hours!)).toBe(true);
    // Whatever others have begun goes on.
    const cancel = cancelIn(verdict.notices);
    model.open.push({ by: this.by, held: verdict.holder, first: this.method, cancel, since: now() });
    expect(told(verdict.notices, 'recovery_started')).toEqual(everyone(holder));
    return holds(model, real);
  }
  toString = (): string => `${this.by} proves ${this.method}${this.goesOn ? ', going on' : ', anew'}`;
}

/** Time passes: hours, or as long as no first proof is kept. */
class Wait implements Step {
  readonly hours: number;
  constructor(hours: number) {
    this.hours = hours;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const was = model.open.find(({ second }) => second !== undefined);
    const waited = was?.waitsUntil !== undefined && was.waitsUntil > now();
    stand.clock.advance(this.hours * 3600);
    await stand.parts.recoveries.due();
    // Time passes for the accounts of earlier walks too.
    const notices = (await stand.messages()).filter(({ subscriberId }) => subscriberId === real.holder.id);
    const end = was && endOf(was) <= now();
    if (waited && !end && was.waitsUntil! <= now() && !model.locked)
      expect(told(notices, 'recovery_ready')).toEqual(everyone(real.holder));
    over(model, (one) => endOf(one) <= now());
    return holds(model, real);
  }
  toString = (): string => `wait ${this.hours} h`;
}

/** Whoever has a notice stops it. */
class Cancel implements Step {
  check = (model: Model): boolean => model.open.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const stopped = model.open.at(-1)!;
    const { cancel } = stopped;
    expect(await stand.parts.recoveries.cancel({ code: cancel })).toBe(true);
    expect(told(await stand.messages(), 'recovery_cancelled')).toEqual(everyone(real.holder));
    expect(await stand.parts.recoveries.cancel({ code: cancel })).toBe(false);
    over(model, (one) => one === stopped);
    return holds(model, real);
  }
  toString = (): string => 'cancel';
}

/** Whoever holds the recovery, or held one that has ended, tries to complete it. */
class Complete implements Step {
  readonly dead: boolean;
  constructor(dead: boolean) {
    this.dead = dead;
  }
  check = (model: Model): boolean =>
    this.dead ? model.dead.length > 0 : model.open.some(({ held }) => held !== undefined);
  async run(model: Model, real: Real): Promise<void> {
    const theirs = model.open.filter(({ held }) => held !== undefined);
    const open = theirs.find(({ second }) => second !== undefined) ?? theirs.at(-1);
    const held = this.dead ? model.dead.at(-1)! : open!.held!;
    const ready = !this.dead && open?.waitsUntil !== undefined && open.waitsUntil <= now() && !model.locked;
    const lost = (await stand.parts.authenticators.of(real.holder.id)).filter(({ kind }) => kind === 'password');
    const done = await stand.complete(
      held,
      lost.map(({ id }) => id),
    );
    expect(done.completed).toBe(ready);
    if (!ready) return holds(model, real);
    expect(open!.by).not.toBe('thief');
    expect(told(done.notices, 'recovery_completed')).toEqual(everyone(real.holder));
    model.completions += 1;
    model.mustReproof = model.level === 2;
    if (open!.by === 'counter') atCounter += 1;
    over(model);
    return holds(model, real);
  }
  toString = (): string => `complete ${this.dead ? 'what has ended' : 'it'}`;
}

/** The holder locks; an operator opens again. */
class Lock implements Step {
  readonly locks: boolean;
  constructor(locks: boolean) {
    this.locks = locks;
  }
  check = (model: Model): boolean => model.locked !== this.locks;
  async run(model: Model, real: Real): Promise<void> {
    const { subscribers } = stand.parts;
    if (!model.locked) {
      await subscribers.lock(real.holder.id, 'holder_request', { kind: 'claimant' });
      // What somebody had begun goes no further once the account opens again.
      over(model);
    } else
      for (const lock of await subscribers.locks(real.holder.id))
        if (!lock.liftedAt) await subscribers.unlock(real.holder.id, lock.id, { kind: 'operator', id: newId() });
    model.locked = !model.locked;
    await stand.messages();
    return holds(model, real);
  }
  toString = (): string => (this.locks ? 'lock' : 'unlock');
}

/** Somebody stands at a counter: one officer, who may try to be both, or two. */
class Counter implements Step {
  readonly officers: 1 | 2;
  constructor(officers: 1 | 2) {
    this.officers = officers;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { counter } = stand.parts.recoveries;
    const [first, second] = [newId(), newId()];
    const begun = await counter.begin({ subscriberId: real.holder.id, officer: first, ground: 'counter_visit' });
    expect(begun.begun).toBe(!model.locked);
    if (!begun.begun) return holds(model, real);
    // The person is here: whatever somebody had begun elsewhere goes no further, which is told of what had both halves.
    const paired = model.open.some((one) => one.second !== undefined);
    if (paired) interrupted += 1;
    over(model);
    const started = await stand.messages();
    expect(told(started, 'recovery_cancelled')).toEqual(paired ? everyone(real.holder) : []);
    expect(told(started, 'recovery_started')).toEqual(everyone(real.holder));
    const open: Open = { by: 'counter', first: 'intake-officer', hours: 0, cancel: cancelIn(started), since: now() };
    model.open.push(open);
    const { id } = (await counter.waiting()).find(({ subscriberId }) => subscriberId === real.holder.id)!;
    expect(await counter.confirm({ id, officer: first })).toEqual({ confirmed: false, reason: 'same_officer' });
    // Half of a code is none, whoever has it.
    for (const half of [begun.half, `${begun.half}${begun.half}`])
      expect(await stand.complete(half.replaceAll('-', ''), [])).toMatchObject({ completed: false });
    if (this.officers === 1) return holds(model, real);
    const confirmed = await counter.confirm({ id, officer: second });
    if (!confirmed.confirmed) throw new Error(confirmed.reason);
    expect(told(await stand.messages(), 'recovery_ready')).toEqual(everyone(real.holder));
    const held = `${begun.half}${confirmed.half}`;
    Object.assign(open, { held, second: 'approving-officer', waitsUntil: now() });
    return holds(model, real);
  }
  toString = (): string => `at a counter, ${this.officers}`;
}

const method = fc.constantFrom(...ONLINE_METHODS);
const proofs = (by: 'owner' | 'thief', goesOn: fc.Arbitrary<boolean>) =>
  fc.tuple(method, goesOn).map(([one, on]) => new Prove(by, one, on));
/** The owner's way to the end is long: its steps are drawn more often than what stands in it. */
const steps = [
  ...Array.from({ length: 5 }, () => proofs('owner', fc.constant(true))),
  ...Array.from({ length: 2 }, () => fc.constantFrom(24, 72).map((hours) => new Wait(hours))),
  ...Array.from({ length: 4 }, () => fc.constant(new Complete(false))),
  ...Array.from({ length: 4 }, () => proofs('owner', fc.constant(false))),
  proofs('thief', fc.boolean()),
  fc.constantFrom(1, 12, 200).map((hours) => new Wait(hours)),
  fc.constant(new Cancel()),
  fc.constant(new Complete(true)),
  fc.constant(new Lock(true)),
  ...Array.from({ length: 3 }, () => fc.constant(new Lock(false))),
  fc.constantFrom(1 as const, 2 as const).map((officers) => new Counter(officers)),
];

test(`however ${RUNS} accounts are recovered, stolen from, stopped and locked, no path gains with one factor`, async () => {
  let taken = 0;
  let completions = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 2) as fc.Arbitrary<1 | 2>,
      fc.constantFrom('paper', 'device', 'phone', 'mail') as fc.Arbitrary<Real['stolen']>,
      fc.commands(steps as fc.Arbitrary<Step>[], { maxCommands: STEPS, size: 'max' }),
      async (level, stolen, commands) => {
        const holder = await stand.aHolder(level);
        const real = { holder, stolen, sub: await stand.subOf(holder.id) };
        const model: Model = {
          level,
          open: [],
          dead: [],
          locked: false,
          mustReproof: false,
          printed: 0,
          completions: 0,
        };
        await fc.asyncModelRun(() => ({ model, real }), commands);
        taken += [...commands].length;
        completions += model.completions;
      },
    ),
    WALKS,
  );
  console.info(
    `${RUNS} accounts, ${taken} steps, ${completions} completions, ${atCounter} of them at a counter; ${weaker} gave way, ${heldOff} were held off by a counter`,
  );
  expect(completions - atCounter).toBeGreaterThan(0);
  expect(atCounter).toBeGreaterThan(0);
  expect(weaker).toBeGreaterThan(0);
  expect(heldOff).toBeGreaterThan(0);
  expect(interrupted).toBeGreaterThan(0);
}, 300_000);
