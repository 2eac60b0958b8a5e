import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Demand, Floors, Proof } from '../../domain/assurance/index.ts';
import type { ActingFor } from '../../domain/organisations/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';

/** How far a claimant has come within one interaction; kept sealed with it. */
export interface JourneyState {
  /** Who has proven something here. */
  readonly subscriberId?: string;
  readonly proofs?: readonly Proof[];
  /** The challenge of the code that was sent. */
  readonly messageChallenge?: string;
}

/** The parameters of the paused request that pages and decisions read. */
export interface PausedParameters {
  readonly redirect_uri?: string;
  readonly ui_locales?: string;
  readonly scope?: string;
  readonly acr_values?: string;
  readonly claims?: string;
  readonly prompt?: string;
  readonly max_age?: string | number;
}

/** An authorization request that waits for its person. The protocol's side makes it, see `oidc/interactions.ts`. */
export interface PausedRequest {
  readonly uid: string;
  readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
  readonly clientId: string;
  readonly parameters: PausedParameters;
  /** The account of the browser's session, and what it has proven so far. */
  readonly session?: { readonly accountId: string; readonly proofs: readonly Proof[] };
  /** Epoch seconds when this request first asked for a sign-in. */
  readonly since: number;
  /** The code of the organisation that the person has chosen to act for here; `null`: themselves, or not chosen yet. */
  readonly organisation: string | null;
  readonly journey: JourneyState;
  keep(journey: JourneyState): Promise<void>;
  signedIn(accountId: string, proofs: readonly Proof[]): Promise<string>;
  /** For which organisation the person acts, or for themselves (`null`): asked before whether they may. */
  actsFor(enterpriseCode: string | null): Promise<string>;
  consented(granted: ConsentAsked & { consentId: string }): Promise<string>;
  refused(error: 'access_denied' | 'unmet_authentication_requirements', description: string): Promise<string>;
}

/** What somebody must agree to. */
export interface ConsentAsked {
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
}

/** What a verification would tell, as far as it was asked for. */
export interface VerifiedParts {
  readonly frameworks: readonly string[];
  readonly levels: readonly string[];
  readonly evidence: readonly string[];
  /** ISO 8601. */
  readonly times: readonly string[];
  /** Whether single checks, rules or references are among it. */
  readonly detailed: boolean;
  /** By claim name. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The desk between the protocol and the pages: what the journey asks of the provider. */
export interface AuthorizationDesk {
  /** Throws `interaction.lost` when this browser has no such paused request. */
  paused(req: IncomingMessage, res: ServerResponse, uid: string): Promise<PausedRequest>;
  client(clientId: string): Promise<Client | undefined>;
  /** What the request demands; `more` are floors that this sign-in adds. */
  demand(client: Client, paused: PausedRequest, more?: readonly Floors[]): Demand;
  consentAsked(parameters: PausedParameters, organisation?: string | null): ConsentAsked;
  /** Names of the claims behind what is asked, each once. */
  claimsOf(asked: ConsentAsked): string[];
  /** The values that would leave, by claim name. */
  claimsAbout(subscriber: Subscriber): Record<string, unknown>;
  /** The same of the organisation that somebody acts for. */
  organisationClaims(acting: ActingFor): Record<string, unknown>;
  /** What would leave of how somebody was verified, before anything is held against what the request wants it to be. */
  verified(subscriber: Subscriber, client: Client, parameters: PausedParameters): Promise<VerifiedParts | undefined>;
  /** Whether this client is our own pages. */
  isOwn(clientId: string): boolean;
}
