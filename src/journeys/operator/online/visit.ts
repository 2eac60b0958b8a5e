import type { Applications } from '../../../domain/applications/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Visit } from '../visit.ts';

/** Where these pages are. */
export const ONLINE = {
  queue: '/operator/online-applications',
  find: '/operator/online-applications/find',
  one: '/operator/online-applications/:id',
  reissue: '/operator/online-applications/:id/reissue',
} as const;

/**
 * A server without those who are asked about an applicant has none; nor has a training office, where everybody is invented and
 * nobody applies.
 */
export async function onlineOf({ parts, acting }: Visit): Promise<Applications> {
  const [office] = await parts.operators.officeLine(acting.office);
  if (!parts.applications || !office || office.training) throw new EidError('http.not_found');
  return parts.applications;
}
