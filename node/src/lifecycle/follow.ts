import { addressKey, sameAddress } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Core } from '../core.ts';
import { childOf } from '../observe/telemetry.ts';
import { createHomeEvidence, createPayEvidence } from '../orders/evidence.ts';
import { HOME_EVENTS, PAY_EVENTS } from '../orders/facts.ts';
import { FLAG_EVENTS } from '../orders/flags.ts';
import { followEvidence } from '../orders/follow-logs.ts';
import { readAward } from '../orders/reconcile.ts';
import { createUndo } from '../orders/reorg.ts';

/**
 * Follows the escrows of every configured chain into the records of orders, and into the auctions of flags. A
 * keeper keeps all orders, and so does a solver that may pay for others'; one that does not keeps its own.
 */
export function followOrders(
  core: Core,
  onLanded: (intent: Hex, quote: Hex) => void,
  onRead: (chain: string, toBlock: bigint) => void,
): void {
  const { config, chains, scope, store, engine, now } = core;
  const telemetry = childOf(core.telemetry, { module: 'evidence' });
  const { log, metrics } = telemetry;
  const isKeeper = config.roles.includes('keeper');
  const account = config.solver?.account;
  const { offers } = config.solver ?? {};
  const keepsAll = isKeeper || offers?.sales === true || offers?.fills === true;
  const keeps = (solver: Hex) => keepsAll || (account !== undefined && sameAddress(solver, account));

  for (const chain of chains.byName.values()) {
    const { collateralEscrow, repaymentEscrow } = chain.contracts;
    const { confirmations, fromBlock } = chain.config;
    const undo = { engine, chain, now, telemetry };
    const undoHome = createUndo({ ...undo, address: collateralEscrow, side: 'home' });
    const undoPay = createUndo({ ...undo, address: repaymentEscrow, side: 'pay' });
    const common = { chain, fromBlock, confirmations, log };
    const award = async (tx: Hex, intent: Hex) => {
      if (!keepsAll || engine.get(intent)?.landing !== undefined) return undefined;
      return readAward(chain, tx, intent, now());
    };
    const onPassedOver = (intent: Hex, quote: Hex, reason: Hex) => {
      core.recorder.onPassedOver(intent, quote, reason);
      metrics.count('quote_passed_over');
      log.info({ chain: chain.name, intent, quote, reason }, 'quote passed over');
    };
    const ingestHome = createHomeEvidence({
      chain: chain.name,
      engine,
      keeps,
      award,
      onLanded,
      onPassedOver,
      now,
    });
    const ingestPay = createPayEvidence({ chain: chain.name, engine, now });
    const cursorOf = (side: string, address: Hex) => ({
      name: `${side}:${chain.name}:${addressKey(address)}`,
      cursors: store.cursors,
    });
    // Nothing lands where no market is served; payments may be anywhere.
    if (core.markets.some((served) => served.chain === chain)) {
      scope.spawn(`home evidence of ${chain.name}`, (signal) =>
        followEvidence({
          ...common,
          address: collateralEscrow,
          events: HOME_EVENTS,
          cursor: cursorOf('home', collateralEscrow),
          ingest: async (logs, range) => {
            await undoHome(logs, range);
            await ingestHome(logs);
            onRead(chain.name, range.toBlock);
          },
          signal,
        }),
      );
    }
    if (core.markets.some((served) => served.chain === chain)) {
      scope.spawn(`flags of ${chain.name}`, (signal) => followFlags(core, chain, signal));
    }
    scope.spawn(`pay evidence of ${chain.name}`, (signal) =>
      followEvidence({
        ...common,
        address: repaymentEscrow,
        events: PAY_EVENTS,
        cursor: cursorOf('pay', repaymentEscrow),
        ingest: async (logs, range) => {
          await undoPay(logs, range);
          await ingestPay(logs);
        },
        signal,
      }),
    );
  }
}

/** Reads the whole log of flags at every start; what an earlier run told is not told again. */
async function followFlags(
  { flags, store, telemetry }: Core,
  chain: Chain,
  signal: AbortSignal,
): Promise<void> {
  const { collateralEscrow: address } = chain.contracts;
  const { confirmations, fromBlock } = chain.config;
  const name = `flags:${chain.name}:${addressKey(address)}`;
  let toldTo = await store.cursors.get(name);
  await followEvidence({
    chain,
    address,
    events: FLAG_EVENTS,
    fromBlock,
    confirmations,
    ingest: async (logs, { toBlock }) => {
      flags.ingest(chain.name, logs, toldTo);
      if (toldTo !== undefined && toBlock <= toldTo) return;
      await store.cursors.set(name, toBlock);
      toldTo = toBlock;
    },
    signal,
    log: childOf(telemetry, { module: 'evidence' }).log,
  });
}
