/**
 * Kills random nodes with SIGKILL while loans are liquidated, starts them again, and checks that nothing is
 * lost: `npm run chaos`.
 *
 * Rounds follow each other until the kills are done. In each round, prices fall and recover a little, nodes
 * die and come back, the network comes to rest, and every balance on every chain is compared with the events.
 * Between rounds, loans and balances are restored to their first size. The seed decides which nodes die,
 * when, and how prices move; the seed cannot decide how the processes interleave. Exits with 0 if every check
 * of every round holds. Exits with 1 otherwise, and keeps logs and data then.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContracts } from '@gavel/contracts/build';
import { npmCommand, whole, writeData } from '@gavel/contracts/command';
import { createRandom } from '@gavel/solver-sdk/testing';
import { watchBallots } from '../src/chaos/ballot-watch.ts';
import { startFleet } from '../src/chaos/fleet.ts';
import { collateralsOf, createStagehands } from '../src/chaos/replenish.ts';
import { type Kill, type Round, runRound } from '../src/chaos/round.ts';
import { startNetwork } from '../src/network.ts';
import { type NodeLine, nodePlans } from '../src/nodes.ts';
import type { Check } from '../src/story/checks.ts';
import { createTeller } from '../src/story/tell.ts';

const { kills, seed, json } = npmCommand(
  'chaos',
  'Kill random nodes during live auctions, and check that nothing is lost.',
)
  .option('--kills <n>', 'how many kills', whole, 20)
  .option('--seed <s>', 'seed of the schedule', whole, 1)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ kills: number; seed: number; json?: string }>();

await buildContracts();
const print = (line = '') => process.stdout.write(`${line}\n`);
const tell = createTeller(print);
const stack = new AsyncDisposableStack();
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
const dir = await mkdtemp(join(tmpdir(), 'gavel-chaos-'));
let code = 1;
try {
  code = (await chaos()) ? 0 : 1;
} catch (cause) {
  process.stderr.write(`failed: ${cause instanceof Error ? cause.stack : String(cause)}\n`);
  process.stderr.write(`${JSON.stringify((cause as { meta?: unknown }).meta)}\n`);
}
stopping.abort();
await stack.disposeAsync();
if (code === 0) await rm(dir, { recursive: true, force: true });
else print(`The nodes’ logs and data are kept in ${dir}`);
process.exit(code);

async function chaos(): Promise<boolean> {
  const network = await startNetwork({ dir, stack, onStep: (what) => tell('set-up', what) });
  const lines = createLineCounts();
  const fleet = await startFleet({ network, plans: nodePlans(), stack, onLine: lines.onLine });
  const { signal } = stopping;
  const ballots = await watchBallots({ network, bootstrap: fleet.addresses(), stack, signal });
  const stagehands = createStagehands(network);
  const random = createRandom(seed);
  const since = performance.now();
  const killed: Kill[] = [];
  const rounds: Round[] = [];
  while (killed.length < kills && !signal.aborted) {
    const number = rounds.length + 1;
    tell('chaos', `round ${number}, ${kills - killed.length} kills to go`);
    const round = await runRound({
      network,
      fleet,
      ballots,
      stagehands,
      random,
      round: number,
      killsLeft: () => kills - killed.length,
      onKill: (kill) => killed.push(kill),
      since,
      tell: (what) => tell('chaos', what),
      signal,
    });
    rounds.push(round);
    const failed = round.checks.filter(({ ok }) => !ok);
    tell('chaos', `round ${number}: ${round.records.length} liquidations, ${failed.length} checks failed`);
    for (const { name, detail } of failed) tell('FAILED', `${name}: ${detail}`);
    if (failed.length > 0 || killed.length >= kills) break;
    for (const home of ['alpha', 'beta'] as const)
      for (const symbol of collateralsOf(home)) await stagehands.price(home, symbol, 100);
    await stagehands.replenish(round.records, round.observer);
  }
  const overall = onceOnly(rounds);
  overall.push({
    name: 'no auctioneer contradicted itself',
    ok: ballots.equivocations().length === 0 && ballots.votes() > 0,
    detail: `${ballots.votes()} votes heard, ${ballots.equivocations().length} contradictions`,
  });
  const checks = [...rounds.flatMap((round) => round.checks), ...overall];
  const ok = checks.every((check) => check.ok) && killed.length >= kills;
  const records = rounds.flatMap((round) => round.records);
  const outcome = {
    ok,
    seed,
    kills: killed.length,
    killsDuringAuctions: killed.filter(({ inAuction }) => inAuction > 0).length,
    killsWhileUnderWay: killed.filter(({ underWay }) => underWay > 0).length,
    killsDuringEither: killed.filter(({ inAuction, underWay }) => inAuction + underWay > 0).length,
    killsByRole: countBy(killed.flatMap(({ roles }) => roles)),
    rounds: rounds.length,
    liquidations: records.length,
    remote: records.filter(({ mode }) => mode === 'remote').length,
    local: records.filter(({ mode }) => mode === 'local').length,
    votes: ballots.votes(),
    equivocations: ballots.equivocations(),
    checks: checks.length,
    failed: checks.filter((check) => !check.ok),
    lines: lines.counts(),
    seconds: Math.round((performance.now() - since) / 1_000),
    schedule: killed,
  };
  await writeData(json, outcome);
  const { schedule: _, ...summary } = outcome;
  print(JSON.stringify(summary, null, 2));
  return ok;
}

/** What must hold over all rounds: each landing, payment, settlement and release happened once. */
function onceOnly(rounds: readonly Round[]): Check[] {
  const once = (name: string, keys: readonly string[]): Check => {
    const repeated = keys.filter((key, index) => keys.indexOf(key) !== index);
    return { name, ok: repeated.length === 0, detail: repeated.join() || `${keys.length}, all different` };
  };
  const seen = rounds.map(({ observer }) => observer);
  const landings = rounds.flatMap(({ records }) => records.map(({ intent }) => intent));
  const orders = new Set(seen.flatMap((observer) => observer.of('Opened').map(({ args }) => args.orderId)));
  const fills = seen.flatMap((observer) => observer.of('Filled').map(({ args }) => args.orderId));
  const lost = [...orders].filter((orderId) => !fills.includes(orderId));
  return [
    once('no intent landed twice', landings),
    once('no order was paid twice', fills),
    once(
      'no order settled twice',
      seen.flatMap((observer) => observer.of('Settled').map(({ args }) => args.orderId)),
    ),
    once(
      'no payment was released twice',
      seen.flatMap((observer) => observer.of('Released').map(({ args }) => args.orderId)),
    ),
    {
      name: 'every order was paid, and nothing else was',
      ok: lost.length === 0 && fills.every((orderId) => orders.has(orderId)),
      detail: `${orders.size} orders, ${fills.length} payments`,
    },
  ];
}

/** Counts the log lines that tell of trouble, to see what the nodes went through. */
function createLineCounts() {
  const counts = new Map<string, number>();
  return {
    onLine: ({ msg, level }: NodeLine) => {
      if (level !== 'warn' && level !== 'error' && level !== 'fatal') return;
      counts.set(`${String(level)}: ${msg}`, (counts.get(`${String(level)}: ${msg}`) ?? 0) + 1);
    },
    counts: () => Object.fromEntries(counts),
  };
}

function countBy(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
