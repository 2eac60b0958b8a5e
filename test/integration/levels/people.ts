import type { AuthenticatorKind } from '../../../src/domain/assurance/index.ts';
import type { Proofing } from '../../../src/domain/proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { anApplicant, aProofing } from '../../support/people.ts';
import type { TestServer } from '../../support/server.ts';
import { type CreationOptions, type SoftwarePasskey, softwarePasskey } from '../../support/software-passkey.ts';

/** The ways to prove something that a server without chip and face offers. */
export type Means = Extract<AuthenticatorKind, 'password' | 'passkey' | 'totp' | 'message-otp'>;

/** Who signs in, and with what. */
export const PROFILES = {
  'level 1, password': { accountLevel: 1, has: ['password'] },
  'level 1, password and SMS': { accountLevel: 1, has: ['password', 'message-otp'] },
  'level 2, password and TOTP': { accountLevel: 2, has: ['password', 'totp'] },
  'level 2, passkey': { accountLevel: 2, has: ['password', 'passkey'] },
  'level 2, password and SMS': { accountLevel: 2, has: ['password', 'message-otp'] },
  'level 2, everything': { accountLevel: 2, has: ['password', 'totp', 'passkey'] },
} as const satisfies Record<string, { accountLevel: 1 | 2; has: readonly Means[] }>;
export type Profile = keyof typeof PROFILES;

/** Somebody of a profile, with everything that they know and hold. */
export interface Someone {
  readonly id: string;
  readonly accountLevel: 1 | 2;
  readonly has: readonly Means[];
  readonly identifier: string;
  readonly phone: string;
  readonly password: string;
  readonly totpSecret: string;
  readonly passkey?: SoftwarePasskey;
}

const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** NIST SP 800-63B-4 §3.1.1.2: long enough to stand alone. */
export const LONG_PASSWORD = 'mười bảy con cò trắng bay qua đồng';

let counter = 0;

/** Registers somebody new: an account as everybody's, its authenticators bound by the system. */
export async function register(
  { app, issuer }: TestServer,
  profile: {
    readonly accountLevel: 1 | 2;
    readonly has: readonly Means[];
    readonly proofing?: Proofing;
    /** The last day of their card. */
    readonly cardUntil?: string;
  },
  password = LONG_PASSWORD,
): Promise<Someone> {
  counter += 1;
  const { subscribers, authenticators } = app.parts;
  const identifier = `097195${String(counter).padStart(6, '0')}`;
  const phone = `+8491${String(1_000_000 + counter)}`;
  const proofing = profile.proofing ?? (profile.accountLevel === 2 ? aProofing() : undefined);
  const registered = await subscribers.register(anApplicant({ identityNumber: identifier, phone }), {
    by: { kind: 'system' },
    ...(proofing ? { proofing } : {}),
    ...(profile.cardUntil === undefined ? {} : { cardUntil: profile.cardUntil }),
  });
  if (!registered.registered) throw new Error(JSON.stringify(registered));
  const { id } = registered;
  const { has } = profile;
  if (has.includes('password')) await authenticators.install(id, { kind: 'password', password });
  if (has.includes('totp')) await authenticators.install(id, { kind: 'totp', secret: TOTP_SECRET });
  if (has.includes('message-otp')) await authenticators.install(id, { kind: 'message-otp', phone });
  const someone = { id, identifier, phone, password, totpSecret: TOTP_SECRET, ...profile };
  return has.includes('passkey') ? { ...someone, passkey: await giveKey(app, issuer, id) } : someone;
}

async function giveKey(app: TestServer['app'], issuer: string, id: string): Promise<SoftwarePasskey> {
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const subscriber = { id, label: 'SenID', displayName: 'SenID', locale: 'vi' as const, ownData: [] };
  const asked = { kind: 'passkey', sessionKey: newId(), subscriber, authority: { by: 'system' } } as const;
  const begun = await app.parts.authenticators.begin({ ...asked, purpose: 'bind' });
  if (!begun.begun || !begun.challengeId) throw new Error('no challenge to bind a passkey');
  const response = passkey.create(begun.request as CreationOptions);
  const bound = await app.parts.authenticators.bind({ ...asked, challengeId: begun.challengeId, response });
  if (!bound.verified) throw new Error(`the passkey was not bound: ${bound.reason}`);
  return passkey;
}
