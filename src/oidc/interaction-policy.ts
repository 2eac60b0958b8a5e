import type { IncomingMessage } from 'node:http';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import {
  type AssuranceContexts,
  type AuthenticatorKind,
  evaluate,
  freeze,
  type Outcome,
  type Policy,
  type Proof,
} from '../domain/assurance/index.ts';
import type { Client, RelyingParties } from '../domain/relying-parties/index.ts';
import { parseIdentifier } from '../domain/subscribers/index.ts';
import type { Clock } from '../platform/clock.ts';
import { epochSeconds } from '../platform/clock.ts';
import { addressOf } from '../platform/forwarded.ts';
import { browserFamily, networkOf } from '../platform/plain-values/browser-family.ts';
import type { AccountOf } from './accounts.ts';
import { begun, reachedIn, type SessionExtras } from './models.ts';
import { type ActingParts, organisationConsentCheck, organisationPrompt } from './organisations/acting.ts';
import { claimsParameter, demandOfRequest, type RequestParameters, subjectClaimed } from './requests.ts';
import { verifiedPaths } from './verified-claims/asked.ts';

/** What the policy needs to know of the world. */
export interface PolicyParts extends ActingParts {
  readonly contexts: AssuranceContexts;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
  /** The client's record; it was loaded earlier in this request and is in memory. */
  clientOf(clientId: string): Promise<Client | undefined>;
  readonly relyingParties: Pick<RelyingParties, 'subjectFor'>;
  /** The kinds of authenticator this person could still prove with. */
  usableKinds(subscriberId: string): Promise<AuthenticatorKind[]>;
}

/** What a finished sign-in hands back to the paused authorization request. */
export interface SignInResult {
  readonly accountId: string;
  readonly remember: false;
  /** Everything proven in this interaction. */
  readonly proofs: Proof[];
  /** Epoch seconds when the interaction began: `prompt=login` and `max_age` are measured from here. */
  readonly since: number;
}

const { Check, base } = interactionPolicy;

type Oidc = KoaContextWithOIDC['oidc'] & {
  result?: { login?: SignInResult; consent?: object };
  promptPending(name: string): boolean;
};

/**
 * The interactions that an authorization may need, in order: sign in well enough, say for whom one acts, then consent. The library's own checks of
 * `acr` and `max_age` are replaced by one of ours, because they loop or are silent where the request must be met.
 */
export function createInteractionPolicy(parts: PolicyParts): ReturnType<typeof base> {
  const policy = base();
  const login = policy.get('login')!;
  for (const reason of REPLACED) login.checks.remove(reason);
  login.checks.add(
    // An identity number in a hint has travelled in an address: it is refused and never shown (decisions, "sub").
    new Check('login_hint', 'login_hint must not be an identity number', (ctx) => {
      const hint = ctx.oidc.params?.login_hint;
      if (typeof hint === 'string' && parseIdentifier(hint)?.kind === 'number') {
        throw new errors.InvalidRequest('login_hint must not be an identity number');
      }
      return Check.NO_NEED_TO_PROMPT;
    }),
    0,
  );
  login.checks.add(
    new Check('id_token_hint', 'somebody else is meant', 'login_required', (ctx) => isSomebodyElse(ctx, parts)),
  );
  login.checks.add(
    // `login_required` is what prompt=none must answer when a step-up by the person could succeed (OpenID Connect Core §3.1.2.6).
    new Check(
      'assurance',
      'a stronger sign-in is required',
      'login_required',
      (ctx) => needsMoreProof(ctx, parts),
      () => ({}),
    ),
  );
  login.checks.add(
    new Check('account', 'the account cannot be used', 'login_required', (ctx) =>
      ctx.oidc.session?.accountId && !ctx.oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
  policy.add(organisationPrompt(parts), 1);
  policy.get('consent')!.checks.add(organisationConsentCheck());
  policy.get('consent')!.checks.add(
    // To the library verified claims are one claim, agreed to or not: a yes to a part of them is no yes to the next.
    new Check('verified_claims', 'requested verified claims not granted', 'consent_required', (ctx) => {
      const agreed = new Set(ctx.oidc.grant?.getOIDCClaims());
      const asked = verifiedPaths(claimsParameter(ctx.oidc.params as RequestParameters));
      return asked.every((path) => agreed.has(path)) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  return policy;
}

/** The library forgets `id_token_hint` once a sign-in has happened, and asks without end where `sub` or `acr` do not match. */
const REPLACED = ['essential_acrs', 'essential_acr', 'max_age', 'id_token_hint', 'claims_id_token_sub_value'];

/**
 * A request that names its person, by an ID token of theirs or by `sub`, is answered for nobody else. Whoever else has just
 * signed in goes back with an error (OpenID Connect Core §3.1.2.1 and §3.1.2.2); they would only be asked again and again.
 */
async function isSomebodyElse(ctx: KoaContextWithOIDC, parts: PolicyParts): Promise<boolean> {
  const oidc = ctx.oidc as unknown as Oidc;
  const { accountId } = oidc.session as { accountId?: string };
  const parameters = oidc.params as RequestParameters;
  const named = subjectClaimed(parameters);
  if (!accountId || (parameters.id_token_hint === undefined && named === undefined)) return Check.NO_NEED_TO_PROMPT;
  const meant = new Set<unknown>(named === undefined ? [] : [named]);
  if (parameters.id_token_hint !== undefined) {
    const { IdToken } = oidc.provider as unknown as { IdToken: { validate: ValidateHint } };
    meant.add((await IdToken.validate(parameters.id_token_hint, oidc.client)).payload.sub);
  }
  const client = await parts.clientOf(oidc.client!.clientId);
  const sub = client && (await parts.relyingParties.subjectFor(accountId, client.relyingParty.legalEntity));
  if ([...meant].every((one) => one === sub)) return Check.NO_NEED_TO_PROMPT;
  if (oidc.result?.login) throw new errors.LoginRequired('somebody else than the requested end-user signed in');
  return Check.REQUEST_PROMPT;
}

type ValidateHint = (hint: string, client: unknown) => Promise<{ payload: { sub: unknown } }>;

/** Adds what was just proven to the session's proofs: the newest of each authenticator, with and without user verification. */
function mergeProofs(
  session: SessionExtras,
  result: SignInResult | undefined,
  { now, request }: { readonly now: number; readonly request: IncomingMessage },
): Proof[] {
  if (!result) return session.proofs ?? [];
  const byAuthenticator = new Map<string, Proof>();
  for (const proof of [...(session.proofs ?? []), ...result.proofs])
    byAuthenticator.set(`${proof.authenticatorId} ${proof.userVerified}`, proof);
  const proofs = [...byAuthenticator.values()];
  session.proofs = proofs;
  if (session.began === undefined) begun.add(session);
  session.began ??= now;
  const network = networkOf(addressOf(request));
  session.device = { ...browserFamily(request.headers['user-agent']), ...(network ? { network } : {}) };
  return proofs;
}

/** The library runs every check of a prompt at once, each of them once a pass. */
async function needsMoreProof(ctx: KoaContextWithOIDC, parts: PolicyParts): Promise<boolean> {
  const oidc = ctx.oidc as unknown as Oidc;
  const session = oidc.session as unknown as SessionExtras & { accountId?: string };
  const account = oidc.account as AccountOf | undefined;
  const client = await parts.clientOf(oidc.client!.clientId);
  if (!session.accountId || !account?.subscriber || !client) return Check.NO_NEED_TO_PROMPT;

  const result = oidc.result?.login;
  const now = epochSeconds(parts.clock.now());
  const proofs = mergeProofs(session, result, { now, request: ctx.req });
  const demand = demandOfRequest(client, oidc.params as RequestParameters, parts.contexts, result?.since ?? now);
  const { accountLevel, recordedLevel, levelPolicy } = account.subscriber;
  const policy = await parts.policy();
  const weigh = (usable: readonly AuthenticatorKind[]): Outcome =>
    evaluate({ demand, accountLevel, usable, proofs, now, policy });
  let outcome = weigh([]);
  // What the person could still prove decides only where a later value was met, or where nobody may be asked: it costs a statement.
  if (outcome.met ? !outcome.preferred : result || oidc.promptPending('none')) {
    outcome = weigh(await parts.usableKinds(session.accountId));
  }
  // A level that counts for less than its record says was not made by what made that.
  const by = { policy, levelPolicy: accountLevel === recordedLevel ? levelPolicy : undefined };
  if (outcome.met) {
    reachedIn.set(oidc, freeze(outcome, by));
    return Check.NO_NEED_TO_PROMPT;
  }
  if (result && outcome.reachable && outcome.settle) {
    reachedIn.set(oidc, freeze(outcome.settle, by));
    return Check.NO_NEED_TO_PROMPT;
  }
  // The sign-in journey ends only when the demand is met or the person gave up: anything else must not go round again. After
  // a consent that was read for long, what was proven before it has become too old meanwhile: that is asked for once more.
  if (result && !oidc.result?.consent)
    throw new errors.UnmetAuthenticationRequirements('the requested authentication requirements were not met');
  if (oidc.promptPending('none') && !outcome.reachable) {
    throw new errors.UnmetAuthenticationRequirements('the requested authentication requirements cannot be met');
  }
  return Check.REQUEST_PROMPT;
}
