import { clearedPage, putAwayPage, stillTherePage } from '../../../src/journeys/kiosk/models.ts';
import { KIOSK_IDLE_SECONDS, KIOSK_WARNING_SECONDS } from '../../../src/platform/kiosk/kiosk.ts';
import type { Kiosk } from '../../../src/platform/request.ts';
import type { View } from '../../../src/platform/views.ts';
import type { Sample } from './samples.ts';

const kiosk: Kiosk = {
  ...{ csrf: 'token', visit: 'AAAAAAAAAAAA' },
  ...{ idleSeconds: KIOSK_IDLE_SECONDS, warningSeconds: KIOSK_WARNING_SECONDS },
};

/** One page of each sort stands there with the bar: a citizen's, a sign-in, a form, one with mistakes in it, one with figures. */
const WITH_BAR = [
  'self-service/account',
  'interactions/sign-in',
  'enrolment/identity',
  'interactions/password.wrong',
  'self-service/recovery-codes',
];
/** Nobody sees these without it. */
const NEVER_WITHOUT = [putAwayPage.name, stillTherePage.name];

/** The samples, and some of them again as they look on machines that are put up for everybody. */
export function onKiosk(made: readonly Sample[]): Sample[] {
  const found = (name: string): Sample => {
    const one = made.find((sample) => sample.name === name);
    if (!one) throw new Error(`no sample ${name}`);
    return one;
  };
  return [
    ...made.map((one) => (NEVER_WITHOUT.includes(one.name) ? { ...one, kiosk } : one)),
    ...WITH_BAR.map((name) => ({ ...found(name), name: `${name}.kiosk`, kiosk })),
  ];
}

/** The pages of machines that are put up for everybody. */
export function kioskSamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  sample(clearedPage, '', { startUrl: '/' });
  sample(putAwayPage, '', { startUrl: '/' });
  sample(stillTherePage, '', { seconds: 60, clearedUrl: '/kiosk/cleared', backUrl: '/help' });
}
