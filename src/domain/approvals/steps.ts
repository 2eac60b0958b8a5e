import type { Queryable } from '../../platform/database.ts';
import { oneLine } from '../../platform/plain-values/one-line.ts';
import type { EventType, JournalEvent } from '../audit/index.ts';
import { type Acting, wayOf } from '../operators/index.ts';
import type { Step, StepRefusal } from './approvals.ts';
import type { ChangeRequest, ChangeSubject, Finding } from './change-request.ts';

/** Ends a transaction without a trace, for a reason that whoever asked is told. */
export class Undone extends Error {
  readonly reason: StepRefusal;
  constructor(reason: StepRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/** A step that was not taken, and why. */
export type NotTaken = Extract<Step, { done: false }>;

/** A step that was not taken. */
export const refused = (
  reason: StepRefusal,
  more: { readonly findings?: readonly Finding[]; readonly retryAfter?: number } = {},
): NotTaken => ({ done: false, reason, ...more });

export const errorsIn = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');

/** What a look at a change finds: what does not fit what stands here now, and what its test says. */
export async function lookAt(
  on: Queryable,
  subject: ChangeSubject,
  { after, before }: Pick<ChangeRequest, 'after' | 'before'>,
): Promise<Finding[]> {
  const faults = (await subject.fits?.(on, after)) ?? [];
  return [...faults.map((fault) => ({ ...fault, level: 'error' as const })), ...(await subject.test(after, before))];
}

/** Why, as it is kept: one paragraph, NFC, nothing unseen. Nothing when it says nothing or too much. */
export function checkedReason(text: string): string | undefined {
  const said = oneLine(text);
  return said === '' || said.length > 500 ? undefined : said;
}

/** A step of a change request, for the journal: which one, of what, by whom. What it says stays in the request. */
export const changeEvent = (
  type: EventType,
  { id, kind, subject }: Pick<ChangeRequest, 'id' | 'kind' | 'subject'>,
  by: Acting | 'command line' | 'system',
  more: Readonly<Record<string, string | number>> = {},
): JournalEvent => ({
  type,
  actor: typeof by === 'string' ? { kind: 'system', id: by } : { kind: 'operator', id: by.operatorId },
  ...(kind === 'client' ? { clientId: subject } : {}),
  detail: {
    change: id,
    kind,
    subject,
    ...(typeof by === 'string' ? {} : wayOf(by)),
    ...more,
  },
});
