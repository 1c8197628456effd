import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKey } from '@gavel/protocol/keystore';
import { type Address, type Hex, pad } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples, FOLDER } from '../scripts/examples.ts';
import { parseConfig } from './config.ts';
import { EXIT } from './errors.ts';
import { main } from './main.ts';
import {
  admin,
  auctioneers,
  clientOf,
  deployer,
  deployMailbox,
  deployOurs,
  guardian,
  initializeMailbox,
  KEY,
  startAnvil,
} from './testing/world.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/how-to/deploy.md');
const processes: ChildProcess[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-examples-'));
});

afterAll(async () => {
  for (const running of processes) running.kill();
  await rm(folder, { recursive: true, force: true });
});

test('the committed examples are what the installed packages say', async () => {
  const made = examples();
  expect((await readdir(FOLDER)).sort()).toEqual(Object.keys(made).sort());
  for (const [file, text] of Object.entries(made)) {
    expect(await readFile(join(FOLDER, file), 'utf8'), 'run npm run examples -w @gavel/deploy').toBe(text);
    expect(text).toMatch(/@hyperlane-xyz\/registry \d+\.\d+\.\d+, sha256 \w{64}/);
    expect(text).toMatch(/@aave-dao\/aave-address-book \d+\.\d+\.\d+, sha256 \w{64}/);
  }
});

test('docs/how-to/deploy.md deploys the example of Sepolia and Base Sepolia word for word', async () => {
  const guide = await readFile(GUIDE, 'utf8');
  const shell = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text).join('\n');
  const exported = [...shell.matchAll(/^export (\w+)=(\S*)/gm)].map(([, name = '']) => name);
  const [sepolia, base] = await Promise.all([standIn(11_155_111), standIn(84_532)]);
  const [first = '0x', second = '0x', third = '0x'] = auctioneers;
  const env: Record<string, string> = {
    ...{
      DEPLOYER: deployer.address,
      ADMIN: admin.address,
      GUARDIAN: guardian.address,
      TREASURY: admin.address,
    },
    ...{ AUCTIONEER_1: first, AUCTIONEER_2: second, AUCTIONEER_3: third },
    ...{ SEPOLIA_RPC: sepolia, BASE_SEPOLIA_RPC: base, GAVEL_DEPLOYER_PASSWORD: 'correct horse' },
  };
  expect(exported.sort()).toEqual(Object.keys(env).sort());

  const example = await readFile(join(FOLDER, 'sepolia-base-sepolia.yaml'), 'utf8');
  await writeFile(join(folder, 'gavel.yaml'), example);
  await writeFile(join(folder, 'deployer.json'), await encryptKey(KEY, 'correct horse', { n: 2 }));

  const commands = [...shell.matchAll(/^npx gavel-deploy (.*?)(?: +# exit code (\d))?$/gm)];
  expect(commands.length).toBeGreaterThan(4);
  for (const [line, words = '', code = '0'] of commands) {
    // files of the guide are in the reader's folder
    const argv = words.replace(/(?<= )(\w+\.(yaml|json)|sources)/g, (file) => join(folder, file)).split(/ +/);
    let printed = '';
    const keep = (text: string) => {
      printed += text;
    };
    expect(await main(argv, env, { out: keep, err: keep }), `${line}\n${printed}`).toBe(Number(code));
  }
  expect(
    await main(['plan', '--config', join(folder, 'gavel.yaml')], env, { out: () => {}, err: () => {} }),
  ).toBe(EXIT.inSync);
});

/**
 * Code that answers every call with one word: an address that has this code too, or a reserve with a bonus of
 * 5 %.
 */
const ANSWER: Address = '0x0000000000000000000000000000290400000001';
const STAND_IN: Hex = `0x7f${pad(ANSWER).slice(2)}60005260206000f3`;

/**
 * Starts a local chain of the id of a public one, and puts what the example names at its addresses:
 * Hyperlane's own mailbox, tokens, and in place of Aave, which is no part of Gavel, code that answers as the
 * adapter's constructor and the check of the bonus need. Returns its URL.
 */
async function standIn(chainId: number): Promise<string> {
  const url = await startAnvil(processes, chainId);
  const client = clientOf('public', chainId, url);
  const env = new Proxy({}, { get: () => deployer.address }) as Record<string, string>;
  const text = (await readFile(join(FOLDER, 'sepolia-base-sepolia.yaml'), 'utf8')).replace(/\$\w+_RPC/g, url);
  const chain = parseConfig(text, env).chains.find((one) => one.chainId === chainId);
  if (chain === undefined) throw new TypeError('no such chain');
  const put = async (from: Address, at: Address) =>
    client.setCode({ address: at, bytecode: (await client.getCode({ address: from })) ?? '0x' });
  const { mailbox, securityModule, hook } = await deployMailbox(client, chain.domain);
  await put(mailbox, chain.mailbox);
  await initializeMailbox(client, chain.mailbox, securityModule, hook);
  for (const [name, at] of Object.entries(chain.tokens)) {
    await put(
      await deployOurs(client, 'TestToken', [name, name, name === 'USDC' ? 6 : 18, admin.address]),
      at,
    );
  }
  for (const { adapter } of chain.markets) {
    if (!('contract' in adapter)) continue;
    await client.setCode({ address: String(adapter.args.provider) as Address, bytecode: STAND_IN });
    await client.setCode({ address: ANSWER, bytecode: STAND_IN });
  }
  return url;
}
