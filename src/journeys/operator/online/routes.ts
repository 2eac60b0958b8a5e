import type { ConsoleRoute } from '../session.ts';
import type { PageParts } from '../visit.ts';
import { reissue, showOnlineCase } from './case.ts';
import { findOnline, showOnlineQueue } from './queue.ts';
import { ONLINE } from './visit.ts';

/** Level 1 online, as officers of a counter see it: what is late, and what they may do for whoever asks them. */
export const ONLINE_ROUTES: readonly ConsoleRoute<PageParts>[] = [
  { method: 'get', path: ONLINE.queue, permission: 'counter.view', handle: (visit) => showOnlineQueue(visit) },
  { method: 'post', path: ONLINE.find, permission: 'counter.serve', handle: findOnline },
  { method: 'get', path: ONLINE.one, permission: 'counter.view', handle: (visit) => showOnlineCase(visit) },
  { method: 'post', path: ONLINE.reissue, permission: 'counter.serve', handle: reissue },
];
