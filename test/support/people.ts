import { createHash } from 'node:crypto';
import { ASSURANCE_POLICY, referenceOf } from '../../src/domain/assurance/index.ts';
import type { Evidence, Proofing } from '../../src/domain/proofing/index.ts';
import type { Applicant } from '../../src/domain/subscribers/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';

/** A sealer with a key of the tests' own. */
export const testSealer = (purpose: string) => createSealer(new Secret(Buffer.alloc(32, 7)), purpose);

let counter = 0;

/** Somebody who wants an account; every call has a number and a telephone of its own. */
export function anApplicant(changes: Partial<Applicant> = {}): Applicant {
  counter += 1;
  return {
    accountType: 'citizen',
    identityNumber: `097190${String(counter).padStart(6, '0')}`,
    fullName: 'Đặng Thị Ngọc Huyền',
    birthdate: '1990-05-17',
    gender: 'female',
    nationality: 'VNM',
    phone: `+8490${String(1_000_000 + counter)}`,
    phoneVerified: true,
    locale: 'vi',
    test: true,
    ...changes,
  };
}

const evidence: Evidence = {
  kind: 'chip_card',
  strength: 'superior',
  checks: ['passive_authentication', 'chip_authentication'],
  hash: createHash('sha256').update('an invented chip').digest('hex'),
};

/** A proofing in presence that carries level 2. */
export const aProofing = (changes: Partial<Proofing> = {}): Proofing => ({
  id: newId(),
  accountLevel: 2,
  channel: 'in_person',
  faceMatched: true,
  fingerprintsMatched: true,
  evidence: [evidence],
  officer: 'officer-1',
  policy: 'vn-nd69-2024@1',
  assurance: { ...referenceOf(ASSURANCE_POLICY), row: 'account-2.counter' },
  decidedAt: new Date('2026-02-01T02:00:00Z'),
  ...changes,
});
