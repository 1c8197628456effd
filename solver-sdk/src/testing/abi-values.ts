import { type AbiParameter, getAddress } from 'viem';
import type { Random } from './random.ts';

/** Items of a random list. */
const MOST_ITEMS = 4;

/** Draws a value of a declared type as viem decodes one: zero, the greatest and small ones included. */
export function randomAbiValue(parameter: AbiParameter, random: Random): unknown {
  const { type } = parameter;
  const [, item, length] = /^(.*)\[(\d*)\]$/.exec(type) ?? [];
  if (item !== undefined) {
    const count = length === '' || length === undefined ? random.int(0, MOST_ITEMS) : Number(length);
    return Array.from({ length: count }, () => randomAbiValue({ ...parameter, type: item }, random));
  }
  if (type === 'tuple') return randomTuple('components' in parameter ? parameter.components : [], random);
  if (type === 'address') return randomAddress(random);
  if (type === 'bool') return random.chance(0.5);
  if (type === 'string') return random.pick(['', 'text', '\u0000', 'x'.repeat(1_000)]);
  if (type === 'bytes') return random.bytes(random.pick([0, 1, 32, 64, 96, 255, 256, 257, 4_096]));
  const [, bytes] = /^bytes(\d+)$/.exec(type) ?? [];
  if (bytes !== undefined) return random.bytes(Number(bytes));
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  const width = Number(bits ?? 256);
  const most = (1n << BigInt(sign === 'u' ? width : width - 1)) - 1n;
  const drawn = random.pick([0n, 1n, most, random.logUniform(most), random.below(most)]);
  const value = sign === '' && random.chance(0.5) ? -drawn : drawn;
  return width <= 48 ? Number(value) : value;
}

/** Draws one value for each parameter, named as the parameters are. */
export function randomArguments(
  parameters: readonly AbiParameter[],
  random: Random,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    parameters.map((parameter, index) => [
      parameter.name ?? String(index),
      randomAbiValue(parameter, random),
    ]),
  );
}

function randomTuple(components: readonly AbiParameter[], random: Random): unknown {
  const areNamed = components.every(({ name }) => name !== undefined && name !== '');
  if (areNamed) return randomArguments(components, random);
  return components.map((component) => randomAbiValue(component, random));
}

function randomAddress(random: Random): string {
  return getAddress(random.pick([`0x${'00'.repeat(20)}`, `0x${'ff'.repeat(20)}`, random.bytes(20)]));
}
