import { createHash } from 'node:crypto';
import type { Operators, Role, TestOperator } from '../domain/operators/index.ts';
import type { Told } from './persona.ts';

/** An invented operator, and how to come in as one: the same invitation in every sandbox, as often as one likes. */
export interface SandboxOperator extends TestOperator {
  readonly story: Told;
}

const invented = (
  order: number,
  one: { readonly name: string; readonly address: string; readonly office: string; readonly roles: readonly Role[] },
  story: Told,
): SandboxOperator => ({
  id: `5e41d000-0000-4000-8000-0000000000${String(order).padStart(2, '0')}`,
  name: one.name,
  email: `${one.address}@dieu-hanh.sen.example`,
  identityNumber: `0991900000${String(order).padStart(2, '0')}`,
  office: one.office,
  roles: one.roles,
  code: createHash('sha256').update(`senid sandbox operator invitation ${order}`).digest('base64url'),
  story,
});

/**
 * One who proposes and one who approves, in one office, so that whatever takes two people can be tried from two browsers: a change,
 * and the second look at a person at the counter.
 */
export const SANDBOX_OPERATORS: readonly SandboxOperator[] = [
  invented(
    1,
    {
      ...{ name: 'Phạm Thị Ngọc Mai', address: 'ngoc.mai', office: '48' },
      roles: ['rp_admin', 'security', 'sysadmin', 'intake'],
    },
    {
      vi: 'Trực đêm ở trung tâm vận hành trên mây; đề xuất mọi thứ và không duyệt gì.',
      en: 'Has the night shift at an operations centre in the clouds; proposes everything and approves nothing.',
    },
  ),
  invented(
    2,
    {
      ...{ name: 'Hoàng Văn Thuyền', address: 'van.thuyen', office: '48' },
      roles: ['intake', 'approver', 'lock_authority', 'auditor'],
    },
    {
      vi: 'Giữ con dấu của một văn phòng bên dòng sông không có trên bản đồ; duyệt những gì chị Mai đề xuất.',
      en: 'Keeps the seal of an office by a river that is on no map; approves what Mai proposes.',
    },
  ),
];

/** Puts them in place; doing it again opens their invitations anew. */
export const seedOperators = (operators: Pick<Operators, 'putTestOperators'>): Promise<void> =>
  operators.putTestOperators(SANDBOX_OPERATORS);
