import type { HashingPool } from '../../platform/hashing-pool.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { AuthenticatorKind } from '../assurance/index.ts';
import type { FaceVerifier } from '../biometrics/index.ts';
import type { ChipExaminer } from '../proofing/index.ts';
import type { AnyAdapter } from './adapter.ts';
import { createChipCardAdapter } from './adapters/chip-card.ts';
import { createFaceAdapter } from './adapters/face.ts';
import { createMessageOtpAdapter } from './adapters/message-otp.ts';
import { createPasskeyAdapter } from './adapters/passkey.ts';
import { createPasswordAdapter } from './adapters/password.ts';
import { createRecoveryCodeAdapter } from './adapters/recovery-code.ts';
import { createTotpAdapter } from './adapters/totp.ts';

/** What adapters are made of. */
export interface CatalogueParts {
  readonly hashing: HashingPool;
  readonly relyingPartyId: string;
  readonly relyingPartyName: string;
  readonly origin: string;
  /** Hashes what is printed. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  /** Whether a genuine card was present. */
  readonly examineCard: ChipExaminer['examine'];
  /** Whether the register has reported nothing that takes a number, or the card that names it, from its holder. */
  readonly stands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  /** Whether the register has reported no other passport of whoever has the account than this one. */
  readonly holdsPassport: (subscriberId: string, documentNumber: string) => Promise<boolean>;
  /** Whether it is the account's person. */
  readonly faces: FaceVerifier;
}

/** Every kind of authenticator that can be bound: one file each, and one line here. */
export const createCatalogue = (parts: CatalogueParts) =>
  ({
    password: createPasswordAdapter(parts),
    passkey: createPasskeyAdapter(parts),
    totp: createTotpAdapter(parts),
    'message-otp': createMessageOtpAdapter(),
    'chip-card': createChipCardAdapter(parts),
    'recovery-code': createRecoveryCodeAdapter(parts),
    face: createFaceAdapter(parts),
  }) satisfies Partial<Record<AuthenticatorKind, AnyAdapter>>;

export type BindableKind = keyof ReturnType<typeof createCatalogue>;
export type Catalogue = Readonly<Record<BindableKind, AnyAdapter>>;
