/** A text of JSON as its value, `undefined` for any other bytes. */
export function jsonOf(bytes: Buffer): unknown {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

const deep = (levels: number): unknown => {
  let value: unknown = 0;
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
};
const ODD: readonly (() => unknown)[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, '', 'a', '\u0000', '=', 'AA==', '__proto__', '9'.repeat(400)].map(
    (value) => () => value,
  ),
  () => [],
  () => ({}),
  () => 'A'.repeat(180_000),
  () => Array(5_000).fill('AA'),
  () => deep(400),
  () => JSON.parse('{"__proto__":{"v":1},"constructor":{"prototype":{}}}'),
];
const NAMES = ['__proto__', 'constructor', 't', 'v', 'seq', 'more', ''];

type Holder = Record<string, unknown>;

/** Other JSON: values exchanged for odd ones or for one another, members left out, added or renamed. */
export function changedJson(
  value: unknown,
  edits: readonly { readonly kind: number; readonly at: number; readonly number: number }[],
): Buffer {
  const root: Holder = { root: structuredClone(value) };
  for (const { kind, at, number } of edits) {
    const slots = slotsOf(root);
    const [holder, name] = slots[Math.floor(at * slots.length)]!;
    const odd = ODD[number % ODD.length]!;
    const [elsewhere, there] = slots[number % slots.length]!;
    const change = (kind >> 3) % 5;
    if (change === 0) delete holder[name];
    else if (change === 1) define(holder, NAMES[number % NAMES.length]!, odd());
    else if (change === 2) define(holder, name, elsewhere[there]);
    else define(holder, name, odd());
  }
  return Buffer.from(JSON.stringify(root.root) ?? '');
}

/** As JSON.parse does: `__proto__` is a member like any other. What would hold itself is copied. */
const define = (holder: Holder, name: string, value: unknown): void => {
  const copy = typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
  Object.defineProperty(holder, name, { value: copy, enumerable: true, configurable: true, writable: true });
};

/** Every member and element, at most some thousands. */
function slotsOf(root: Holder): [holder: Holder, name: string][] {
  const slots: [Holder, string][] = [];
  const queue: Holder[] = [root];
  for (let holder = queue.shift(); holder && slots.length < 2_000; holder = queue.shift()) {
    for (const name of Object.keys(holder).slice(0, 200)) {
      slots.push([holder, name]);
      const inner = holder[name];
      if (typeof inner === 'object' && inner !== null) queue.push(inner as Holder);
    }
  }
  return slots.length > 0 ? slots : [[root, 'root']];
}
