import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TOTP } from 'otpauth';
import type { Authority, SubscriberToBind } from '../../src/domain/authenticators/index.ts';
import { endingWrites } from '../../src/oidc/logout/endings.ts';
import { newId } from '../../src/platform/ids.ts';
import { photoNow } from '../support/applications.ts';
import { type CreationOptions, type RequestOptions, softwarePasskey } from '../support/software-passkey.ts';
import type { PocketCard } from './cards.ts';
import { type Account, type Citizen, type Factor, has, thingOf, type Who } from './village.ts';
import type { World } from './world.ts';

/** The kinds that a step binds. */
export const KINDS = ['passkey', 'password', 'totp', 'message-otp', 'recovery-code', 'face'] as const;
export type Kind = (typeof KINDS)[number];

export const sessionKey = (): string => randomBytes(16).toString('hex');
/** Another address each time: what is counted by network is not what a life is about. */
export const somewhere = (): string =>
  `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::7`;

export const toBind = ({ id, name, phone }: Account): SubscriberToBind => ({
  ...{ id, label: name, displayName: name, locale: 'vi', ownData: [name] },
  ...(phone === undefined ? {} : { phone }),
});

const newPassword = (): string => `mưa rơi ${randomBytes(9).toString('base64url')} trên lá`;
const codeNow = (secret: string): string => new TOTP({ secret }).generate({ timestamp: Date.now() });

/** What a hand answers when it is asked to bind: the factor that it then has. */
type Made = Omit<Factor, 'id' | 'kind'>;

/** What a camera sees of somebody: everybody who lives here has one face, and the thief another. */
export const faceOf = (by: Who): Promise<Buffer> => photoNow(by === 'owner' ? 'red' : 'green');

/** Binds something new on somebody's authority. Answers the verdict and, when it was bound, the factor. */
export async function bind(world: World, account: Account, kind: Kind, authority: Authority, by: Who = 'owner') {
  const { authenticators } = world.parts;
  const common = { kind, sessionKey: sessionKey(), subscriber: toBind(account), authority } as const;
  const begun = await authenticators.begin({ ...common, purpose: 'bind' });
  if (!begun.begun) return { bound: false, reason: begun.reason } as const;
  let made: Made = {};
  let response: unknown;
  if (kind === 'passkey') {
    const { hostname, origin } = new URL(world.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    response = passkey.create(begun.request as CreationOptions);
    made = { passkey };
  } else if (kind === 'password') {
    made = { password: newPassword() };
    response = made;
  } else if (kind === 'totp') {
    const { secret } = begun.request as { secret: string };
    response = { code: codeNow(secret) };
    made = { totp: secret };
  } else if (kind === 'message-otp') {
    response = { code: await world.told(account.phone!, 'sign_in_code', 'code') };
  } else if (kind === 'face') {
    response = { picture: await faceOf(by) };
  } else {
    const { codes } = begun.request as { codes: string[] };
    made = { codes: [...codes] };
    response = { code: codes[0] };
  }
  const ending = () => endingWrites(world.parts.ending, account.id);
  const challenge = begun.challengeId === undefined ? {} : { challengeId: begun.challengeId };
  const verdict = await authenticators.bind({ ...common, ...challenge, response, ending });
  if (!verdict.verified) return { bound: false, reason: verdict.reason } as const;
  const factor: Factor = { id: verdict.authenticator.id, kind, ...made };
  return { bound: true, factor, endsOthers: verdict.endsOtherSessions } as const;
}

/** Takes a bound factor into the model: a single kind takes the place of the one before. */
export function take(account: Account, factor: Factor): void {
  account.factors = [...account.factors.filter(({ id }) => id !== factor.id), factor];
}

/** Proves something as somebody who has it, or who guesses. Answers the verdict, or nothing where they cannot even ask. */
export async function prove(world: World, who: Citizen, by: Who, factor: Factor) {
  const account = who.account!;
  const { authenticators } = world.parts;
  const { kind } = factor;
  const owns = has(who, by, thingOf(factor));
  const answering = { kind: kind as Kind, sessionKey: sessionKey(), address: somewhere() };
  if (kind === 'passkey') {
    if (!owns) return undefined;
    const begun = await authenticators.begin({ ...answering, purpose: 'sign-in' });
    if (!begun.begun) return undefined;
    // A thief holds the device and does not know how to unlock it.
    const response = factor.passkey!.get(begun.request as RequestOptions, { userVerified: by === 'owner' });
    return authenticators.answer({ ...answering, challengeId: begun.challengeId ?? '', response });
  }
  const subscriberId = account.id;
  if (kind === 'password')
    return authenticators.answer({
      ...{ ...answering, subscriberId },
      response: { password: owns ? factor.password! : `đoán mò ${newId()}` },
    });
  if (kind === 'totp') {
    if (!owns) return undefined;
    return authenticators.answer({ ...answering, subscriberId, response: { code: codeNow(factor.totp!) } });
  }
  if (kind === 'chip-card') {
    if (!owns) return undefined;
    const begun = await authenticators.begin({ ...answering, purpose: 'sign-in' });
    if (!begun.begun) return undefined;
    const response = await factor.card!.read(begun.request as Parameters<PocketCard['read']>[0]);
    return authenticators.answer({ ...answering, subscriberId, challengeId: begun.challengeId ?? '', response });
  }
  if (kind === 'face') {
    const begun = await authenticators.begin({ ...answering, subscriberId, purpose: 'sign-in' });
    if (!begun.begun) return undefined;
    const response = { picture: await faceOf(by) };
    return authenticators.answer({ ...answering, subscriberId, challengeId: begun.challengeId ?? '', response });
  }
  assert.equal(kind, 'message-otp');
  const begun = await authenticators.begin({
    ...answering,
    subscriberId,
    purpose: 'sign-in',
    authenticatorId: factor.id,
  });
  if (!begun.begun) return undefined;
  const code = owns ? await world.told(account.phone!, 'sign_in_code', 'code') : '000000';
  const challenge = begun.challengeId === undefined ? {} : { challengeId: begun.challengeId };
  return authenticators.answer({ ...answering, subscriberId, ...challenge, response: { code: code ?? '000000' } });
}
