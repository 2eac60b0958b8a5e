import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Where something stands in a text, counted from one. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a text says, and where it says it; or everything that is wrong with how it is written. */
export type Yaml =
  | {
      readonly read: true;
      readonly value: unknown;
      /** Of a member by its path (`clients.0.metadata.jwks`): its key, or the nearest thing around it that is there. */
      placeOf(path: string): Place;
    }
  | { readonly read: false; readonly faults: readonly (Place & { readonly message: string })[] };

/** A few anchors make a file readable; a thousand copies of copies are an attack (CVE-2019-11253 and its kin). */
const MOST_ALIASES = 100;

/**
 * One YAML 1.2 document, which JSON is too, of plain values: the tags of the core schema and no other, no merge keys, no key
 * twice. How long a text may be is up to whoever reads it.
 */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      ...{ version: '1.2', schema: 'core', customTags: [], resolveKnownTags: false, merge: false },
      ...{ strict: true, uniqueKeys: true, stringKeys: true, prettyErrors: false, lineCounter: lines },
    });
    // An unknown tag is a warning of the parser, which then takes the value for a plain one: here it is a fault.
    const wrong = [...document.errors, ...document.warnings];
    if (wrong.length > 0) {
      return {
        read: false,
        faults: wrong.map(({ pos, message }) => ({ ...place(pos[0]), message: sentence(message) })),
      };
    }
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { read: true, value, placeOf: (path) => place(offsetOf(document, path)) };
  } catch (error) {
    return { read: false, faults: [{ ...place(0), message: sentence((error as Error).message) }] };
  }
}

/** The parser's own words, on one line. It reports as an error of the text what overflowed its stack. */
const sentence = (message: string): string =>
  /call stack/.test(message) ? 'This is nested too deep.' : `${message.split('\n')[0]}.`;

/** How far a path leads. Members may have dots in their names: the longest name that fits is meant. */
function offsetOf(document: Document.Parsed, path: string): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (let rest = path; rest !== ''; ) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const [name, next] = step(node, rest);
    if (!next) return offset;
    offset = next.at;
    node = next.node;
    rest = rest.slice(name.length + 1);
  }
  return offset;
}

function step(node: Node | null, rest: string): [string, { at: number; node: Node | null } | undefined] {
  const fits = (name: string): boolean => rest === name || rest.startsWith(`${name}.`);
  if (isMap<Node, Node | null>(node)) {
    const named = node.items
      .flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : []))
      .filter(([name]) => fits(name))
      .sort(([a], [b]) => b.length - a.length)[0];
    return named ? [named[0], { at: named[1].key.range?.[0] ?? 0, node: named[1].value }] : ['', undefined];
  }
  const [index = ''] = rest.split('.', 1);
  const item = isSeq<Node>(node) && /^\d+$/.test(index) ? node.items[Number(index)] : undefined;
  return item ? [index, { at: item.range?.[0] ?? 0, node: item }] : ['', undefined];
}
