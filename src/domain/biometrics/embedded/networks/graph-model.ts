import { type Constant, type Operation, writeOnnx } from './onnx.ts';

/** A network as TensorFlow.js writes it, as far as the two that are here use it. */
interface GraphModel {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly { readonly weights: readonly Weight[] }[];
}
interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<
    Record<
      string,
      {
        readonly s?: string;
        readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
        readonly shape?: { readonly dim: readonly { readonly size: string }[] };
      }
    >
  >;
}
interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly quantization?: { readonly dtype: 'float16' };
}

/** A weight with its numbers, in the order that TensorFlow has them: height, width, channels. */
interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/**
 * The same network for a runtime that reads ONNX, so that one runtime carries all of them. TensorFlow counts channels last and
 * ONNX first: pictures stay channels first from the input on, weights are turned around, and what leaves as a list is turned back
 * before. Only what the named outputs need is taken over.
 */
export function translate(json: Uint8Array, bin: Uint8Array, outputs: readonly string[]): Buffer {
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(json).toString('utf8')) as GraphModel;
  const weights = readNumbers(
    weightsManifest.flatMap((group) => group.weights),
    bin,
  );
  const nodes = new Map(modelTopology.node.map((node) => [node.name, node]));
  const constants = new Map<string, Constant>();
  const operations: Operation[] = [];
  const done = new Set<string>();
  let input: { name: string; shape: number[] } | undefined;

  const constant = (name: string, shape: readonly number[], values: Constant['values']): string => {
    constants.set(name, { name, shape, values });
    return name;
  };
  const emit = (op: string, inputs: readonly string[], output: string, attributes?: Operation['attributes']): void =>
    void operations.push({ op, inputs, output, ...(attributes ? { attributes } : {}) });

  const slope = (name: string): string => {
    const { shape, values } = weights.get(name)!;
    return constant(name, [shape.at(-1)!, 1, 1], values as Float32Array);
  };
  const convolution = (name: string, weight: readonly [number[], Float32Array], rest: Omit<Operation, 'op'>): void =>
    emit('Conv', [rest.inputs[0]!, constant(name, ...weight), ...rest.inputs.slice(1)], rest.output, rest.attributes);

  /** Each kind of node there is in them: what it becomes. */
  const rules: Record<string, (node: GraphNode, from: string, more: readonly string[]) => void> = {
    Placeholder: ({ name, attr }) => {
      const [, height, width, channels] = attr!.shape!.shape!.dim.map(({ size }) => Number(size));
      input = { name, shape: [1, channels!, height!, width!] };
    },
    _FusedConv2D: (node, from, [kernel, offsets, slopes]) => {
      const [, after] = (node.attr?.fused_ops?.list?.s ?? []).map(word);
      const output = after ? `${node.name}/linear` : node.name;
      const { shape, values } = weights.get(offsets!)!;
      const bias = constant(offsets!, shape, values as Float32Array);
      const weight = channelsFirst(weights.get(kernel!)!, [3, 2, 0, 1]);
      convolution(kernel!, weight, { inputs: [from, bias], output, attributes: window(node) });
      if (after === 'Relu') emit('Relu', [output], node.name);
      if (after === 'Prelu') emit('PRelu', [output, slope(slopes!)], node.name);
    },
    DepthwiseConv2dNative: (node, from, [kernel]) => {
      const [[channels, each, height, width], turned] = channelsFirst(weights.get(kernel!)!, [2, 3, 0, 1]);
      const weight: [number[], Float32Array] = [[channels! * each!, 1, height!, width!], turned];
      const attributes = { ...window(node), group: channels! };
      convolution(kernel!, weight, { inputs: [from], output: node.name, attributes });
    },
    Prelu: ({ name }, from, [slopes]) => emit('PRelu', [from, slope(slopes!)], name),
    AddV2: ({ name }, from, [other]) => emit('Add', [from, other!], name),
    MaxPool: (node, from) => {
      const [, height, width] = node.attr!.ksize!.list!.i!.map(Number);
      emit('MaxPool', [from], node.name, { ...window(node), kernel_shape: [height!, width!] });
    },
    Pad: ({ name }, from, [widths]) => {
      const [n0, n1, h0, h1, w0, w1, c0, c1] = [...weights.get(widths!)!.values].map((value) => BigInt(value));
      const pads = BigInt64Array.of(n0!, c0!, h0!, w0!, n1!, c1!, h1!, w1!);
      emit('Pad', [from, constant(widths!, [8], pads)], name);
    },
    Reshape: ({ name }, from, [sizes]) => {
      const shape = BigInt64Array.from(weights.get(sizes!)!.values as Int32Array, BigInt);
      emit('Transpose', [from], `${name}/channels-last`, { perm: [0, 2, 3, 1] });
      emit('Reshape', [`${name}/channels-last`, constant(sizes!, [shape.length], shape)], name);
    },
    Relu: ({ name, op }, from) => emit(op, [from], name),
    Sigmoid: ({ name, op }, from) => emit(op, [from], name),
    Identity: ({ name, op }, from) => emit(op, [from], name),
  };
  const takeOver = (name: string): void => {
    if (done.has(name) || weights.has(name)) return;
    done.add(name);
    const node = nodes.get(name);
    const rule = rules[node?.op ?? ''];
    if (!node || !rule) throw new Error(`the network has ${name}, which has no counterpart here`);
    for (const each of node.input ?? []) takeOver(each);
    const [from = '', ...more] = node.input ?? [];
    rule(node, from, more);
  };

  for (const name of outputs) takeOver(name);
  return writeOnnx({ input: input!, outputs, constants: [...constants.values()], operations });
}

const word = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

const window = ({ attr }: GraphNode): Record<string, string | number[]> => ({
  strides: attr!.strides!.list!.i!.slice(1, 3).map(Number),
  auto_pad: word(attr!.padding!.s!) === 'SAME' ? 'SAME_UPPER' : 'VALID',
});

/** Weights of a convolution with their axes in another order. */
function channelsFirst({ shape, values }: Numbers, order: readonly number[]): [number[], Float32Array] {
  const turned = order.map((axis) => shape[axis]!);
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const [s0, s1, s2, s3] = order.map((axis) => steps[axis]!) as [number, number, number, number];
  const [n0, n1, n2, n3] = turned as [number, number, number, number];
  const out = new Float32Array(values.length);
  let at = 0;
  for (let a = 0; a < n0; a += 1)
    for (let b = 0; b < n1; b += 1)
      for (let c = 0; c < n2; c += 1)
        for (let d = 0; d < n3; d += 1) out[at++] = values[a * s0 + b * s1 + c * s2 + d * s3]!;
  return [turned, out];
}

/** The weights lie one behind another, some of them in half precision (IEEE 754 binary16). */
function readNumbers(weights: readonly Weight[], bin: Uint8Array): Map<string, Numbers> {
  const view = new DataView(bin.buffer, bin.byteOffset, bin.byteLength);
  const read = new Map<string, Numbers>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of weights) {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
    const octets = quantization ? 2 : 4;
    for (let index = 0; index < count; index += 1, at += octets) {
      if (quantization) values[index] = half(view.getUint16(at, true));
      else values[index] = dtype === 'int32' ? view.getInt32(at, true) : view.getFloat32(at, true);
    }
    read.set(name, { shape, values });
  }
  return read;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
