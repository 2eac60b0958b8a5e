import assert from 'node:assert/strict';
import type { CounterApplication as Application } from '../../../src/domain/counter/index.ts';
import { endingWrites } from '../../../src/oidc/logout/endings.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';
import { cardOf, type PocketCard } from '../cards.ts';
import { toBind } from '../hands.ts';
import type { Act } from '../step.ts';
import {
  anAccount,
  type Citizen,
  counting,
  endAll,
  endRecovery,
  guardianOf,
  isActive,
  isOver,
  isTakenOver,
} from '../village.ts';
import type { World } from '../world.ts';
import {
  CAPTURES,
  type Claim,
  type Dying,
  decidedBy,
  held,
  isTakenAway,
  looked,
  notApproved,
  notReceived,
  ranOut,
  type Seen,
  STATEMENTS,
  unlessDying,
  VISIT,
} from './officers.ts';
import { noneAccepted } from './relying.ts';

/** Somebody is at a counter whose process dies over them, at any of its statements: the officer begins again where they were. */
export const dieAtCounter =
  (over: Dying['over'], part: number): Act =>
  async (world, who, village) => {
    const dying: Dying = { over, at: 1 + Math.floor(part * STATEMENTS[over]) };
    const came = await atCounter(over === 'overriding' ? 'worn' : 'everything', 'own', dying)(world, who, village);
    return dying.done === undefined ? came : `${over} ${dying.done ? 'was done' : 'was not done'}`;
  };

/** Somebody comes to a counter: invariants 1 to 3, from the queue to a passkey on their own telephone. */
export const atCounter =
  (seen: Seen, claim: Claim, dying?: Dying): Act =>
  async (world, who, village) => {
    const { counter, officers } = world.hall;
    const [officer, second] = officers;
    const { person } = who.entry;
    // Level 2 that counts, on a card that is over.
    const anew = who.account && counting(who.account) === 2 && isOver(who.account) ? 'another card, ' : '';
    const waiting = who.account && (await counter.search(person.identityNumber, officer));
    if (
      waiting?.binding === 'waiting' &&
      who.account &&
      waiting.accountId === who.account.id &&
      !isTakenOver(who.account)
    )
      return comeBack(world, who, waiting);
    const guardian = guardianOf(who, village);
    const given = {
      ...{ identityNumber: person.identityNumber, fullName: person.fullName, birthdate: person.birthdate },
      ...(guardian ? { guardianNumber: guardian.entry.person.identityNumber } : {}),
    };
    const received = await unlessDying<Awaited<ReturnType<typeof counter.receive>>>(
      world,
      { who, dying, over: 'receiving' },
      {
        act: () => counter.receive(given, officer),
        async done() {
          const found = await counter.search(person.identityNumber, officer);
          return found?.state === 'SUBMITTED' ? { received: true, id: found.id } : undefined;
        },
      },
    );
    assert.equal(received.received ? undefined : received.reason, notReceived(who, guardian));
    if (!received.received) return received.reason;

    const again = async (): Promise<Application> => (await counter.find(received.id, officer))!;
    assert.equal(await counter.take(await again(), officer), 'taken');
    const card = cardOf(who.entry);
    await held(
      world,
      await again(),
      seen === 'another card' ? cardOf(village.people[who.at === 0 ? 1 : 0]!.entry) : card,
    );
    const word = CAPTURES[seen as keyof typeof CAPTURES] ?? 'MATCH';
    const tried = await looked(world, who, { again, face: seen === 'no face' ? 'green' : 'red', word });

    const ground = { check: 'fingerprint_match', ground: 'worn', statement: 'a mason', claim } as const;
    const approved = async () => ((await again()).state === 'APPROVED' ? ({ decided: true } as const) : undefined);
    const decided =
      seen === 'worn' || seen === 'silicone'
        ? await counter.propose(await again(), ground, officer)
        : await unlessDying(
            world,
            { who, dying, over: 'deciding' },
            { act: async () => counter.approve(await again(), claim, officer), done: approved },
          );
    let no = decided.decided ? undefined : decided.reason;
    if (decided.decided && seen === 'worn') {
      const proposed = await again();
      const shown = (await counter.waiting(proposed))!.shown;
      const alone = await counter.confirm(proposed, shown, officer);
      assert.deepEqual(alone, { decided: false, reason: 'same_officer' });
      const confirmed = await unlessDying(
        world,
        { who, dying, over: 'overriding' },
        { act: async () => counter.confirm(await again(), shown, second), done: approved },
      );
      no = confirmed.decided ? undefined : confirmed.reason;
    }
    const found = (await counter.checks(received.id)).map(
      ({ kind, result, detail }) => `${kind} ${result} ${detail.refusal ?? detail.issues ?? ''}`,
    );
    assert.equal(
      no,
      decidedBy(world, notApproved(who, { seen, claim, tried })),
      `level 2 with ${seen}: ${found.join(', ')}`,
    );
    if (no) {
      assert.equal(await counter.refuse(await again(), 'not_the_person', officer), 'refused');
      if (!tried.face || !tried.prints) return 'too many tries';
      return no === 'lacking' ? `lacking: ${seen}` : no;
    }
    await raised(world, who, { application: await again(), claim, card });
    if (guardian) {
      who.account!.held = true;
      return 'a ward';
    }
    if (seen === 'leaves') return `${anew}left, ${claim}`;
    await boundAtCounter(world, who, await again(), dying);
    return `${anew}${seen}, ${claim}`;
  };

/** What becomes of the account: it is raised and holds nothing any more, or it was falsely claimed and another one begins. */
export async function raised(
  world: World,
  who: Citizen,
  { application, claim, card }: { readonly application: Application; readonly claim: Claim; readonly card: PocketCard },
): Promise<void> {
  const id = application.accountId!;
  const cardUntil = who.entry.passport ? who.entry.person.documentExpiresOn : card.expiresOn;
  const shownUntil = who.entry.passport ? undefined : card.expiresOn;
  const [shownDocument, issuedNow, passportNow] = [card.documentNumber, who.said.issued, who.said.passport];
  const { account } = who;
  if (account) {
    endAll(account);
    endRecovery(account);
    account.factors = [];
    account.proofs = { owner: [], thief: [] };
    delete account.second.sms;
    delete account.second.mail;
    await noneAccepted(world, account);
  }
  if (account && claim === 'own') {
    assert.equal(account.id, id, 'who is raised has another account');
    account.level = 2;
    account.mustReproof = false;
    // Proven by card, face and fingerprints they open what a guardian has locked in their place.
    for (const lock of account.byGuardian) account.locks.delete(lock);
    account.cardUntil = cardUntil ?? account.cardUntil;
    Object.assign(account, { shownUntil, shownDocument, issuedNow, passportNow });
    delete account.shownOver;
    delete account.lookedAway;
  } else {
    assert.notEqual(account?.id, id, 'what was falsely claimed lives on');
    if (account) {
      account.closed = true;
      who.former.push(account);
    }
    who.account = anAccount({
      id,
      level: 2,
      name: who.entry.person.fullName,
      cardUntil,
      shownUntil,
      shownDocument,
      issuedNow,
      passportNow,
    });
  }
  who.foundAt = Date.now();
  who.account!.raisedAt = Date.now();
  who.account!.read = { card, name: who.entry.person.fullName };
  // Somebody was met since: what was shown from home before is told no more.
  delete who.account!.remote;
  // Whoever stole what opened the account has nothing of it.
  if (who.stolen && who.stolen !== 'phone') delete who.stolen;
}

const LAPSES = 30 * 24 * 3_600_000;

/**
 * Somebody who had left comes back. Once the visit is over, or level 2 was lowered since, a card alone gets nobody a code: face and prints
 * are found anew. After thirty days nobody binds by it any more.
 */
async function comeBack(world: World, who: Citizen, application: Application): Promise<string> {
  const { counter, officers } = world.hall;
  const again = async (): Promise<Application> => (await counter.find(application.id, officers[0]))!;
  const code = async () => counter.giveCode(await again(), officers[0], true);
  if (application.decidedAt!.getTime() <= Date.now() - LAPSES) {
    assert.deepEqual(await code(), { given: false, reason: 'lapsed' });
    while (await counter.settleNext());
    assert.deepEqual([(await again()).binding, await code()], ['lapsed', { given: false, reason: 'overtaken' }]);
    return 'back too late';
  }
  const card = cardOf(who.entry);
  const shown = await held(world, await again(), card);
  assert.ok(shown.done);
  const { read } = who.account!;
  // With another passport the register is asked, by the name of then.
  const isUnknown =
    who.entry.passport !== undefined &&
    card.documentNumber !== read?.card.documentNumber &&
    (ranOut(who) || who.dead || who.said.number === 'cancelled' || who.entry.person.fullName !== read?.name);
  // Of somebody from abroad it is the residence card that has run out, and not what they show.
  const isOut = ranOut(who) && !who.entry.passport;
  assert.equal(shown.result, isOut || isUnknown || isTakenAway(who) ? 'failed' : 'passed');
  if (shown.result === 'failed')
    return `back with a card that ${isOut ? 'ran out' : isUnknown ? 'nobody knows' : 'was reported'}`;
  // What was found of a face was found beside another one's picture.
  const isAnother = read?.card !== card;
  if (read) who.account!.read = { ...read, card };
  const { loweredAt = 0, mustReproof } = who.account!;
  const { foundAt = 0 } = who;
  const isStale = Date.now() - foundAt > VISIT || (mustReproof && foundAt < loweredAt);
  const given = isStale || isAnother ? await code() : undefined;
  if (given && (isStale || !given.given)) {
    assert.deepEqual(given, { given: false, reason: 'stale' }, 'a card alone gets a code');
    const tried = await looked(world, who, { again, face: 'red', word: 'MATCH' });
    if (!tried.passed) {
      assert.deepEqual(await code(), { given: false, reason: 'stale' });
      assert.ok(!tried.face || !tried.prints, 'nobody is found anew');
      return 'back, too many tries';
    }
    who.foundAt = Date.now();
  }
  const bound = await boundAtCounter(world, who, await again());
  return `back${isStale ? ', found anew' : ''}${bound ? '' : ', locked'}`;
}

/** The code of the officer, in a browser; a passkey, and the card that was read beside it. A locked account binds nothing. */
export async function boundAtCounter(
  world: World,
  who: Citizen,
  application: Application,
  dying?: Dying,
): Promise<boolean> {
  const { counter, officers } = world.hall;
  const account = who.account!;
  const given = await counter.giveCode(application, officers[0], true);
  assert.ok(given.given, 'no code for somebody whose card was read');
  const browser = newToken();
  assert.equal(await counter.begin(given.code, browser), 'begun');
  assert.equal(await counter.begin(given.code, newToken()), 'closed', 'a code opens two browsers');
  const one = await counter.toBind(browser);
  assert.equal(one !== undefined, isActive(account), 'binding at the counter');
  if (!one) return false;
  const { authenticators, ending } = world.parts;
  const common = { kind: 'passkey', sessionKey: browser, subscriber: toBind(account) } as const;
  const authority = { by: 'operator', operatorId: one.officer } as const;
  const { hostname, origin } = new URL(world.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  // A challenge is spent by whoever died over it; the passkey that is made anew takes the place of the one that nobody has bound.
  const bind = async (): Promise<string> => {
    const begun = await authenticators.begin({ ...common, authority, purpose: 'bind', subscriberId: account.id });
    assert.ok(begun.begun);
    const response = passkey.create(begun.request as CreationOptions);
    const verdict = await counter.binding(browser, (writes) =>
      authenticators.bind({
        ...{ ...common, authority, response, challengeId: begun.challengeId ?? '' },
        ending: () => endingWrites(ending, account.id),
        along: { lost: [], ...(one.card ? { card: one.card } : {}), writes },
      }),
    );
    assert.ok(typeof verdict === 'object' && verdict.verified, 'nothing was bound at the counter');
    return verdict.authenticator.id;
  };
  const done = async (): Promise<string | undefined> =>
    (await counter.find(application.id, officers[0]))?.binding === 'bound'
      ? (await authenticators.of(account.id)).find(({ kind }) => kind === 'passkey')?.id
      : undefined;
  const id = await unlessDying(world, { who, dying, over: 'binding afresh' }, { act: bind, done });
  const bound = await authenticators.of(account.id);
  const beside = bound.find(({ kind }) => kind === 'chip-card');
  assert.ok(beside, 'the card that was read is not bound');
  // What a recovery bound before they came back stays beside it.
  account.factors.push({ id, kind: 'passkey', passkey }, { id: beside.id, kind: 'chip-card', card: cardOf(who.entry) });
  who.lost.delete('device');
  who.lost.delete('card');
  delete account.held;
  assert.equal(await counter.toBind(browser), undefined, 'a code binds twice');
  return true;
}
