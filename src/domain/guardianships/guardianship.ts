/** That somebody looks after an account that was made through them. */
export interface Guardianship {
  readonly wardId: string;
  readonly guardianId: string;
  readonly applicationId: string;
  readonly beganAt: Date;
  readonly handedOver?: { readonly at: Date; readonly viewUntil: Date; readonly policy: string };
  readonly endedAt?: Date;
}

/**
 * What a guardian has of it (domain model 8b): holding it, they see it, and apply for its level 2 at a counter; once the ward has
 * taken it over they see it for a while, and then nothing. There is no way back.
 */
export const HOLDS = ['holding', 'view_only', 'ended'] as const;
export type Hold = (typeof HOLDS)[number];

/** What is left of it at a moment; the end does not wait for whoever writes it down. */
export function holdAt({ handedOver, endedAt }: Guardianship, now: Date): Hold {
  if (endedAt || (handedOver && handedOver.viewUntil <= now)) return 'ended';
  return handedOver ? 'view_only' : 'holding';
}
