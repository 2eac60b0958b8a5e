import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type default as Provider } from 'oidc-provider';
import type { Proof } from '../domain/assurance/index.ts';
import { epochSeconds } from '../platform/clock.ts';
import { declareErrors, EidError } from '../platform/errors.ts';
import type { GrantExtras, SessionExtras } from './models.ts';
import type { Chosen } from './organisations/acting.ts';
import type { RequestParameters } from './requests.ts';

declareErrors('interaction', {
  lost: {
    status: 410,
    when: 'A sign-in page is opened whose interaction has ended, expired, or belongs to another browser.',
  },
});

/** The library's interaction with what its types leave out. */
type Interaction = Awaited<ReturnType<Provider['interactionDetails']>> & {
  journey?: object;
  lastSubmission?: { login?: { since?: number }; organisation?: Chosen };
  grantId?: string;
};

/**
 * The paused request of this browser: its cookie must name the `uid` of the address, so that a link with somebody else's
 * interaction leads nowhere (abuse case 26).
 */
export async function pausedRequest<Journey extends object>(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
) {
  const interaction = await find(provider, req, res);
  if (!interaction || interaction.uid !== uid) throw new EidError('interaction.lost');
  const { session } = interaction;
  const stored = session?.uid ? await provider.Session.findByUid(session.uid) : undefined;
  const parameters = interaction.params as unknown as RequestParameters & {
    readonly client_id: string;
    readonly redirect_uri?: string;
    readonly ui_locales?: string;
  };
  const since = interaction.lastSubmission?.login?.since ?? interaction.iat;
  const chosen = interaction.lastSubmission?.organisation;
  const save = async (): Promise<void> => {
    await interaction.save(interaction.exp - epochSeconds(new Date()));
  };
  const finish = async (result: object, merge = true): Promise<string> => {
    interaction.result = (merge ? { ...interaction.lastSubmission, ...result } : result) as never;
    await save();
    return interaction.returnTo;
  };
  return {
    uid,
    prompt: interaction.prompt as { readonly name: string; readonly reasons: readonly string[] },
    clientId: parameters.client_id,
    parameters,
    ...(session?.accountId
      ? {
          session: {
            accountId: session.accountId,
            uid: String(session.uid),
            proofs: (stored as SessionExtras | undefined)?.proofs ?? [],
          },
        }
      : {}),
    since,
    /** The code of the organisation that this person has chosen to act for here; `null`: for themselves, or not chosen yet. */
    organisation: chosen && chosen.accountId === session?.accountId ? chosen.enterpriseCode : null,
    /** How far the claimant has come within this interaction, as it was last kept; sealed with it. */
    get journey() {
      return (interaction.journey ?? {}) as Journey;
    },
    keep: async (journey: Journey): Promise<void> => {
      interaction.journey = journey;
      await save();
    },
    signedIn: (accountId: string, proofs: readonly Proof[]): Promise<string> =>
      finish({ login: { accountId, remember: false, proofs, since } }),
    /** For whom the person acts; whoever calls has seen to it that they may. */
    actsFor: (enterpriseCode: string | null): Promise<string> =>
      finish({ organisation: { accountId: session!.accountId, enterpriseCode } satisfies Chosen }),
    consented: async ({ scopes, claims, consentId }: Agreed): Promise<string> => {
      const grant =
        (interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined) ??
        new provider.Grant({ accountId: session!.accountId, clientId: parameters.client_id });
      (grant as GrantExtras).consent = consentId;
      if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '));
      if (claims.length > 0) grant.addOIDCClaims([...claims]);
      return finish({ consent: { grantId: await grant.save() } });
    },
    refused: (error: string, description: string): Promise<string> =>
      finish({ error, error_description: description }, false),
  };
}

interface Agreed {
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
  readonly consentId: string;
}

const find = async (
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction | undefined> => {
  try {
    return (await provider.interactionDetails(req, res)) as Interaction;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
};
