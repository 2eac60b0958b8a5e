import { expect, test } from 'vitest';
import { judgedPrints } from '../../../../src/domain/counter/examining/prints.ts';

const begun = new Date('2026-03-02T08:00:00Z');
const engine = { name: 'e', version: '1' };
const none = { outcome: 'not_performed', issues: ['missing_fingers'], fingers: 0, engine, transactionId: 't' } as const;

test('the station’s word that there are no fingers counts if it is dated, and of this visit', () => {
  const judged = (capturedAt?: Date) =>
    judgedPrints({ ...none, ...(capturedAt ? { capturedAt } : {}) }, { begun, least: 2 });
  expect(judged(begun)).toEqual({ result: 'not_performed', issues: ['missing_fingers'] });
  for (const at of [undefined, new Date(begun.getTime() - 3_600_000)])
    expect(judged(at)).toEqual({ result: 'not_performed', issues: ['missing_fingers', 'old_capture'] });
});
