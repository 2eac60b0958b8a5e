import { clearedPage, putAwayPage, stillTherePage } from '../../../src/journeys/kiosk/models.ts';
import type { View } from '../../../src/platform/views.ts';

/** The pages of machines that are put up for everybody. */
export function kioskSamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  sample(clearedPage, '', { startUrl: '/' });
  sample(putAwayPage, '', { startUrl: '/' });
  sample(stillTherePage, '', { seconds: 60, clearedUrl: '/kiosk/cleared', backUrl: '/help' });
}
