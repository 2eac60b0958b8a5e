import type { RegisteredPassport } from '../../domain/registry/index.ts';
import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import { NEWCOMERS } from '../newcomers.ts';
import type { Told } from '../persona.ts';
import { PERSONAS } from '../personas.ts';
import { AUTHORITIES } from './authority/country-authorities.ts';
import { once, onceEach } from './authority/once.ts';
import { type OpenedCard, sandboxAuthority } from './cards.ts';
import { createVirtualCard, type VirtualCardParts } from './chip/virtual-card.ts';
import { type ChipOptions, chipOptions, withoutKeys } from './chip-options.ts';
import { issuePassport } from './issue.ts';

/** A passport that a foreigner of the sandbox has, or that somebody made in their name: for a counter, where no card of ours is asked of them. */
export interface SandboxPassport {
  /** `foreigner.passport`, `foreigner.passport-expired` */
  readonly id: string;
  readonly personaId: string;
  readonly label: Told;
  /** What a counter makes of it. */
  readonly expected: 'accepted' | RefusalCode;
}

/** Utopia: the state of the standard's own examples (9303-3 §5). Its authority is one of the sandbox. */
const { state: STATE } = AUTHORITIES.foreign;

interface Kind {
  readonly label: Told;
  readonly expected: SandboxPassport['expected'];
  readonly expiresOn?: string;
  /** Another number than the register names. */
  readonly another?: true;
  readonly chip?: (chip: ChipOptions) => ChipOptions;
}

const KINDS: Readonly<Record<string, Kind>> = {
  passport: { label: { vi: 'Hộ chiếu (nước Utopia)', en: 'Passport (of Utopia)' }, expected: 'accepted' },
  'passport-silent': {
    label: { vi: 'Hộ chiếu có chíp không chứng minh được gì', en: 'Passport whose chip has no key of its own' },
    expected: 'accepted',
    chip: withoutKeys,
  },
  'passport-other': {
    label: { vi: 'Hộ chiếu khác, cơ sở dữ liệu không ghi', en: 'Another passport, which the register does not name' },
    expected: 'document.register_differs',
    another: true,
  },
  'passport-expired': {
    label: { vi: 'Hộ chiếu đã hết hạn', en: 'Passport that has expired' },
    expected: 'document.expired',
    expiresOn: '2025-12-30',
  },
};

/** Somebody from abroad, whether they have an account or only stand in the register. */
const foreigners = once(() =>
  [
    ...PERSONAS.map((one) => ({ ...one, ...one.person })),
    ...NEWCOMERS.map((one) => ({ ...one.person, id: one.id })),
  ].filter(({ accountType }) => accountType === 'foreigner'),
);

/** The passport that the register of a sandbox names for somebody; none for a citizen. */
export const passportOf = (identityNumber: string): RegisteredPassport | undefined =>
  foreigners().some((one) => one.identityNumber === identityNumber)
    ? { issuingState: STATE, documentNumber: `U${identityNumber.slice(4)}` }
    : undefined;

/** All passports of the sandbox. Nothing is issued by listing them. */
export const passports = once((): readonly SandboxPassport[] =>
  foreigners().flatMap(({ id }) =>
    Object.entries(KINDS).map(([kind, { label, expected }]) => ({
      id: `${id}.${kind}`,
      personaId: id,
      label,
      expected,
    })),
  ),
);

/** Who has a passport in the drawer. */
export const passportHolders = () =>
  foreigners().map(({ id, fullName, identityNumber }) => ({ id, name: fullName, identityNumber }));

const SEXES = { male: 'M', female: 'F', other: 'X' } as const;

const made = onceEach((id: string) => {
  const [personaId, kind] = id.split('.') as [string, keyof typeof KINDS];
  const {
    fullName,
    familyName = fullName,
    birthdate,
    gender,
    identityNumber,
  } = foreigners().find((one) => one.id === personaId)!;
  const { expiresOn = '2034-03-02', another, chip: changed = (own: ChipOptions) => own } = KINDS[kind]!;
  const { documentNumber } = passportOf(identityNumber)!;
  const chip = changed(chipOptions(`passport ${identityNumber}`, 1, 'P-256'));
  const issued = issuePassport(
    {
      holder: {
        ...{ familyName, givenNames: fullName.replace(familyName, '').trim() },
        ...{ birthDate: birthdate, sex: SEXES[gender ?? 'other'] },
      },
      ...{ issuedOn: '2024-08-12', expiresOn, chip, state: STATE },
      documentNumber: another ? documentNumber.replace('U', 'X') : documentNumber,
    },
    { signer: sandboxAuthority().signer('foreign') },
  );
  return { ...issued, chip };
});

/** Holds a passport to a reader. `undefined` when there is no such passport. */
export function openPassport(
  id: string,
  parts: Pick<VirtualCardParts, 'random' | 'wait' | 'extendedLength'>,
): OpenedCard | undefined {
  if (!passports().some((one) => one.id === id)) return undefined;
  const { files, can, mrz, mrzInformation, chip } = made(id);
  return { ...createVirtualCard({ ...parts, files, can, mrzInformation, chip }), can, mrz, mrzInformation };
}
