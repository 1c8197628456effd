import { type Abi, type Address, encodeFunctionData, type Hex } from 'viem';
import type { Artifact } from './artifacts.ts';
import type { ViewCall } from './chain.ts';

/**
 * A contract that should exist. Its address commits to its code and arguments, so code there is that
 * contract.
 */
export interface Creation {
  readonly kind: 'create';
  readonly what: string;
  readonly address: Address;
  readonly initCode: Hex;
  readonly artifact: Artifact;
  /** Addresses of the libraries that its code names. */
  readonly libraries: Readonly<Record<string, Address>>;
  readonly constructorArguments: Hex;
}

/** A piece of state that should hold, the call that makes it so, and the view that tells. */
export interface Setting {
  readonly kind: 'set';
  readonly what: string;
  readonly target: Address;
  readonly data: Hex;
  /** The function that `data` calls. */
  readonly setter: string;
  /** The contract's ABI, its errors among it. */
  readonly abi: Abi;
  /** Who decides whether the deployer may call: the chain's access manager, or no contract. */
  readonly guarded: boolean;
  readonly view: ViewCall;
  /** Tells whether the view's answer is as it should be; `undefined` means that it reverted. */
  holds(answer: unknown): boolean;
}

/** One thing a chain should have. */
export type Step = Creation | Setting;

/** What makes a setting. */
export interface SettingParts {
  readonly what: string;
  readonly address: Address;
  readonly abi: Abi;
  readonly view: string;
  readonly key: readonly unknown[];
  readonly setter: string;
  readonly args: readonly unknown[];
  matches(answer: unknown): boolean;
}

/** Makes a setting from the view that tells and the call that sets. */
export function setting({ what, address, abi, view, key, setter, args, matches }: SettingParts): Setting {
  return {
    kind: 'set',
    what,
    target: address,
    data: encodeFunctionData({ abi, functionName: setter, args }),
    setter,
    abi,
    guarded: true,
    view: { address, abi, functionName: view, args: key },
    holds: (answer) => answer !== undefined && matches(answer),
  };
}

/**
 * Compares a view's answer with a setter's values: a view of one value answers with it alone, of several with
 * a list.
 */
export function sameAnswer(answer: unknown, value: readonly unknown[]): boolean {
  return value.length === 1 ? same(answer, value[0]) : same(answer, value);
}

/**
 * Compares values as contracts would: numbers by value, addresses and bytes by letters' case aside, structs
 * by field.
 */
export function same(a: unknown, b: unknown): boolean {
  return normal(a) === normal(b);
}

function normal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(normal).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${fields.map(([name, field]) => `${name}:${normal(field)}`).join(',')}}`;
  }
  return String(value).toLowerCase();
}
