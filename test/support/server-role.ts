import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { newId } from '../../src/platform/ids.ts';

/** The statements of the README that make a role for the server, for a role and a password of this test. */
function statements(role: string, password: string): string {
  const [, block] =
    /^```sql\n(CREATE ROLE senid_server [\s\S]*?)```$/m.exec(readFileSync(resolve('README.md'), 'utf8')) ?? [];
  if (!block) throw new Error('the README makes no role');
  return block.replaceAll('senid_server', role).replace("'…'", `'${password}'`);
}

/** A role that owns nothing, made as the README says by the owner of this database; answers its address. */
export async function serverRole(ownersUrl: string): Promise<{ readonly url: string; end(): Promise<void> }> {
  const role = `server_${newId().replaceAll('-', '')}`;
  const password = newId();
  const asOwner = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: ownersUrl });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await asOwner(statements(role, password));
  const url = new URL(ownersUrl);
  url.username = role;
  url.password = password;
  return { url: url.href, end: () => asOwner(`DROP OWNED BY ${role}; DROP ROLE ${role}`) };
}
