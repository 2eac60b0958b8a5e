import { clientFileSchema } from '../../domain/relying-parties/index.ts';
import type { Context } from '../context.ts';

/** `senid client schema`: the JSON Schema of files of clients, for editors. `clients/registration.schema.json` is this. */
export async function schemaCommand({ terminal }: Pick<Context, 'terminal'>): Promise<number> {
  const schema = clientFileSchema();
  terminal.answer(schema, JSON.stringify(schema, undefined, 2).split('\n'));
  return 0;
}
