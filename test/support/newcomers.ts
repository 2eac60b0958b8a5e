import { randomBytes, randomInt } from 'node:crypto';
import type { Applicant } from '../../src/domain/subscribers/index.ts';
import { anApplicant, aProofing } from './people.ts';
import type { ClientConfig } from './relying-party.ts';
import type { TestServer } from './server.ts';
import type { Claimant } from './sign-in.ts';

const system = { kind: 'system' } as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Somebody new with an account, known to the test alone. */
export interface Citizen extends Claimant {
  readonly id: string;
  readonly password: string;
}

/** How a citizen differs from the usual one, who has level 2, a long password and an authenticator app. */
export interface CitizenOptions {
  readonly level?: 1 | 2;
  readonly totp?: boolean;
  /** A telephone that one-time codes go to. */
  readonly phone?: string;
  readonly person?: Partial<Applicant>;
  readonly password?: string;
}

/** Registers a citizen with their first authenticators, as a counter would. */
export async function aCitizen(server: Pick<TestServer, 'app'>, options: CitizenOptions = {}): Promise<Citizen> {
  const { subscribers, authenticators } = server.app.parts;
  const identityNumber = `0993${String(randomInt(1e8)).padStart(8, '0')}`;
  const phone = options.phone ?? `+84987${String(randomInt(1e6)).padStart(6, '0')}`;
  const applicant = anApplicant({ identityNumber, phone, email: `${identityNumber}@sen.example`, ...options.person });
  const proofing = (options.level ?? 2) === 2 ? { proofing: aProofing() } : {};
  const made = await subscribers.register({ ...applicant, emailVerified: true }, { by: system, ...proofing });
  if (!made.registered) throw new Error(JSON.stringify(made));
  const password = options.password ?? `mưa rơi ${randomBytes(9).toString('base64url')} trên lá`;
  await authenticators.install(made.id, { kind: 'password', password });
  const totpSecret = [...randomBytes(32)].map((byte) => ALPHABET[byte & 31]).join('');
  if (options.totp ?? true) await authenticators.install(made.id, { kind: 'totp', secret: totpSecret });
  if (options.phone) await authenticators.install(made.id, { kind: 'message-otp', phone: options.phone });
  return {
    id: made.id,
    identifier: applicant.identityNumber,
    password,
    ...((options.totp ?? true) ? { totpSecret } : {}),
  };
}

/** Registers a relying party of a legal entity of its own, with one client; answers the client as its developer has it. */
export async function aParty(
  server: Pick<TestServer, 'app'>,
  name: string,
  metadata: Record<string, unknown> = {},
  words = { vi: `Bên ${name}`, en: `Party ${name}` },
  terms: Record<string, unknown> = {},
): Promise<ClientConfig> {
  const given = {
    redirect_uris: ['http://localhost:9999/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
    ...metadata,
  };
  const answer = await server.app.parts.relyingParties.register(
    {
      clientId: name,
      relyingParty: { id: name, name: words, legalEntity: { id: name, name: words }, mark: 'P', colour: '#51605a' },
      environment: 'sandbox',
      metadata: given as never,
      purpose: { vi: 'thử đăng nhập', en: 'try signing in' },
      allowedScopes: ['openid', 'offline_access', 'assurance', 'profile', 'phone', 'vn_pin'],
      ...terms,
    },
    system,
  );
  if (!answer.registered) throw new Error(JSON.stringify(answer));
  return {
    client_id: name,
    ...given,
    ...(answer.secret === undefined ? {} : { client_secret: answer.secret.reveal() }),
  };
}
