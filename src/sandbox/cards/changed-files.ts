import { parseSecurityInfos } from '../../standards/icao9303/chip/security-infos.ts';
import { formatNationalCard, parseDg13, writeDg1, writeDg2, writeDg13 } from '../../standards/icao9303/lds/index.ts';
import { forgersKey } from './chip-options.ts';
import type { CardFiles } from './issue.ts';
import { portrait } from './portraits/portrait.ts';
import { writeDg15 } from './security-infos.ts';

/** What somebody may do to the files of a card. */
export type Change = keyof typeof CHANGES;

const without = (files: CardFiles, ...names: readonly (keyof CardFiles)[]): CardFiles =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name as keyof CardFiles)));

const CHANGES = {
  'without-keys': (files: CardFiles): CardFiles => without(files, 'DG14', 'DG15'),
  'without-active-key': (files: CardFiles): CardFiles => without(files, 'DG15'),
  'own-active-key': (files: CardFiles): CardFiles => ({
    ...files,
    DG15: writeDg15({ kind: 'ECDSA', key: forgersKey() }),
  }),
  /** Somebody else, with good check digits. */
  'another-person': (files: CardFiles): CardFiles => ({
    ...files,
    DG1: writeDg1(
      formatNationalCard({
        personalNumber: '097090000099',
        fullName: 'Kẻ Mạo Danh',
        birthDate: '1990-01-01',
        sex: 'M',
        expiryDate: '2039-01-01',
      }),
    ),
  }),
  'another-portrait': (files: CardFiles): CardFiles => ({ ...files, DG2: writeDg2(portrait('cat')) }),
  'another-residence': (files: CardFiles): CardFiles => ({
    ...files,
    ...(files.DG13 ? { DG13: writeDg13({ ...parseDg13(files.DG13), residence: 'Cung trăng' }) } : {}),
  }),
  'wrong-check-digit': (files: CardFiles): CardFiles => ({
    ...files,
    ...(files.DG1 ? { DG1: withAnotherDigit(files.DG1) } : {}),
  }),
  'off-curve-key': (files: CardFiles): CardFiles => ({
    ...files,
    ...(files.DG14 ? { DG14: withAnotherPoint(files.DG14) } : {}),
  }),
} as const satisfies Record<string, (files: CardFiles) => CardFiles>;

/** The check digit behind the birth date, the 37th character of the zone at the end of the file, is raised by one. */
function withAnotherDigit(dg1: Buffer): Buffer {
  const copy = Buffer.from(dg1);
  const at = copy.length - 90 + 36;
  copy[at] = 0x30 + ((copy[at]! - 0x30 + 1) % 10);
  return copy;
}

/** One bit of the ordinate is turned: for each abscissa a curve has two points, and this is neither. */
function withAnotherPoint(dg14: Buffer): Buffer {
  const copy = Buffer.from(dg14);
  const key = parseSecurityInfos(dg14).chipKeys[0]!.key.bytes;
  copy[dg14.indexOf(key) + key.length - 1]! ^= 0x01;
  return copy;
}

/** The files, changed. */
export const changed = (change: Change, files: CardFiles): CardFiles => CHANGES[change](files);
