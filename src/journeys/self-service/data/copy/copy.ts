import type { Visitor } from '../../visitor.ts';
import { ACCOUNT_SECTIONS } from './account-sections.ts';
import { ACTIVITY_SECTIONS } from './activity-sections.ts';
import { LEFT_OUT, LEFT_OUT_VI } from './left-out.ts';
import type { Cut, Section } from './section.ts';
import { SHARING_SECTIONS } from './sharing-sections.ts';

/** Every list of the copy, in the order of its telling: the file and the printed page have the same. */
export const SECTIONS: readonly Section[] = [...ACCOUNT_SECTIONS, ...SHARING_SECTIONS, ...ACTIVITY_SECTIONS];

const member = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}: ${JSON.stringify(value ?? null, undefined, 1)}`;

/**
 * Everything that is kept about somebody, as JSON text a piece at a time: no more of it is in memory than one page. The shape is
 * `senid-account` version 1 (README.md of this folder); members are added to it and never change their meaning.
 */
export async function* copyOf(visitor: Visitor): AsyncGenerator<string> {
  const { parts, subscriber } = visitor;
  const { id, ...person } = subscriber;
  const cut: Cut = new Set();
  const account = { ...person, identityNumbers: await parts.subscribers.identityNumbers(id) };
  yield `{\n${member('format', 'senid-account')},\n${member('version', 1)},\n${member('made_at', parts.clock.now())}`;
  yield `,\n${member('account', account)}`;
  for (const section of SECTIONS) {
    yield `,\n${JSON.stringify(section.name)}: [`;
    let any = false;
    for await (const rows of section.rows(visitor, cut))
      for (const row of rows) {
        yield `${any ? ',' : ''}\n${JSON.stringify(row)}`;
        any = true;
      }
    yield '\n]';
  }
  yield `,\n${member('left_out', LEFT_OUT)},\n${member('left_out_vi', LEFT_OUT_VI)},\n${member('cut', [...cut])},\n${member('complete', cut.size === 0)}\n}\n`;
}
