import { defineView } from '../../platform/views.ts';

/** A shared machine from which everything was cleared. */
export interface Cleared {
  readonly startUrl: string;
}
export const clearedPage = defineView<Cleared>('kiosk/cleared', 'kiosk.cleared.title', ['kiosk-cleared.js']);

/** What a forgotten tab shows while somebody uses another: nothing of what stood in it. */
export interface PutAway {
  readonly startUrl: string;
}
export const putAwayPage = defineView<PutAway>('kiosk/put-away', 'kiosk.put-away.title');

/** Without script: whether somebody is still there. `seconds` later the page clears everything. */
export interface StillThere {
  readonly seconds: number;
  readonly clearedUrl: string;
  readonly backUrl: string;
}
export const stillTherePage = defineView<StillThere>('kiosk/still-there', 'kiosk.still-there.title');
