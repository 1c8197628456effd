import { marketRegistryAbi } from '@gavel/abi';
import { isGavelError, marketId } from '@gavel/protocol';
import { numberToHex, type PublicClient } from 'viem';
import { rateLimitOf } from '../chain/answers.ts';
import { type Chain, quorumOf } from '../chain/client.ts';
import type { Endpoint } from '../chain/endpoints.ts';
import { meaningOf } from '../chain/log-ranges.ts';
import type { Config } from '../config/schema.ts';
import { type CauseOf, causesIn, examine, type Finding } from './finding.ts';

/** Seconds by which the newest block may be old before the chain seems to stand still. */
const STALE_S = 120;

/** Questions asked together to see how many an endpoint takes in one request. */
const BATCH = 20;

/** Blocks of logs that an endpoint is asked for, until it takes as many; fewer than `FEW` are slow. */
const RANGES = [10_000n, 2_000n, 500n, 100n, 10n, 1n];
const FEW = 500n;

/** Checks a chain: each endpoint, the clocks, the code of the contracts. */
export async function examineChain(
  chain: Chain,
  { auction }: Pick<Config, 'auction'>,
  now: () => number,
): Promise<Finding[]> {
  const subject = `chain ${chain.name}`;
  const endpoints = await examineEndpoints(subject, chain);
  if (causesIn(endpoints)(chain.name) !== undefined) return endpoints;
  const clock = examine(
    subject,
    'clocks',
    'Set this machine’s clock by NTP, or use an endpoint that keeps up',
    async () => {
      const { timestamp, number } = await chain.client.getBlock();
      const age = now() / 1_000 - Number(timestamp);
      const found = `block ${number}, ${age.toFixed(1)} s ${age < 0 ? 'in the future' : 'old'}`;
      // Block times are whole seconds.
      if (age * 1_000 < -(auction.clockToleranceMs + 1_000)) {
        return {
          status: 'fail',
          found,
          next: 'This machine’s clock is behind, or the chain’s ahead: quotes come late',
        };
      }
      if (age < STALE_S) return found;
      return {
        status: 'warn',
        found,
        next: 'The chain stands still, or the endpoint lags, or this clock is ahead',
      };
    },
  );
  const contracts = Object.entries(chain.contracts).map(([name, address]) =>
    examine(subject, name, `Correct chains.${chain.name}.contracts.${name}`, async () => {
      const code = await chain.client.getCode({ address });
      if (code !== undefined) return address;
      return {
        status: 'fail',
        found: `no contract at ${address}`,
        next: `Correct chains.${chain.name}.contracts.${name}`,
      };
    }),
  );
  return [...endpoints, await clock, ...(await Promise.all(contracts))];
}

/** Checks that each market is in its chain's registry and not paused. */
export async function examineMarkets(
  config: Config,
  chains: ReadonlyMap<string, Chain>,
  causeOf: CauseOf,
): Promise<Finding[]> {
  const findings = config.markets.flatMap(({ id, chain: name }) => {
    const chain = chains.get(name);
    if (chain === undefined) return [];
    const registry = { address: chain.contracts.registry, abi: marketRegistryAbi } as const;
    return [
      examine(
        `market ${id}`,
        'registry',
        `Correct its id or chain: the registry of ${name} does not know it`,
        async () => {
          const args = [marketId(id)] as const;
          const [[terms, version], paused, [members, threshold]] = await Promise.all([
            chain.client.readContract({ ...registry, functionName: 'terms', args }),
            chain.client.readContract({ ...registry, functionName: 'isPaused', args }),
            chain.client.readContract({ ...registry, functionName: 'auctioneers', args }),
          ]);
          const found = `rules ${version}, a slot of ${terms.slot} blocks, ${threshold} of ${members.length} auctioneers`;
          if (!paused) return found;
          return {
            status: 'warn',
            found: `${found}, paused`,
            next: 'Nothing is auctioned until its guardian resumes it',
          };
        },
        causeOf(name, 'registry'),
      ),
    ];
  });
  return Promise.all(findings);
}

/** What one endpoint showed. */
type Shown = { readonly label: string; readonly head: bigint; readonly client: PublicClient };

/**
 * Checks every endpoint by itself and against the others: its chain, how far it lags, whether it says the
 * same of a block they all have, whether it still has the logs from where the node begins to read, and
 * whether a websocket tells of heads.
 */
async function examineEndpoints(subject: string, chain: Chain): Promise<Finding[]> {
  const shown: Shown[] = [];
  const each = await Promise.all(
    chain.endpoints.map((endpoint) => examineEndpoint(subject, chain, endpoint, shown)),
  );
  const heads = shown.map(({ head }) => head);
  const newest = heads.reduce((a, b) => (a > b ? a : b), 0n);
  const common = heads.reduce((a, b) => (a < b ? a : b), newest);
  const late = shown.filter(({ head }) => newest - head > BigInt(chain.config.maxLagBlocks));
  const lags = late.map(({ label, head }): Finding => {
    const found = `${newest - head} blocks behind`;
    return {
      subject,
      check: `lag of ${label}`,
      status: 'warn',
      found,
      next: 'It is quarantined until it catches up',
    };
  });
  const needed = quorumOf(chain.config);
  return [
    ...each,
    ...lags,
    ...(shown.length > 1 ? [await examineAgreement(subject, shown, common)] : []),
    examineQuorum(subject, chain, { needed, answering: shown.length }),
    ...(await Promise.all(shown.map((one) => examineArchive(subject, chain, one)))),
    ...(await Promise.all(shown.map((one) => examineRanges(subject, chain, one)))),
  ];
}

function examineEndpoint(
  subject: string,
  chain: Chain,
  endpoint: Endpoint,
  shown: Shown[],
): Promise<Finding> {
  const { label, client, heads } = endpoint;
  const next = 'Is it up, is the URL right, does a firewall stand between?';
  return examine(subject, `rpc ${label}`, next, async () => {
    const started = performance.now();
    try {
      await endpoint.verify();
    } catch (error) {
      if (!isGavelError(error, 'CHAIN_ID_MISMATCH')) throw error;
      const found = `chain id ${String(error.meta.got)}`;
      return { status: 'fail', found, next: `Expected ${chain.chainId}: correct the URL or chainId` };
    }
    const took = Math.round(performance.now() - started);
    const head = await client.getBlockNumber();
    shown.push({ label, head, client });
    const found = `chain id ${chain.chainId} after ${took} ms, block ${head}`;
    if (heads === undefined) return `${found}, ${await examineBatches(endpoint)}`;
    const listening = new AbortController();
    await heads(() => {}, listening.signal);
    listening.abort();
    return `${found}, tells of heads`;
  });
}

function examineAgreement(subject: string, shown: readonly Shown[], number: bigint): Promise<Finding> {
  const next = 'One of them lies, or is on another branch: compare with a block explorer, remove it from rpc';
  return examine(subject, 'agreement', next, async () => {
    const blocks = await Promise.all(
      shown.map(async ({ label, client }) => {
        const { hash } = await client.getBlock({ blockNumber: number });
        return { label, hash };
      }),
    );
    if (new Set(blocks.map(({ hash }) => hash)).size === 1)
      return `${blocks.length} endpoints say the same of block ${number}`;
    const found = blocks.map(({ label, hash }) => `${label} ${hash.slice(0, 10)}…`).join(', ');
    return { status: 'fail', found: `block ${number}: ${found}`, next };
  });
}

function examineQuorum(
  subject: string,
  { config, name }: Chain,
  { needed, answering }: { needed: number; answering: number },
): Finding {
  const check = 'quorum';
  const found = `${needed} of ${config.rpc.length} must agree, ${answering} answer`;
  // Some endpoint has failed then, and is the cause.
  if (answering < needed)
    return {
      subject,
      check,
      status: 'follows',
      found,
      next: `No money moves on ${name}: mend endpoints or add some`,
    };
  if (needed > 1 && answering > needed) return { subject, check, status: 'ok', found };
  const next =
    needed === 1
      ? 'Nothing checks what one endpoint says: configure three, of different providers'
      : 'One more failure, and no money moves: configure one more';
  return { subject, check, status: 'warn', found, next };
}

/** Asks several questions together, and tells how many the endpoint takes in one request. */
async function examineBatches(endpoint: Endpoint): Promise<string> {
  try {
    await Promise.all(
      Array.from({ length: BATCH }, (_, index) =>
        endpoint.client.getTransactionCount({ address: numberToHex(index + 1, { size: 20 }) }),
      ),
    );
  } catch (error) {
    if (rateLimitOf(error) === undefined) throw error;
    return `limits the rate at ${BATCH} questions`;
  }
  const size = endpoint.batchSize() ?? BATCH;
  if (size >= BATCH) return `${BATCH} questions in one request or more`;
  return size === 1 ? 'each question in a request of its own' : `${size} questions in one request`;
}

/** Finds how many blocks of logs the endpoint takes at once. */
function examineRanges(subject: string, chain: Chain, { label, client, head }: Shown): Promise<Finding> {
  const next = 'It answers no question about logs: use another endpoint';
  const address = chain.contracts.collateralEscrow;
  return examine(subject, `logs of ${label}`, next, async () => {
    for (const blocks of RANGES) {
      const fromBlock = head >= blocks ? head - blocks + 1n : 0n;
      try {
        await client.getLogs({ address, fromBlock, toBlock: head });
        const found = `${head - fromBlock + 1n} blocks at once`;
        if (blocks >= FEW || fromBlock === 0n) return found;
        return {
          status: 'warn',
          found,
          next: 'The first start reads its past slowly: a later fromBlock helps',
        };
      } catch (error) {
        if (meaningOf(error) !== 'narrower' || blocks === RANGES.at(-1)) throw error;
      }
    }
    throw new RangeError('No range was tried');
  });
}

/** Asks for logs from where a first start begins to read: some endpoints have forgotten the past. */
function examineArchive(subject: string, chain: Chain, { label, client }: Shown): Promise<Finding> {
  const { fromBlock } = chain.config;
  const next =
    'A first start cannot read its past here: use an endpoint that keeps logs, or a later fromBlock';
  return examine(subject, `past of ${label}`, next, async () => {
    const address = chain.contracts.repaymentEscrow;
    const [block] = await Promise.all([
      client.getBlock({ blockNumber: fromBlock }),
      client.getLogs({ address, fromBlock, toBlock: fromBlock }),
    ]);
    return `block ${block.number} and its logs are there`;
  });
}
