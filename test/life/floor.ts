/**
 * What a run of so many steps must have come to at least once: each step's success, and each refusal by its name. A step that
 * never succeeds, or that nothing ever refuses, has tried nothing.
 */
export const FLOOR_FROM = 8_000;

const owner = (...what: readonly string[]): string[] => what.map((one) => `owner ${one}`);
const thief = (...what: readonly string[]): string[] => what.map((one) => `thief ${one}`);
const both = (one: string): string[] => [...owner(one), ...thief(one)];

/** By the name of the step: how an outcome begins. */
const FLOOR: Readonly<Record<string, readonly string[]>> = {
  'a card': ['held', 'returned', 'revoked', 'new with ', 'new without '],
  'a guardian locks': ['locked', 'not_held'],
  'a guardian looks': ['view only'],
  'a guardian unlocks': ['more', 'not_held'],
  'a name': ['with '],
  'a number': ['another', 'cancelled'],
  'a passport': ['in hand, with ', 'at an office, with ', 'as before, with '],
  'a stranger asks': [...['recovery', 'lock'].map((one) => `${one}, and the owner is written to`), 'recovery', 'lock'],
  activate: ['passkey', 'password', 'made and left'],
  'add an address': [...owner('mail', 'sms'), ...both('step_up_needed')],
  'another picture': ['answered'],
  'another policy': [
    ...['says the same, nobody', 'withdraws, and carries the same, nobody', 'carries no level 2, nobody'],
    ...['withdraws, and carries no level 2, some', 'withdraws, and knows no proof from home, nobody'],
  ],
  apply: ['honest', 'name', 'birthdate', 'phone', 'face', 'dark', 'thief', 'too young'],
  'apply for a ward': ['submitted', 'of_age'],
  'apply to take over': ['honest', 'thief'],
  'ask for erasure': ['granted', 'partly', 'refused'],
  'at the counter': [
    ...[
      'everything, own',
      'everything, false',
      'worn, ',
      'left, ',
      'back',
      'back, found anew',
      'too many tries',
      'a ward',
      'attack',
      'claim',
      'gone',
    ],
    ...[
      'guardian_differs',
      'policy',
      'lacking: another card',
      'lacking: no face',
      'lacking: no fingers',
      'level_2',
      'under_age',
    ],
  ],
  bind: [
    ...owner('passkey', 'password', 'totp', 'message-otp', 'recovery-code', 'face'),
    ...both('passkey step_up_needed'),
    ...both('password step_up_needed'),
    ...both('totp step_up_needed'),
    ...both('face step_up_needed'),
  ],
  close: ['closed'],
  'complete the recovery': [
    ...['after intake-officer', 'after own-phone', 'after passkey', 'with everything lost, ', 'ended, refused'],
  ],
  crash: [
    ...['locking was done', 'locking was not', 'unbinding was not', 'dying was', 'stopping was', 'closing was not'],
    ...['receiving was done', 'receiving was not', 'deciding was done', 'deciding was not'],
    ...['overriding was done', 'overriding was not', 'binding afresh was done', 'binding afresh was not'],
  ],
  die: ['with an account', 'without an account', 'not after all'],
  'find again': ['found again'],
  forget: ['tried'],
  guess: ['until disabled'],
  lift: [
    'operator holder_request',
    'operator authority_request',
    'operator not death',
    'subscriber not ',
    'claimant not ',
  ],
  lock: ['locked'],
  'lock by a code': owner('own', 'refused').concat(thief('refused')),
  'look away at the counter': [
    ...['a changed face, two', 'an old portrait, two', 'no fingers, two', 'neither face nor fingers: something_else'],
    ...['a kept picture: attack', 'a screen: attack', 'nobody knows whether it lives: not_overridable'],
    ...['a capture of nobody', 'fingers not looked for', 'fingers of yesterday'].map(
      (one) => `${one}: not_overridable`,
    ),
  ],
  lose: ['card stolen', 'device stolen', 'mail stolen', 'paper stolen', 'password stolen', 'phone stolen', 'second '],
  office: ['all answer', 'face is silent', 'population is silent', 'telephone is silent'],
  'prove level 2 again': [
    ...['everything, own', 'another card, everything', 'lacking: no face', 'lacking: no fingers', 'claim', 'level_2'],
  ],
  recover: [
    ...owner('first printed-code', 'first passkey', 'first own-phone', 'first e-mail', 'second '),
    ...owner('first passkey, beside', 'first printed-code, beside', 'first own-phone, beside'),
    ...['owner passkey not_paired', 'owner e-mail not_paired', 'thief first ', 'thief has no '],
  ],
  'recover at the counter': ['one officer', 'two officers'],
  settle: ['settled'],
  'show from home': [
    ...owner('shown, level 1', 'shown, level 2', 'card of another', 'card that does not do', 'card that was reported'),
    ...owner('account'),
    ...owner('face green', 'face yellow', 'face violet', 'face kept', 'recovering', 'step_up_needed', 'not_offered'),
    ...thief('step_up_needed'),
  ],
  'sign in': [
    ...owner('passkey', 'password', 'totp', 'message-otp', 'chip-card', 'chip-card reported', 'face'),
    ...['thief face refused', 'owner totp replayed', 'thief password refused', 'thief passkey'],
  ],
  'sign in at a relying party': [
    ...['passkey at life-air', 'passkey at life-bank', 'passkey at life-air, level-2', 'not let in'],
    ...['passkey at life-air, 2.3', 'passkey at life-bank, 2.3'],
    ...['stopped at a page, asked 2.3', 'stopped at a page, asked 2.4', 'stopped at a page, asked level-2'],
  ],
  'stop the application': ['stopped'],
  'stop the recovery': ['stopped', 'stopped and locked: holder_request'],
  'the office locks': ['terms_violation', 'card_revoked', 'card_held', 'authority_request', 'security_suspected'],
  'the office looks into it': ['own after all', 'secured'],
  'take over': ['level 1', 'level 2 counts as 1'],
  'the policy as it was': ['carries again'],
  'the register says again': ['twice', 'late '],
  'this was not me': ['1 frozen', 'nothing frozen'],
  unbind: owner('passkey', 'totp', 'face', 'recovery-code', 'chip-card', 'last_strong', 'step_up_needed').concat(
    thief('step_up_needed'),
  ),
  unlock: [...owner('unlocked', 'still_locked', 'not_locked', 'more'), ...thief('more')],
  'use a token': ['renewed', 'ended 401'],
  wait: ['0.1 h', '760 h'],
  'what was shown from home': ['counts', 'counts not now'],
  withdraw: ['life-air', 'life-bank'],
};

/** Steps that nobody has said anything of. */
export const unsaid = (done: ReadonlyMap<string, number>): string[] =>
  [...done.keys()].filter((key) => !Object.hasOwn(FLOOR, key.slice(0, key.indexOf(': '))));

/** What of it a run has not come to; steps that nobody has said anything of are missing too. */
export function below(done: ReadonlyMap<string, number>): string[] {
  const keys = [...done.keys()];
  const wanted = Object.entries(FLOOR).flatMap(([step, outcomes]) => outcomes.map((one) => `${step}: ${one}`));
  return [...wanted.filter((one) => !keys.some((key) => key.startsWith(one))), ...unsaid(done)];
}
