import { type IntentDigest, type Ms, type OrderId, sameAddress } from '@gavel/protocol';
import type { Opportunity } from '@gavel/solver-sdk';
import type { Address, Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { DescribeToken } from '../chain/tokens.ts';
import type { LimitConfig } from '../config/schema.ts';
import { type LivePromise, sumOf } from './inventory.ts';
import { roundOf } from './opportunity.ts';
import { unitsOf } from './whole-tokens.ts';

/** The most that may be paid in one token of one chain, token units. */
export type Limit = {
  readonly domain: number;
  readonly token: Address;
  readonly perPayment?: bigint;
  readonly perHour?: bigint;
};

/** One payment: `at` in milliseconds, amount in token units. */
export type Payment = {
  readonly intent: IntentDigest | OrderId;
  readonly domain: number;
  readonly token: Address;
  readonly amount: bigint;
  readonly at: bigint;
};

/** Keeps a solver's payments within its limits: first by not promising more, then by not paying more. */
export type Spending = {
  /**
   * Makes no more of each payment option available than may still be promised. What is promised already
   * counts.
   */
  cap(opportunity: Opportunity): Opportunity;
  /** Why a payment must not be made, or undefined. */
  refusal(payment: Omit<Payment, 'at'>): 'OVER_PAYMENT_LIMIT' | 'OVER_HOURLY_LIMIT' | undefined;
  /** Counts a payment; the same intent counts once. */
  spent(payment: Payment): void;
  /** What may still be promised in a token, token units; undefined without a limit. */
  room(domain: number, token: Address): bigint | undefined;
};

const HOUR_MS = 3_600_000n;

/**
 * Creates a watch over `limits`. `promises` are the quotes that may still have to be paid; `now` in
 * milliseconds.
 */
export function createSpending(options: {
  readonly limits: readonly Limit[];
  readonly promises: () => readonly LivePromise[];
  readonly now: () => Ms;
}): Spending {
  const { limits, promises, now } = options;
  const payments = new Map<Hex, Payment>();

  const limitOf = (domain: number, token: Address) =>
    limits.find((limit) => limit.domain === domain && sameAddress(limit.token, token));

  const paidWithinHour = (domain: number, token: Address, except?: Hex): bigint => {
    for (const [intent, { at }] of payments) if (at + HOUR_MS <= now()) payments.delete(intent);
    return sum(
      [...payments.values()].filter(
        (payment) =>
          payment.domain === domain && sameAddress(payment.token, token) && payment.intent !== except,
      ),
    );
  };

  const room = (domain: number, token: Address, except?: string): bigint | undefined => {
    const limit = limitOf(domain, token);
    if (limit === undefined) return undefined;
    if (limit.perHour === undefined) return limit.perPayment;
    const open = sumOf(promises(), except, (promise) =>
      promise.domain === domain && sameAddress(promise.token, token) && !payments.has(promise.intent)
        ? promise.amount
        : 0n,
    );
    const left = limit.perHour - paidWithinHour(domain, token) - open;
    const positive = left > 0n ? left : 0n;
    return limit.perPayment !== undefined && limit.perPayment < positive ? limit.perPayment : positive;
  };

  return {
    room: (domain, token) => room(domain, token),
    cap(opportunity) {
      const round = roundOf(opportunity);
      const payOptions = opportunity.payOptions.map((option) => {
        const most = room(option.domain, option.token.address, round);
        return most === undefined || option.available <= most ? option : { ...option, available: most };
      });
      return { ...opportunity, payOptions };
    },
    refusal({ intent, domain, token, amount }) {
      const limit = limitOf(domain, token);
      if (limit === undefined) return undefined;
      if (limit.perPayment !== undefined && amount > limit.perPayment) return 'OVER_PAYMENT_LIMIT';
      if (limit.perHour === undefined) return undefined;
      return paidWithinHour(domain, token, intent) + amount > limit.perHour ? 'OVER_HOURLY_LIMIT' : undefined;
    },
    spent(payment) {
      if (!payments.has(payment.intent)) payments.set(payment.intent, payment);
    },
  };
}

/** Turns configured limits into token units. Rejects if a chain cannot be asked for a token's decimals. */
export function readLimits(
  limits: readonly LimitConfig[],
  { chains, describe }: { readonly chains: ReadonlyMap<string, Chain>; readonly describe: DescribeToken },
): Promise<Limit[]> {
  const read = async ({ chain: name, token, perPayment, perHour }: LimitConfig): Promise<Limit[]> => {
    const chain = chains.get(name);
    if (chain === undefined) return []; // the configuration's check has refused it already
    const { decimals } = await describe(chain, token);
    return [
      {
        domain: chain.domain,
        token,
        ...(perPayment === undefined ? {} : { perPayment: unitsOf(perPayment, decimals, 'down') }),
        ...(perHour === undefined ? {} : { perHour: unitsOf(perHour, decimals, 'down') }),
      },
    ];
  };
  return Promise.all(limits.map(read)).then((found) => found.flat());
}

function sum(parts: readonly { readonly amount: bigint }[]): bigint {
  return parts.reduce((total, { amount }) => total + amount, 0n);
}
