import assert from 'node:assert/strict';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { answerIn, authorized, claimsOf } from '../../support/attack.ts';
import type { Tokens } from '../../support/relying-party.ts';
import { faceOf } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Account, counting, has, isActive, isInUse, levelOf, thingOf } from '../village.ts';
import type { World } from '../world.ts';

/** Opaque access tokens live for so many seconds at most. */
const LIFETIME = 900;

/** How the owner can sign in at a page: by passkey, and what lifts it, or by password and what goes with it. */
async function meansOf(who: Parameters<Act>[1]) {
  const account = who.account!;
  const able = account.factors.filter((one) => isInUse(one) && has(who, 'owner', thingOf(one)));
  const passkey = able.findLast(({ kind }) => kind === 'passkey')?.passkey;
  const password = able.find(({ kind }) => kind === 'password')?.password;
  const totp = able.find(({ kind }) => kind === 'totp')?.totp;
  const identifier = who.entry.person.identityNumber;
  if (passkey) {
    const face = able.some(({ kind }) => kind === 'face') ? { face: await faceOf('owner') } : {};
    const known = 'face' in face && password ? { password } : {};
    const level = levelOf(
      able.filter(({ kind }) => kind !== 'message-otp').map(({ kind }) => ({ kind, userVerified: true })),
    );
    return {
      means: 'passkey',
      claimant: { identifier, passkey, ...face, ...known },
      level: Math.max(2, level),
    } as const;
  }
  if (!password || account.factors.some(({ kind }) => kind === 'message-otp')) return undefined;
  const level = levelOf([{ kind: 'password' }, ...(totp ? [{ kind: 'totp' }] : [])]);
  return {
    means: 'password',
    claimant: { identifier, password, ...(totp ? { totpSecret: totp } : {}) },
    level,
  } as const;
}

/** The pair that an acr names. */
function pairOf(acr: unknown): [number, number] {
  const named = /assurance\/test\/(?:([12])\.([1-4])|level-([12]))$/.exec(String(acr));
  assert.ok(named, `an acr that is none of ours: ${acr}`);
  const context = Number(named[3]);
  return context ? [context, context] : [Number(named[1]), Number(named[2])];
}

/** The owner signs in at a relying party, agrees, and it gets what was agreed to, as it is proven, and no more. */
export const signInAt =
  (at: 0 | 1, asks: 'nothing' | 'level-2' | '2.3' | '2.4'): Act =>
  async (world, who) => {
    const { account } = who;
    const how = account && (await meansOf(who));
    if (!account || !how) return undefined;
    const party = world.parties[at];
    const request = {
      scope: at === 0 ? 'openid offline_access assurance profile' : 'openid assurance profile vn_pin',
      ...(at === 0 ? { prompt: 'consent' } : {}),
      ...(asks === 'nothing' ? {} : { acr_values: `${world.issuer}/assurance/test/${asks}` }),
    };
    const may = isActive(account);
    // 6: 3 and 4 take a face that was compared here: whatever else is proven does not come to it.
    const asked = { nothing: 1, 'level-2': 2, '2.3': 3, '2.4': 4 }[asks];
    const reaches = asks === 'nothing' || (counting(account) === 2 && how.means === 'passkey' && how.level >= asked);
    let done: Awaited<ReturnType<typeof authorized>>;
    try {
      done = await authorized(party, how.claimant, request, { means: how.means });
    } catch (error) {
      // A page that nothing here answers: refused, throttled, or one that explains what is missing.
      assert.ok(error instanceof Error && error.message.startsWith('nobody was called back'), String(error));
      assert.ok(!may || !reaches || how.means === 'password', error.message);
      if (may) account.ended = false;
      return may ? `stopped at a page, asked ${asks}` : 'not let in';
    }
    const said = answerIn(done.callback);
    account.ended = false;
    if (!said.code) {
      assert.ok(!reaches || !may, `refused with ${said.error}`);
      return `refused: ${said.error}, asked ${asks}`;
    }
    assert.ok(may, 'somebody locked or closed was let in');
    assert.ok(reaches, `${asks} was said of somebody who has not got it`);
    const answer = await party.exchange(done.callback, done.started);
    assert.equal(answer.status, 200, answer.text);
    const tokens = answer.json<Tokens>();
    account.given.push({
      ...{ party: at, access: tokens.access_token, from: Date.now(), alive: true },
      ...(tokens.refresh_token ? { refresh: tokens.refresh_token } : {}),
    });
    const told = (await party.userinfo(tokens.access_token)).json();
    disclosed(account, {
      who,
      at,
      id: claimsOf(tokens.id_token),
      told,
      level: Math.min(how.level, Math.max(2, asked)),
    });
    return `${how.means} at ${party.config.client_id}${asks === 'nothing' ? '' : `, ${asks}`}`;
  };

/** 5, 6 and 12 of what a relying party was told. */
function disclosed(
  account: Account,
  said: {
    readonly who: Parameters<Act>[1];
    readonly at: 0 | 1;
    readonly id: Record<string, unknown>;
    readonly told: Record<string, unknown>;
    readonly level: number;
  },
): void {
  const { who, at, id, told } = said;
  const { identityNumber, fullName } = who.entry.person;
  const [accountLevel, authenticationLevel] = pairOf(id.acr);
  assert.ok(accountLevel <= counting(account), `acr says account level ${accountLevel} of ${counting(account)}`);
  assert.ok(authenticationLevel <= said.level, `acr says ${authenticationLevel}, proven was ${said.level}`);
  assert.ok(
    Number(told.account_level ?? 1) <= counting(account) && Number(told.authentication_level ?? 1) <= said.level,
  );
  assert.equal(told.sub, id.sub);
  const entity = at === 0 ? 'life-air' : 'life-bank';
  assert.equal(account.subs.get(entity) ?? id.sub, id.sub, 'a sub changed');
  account.subs.set(entity, String(id.sub));
  assert.ok(
    Buffer.from(String(told.name)).equals(Buffer.from(fullName.normalize('NFC'))),
    `a name changed: ${told.name}`,
  );
  const everything = JSON.stringify([id, told]);
  assert.equal(everything.includes(identityNumber), at === 1, 'the identity number at a party that may not have it');
}

/** Nothing that was given is accepted any more, not even the moment after. */
export async function noneAccepted(world: World, account: Account): Promise<void> {
  for (const given of account.given.slice(-3)) {
    const party = world.parties[given.party];
    assert.equal((await party.userinfo(given.access)).status, 401, 'an access token outlived the end of everything');
    const told = (await party.introspect(given.access)).json();
    assert.equal(told.active, false, 'introspection knows a token that has ended');
    if (given.refresh) assert.notEqual((await party.refresh(given.refresh)).status, 200, 'a refresh token outlived it');
  }
}

/** A relying party uses what it has. */
export const useToken: Act = async (world, who) => {
  const account = who.account ?? who.former.at(-1);
  const given = account?.given.at(-1);
  if (!account || !given) return undefined;
  const party = world.parties[given.party];
  const { status } = await party.userinfo(given.access);
  const good = given.alive && isActive(account);
  assert.ok(status === 401 || good, 'a token that has ended is accepted');
  if (good && Date.now() - given.from < (LIFETIME - 60) * 1000) assert.equal(status, 200, 'a good token is refused');
  if (!given.refresh) return `${good ? 'good' : 'ended'} ${status}`;
  const answer = await party.refresh(given.refresh);
  assert.ok(answer.status !== 200 || good, 'a refresh token that has ended is accepted');
  if (answer.status !== 200) return `${good ? 'good' : 'ended'} ${status}, refresh refused`;
  const tokens = answer.json<Tokens>();
  const [accountLevel] = tokens.id_token ? pairOf(claimsOf(tokens.id_token).acr) : [1];
  assert.ok(accountLevel <= counting(account), 'level 2 was renewed of somebody who has not got it');
  account.given.push({
    ...{ party: given.party, access: tokens.access_token, from: Date.now(), alive: true },
    ...(tokens.refresh_token ? { refresh: tokens.refresh_token } : {}),
  });
  return `renewed`;
};

/** What was agreed to is taken back: at once, there. */
export const withdraw =
  (at: 0 | 1): Act =>
  async (world, who) => {
    const { account } = who;
    const clientId = world.parties[at].config.client_id;
    const standing = account && (await world.parts.consents.find(account.id, clientId));
    if (!account || !standing) return undefined;
    await writeTogether(
      world.database,
      await world.partings.withdrawing(standing, { kind: 'subscriber', id: account.id }),
    );
    assert.equal(await world.parts.consents.find(account.id, clientId), undefined);
    for (const given of account.given) if (given.party === at) given.alive = false;
    await noneAccepted(world, { ...account, given: account.given.filter(({ party }) => party === at) });
    return clientId;
  };
