import '../config/runtime.ts';
import '../app.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './readme-tables.ts';

/** `npm run docs`: makes the tables of the README anew. Loading the application declares every error there is. */
const readme = new URL('../../README.md', import.meta.url);
const before = readFileSync(readme, 'utf8');
const after = withTables(before);
if (after !== before) writeFileSync(readme, after);
process.stdout.write(after === before ? 'README.md is up to date.\n' : 'README.md is made anew.\n');
