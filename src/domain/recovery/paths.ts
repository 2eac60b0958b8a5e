/** What proves half of a recovery. What is of one kind never counts twice: two telephones are one theft. */
export const METHODS = {
  /** A code of the printed sheet. */
  'printed-code': { kind: 'paper' },
  /** A bound passkey that its holder unlocked. */
  passkey: { kind: 'device' },
  /** A code to the account's own telephone: whoever has put the number on a new card has it again. */
  'own-phone': { kind: 'phone' },
  /** A code to the second telephone. */
  'second-phone': { kind: 'phone' },
  /** A code to the mailbox. */
  'e-mail': { kind: 'mail' },
  /** An officer who has the person and their card in front of them. */
  'intake-officer': { kind: 'intake' },
  /** Another officer, who has seen both too. */
  'approving-officer': { kind: 'approval' },
} as const satisfies Record<string, { kind: string }>;

/** One way to prove half of a recovery. */
export type Method = keyof typeof METHODS;
/** What a way is of. */
export type MethodKind = (typeof METHODS)[Method]['kind'];

/** What people can do by themselves, in the order in which pages offer it. */
export const ONLINE_METHODS = [
  'printed-code',
  'passkey',
  'own-phone',
  'second-phone',
  'e-mail',
] as const satisfies readonly Method[];
/** One of them. */
export type OnlineMethod = (typeof ONLINE_METHODS)[number];

/** Two kinds that open a recovery together, how long it waits, and up to which level of an account. */
export interface Path {
  readonly id: string;
  readonly kinds: readonly [MethodKind, MethodKind];
  readonly waitHours: number;
  readonly upTo: 1 | 2;
  readonly clause: string;
}

/**
 * Every way to recover an account. There is no row for one kind alone: SP 800-63B-4 §4.2.2 wants two codes by different methods,
 * or one and a bound authenticator. The easier a pair is to steal from afar, the longer it waits, so that its holder can stop it.
 */
export const PATHS = [
  {
    id: 'paper+device',
    kinds: ['paper', 'device'],
    waitHours: 0,
    upTo: 2,
    clause: '§4.2.2.2: saved code and authenticator',
  },
  { id: 'paper+phone', kinds: ['paper', 'phone'], waitHours: 24, upTo: 2, clause: '§4.2.2.2: saved and issued code' },
  { id: 'paper+mail', kinds: ['paper', 'mail'], waitHours: 24, upTo: 2, clause: '§4.2.2.2: saved and issued code' },
  {
    id: 'device+phone',
    kinds: ['device', 'phone'],
    waitHours: 24,
    upTo: 2,
    clause: '§4.2.2.2: issued code and authenticator',
  },
  {
    id: 'device+mail',
    kinds: ['device', 'mail'],
    waitHours: 24,
    upTo: 2,
    clause: '§4.2.2.2: issued code and authenticator',
  },
  // A number that was moved and a mailbox that was broken into come together too often for level 2.
  {
    id: 'phone+mail',
    kinds: ['phone', 'mail'],
    waitHours: 72,
    upTo: 1,
    clause: '§4.2.2.2: issued codes by two methods',
  },
  // In presence: nothing to wait for, and two officers who answer for it.
  { id: 'counter', kinds: ['intake', 'approval'], waitHours: 0, upTo: 2, clause: '§4.2.2.3; decisions, "Recovery"' },
] as const satisfies readonly Path[];

/** The name of a path. */
export type PathId = (typeof PATHS)[number]['id'];

/** The path that two methods open for an account of this level, if they open one. */
export const pathOf = (first: Method, second: Method, level: 1 | 2): ((typeof PATHS)[number] & Path) | undefined => {
  const kinds: readonly MethodKind[] = [METHODS[first].kind, METHODS[second].kind];
  return PATHS.find(({ kinds: wanted, upTo }) => level <= upTo && wanted.every((kind) => kinds.includes(kind)));
};

/** What would go with a method that was proven, for an account of this level. */
export const pairingWith = (first: Method, level: 1 | 2): OnlineMethod[] =>
  ONLINE_METHODS.filter((second) => pathOf(first, second, level) !== undefined);

/** Hours that a path waits. */
export const waitOf = (path: PathId): number => PATHS.find(({ id }) => id === path)!.waitHours;

/** Whether whoever has proven one method could still open a path that waits less than so many hours. */
export const isFasterAhead = (first: Method, level: 1 | 2, hours: number): boolean =>
  pairingWith(first, level).some((second) => pathOf(first, second, level)!.waitHours < hours);

/** Hours that a recovery with one method waits for the second: a code by mail is good that long (§4.2.2.1). */
export const SECOND_WITHIN_HOURS = 24;
/**
 * First halves of one kind that an account has at a time; of passkeys, which cost nothing, that it begins in a day. Nobody ends another's, so they are bounded; whoever fills one kind leaves the
 * others, and every path has two: the owner begins with the other one.
 */
export const MOST_HALVES = 5;
/** Days in which a recovery that is ready has to be completed. */
export const COMPLETE_WITHIN_DAYS = 7;
/**
 * Days after its end in which the link of a recovery still locks the account: who was robbed of a telephone reads the mail days
 * later, and whoever finds an old message should lock nobody.
 */
export const LOCK_WITHIN_DAYS = 7;
/** The same at a counter, hours: the person is there. */
export const COUNTER_WITHIN_HOURS = 24;
