import type { Write } from '../../../platform/unit-of-work.ts';
import type { AnyNotice } from '../../notices/index.ts';
import type { RegisteredContacts } from '../../registry/index.ts';
import type { Application } from '../application.ts';
import { newLongCode } from '../codes.ts';
import type { ApplicationsParts } from '../parts.ts';
import { hashOf } from '../store.ts';

/** How the holder of the number is told, and the code that they got. */
export interface HolderTold {
  /** Of the code by which the holder of the number stops the application. */
  readonly stopHash?: Buffer;
  readonly writes?: readonly Write[];
}

/**
 * Whoever the register knows at this number is told that an application was made in their name, with a code that stops whatever
 * is open of the number: no link, nothing to follow. Never the telephone that applied: that one knows. `kind` says whether it was
 * made just now, or is an older one whose code an office has sent once more.
 */
export function tellHolder(
  { sealer, notices }: Pick<ApplicationsParts, 'sealer' | 'notices'>,
  application: Application,
  { phone, email }: RegisteredContacts,
  kind: 'application_in_your_name' | 'application_reissued_in_your_name' = 'application_in_your_name',
): HolderTold {
  const { phone: own } = application.applicant!;
  const to: AnyNotice['to'][] = [
    ...(phone && phone !== own ? [{ medium: 'sms', address: phone } as const] : []),
    ...(email ? [{ medium: 'mail', address: email } as const] : []),
  ];
  if (to.length === 0) return {};
  const code = newLongCode();
  const locale = application.form === 'FOREIGN_L1' ? 'en' : 'vi';
  return {
    stopHash: hashOf(sealer, 'code', code),
    writes: to.flatMap((address) => notices.queue({ kind, to: address, locale, values: { stop: code } })),
  };
}
