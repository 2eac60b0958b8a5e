import assert from 'node:assert/strict';
import type { Hindrance, Visit } from '../../../src/domain/remote-proofing/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type Face, photoNow } from '../../support/applications.ts';
import { cardOf } from '../cards.ts';
import { sessionKey } from '../hands.ts';
import { rulesOf } from '../rules.ts';
import type { Act } from '../step.ts';
import {
  type Account,
  type Citizen,
  counting,
  dayOf,
  fresh,
  has,
  isActive,
  isOfAge,
  isOnTheEdge,
  isReported,
  isStrong,
  openOf,
  steppedUp,
  type Who,
} from '../village.ts';
import type { World } from '../world.ts';
import { signIn } from './factors.ts';
import { keep, keptOf, ranOut } from './officers.ts';

/** What somebody holds before the camera at home; `kept`: a picture that was sent before. */
export const SHOWN = ['red', 'red', 'red', 'green', 'yellow', 'violet', 'kept'] as const;
export type Shown = (typeof SHOWN)[number];
/** After so many answers that led nowhere there may be a pause. */
const TRIES = 5;
const failures = new WeakMap<Account, number>();

/** Why somebody cannot begin, in the order in which it is looked at. */
function barred(world: World, who: Citizen, by: Who): Hindrance | undefined {
  const account = who.account!;
  if (!rulesOf(world).carriesRemote) return 'not_offered';
  if (!isActive(account)) return 'account';
  if (!isOfAge(who)) return 'minor';
  // Whoever holds one of the things that recover bars nobody by beginning.
  if (account.mustReproof || openOf(account).some(({ second }) => second !== undefined)) return 'recovering';
  if (account.held) return 'ward';
  if (!steppedUp(account, by)) return 'step_up_needed';
  return isStrong(fresh(account, by)) ? undefined : 'not_strong';
}

const recordOf = (world: World, id: string) =>
  world.database.row<{ level: number; inPresence: boolean; ended: string | null }>(sql`
    SELECT p.account_level AS level, p.channel <> 'remote' AS "inPresence", r.ended_ground AS ended
    FROM remote_proofings r JOIN proofing_records p ON p.subscriber_id = r.subscriber_id AND p.id = r.proofing_id
    WHERE r.subscriber_id = ${id} ORDER BY r.decided_at DESC LIMIT 1`);

/** Somebody shows from home who they are: a card, then a face. The level of the account is what it was, whatever comes of it. */
export const fromHome =
  (
    by: Who,
    { shown, another, proves }: { readonly shown: Shown; readonly another: boolean; readonly proves: boolean },
  ): Act =>
  async (world, who, village) => {
    const { account } = who;
    if (!account || account.closed || (!another && !has(who, by, 'card'))) return undefined;
    const { remoteProofings: remote, subscribers } = world.parts;
    // Most people have proven all that they can before they begin; a thief proves the one thing that they have.
    for (let index = 0; proves && index < account.factors.length && !steppedUp(account, by); index += 1)
      await signIn(by, index)(world, who, village);
    if (isOnTheEdge(account, by)) return undefined;
    const subscriber = (await subscribers.find(account.id))!;
    const visit: Visit = { subscriber, sessionKey: sessionKey(), proofs: account.proofs[by] };
    const begun = await remote.begin(visit);
    const bar = barred(world, who, by);
    if (!begun.begun) {
      if (begun.reason === 'throttled')
        assert.ok((failures.get(account) ?? 0) >= TRIES, 'a pause after too few answers');
      else assert.equal(begun.reason, bar, 'a proof from home was refused');
      return `${by} ${begun.reason}`;
    }
    assert.equal(bar, undefined, 'a proof from home was begun');
    const failed = (outcome: string): string => {
      failures.set(account, (failures.get(account) ?? 0) + 1);
      return `${by} ${outcome}`;
    };

    const asked = await remote.askCard(visit);
    assert.ok(asked.asked);
    const card = cardOf((another ? village.people[who.at === 0 ? 1 : 0]! : who).entry);
    const read = await remote.takeCard(visit, { token: asked.token, read: await card.read(asked) });
    // A passport has none of our numbers, and a card that has had its last day proves nothing.
    const genuine = !another && !who.entry.passport && !ranOut(who);
    const no = !genuine ? 'card' : isReported(who, card.documentNumber) ? 'card_reported' : undefined;
    assert.equal(read.taken ? undefined : read.reason, no, 'a card at home');
    if (!read.taken)
      return failed(another ? 'card of another' : genuine ? 'card that was reported' : 'card that does not do');

    const face = await remote.askFace(visit);
    assert.ok(face.asked);
    const known = shown === 'kept' ? keptOf(who) : undefined;
    const picture = known ?? (await photoNow(by === 'thief' ? 'green' : shown === 'kept' ? 'red' : (shown as Face)));
    const taken = await remote.takeFace(visit, { token: face.token, picture });
    const same = by === 'owner' && (shown === 'red' || (shown === 'kept' && !known));
    assert.equal(taken.taken, same, `a ${shown} face at home: ${taken.taken ? 'taken' : taken.reason}`);
    assert.equal((await subscribers.find(account.id))!.accountLevel, counting(account), 'a level that came from afar');
    if (!taken.taken) return failed(taken.reason === 'face' ? `face ${known ? 'kept' : shown}` : taken.reason);
    keep(who, picture);
    failures.delete(account);
    account.remote = { until: card.expiresOn, at: Date.now(), document: card.documentNumber };
    const record = (await recordOf(world, account.id))!;
    assert.deepEqual(record, { level: 1, inPresence: false, ended: null }, 'a record from afar');
    assert.ok(await remote.current(subscriber), 'what was just shown does not count');
    return `${by} shown, level ${counting(account)}`;
  };

/** Looks at what somebody has shown from home, as whoever is told of it does: it counts as long as it must, and ends for good. */
export async function lookedAt(world: World, who: Citizen): Promise<string | undefined> {
  const { account } = who;
  if (!account) return undefined;
  const subscriber = (await world.parts.subscribers.find(account.id))!;
  const counts = await world.parts.remoteProofings.current(subscriber);
  assert.ok(counts === undefined || (counts.accountLevel === 1 && counts.channel === 'remote'), 'it counts for more');
  const { remote } = account;
  if (!remote || !isActive(account) || account.mustReproof) {
    assert.equal(counts, undefined, 'what was shown from home counts, and must not');
    return remote && 'counts not now';
  }
  const rules = rulesOf(world);
  const ground =
    remote.until < dayOf(Date.now())
      ? 'card_expired'
      : remote.at < rules.withdrawnAt && !rules.carriesRemote
        ? 'policy_withdrawn'
        : isReported(who, remote.document)
          ? 'card_refused'
          : undefined;
  assert.equal(counts === undefined, ground !== undefined, `what was shown from home: ${ground ?? 'it counts'}`);
  assert.equal((await recordOf(world, account.id))!.ended, ground ?? null);
  if (ground) delete account.remote;
  return ground ?? 'counts';
}
export const lookAtHome: Act = (world, who) => lookedAt(world, who);

/** A recovery ends what was shown before it: whoever has the account now is not known to be who it was. */
export const endsRemote =
  (completing: Act): Act =>
  async (world, who, village) => {
    const came = await completing(world, who, village);
    const { account } = who;
    if (!account?.remote || !came?.includes('after ')) return came;
    assert.equal((await recordOf(world, account.id))!.ended, 'recovery', 'a proof from home outlived a recovery');
    delete account.remote;
    return came;
  };
