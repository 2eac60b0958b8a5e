/** Where the tests stand that are named below. */
export const PROVING_TESTS = 'test/unit/domain/assurance/rows.test.ts';

/**
 * The tests that prove each row of the policy which is part of the release, by their names. A row that says anything else than it
 * says there makes each of its tests fail (`npm run mutate`); a test keeps this list and the tests the same.
 */
export const PROVEN_BY: Readonly<Record<string, readonly [string, ...string[]]>> = {
  password: ['password: from 15 characters knowledge, alone too'],
  'password.short': ['password.short: knowledge beside something else, nothing alone'],
  totp: ['totp: an unrestricted possession'],
  'sms-code': ['sms-code: a possession, never towards 3 and 4'],
  'passkey.user-verified': ['passkey.user-verified: a possession that verified its holder, and resists phishing'],
  'passkey.not-verified': ['passkey.not-verified: a possession that resists phishing'],
  'chip.genuine': ['chip.genuine: an unrestricted possession, and a genuine chip'],
  face: ['face: a biometric, with evaluated presentation attack detection'],
  'face.basic-pad': ['face.basic-pad: worth nothing'],
  'face.no-pad': ['face.no-pad: worth nothing'],
  'chip.passive': ['chip.passive: worth nothing'],
  'email-message': ['email-message: worth nothing'],
  'email-code': ['email-code: worth nothing'],
  'recovery-code': ['recovery-code: worth nothing'],
  'card-access-number': ['card-access-number: worth nothing'],
  'machine-readable-zone': ['machine-readable-zone: worth nothing'],
  'qr-text': ['qr-text: worth nothing'],
  'level-1.knowledge': ['level-1.knowledge: knowledge that may stand alone gives 1'],
  'level-1.possession': ['level-1.possession: a possession gives 1'],
  'level-2.two-factors': ['level-2.two-factors: knowledge and a possession give 2'],
  'level-2.passkey': ['level-2.passkey: a possession that verified its holder gives 2'],
  'level-3': ['level-3: a biometric and an unrestricted possession give 3, for 15 minutes'],
  'level-4': ['level-4: with knowledge too they give 4, for 15 minutes'],
  'strong.passkey': ['strong.passkey: a possession that verified its holder is strong'],
  'strong.chip': ['strong.chip: a genuine chip is strong beside knowledge'],
  'strong.face': ['strong.face: a biometric is strong beside a possession'],
  'phishing-resistant': ['phishing-resistant: what a passkey gives and nothing else'],
  'account-2.counter': ['account-2.counter: in presence, from 14 years, face and fingerprints give 2'],
  'account-2.counter-ward': ['account-2.counter-ward: from 6 to 13 years a guardian besides, and nobody below 6'],
  'account-2.remote': ['account-2.remote: chip and face over the network would give 2, and is off'],
  'account-1.counter': ['account-1.counter: in presence, from 14 years, a face alone gives 1'],
  'account-1.online': ['account-1.online: over the network, register, telephone and face give 1'],
  'account-1.ward': ['account-1.ward: below 14 years through a guardian, 1'],
  'account-1.adult-ward': ['account-1.adult-ward: from 14 years through a guardian, 1'],
};
