import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { ActingFor, Organisations } from '../../domain/organisations/index.ts';

/** Asks for the organisation that somebody acts for. */
export const ORGANISATION_SCOPE = 'vn_org';

/** Who acts for organisations; missing where nobody says so, and then nobody does. */
export interface ActingParts {
  readonly organisations?: Pick<Organisations, 'actsFor' | 'choices'> | undefined;
}

/** For whom an authorization was chosen to be: a code, or `null` for the person themselves. */
export interface Chosen {
  readonly accountId: string;
  readonly enterpriseCode: string | null;
}

/** The organisation that the running authorization is for, by the library's context; put there by the prompt. */
export const actingIn = new WeakMap<object, string>();

/** What somebody agrees to when they act for an organisation: the name under which receipts have it. */
export const organisationPath = (enterpriseCode: string): string => `organisation.${enterpriseCode}`;

interface Carrier {
  readonly organisation?: unknown;
  readonly extra?: { readonly org_id?: unknown };
}

/** For which organisation a code, a refresh token or an access token was issued. */
export function organisationIn(token: object | undefined): string | undefined {
  const { organisation, extra } = (token ?? {}) as Carrier;
  const code = organisation ?? extra?.org_id;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Whether a token may still be used: one that was issued to somebody acting for an organisation is good while they do, and is not
 * good for less. Asked at each use: redemption, refresh, userinfo, introspection.
 */
export async function stillActs({ organisations }: ActingParts, accountId: string, token: object | undefined) {
  const code = organisationIn(token);
  return code === undefined || (await organisations?.actsFor(accountId, code)) !== undefined;
}

/** What the scope opens: the acting person’s own claims and levels stay as they are (domain.md 6d). */
export const organisationClaims = ({ enterpriseCode, name, role }: ActingFor) => ({
  org_id: enterpriseCode,
  org_name: name,
  org_role: role,
  // By law, or as its head; an authorised person acts by their word.
  representative: role !== 'authorised',
});

type Oidc = KoaContextWithOIDC['oidc'] & { result?: { organisation?: Chosen } };

/** The organisation that this person has chosen in this very authorization. */
export function chosenIn(ctx: KoaContextWithOIDC): Chosen | undefined {
  const { result, session } = ctx.oidc as Oidc;
  // Somebody else may have signed in since.
  return result?.organisation && result.organisation.accountId === session?.accountId ? result.organisation : undefined;
}

const { Check, Prompt } = interactionPolicy;
const asksForIt = (ctx: KoaContextWithOIDC): boolean =>
  String(ctx.oidc.params?.scope ?? '')
    .split(' ')
    .includes(ORGANISATION_SCOPE);

/** Between sign-in and consent: whoever acts for an organisation says whether this is for it or for themselves. */
export const organisationPrompt = ({ organisations }: ActingParts) =>
  new Prompt(
    { name: 'organisation', requestable: false },
    new Check(
      'organisation_choice',
      'the end-user has to say for whom they act',
      'interaction_required',
      async (ctx) => {
        const accountId = ctx.oidc.session?.accountId;
        if (!organisations || !accountId || !asksForIt(ctx)) return Check.NO_NEED_TO_PROMPT;
        const chosen = chosenIn(ctx);
        if (!chosen) return (await organisations.choices(accountId)).length > 0;
        if (chosen.enterpriseCode === null) return Check.NO_NEED_TO_PROMPT;
        // It ended while they were reading: an answer for themselves is not what they have chosen.
        if (!(await organisations.actsFor(accountId, chosen.enterpriseCode)))
          throw new errors.AccessDenied('the end-user no longer acts for the organisation');
        actingIn.set(ctx.oidc, chosen.enterpriseCode);
        return Check.NO_NEED_TO_PROMPT;
      },
    ),
  );

/** What was agreed to for one organisation, or for oneself, is no yes for another. */
export const organisationConsentCheck = () =>
  new Check('organisation', 'acting for this organisation is not agreed to', 'consent_required', (ctx) => {
    const code = actingIn.get(ctx.oidc);
    const agreed = ctx.oidc.grant?.getOIDCClaims() ?? [];
    return code !== undefined && !agreed.includes(organisationPath(code));
  });
