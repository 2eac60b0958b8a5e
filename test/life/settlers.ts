import { photo } from '../support/applications.ts';
import { type Citizen, dayOf, OF_AGE, type Village, yearsAfter } from './village.ts';

const NAMES = [
  ...['Nguyễn Thị Thúy Hoà', 'Y Ngông Niê Kđăm', 'Đặng Ðỗ', 'Huỳnh Quốc Khánh', 'Trần Bé', 'Amélie O’Hara'],
  'Nguyễn Mướp Hương',
];
const BORN = ['1990-05-17', '1958', '1985-02', '2001-12-31', '2018-06-01', '1979-11-30'];
/** Days that the first card is good for yet; one that has no last day is an old person's. */
const UNTIL: readonly (number | undefined)[] = [6, undefined, 25, 12, 18, 40];
/** Until the oldest child of a village is of age: from the next midnight on. */
const DAYS_BEFORE = 2;
let born = 0;

/** A number that no other has; scattered, because messages are budgeted by ten thousand numbers. */
const newPhone = (): string => `+849${String((born * 7_654_321) % 100_000_000).padStart(8, '0')}`;

/**
 * Four grown-ups, of whom the first two are children's guardians, a child, a baby, and one who is of age in two days. One is from
 * abroad, with a passport.
 */
export function aVillage(now: Date): Village {
  const year = now.getUTCFullYear();
  const numbers = NAMES.map((_, at) => `0971${String(born * NAMES.length + at).padStart(8, '0')}`);
  const people = NAMES.map((fullName, at): Citizen => {
    born += 1;
    const child = at === 4;
    const baby = at === 5;
    const older = at === 6;
    const guardians = [numbers[0]!, numbers[1]!].map((identityNumber) => ({ identityNumber }));
    return {
      at,
      ...(child || baby || older ? { guardian: baby ? 1 : 0 } : {}),
      dead: false,
      former: [],
      tried: new Map(),
      applied: [],
      lost: new Set(),
      asked: { recovery: [], lock: [], 'sign-up': [] },
      said: { closeAt: {}, everIssued: new Set() },
      entry: {
        person: {
          identityNumber: numbers[at]!,
          accountType: at === 3 ? 'foreigner' : 'citizen',
          fullName: fullName.normalize('NFC'),
          birthdate: baby
            ? `${year - 2}-03-04`
            : child
              ? `${year - 9}-06-01`
              : (BORN[at] ?? yearsAfter(dayOf(now.getTime() + DAYS_BEFORE * 86_400_000), -OF_AGE)),
          gender: at % 2 === 0 ? 'female' : 'male',
          nationality: at === 3 ? 'FRA' : 'VNM',
          ...(UNTIL[at] === undefined ? {} : { documentExpiresOn: dayOf(now.getTime() + UNTIL[at] * 86_400_000) }),
          contacts: { phone: newPhone().replace('+849', '+848'), email: `known-${born}@kin-${born}.example` },
        },
        portrait: async () => ({ image: await photo('red', 240) }),
        ...(at === 3 ? { passport: { issuingState: 'UTO', documentNumber: `U${numbers[at]!.slice(4)}` } } : {}),
        ...(child || baby || older ? { guardians } : {}),
        phone: newPhone(),
      },
    };
  });
  born += 1;
  return { people, thiefPhone: newPhone() };
}
