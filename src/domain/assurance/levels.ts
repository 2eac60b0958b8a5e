/** How well the person is known: Decree 69/2024/ND-CP Art. 7 to 9 (account level). */
export type AccountLevel = 1 | 2;
/** How well the person has just proven to be that person: Decree 69/2024/ND-CP Art. 20 (authentication level). */
export type AuthenticationLevel = 1 | 2 | 3 | 4;

export const ACCOUNT_LEVELS: readonly AccountLevel[] = [1, 2];
export const AUTHENTICATION_LEVELS: readonly AuthenticationLevel[] = [1, 2, 3, 4];

/** Something that must be reached: two axes, and two properties that no number expresses. */
export interface Requirement {
  readonly accountLevel: AccountLevel;
  readonly authenticationLevel: AuthenticationLevel;
  /** A strong proof, as the context `level-2` wants it (the policy's rows `strong.*`). */
  readonly strong: boolean;
  readonly phishingResistant: boolean;
}

/** A floor of a client, scope, claim or resource: what is left out is not asked. */
export interface Floors {
  readonly accountLevel?: AccountLevel | undefined;
  readonly authenticationLevel?: AuthenticationLevel | undefined;
  readonly phishingResistant?: boolean | undefined;
  readonly strong?: boolean | undefined;
  /**
   * How the person was proofed. `in_person` is what account level 2 means here, and what a floor of level 2 therefore asks
   * without saying so; `any` asks nothing, and alone opens to a client what was proofed over the network by chip and face.
   */
  readonly proofing?: 'in_person' | 'any' | undefined;
}

/** What can be compared with a requirement: 0 means that nothing which counts was proven. */
export interface Level {
  readonly accountLevel: AccountLevel;
  readonly authenticationLevel: 0 | AuthenticationLevel;
  readonly strong: boolean;
  readonly phishingResistant: boolean;
}

/**
 * The account level that counts. After a recovery level 2 rests on nothing that was seen since, so it counts as level 1 until
 * its holder was proofed once more (decisions, "Recovery"): every demand, floor and token is weighed with what this answers.
 */
export const countingLevel = (
  recorded: AccountLevel,
  reproofingRequiredSince: Date | null | undefined,
): AccountLevel => (reproofingRequiredSince ? 1 : recorded);

/** What every sign-in needs, whoever asks: one factor. */
export const LEAST: Requirement = {
  accountLevel: 1,
  authenticationLevel: 1,
  strong: false,
  phishingResistant: false,
};

/** Requirements that all hold together: the highest of each axis, either property. */
export const together = (base: Requirement, ...more: readonly Floors[]): Requirement =>
  more.reduce<Requirement>(
    (all, one) => ({
      accountLevel: higher(
        higher(all.accountLevel, one.accountLevel),
        one.proofing === 'in_person' ? PROOFED : undefined,
      ),
      authenticationLevel: higher(all.authenticationLevel, one.authenticationLevel),
      strong: all.strong || one.strong === true,
      phishingResistant: all.phishingResistant || one.phishingResistant === true,
    }),
    base,
  );

/**
 * The account level that stands for a way of proofing: only presence leads to level 2 (decisions, "Level 2"; the database's
 * constraint `level_2_in_presence`), and nobody of level 1 is recorded as proofed in presence. A profile in which a remote
 * channel led there too would need an axis of its own here.
 */
const PROOFED = 2;

const higher = <L extends number>(a: L, b: L | undefined): L => Math.max(a, b ?? a) as L;

/** Why a requirement is not met. */
export type Shortfall = 'account_level' | 'authentication_level' | 'strong' | 'phishing_resistant';

/** Each way to fall short, the one that explains most first. */
const SHORTFALLS: readonly (readonly [Shortfall, (have: Level, need: Requirement) => boolean])[] = [
  ['account_level', (have, need) => have.accountLevel < need.accountLevel],
  ['authentication_level', (have, need) => have.authenticationLevel < need.authenticationLevel],
  ['strong', (have, need) => need.strong && !have.strong],
  ['phishing_resistant', (have, need) => need.phishingResistant && !have.phishingResistant],
];

/** The first thing that is missing, or nothing: the requirement is met (decisions: "at least what it names"). */
export const shortfall = (have: Level, need: Requirement): Shortfall | undefined =>
  SHORTFALLS.find(([, falls]) => falls(have, need))?.[0];

/** Whether everything that the requirement names is reached. */
export const satisfies = (have: Level, need: Requirement): boolean => shortfall(have, need) === undefined;
