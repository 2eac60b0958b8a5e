import assert from 'node:assert/strict';
import type { Proofing } from '../../../src/domain/proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { aProofing } from '../../support/people.ts';
import { bind, take } from '../hands.ts';
import type { Act } from '../step.ts';
import { anAccount, isGood } from '../village.ts';

/** What an officer has seen, or has not. */
export const SEEN = ['everything', 'from afar', 'no fingers', 'no face'] as const;
export type Seen = (typeof SEEN)[number];

const CHANGES: Record<Seen, Partial<Proofing>> = {
  everything: {},
  'from afar': { channel: 'remote' },
  'no fingers': { fingerprintsMatched: false },
  'no face': { faceMatched: false },
};

/** An account of level 2 at a counter, with its first authenticators; only where face and fingers were compared, from six years on. */
export const registerAtCounter =
  (seen: Seen): Act =>
  async (world, who) => {
    if (who.dead) return undefined;
    const { contacts: _, documentExpiresOn: cardUntil, ...person } = who.entry.person;
    const officer = { kind: 'operator', id: newId() } as const;
    const proofing = aProofing({ officer: officer.id, decidedAt: new Date(), ...CHANGES[seen] });
    const own = who.guardian === undefined ? { phone: who.entry.phone, phoneVerified: true } : {};
    const email = `own-${person.identityNumber}@n${person.identityNumber}.example`;
    const made = await world.parts.subscribers.register(
      { ...person, ...own, email, emailVerified: true, locale: 'vi', test: true },
      { by: officer, proofing, ...(cardUntil === undefined ? {} : { cardUntil }) },
    );
    if (!made.registered) {
      if (made.reason === 'number_bad') assert.ok(!isGood(who), 'a good number was refused');
      else
        assert.ok(
          who.account || seen !== 'everything' || who.at === 5,
          `somebody was refused: ${JSON.stringify(made)}`,
        );
      return made.reason;
    }
    assert.ok(!who.account, 'a second account');
    assert.ok(isGood(who), 'an account for a number that does not stand');
    assert.ok(seen === 'everything', `level 2 with ${seen}`);
    assert.notEqual(who.at, 5, 'level 2 below six years');
    const phone = own.phone ? { phone: own.phone } : {};
    who.account = anAccount({ id: made.id, level: 2, name: person.fullName, email, cardUntil, ...phone });
    for (const kind of ['passkey', 'recovery-code', 'totp'] as const) {
      const bound = await bind(world, who.account, kind, { by: 'operator', operatorId: officer.id });
      assert.ok(bound.bound);
      take(who.account, bound.factor);
    }
    return 'registered';
  };
