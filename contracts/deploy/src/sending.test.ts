import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { encryptKey } from '@gavel/protocol/keystore';
import { type Address, type Hex, parseGwei } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply } from './apply.ts';
import { FACTORY } from './chain.ts';
import { parseConfig } from './config.ts';
import { EXIT } from './errors.ts';
import { plan } from './plan.ts';
import { openSigner } from './signer.ts';
import {
  admin,
  configOf as configIn,
  deployer,
  guardian,
  KEY,
  type LocalChain,
  OUTPUT,
  startWorld,
  type World,
} from './testing/world.ts';

let world: World;
let alpha: LocalChain;
let beta: LocalChain;

beforeAll(async () => {
  world = await startWorld();
  ({ alpha, beta } = world);
});

afterAll(() => world.stop());

/** A plain set on alpha alone. */
function configOf(salt: string, transactions: object = {}) {
  const { chains, ...rest } = configIn(world, salt);
  return { ...rest, chains: { alpha: { ...chains.alpha, markets: {}, transactions } } };
}

describe('the deployer’s key', () => {
  test('comes from a keystore, with its password from the environment or a file', async () => {
    const [keystore, password] = [join(world.folder, 'key.json'), join(world.folder, 'password')];
    await writeFile(keystore, await encryptKey(KEY, 'correct horse', { n: 2 }));
    await writeFile(password, 'correct horse\n');
    const options = ['--keystore', keystore];
    const wrong = await world.run('apply', configOf('keystore'), options, {
      GAVEL_DEPLOYER_PASSWORD: 'wrong',
    });
    expect(wrong.code).toBe(EXIT.usage);
    expect(wrong.err).toContain('The password does not open the keystore');
    expect((await world.run('apply', configOf('keystore'), options, {})).err).toContain(
      'GAVEL_DEPLOYER_PASSWORD',
    );
    const right = await world.run(
      'apply',
      configOf('keystore'),
      [...options, '--password-file', password],
      {},
    );
    expect(right.code, right.err).toBe(EXIT.inSync);
  });

  test('must be one, and the deployer’s', async () => {
    const other = await world.run('apply', configOf('x'), [], { GAVEL_DEPLOYER_KEY: `0x${'11'.repeat(32)}` });
    expect(other.code).toBe(EXIT.usage);
    expect(other.err).toContain('the key is not the deployer’s');
    const two = await world.run('apply', configOf('x'), ['--signer', 'http://127.0.0.1:1']);
    expect(two.code).toBe(EXIT.usage);
    expect(two.err).toContain('expected one of --keystore FILE, --signer URL');
    const broken = await world.run('apply', configOf('x'), [], {
      GAVEL_DEPLOYER_KEY: `0x${'00'.repeat(32)}`,
    });
    expect(broken.err).toContain('no secp256k1 private key');
  });
});

describe('a wallet that signs and sends by itself', () => {
  let wallet: Server;
  let url: string;
  const asked: string[] = [];
  let accounts: readonly Address[] = [deployer.address];

  beforeAll(async () => {
    const chains = new Map([alpha, beta].map((chain) => [chain.chainId, chain]));
    // anvil holds the deployer's key as a wallet's device would; this server picks the chain as a wallet does
    wallet = createServer(async (request, response) => {
      const { method, params } = JSON.parse(await text(request));
      asked.push(method);
      const result = async () => {
        if (method === 'eth_accounts' || method === 'eth_requestAccounts') return { result: accounts };
        const chain = chains.get(Number(params[0]?.chainId));
        const answer = await fetch(chain?.url ?? '', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        });
        return (await answer.json()) as object;
      };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(await result()) }));
    });
    await new Promise<void>((resolve) => wallet.listen(0, '127.0.0.1', resolve));
    const address = wallet.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });

  afterAll(() => wallet.close());

  test('deploys, one confirmation for each transaction', async () => {
    const [before = 0] = await world.nonces();
    const { code, err } = await world.run('apply', configOf('wallet'), ['--signer', url], {});
    expect(code, err).toBe(EXIT.inSync);
    const [after = 0] = await world.nonces();
    expect(asked.filter((method) => method === 'eth_sendTransaction')).toHaveLength(after - before);
  });

  test('is refused without the deployer’s account', async () => {
    accounts = [admin.address];
    const { code, err } = await world.run('apply', configOf('other wallet'), ['--signer', url], {});
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('the wallet does not offer the deployer’s account');
  });
});

test('unsigned transactions go to a file, and deploy once another program has signed and sent them', async () => {
  const file = join(world.folder, 'unsigned.json');
  const planned = await world.run('plan', configOf('unsigned'), ['--unsigned', file], {});
  expect(planned.code, planned.err).toBe(EXIT.pending);
  const transactions: { what: string; chain: string }[] = JSON.parse(await readFile(file, 'utf8'));
  expect(planned.out).toContain(`${transactions.length} transactions written to ${file}`);
  for (const { chain, what, ...transaction } of transactions) {
    expect(chain).toBe('alpha');
    const hash = await sendPlain(alpha, transaction);
    const { status } = await alpha.client.waitForTransactionReceipt({ hash });
    expect(status, what).toBe('success');
  }
  expect((await world.run('plan', configOf('unsigned'), [], {})).code).toBe(EXIT.inSync);
});

test('one step alone is taken ahead, by its name', async () => {
  const config = configIn(world, 'ahead');
  const wrong = await world.run('apply', config, ['--only', 'adapter nothing']);
  expect(wrong.code).toBe(EXIT.usage);
  const [before = 0] = await world.nonces();
  const { code, out } = await world.run('apply', config, ['--only', 'adapter tiny-alpha']);
  expect(code).toBe(EXIT.pending);
  expect(out).toContain('alpha: done: adapter tiny-alpha');
  expect((await world.nonces())[0]).toBe(before + 1);
  // it can now be named by its address, and is that of this deployment's escrow
  const [home] = await world.contracts(config);
  const address = home['adapter tiny-alpha'];
  const named = JSON.parse(JSON.stringify(config));
  named.chains.alpha.markets['tiny-alpha'].adapter = { address };
  const planned = await world.run('plan', named);
  expect(planned.code, planned.err).toBe(EXIT.pending);
});

test('an adapter of another project comes from the file that forge wrote', async () => {
  const config = JSON.parse(JSON.stringify(configIn(world, 'artifact')));
  const { adapter } = config.chains.alpha.markets['tiny-alpha'];
  const artifact = join(OUTPUT, 'TinyLendAdapter.sol/TinyLendAdapter.json');
  config.chains.alpha.markets['tiny-alpha'].adapter = { artifact, arguments: adapter.arguments };
  const { code, out } = await world.run('apply', config, ['--only', 'adapter tiny-alpha']);
  expect(code).toBe(EXIT.pending);
  expect(out).toContain('alpha: done: adapter tiny-alpha');
});

describe('fees', () => {
  test('above the cap of the file are not paid', async () => {
    await alpha.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('40') });
    await alpha.client.mine({ blocks: 1 });
    const capped = configOf('capped', { maxFeeGwei: 20 });
    const [before] = await world.nonces();
    expect((await world.run('plan', capped)).out).toContain('the base fee is above the cap');
    const { code, err } = await world.run('apply', capped);
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('the base fee is above the cap: wait, or raise transactions.maxFeeGwei');
    expect((await world.nonces())[0]).toBe(before);
  });

  test('and confirmations must be numbers that can be', async () => {
    const wrong = configOf('x', { maxFeeGwei: '-1', confirmations: 0, replaceAfter: 'soon' });
    const { err } = await world.run('plan', wrong);
    expect(err).toContain('chains.alpha.transactions.maxFeeGwei: expected gwei');
    expect(err).toContain('transactions.confirmations: expected a whole number from 1 to 1000');
    expect(err).toContain('transactions.replaceAfter: expected a whole number from 1 to 86400');
  });

  test('do not end the wait: the next transaction follows after the confirmations of the file', async () => {
    const [before = 0] = await world.nonces();
    const config = configOf('confirmed', { confirmations: 3 });
    let ended = false;
    const running = world.run('apply', config, ['--only', 'AccessManager']).finally(() => {
      ended = true;
    });
    await expect.poll(async () => (await world.nonces())[0]).toBe(before + 1);
    await alpha.client.mine({ blocks: 1 });
    await world.run('plan', config); // meanwhile the transaction has two of its three blocks
    expect(ended).toBe(false);
    await alpha.client.mine({ blocks: 1 });
    const { code, err } = await running;
    expect(code, err).toBe(EXIT.pending);
  });

  test('a transaction that is stuck at the next nonce is replaced, and apply goes on', async () => {
    const config = configOf('stuck');
    await alpha.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('40') });
    await alpha.client.mine({ blocks: 1 });
    await alpha.client.setAutomine(false);
    // dearer than the first offer, so that the pool refuses that as underpriced
    await alpha.client.sendTransaction({
      account: deployer,
      chain: null,
      to: guardian.address,
      value: 1n,
      maxFeePerGas: parseGwei('120'),
      maxPriorityFeePerGas: 1n,
    });
    const planned = await world.run('plan', config);
    expect(planned.out).toMatch(
      /1 transactions of the deployer are in no block yet; apply replaces nonce \d+/,
    );
    const before = await alpha.client.getBalance({ address: guardian.address });
    const running = world.run('apply', config);
    await expect.poll(async () => (await pendingOf(alpha))?.to?.toLowerCase()).toBe(FACTORY.toLowerCase());
    await alpha.client.mine({ blocks: 1 });
    await alpha.client.setAutomine(true);
    await alpha.client.mine({ blocks: 1 });
    const { code, out, err } = await running;
    expect(code, err).toBe(EXIT.inSync);
    expect(out).toContain('alpha: 1 earlier transactions are in no block yet; replacing the one with nonce');
    expect(await alpha.client.getBalance({ address: guardian.address })).toBe(before);
  });

  test('are raised for a transaction that no block takes, and a block takes the dearer one', async () => {
    const config = configOf('raised', { replaceAfter: 1 });
    await alpha.client.setAutomine(false);
    const running = world.run('apply', config);
    await expect.poll(async () => (await pendingOf(alpha))?.maxFeePerGas).toBeDefined();
    const first = BigInt((await pendingOf(alpha))?.maxFeePerGas ?? 0);
    await expect.poll(async () => BigInt((await pendingOf(alpha))?.maxFeePerGas ?? 0)).toBeGreaterThan(first);
    await alpha.client.mine({ blocks: 1 });
    await alpha.client.setAutomine(true);
    await alpha.client.mine({ blocks: 1 });
    const { code, out, err } = await running;
    expect(code, err).toBe(EXIT.inSync);
    expect(out).toContain('sending it again at a higher fee');
  });
});

/** Has a chain's node, which holds the deployer's key, sign and send a transaction as it is written. */
async function sendPlain(chain: LocalChain, transaction: object): Promise<Hex> {
  const request = { jsonrpc: '2.0', id: 1, method: 'eth_sendTransaction', params: [transaction] };
  const response = await fetch(chain.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const { result, error } = (await response.json()) as { result?: Hex; error?: { message: string } };
  if (result === undefined) throw new TypeError(error?.message);
  return result;
}

interface Pending {
  readonly to: Address | null;
  readonly maxFeePerGas: Hex;
}

/** The deployer's transaction that waits in a chain's pool. */
async function pendingOf(chain: LocalChain): Promise<Pending | undefined> {
  const content = (await chain.client.request({ method: 'txpool_content' } as never)) as {
    pending: Readonly<Record<string, Readonly<Record<string, Pending>>>>;
  };
  const own = Object.entries(content.pending).find(
    ([from]) => from.toLowerCase() === deployer.address.toLowerCase(),
  );
  return Object.values(own?.[1] ?? {})[0];
}

test('a call that reverts is told with its error', async () => {
  const config = configOf('reverts');
  expect((await world.run('apply', config)).code).toBe(EXIT.inSync);
  // bonds name their escrow once: the setting cannot be made a second time
  const parsed = parseConfig(JSON.stringify(configOf('reverts')), {});
  const plans = await plan(parsed);
  const signer = await openSigner({}, { GAVEL_DEPLOYER_KEY: KEY }, deployer.address);
  const twisted = plans.map((one) => ({
    ...one,
    layout: {
      ...one.layout,
      steps: one.layout.steps
        .filter((step) => step.what === 'escrow of SolverBonds')
        .map((step) => (step.kind === 'set' ? { ...step, guarded: false, holds: () => false } : step)),
    },
  }));
  await expect(apply(twisted, parsed, signer, () => undefined)).rejects.toMatchObject({
    code: 'TX_FAILED',
    meta: { why: expect.stringContaining('AccessManagedUnauthorized') },
  });
});
