import assert from 'node:assert/strict';
import { TOTP } from 'otpauth';
import { answerIn, authorized, claimsOf } from '../../support/attack.ts';
import { createBrowser } from '../../support/http-client.ts';
import type { Tokens } from '../../support/relying-party.ts';
import { type Claimant, codeOf, type Means, signIn } from '../../support/sign-in.ts';
import { faceOf, sessionKey, somewhere } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Account, type Citizen, clears, type Factor, has, isActive, isInUse, thingOf } from '../village.ts';
import type { World } from '../world.ts';
import { wait } from './passing.ts';

/** A way to sign in at a page. */
export interface Way {
  readonly means: Means;
  readonly claimant: Claimant;
}

/** Every way that the owner has: each passkey, and the password with what goes with it. */
export async function waysOf(who: Citizen): Promise<Way[]> {
  const able = who.account!.factors.filter((one) => isInUse(one) && has(who, 'owner', thingOf(one)));
  const identifier = who.entry.person.identityNumber;
  const passkeys = able.filter(({ kind }) => kind === 'passkey');
  const password = able.find(({ kind }) => kind === 'password');
  const totp = able.find(({ kind }) => kind === 'totp');
  const face = able.some(({ kind }) => kind === 'face') ? { face: await faceOf('owner') } : {};
  const codes = who.account!.factors.some(({ kind }) => kind === 'message-otp');
  return [
    ...passkeys.map((one) => ({
      means: 'passkey' as const,
      claimant: { identifier, passkey: one.passkey!, ...face },
    })),
    ...(password && !codes
      ? [
          {
            means: 'password' as const,
            claimant: { identifier, password: password.password!, ...(totp ? { totpSecret: totp.totp! } : {}) },
          },
        ]
      : []),
  ];
}

/** The last sign-in of somebody, and what was answered in it: of two factors that were there a page may have asked for one. */
async function newest(world: World, account: Account): Promise<{ session: string; used: Factor[] }> {
  const types = ['session.started', 'session.stepped_up'] as const;
  const events = await world.parts.journal.query({ subscriberId: account.id, types, limit: 20 });
  const session = events.find(({ type }) => type === 'session.started')?.detail?.session;
  assert.ok(session, 'a sign-in without its event');
  const named = events
    .filter(({ detail }) => detail?.session === session)
    .flatMap(({ detail }) => detail?.authenticators as readonly string[]);
  return { session: String(session), used: account.factors.filter(({ id }) => named.includes(id)) };
}

/** What factors come to that are all answered. */
const kindsOf = (factors: readonly Factor[]) => factors.map(({ kind }) => ({ kind, userVerified: true }));

/**
 * "This was not me": one sign-in, and another from which it is disowned. What was opened with the first is over at once, and what
 * it was made with is frozen, but for what the second holds too; a second that proved less than the account can ends the session,
 * and freezes nothing.
 */
export const disown =
  (first: number, second: number, advance: (seconds: number) => void): Act =>
  async (world, who) => {
    const { account } = who;
    const ways = account ? await waysOf(who) : [];
    if (!account || !isActive(account) || ways.length === 0) return undefined;
    // Mostly another way than the one that is disowned.
    const [theirs, mine] = [ways[first % ways.length]!, ways[(first + second) % ways.length]!];
    const party = world.parties[0];
    const request = { scope: 'openid offline_access assurance profile', prompt: 'consent' };
    const begun = await authorized(party, theirs.claimant, request, { means: theirs.means }).catch(() => undefined);
    account.ended = false;
    if (!begun || !answerIn(begun.callback).code) return 'nobody was let in';
    const answer = await party.exchange(begun.callback, begun.started);
    assert.equal(answer.status, 200, answer.text);
    const { access_token: access, refresh_token: refresh, id_token } = answer.json<Tokens>();
    const { sub } = claimsOf(id_token);
    assert.equal(account.subs.get('life-air') ?? sub, sub, 'a sub changed');
    account.subs.set('life-air', String(sub));
    account.given.push({ party: 0, access, from: Date.now(), alive: true, ...(refresh ? { refresh } : {}) });
    const { session, used } = await newest(world, account);

    // A code of an authenticator app is good once.
    advance(31);
    const own = createBrowser();
    await signIn(await own.open(`${world.issuer}/account/history`), mine.claimant, mine.means);
    const asked = await own.open(`${world.issuer}/account/history/${session}/disown`);
    if (!asked.forms.some(({ id }) => id === 'disown-form')) return 'nobody was asked';
    const held = (await newest(world, account)).used;
    const steppedUp = clears(account, kindsOf(held));
    const frozen = steppedUp ? used.filter((one) => !held.includes(one)) : [];
    const told = await asked.submit({}, { form: 'disown-form' });
    assert.equal(told.status, 200, `a sign-in was not disowned: ${told.words.slice(0, 200)}`);
    assert.equal((await party.userinfo(access)).status, 401, 'an access token outlived its disowned session');
    if (refresh) assert.notEqual((await party.refresh(refresh)).status, 200, 'a refresh token outlived its session');
    assert.match(
      (await begun.browser.open(`${world.issuer}/account`)).url,
      /\/interaction\//,
      'a disowned session lives',
    );
    const { cases } = await world.parts.cases.list({ open: true, limit: 1 });
    assert.equal(cases[0]?.session, session, 'no case was opened');
    assert.deepEqual([...cases[0].frozen].sort(), frozen.map(({ id }) => id).sort(), 'what the case says is frozen');
    account.given.at(-1)!.alive = false;
    for (const one of frozen) one.frozen = true;
    if (frozen.length > 0) account.reported = cases[0].id;
    return frozen.length > 0 ? `${frozen.length} frozen` : 'nothing frozen';
  };

/** The office looks into it: it was the owner after all, and what was frozen is given back; or it was not, and it stays. */
export const lookInto =
  (own: boolean): Act =>
  async (world, { account }) => {
    const found = account?.reported === undefined ? undefined : await world.parts.cases.find(account.reported);
    if (!account || !found) return undefined;
    const by = { kind: 'operator', id: '0b0e7b1e-7c1c-4b0e-9f1b-3f1f6f1f1f1f' } as const;
    const back = own ? await world.parts.authenticators.reinstate(account.id, found.frozen, by) : [];
    const end = { outcome: own ? 'own_after_all' : 'secured', reason: 'asked by telephone', by } as const;
    assert.equal(await world.parts.cases.close(found.id, end, back), true);
    for (const one of account.factors) if (own && found.frozen.includes(one.id)) delete one.frozen;
    delete account.reported;
    return own ? 'own after all' : 'secured';
  };

const appOf = ({ account }: Citizen): Factor | undefined =>
  account?.factors.find((one) => one.kind === 'totp' && isInUse(one));

/** SP 800-63B-4 §3.2.2: so many failures in a row, with the pauses that are asked for, and nothing guesses it any more. */
const MOST_FAILURES = 100;

/** A code that is not right, and was not a minute ago: of three hundred who guess for a day one would be. */
function wrong(secret: string): string {
  const right = [-2, -1, 0, 1, 2].map((away) =>
    new TOTP({ secret }).generate({ timestamp: Date.now() + away * 30_000 }),
  );
  return ['000000', '000001', '000002', '000003', '000004', '000005'].find((one) => !right.includes(one))!;
}

/** A thief who types codes for a day: it ends with the authenticator, and they have gained nothing; no right code opens it. */
export const guess =
  (index: number, advance: (seconds: number) => void): Act =>
  async (world, _, village) => {
    // A day of guesses takes a while to live through: it comes seldom.
    const guessable = village.people.filter((one) => !has(one, 'thief', 'device') && appOf(one));
    const who = guessable[index];
    const { account } = who ?? {};
    const factor = who && appOf(who);
    if (!who || !account || !factor) return undefined;
    const { authenticators } = world.parts;
    const answering = () => ({ kind: 'totp' as const, sessionKey: sessionKey(), subscriberId: account.id });
    let tries = 0;
    for (let reason = ''; reason !== 'disabled'; tries += 1) {
      assert.ok(tries <= MOST_FAILURES, 'somebody may guess for ever');
      advance(901);
      const code = wrong(factor.totp!);
      const verdict = await authenticators.answer({ ...answering(), address: somewhere(), response: { code } });
      assert.ok(!verdict.verified, 'a code was guessed');
      reason = verdict.reason;
      if ((await authenticators.of(account.id)).some(({ id, status }) => id === factor.id && status === 'disabled'))
        break;
    }
    factor.frozen = true;
    const right = await authenticators.answer({
      ...answering(),
      ...{ address: somewhere(), response: { code: codeOf(factor.totp!) } },
    });
    assert.equal(right.verified ? 'verified' : right.reason, 'disabled', 'what was disabled opens');
    // A day has gone by for everybody.
    await wait(0, advance)(world, who, village);
    return 'until disabled';
  };
