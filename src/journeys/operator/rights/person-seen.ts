import { maskedNumber, type ViewReason } from '../../../domain/subscribers/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Visit } from '../visit.ts';

/** Who a case or a request is about. The look is journalled with its reason before it is answered, and the person reads it. */
export async function personSeen(
  { parts, acting }: Visit,
  subscriberId: string,
  reason: ViewReason,
): Promise<{ readonly name: string; readonly identityNumber: string | null }> {
  await parts.write([
    parts.journal.append({
      type: 'subscriber.viewed',
      actor: { kind: 'operator', id: acting.operatorId },
      subscriberId,
      detail: { way: 'console', office: acting.office, reason, note: false },
    }),
  ]);
  const [subscriber, number] = await Promise.all([
    parts.subscribers.find(subscriberId),
    parts.subscribers.identityNumber(subscriberId),
  ]);
  if (!subscriber) throw new EidError('http.not_found');
  return { name: subscriber.fullName, identityNumber: number ? maskedNumber(number) : null };
}
