import { backstopVaultAbi, routeReceiverAbi } from '@gavel/abi';
import { addressKey, type Ms } from '@gavel/protocol';
import { type Address, parseEventLogs, zeroAddress } from 'viem';
import type { Chain } from '../chain/client.ts';
import { balanceOf } from '../chain/erc20.ts';
import type { Sender } from '../chain/sender.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { OrderView } from '../order/fold.ts';
import { type Precedence, runRace } from '../orders/races.ts';

/** What forwarding takes. */
export type ForwardDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  readonly precedence: Precedence;
  /** Takes what is told, in the words of the log. */
  readonly tell: (msg: string, fields: Record<string, unknown>) => void;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/** How often a receiver is looked at, milliseconds. */
const LOOK_MS = 5_000n;

type Receiver = { readonly chain: Chain; readonly address: Address; lookedAt: bigint; isBusy: boolean };
type Route = { readonly vault: Address; readonly asset: Address; readonly payDomain: number };

/**
 * Hands the money that bridges deliver to the vault. Each route with a bridge delivers to a receiver of its
 * own, which orders name; all that lies there and is awaited is forwarded, for every order.
 */
export function createForwarder(deps: ForwardDeps): {
  /** Learn receivers from an order on record. */
  consider(view: OrderView): void;
  /** Looks at the receivers of a chain. */
  onHead(chain: string): Promise<void>;
} {
  const { now, precedence } = deps;
  const { log, metrics } = deps.telemetry;
  const receivers = new Map<string, Receiver>();
  const routes = new Map<Receiver, Route>();

  const routeOf = async (receiver: Receiver): Promise<Route> => {
    const known = routes.get(receiver);
    if (known !== undefined) return known;
    const { agreed: client } = receiver.chain;
    const contract = { address: receiver.address, abi: routeReceiverAbi } as const;
    const [vault, payDomain] = await Promise.all([
      client.readContract({ ...contract, functionName: 'vault' }),
      client.readContract({ ...contract, functionName: 'payDomain' }),
    ]);
    const asset = await client.readContract({ address: vault, abi: backstopVaultAbi, functionName: 'asset' });
    const route = { vault, asset, payDomain };
    routes.set(receiver, route);
    return route;
  };

  const look = async (receiver: Receiver): Promise<void> => {
    const { chain, address } = receiver;
    const { vault, asset, payDomain } = await routeOf(receiver);
    const [balance, awaited] = await Promise.all([
      balanceOf(chain.agreed, asset, address),
      chain.agreed.readContract({
        address: vault,
        abi: backstopVaultAbi,
        functionName: 'awaited',
        args: [payDomain],
      }),
    ]);
    const subject = `forward:${address}`;
    if (balance === 0n || awaited === 0n) return precedence.forget(subject);
    if (!precedence.hasCome(subject)) return;
    await runRace('forward', metrics, async () => {
      const receipt = await deps
        .senderOf(chain)
        .send({ to: address, abi: routeReceiverAbi, functionName: 'forward', args: [] });
      const [home] = parseEventLogs({ abi: backstopVaultAbi, eventName: 'BroughtHome', logs: receipt.logs });
      const fields = {
        chain: chain.name,
        payDomain,
        vault,
        amount: home?.args.amount,
        tx: receipt.transactionHash,
      };
      metrics.count('money_brought_home');
      log.info(fields, 'money brought home');
      deps.tell('money brought home', fields);
    });
    precedence.forget(subject);
  };

  return {
    consider({ order }) {
      if (order === undefined || order.bridge === zeroAddress) return;
      const key = `${order.homeDomain}:${addressKey(order.treasury)}`;
      if (receivers.has(key)) return;
      const chain = deps.chainOf(order.homeDomain);
      receivers.set(key, { chain, address: order.treasury, lookedAt: 0n, isBusy: false });
    },
    async onHead(name) {
      const due = [...receivers.values()].filter(
        ({ chain, lookedAt, isBusy }) => chain.name === name && !isBusy && now() >= lookedAt + LOOK_MS,
      );
      for (const receiver of due) {
        receiver.lookedAt = now();
        receiver.isBusy = true;
        try {
          await look(receiver);
        } catch (error) {
          metrics.count('forward_failed');
          log.warn({ err: error, chain: name, receiver: receiver.address }, 'arrived money not forwarded');
        } finally {
          receiver.isBusy = false;
        }
      }
    },
  };
}
