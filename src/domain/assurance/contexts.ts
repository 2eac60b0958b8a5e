import {
  ACCOUNT_LEVELS,
  type AccountLevel,
  AUTHENTICATION_LEVELS,
  type AuthenticationLevel,
  LEAST,
  type Requirement,
} from './levels.ts';
import type { PolicyReference } from './reference.ts';

export type PairName = `${AccountLevel}.${AuthenticationLevel}`;
/** The last part of an `acr` value. */
export type ContextName = PairName | 'level-1' | 'level-2';
export interface Pair {
  readonly accountLevel: AccountLevel;
  readonly authenticationLevel: AuthenticationLevel;
}

/** An authentication context as somebody asked for it. */
export interface Context {
  readonly name: ContextName;
  /** The value as it was written and is answered: the URI, or a client's legacy name. */
  readonly value: string;
  readonly requires: Requirement;
}

/** The `acr` values of one issuer. */
export interface AssuranceContexts {
  /** The URI of a pair or of a named context. */
  acr(context: Pair | ContextName): string;
  /** What a value asks for; nothing when it is none of ours (a test value is none in production, and the reverse). */
  parse(value: string): Context | undefined;
  /** Where a policy is read, as tokens name it: by its version and the hash of what it says, where that is known. */
  policy(of: Partial<PolicyReference> & { readonly version: string }): string;
  /** For discovery, the easiest first. */
  readonly supported: readonly string[];
  /** The same, and a client's own old names (`LoA1` → `1.1`, or our URI). */
  withLegacy(map: Readonly<Record<string, string>> | undefined): AssuranceContexts;
}

/** What each context requires, the easiest first: the decisions' list of `acr` values. */
export const CONTEXTS: readonly (readonly [ContextName, Requirement])[] = [
  ['level-1', LEAST],
  ['level-2', { ...LEAST, accountLevel: 2, authenticationLevel: 2, strong: true }],
  ...ACCOUNT_LEVELS.flatMap((accountLevel) =>
    AUTHENTICATION_LEVELS.map(
      (authenticationLevel) =>
        [`${accountLevel}.${authenticationLevel}`, { ...LEAST, accountLevel, authenticationLevel }] as const,
    ),
  ),
];

/** Whether a word is one of our contexts' names: for checking a legacy map or a setting. */
export const isContextName = (word: string): word is ContextName => CONTEXTS.some(([name]) => name === word);

/** How the hash is made (W3C Subresource Integrity writes it so). */
const HASH = 'sha256-';

/** The policy that an address of ours names; tokens from before there were addresses carry the version alone. */
export function policyNamed(address: string): { readonly version: string; readonly hash?: string } {
  const [, version = address, hash] = /\/policy\/([^/]+)(?:\/sha256-([\w-]+))?$/.exec(address) ?? [];
  return { version, ...(hash === undefined ? {} : { hash }) };
}

/** The `acr` values of an issuer; in the sandbox under `test`, so that a test token can never pass for a real one. */
export function createAssuranceContexts({ issuer, sandbox }: { issuer: string; sandbox: boolean }): AssuranceContexts {
  const base = `${issuer.replace(/\/+$/, '')}/assurance/${sandbox ? 'test/' : ''}`;
  const known = new Map<string, Context>(
    CONTEXTS.map(([name, requires]) => [base + name, { name, value: base + name, requires }]),
  );
  const build = (legacy: ReadonlyMap<string, Context>): AssuranceContexts => ({
    acr: (context) =>
      base + (typeof context === 'string' ? context : `${context.accountLevel}.${context.authenticationLevel}`),
    // Ours first: a legacy map cannot make one of our URIs mean less.
    parse: (value) => known.get(value) ?? legacy.get(value),
    policy: ({ version, hash }) => `${base}policy/${version}${hash === undefined ? '' : `/${HASH}${hash}`}`,
    supported: [...known.keys()],
    withLegacy: (map) =>
      build(
        new Map(
          Object.entries(map ?? {}).flatMap(([value, target]) => {
            const context = known.get(target) ?? known.get(base + target);
            return context ? [[value, { ...context, value }] as const] : [];
          }),
        ),
      ),
  });
  return build(new Map());
}
