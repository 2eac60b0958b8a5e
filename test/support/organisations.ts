import { randomBytes } from 'node:crypto';
import { bestProofOf, type Proof } from '../../src/domain/assurance/index.ts';
import type { Authenticators } from '../../src/domain/authenticators/index.ts';
import type {
  EnterpriseStatus,
  RegisteredEnterprise,
  RegisteredRepresentative,
  RepresentativeRole,
} from '../../src/domain/registry/index.ts';

let counter = 0;
/** An organisation of the register, with a code of its own. */
export const anEnterprise = (
  representatives: readonly RegisteredRepresentative[],
  status: EnterpriseStatus = 'active',
): RegisteredEnterprise => {
  counter += 1;
  const enterpriseCode = `00001${String(counter).padStart(5, '0')}`;
  return { enterpriseCode, name: `Công ty TNHH Đom Đóm ${counter} (thử nghiệm)`, status, representatives };
};

/** As the register lists somebody. */
export const listed = (
  { identityNumber, fullName = 'Đặng Thị Ngọc Huyền' }: { readonly identityNumber: string; readonly fullName?: string },
  role: RepresentativeRole = 'legal_representative',
): RegisteredRepresentative => ({ identityNumber, fullName, role });

/** Binds a password and a card, and answers what a sign-in with both has proven at a moment. */
export async function strongProofs(
  authenticators: Pick<Authenticators, 'install'>,
  subscriberId: string,
  now: Date,
): Promise<Proof[]> {
  const password = `tám chiếc thuyền giấy ${randomBytes(6).toString('hex')}`;
  const card = {
    ...{ issuingState: 'VNM', documentNumber: `T${randomBytes(4).toString('hex').toUpperCase()}` },
    ...{ expiresOn: '2039-01-01', key: randomBytes(32).toString('hex') },
  };
  const bound = [
    await authenticators.install(subscriberId, { kind: 'password', password }),
    await authenticators.install(subscriberId, { kind: 'chip-card', card }),
  ];
  return bound.map(({ id, kind }) => ({ ...bestProofOf(kind, now.getTime() / 1000), authenticatorId: id }));
}
