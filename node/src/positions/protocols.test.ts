import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { pad } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadProtocol, protocolFaults } from './protocols.ts';

const FINE = `import { contractAddress, defineProtocol, optionsOf, type ProtocolFactory } from '@gavel/solver-sdk';
import { parseAbi } from 'viem';
const make: ProtocolFactory = defineProtocol({
  events: parseAbi(['event Borrowed(address borrower)']),
  options: optionsOf({ helper: contractAddress().optional() }),
  positions: () => () => [],
  valueInDebt: async () => 0n,
});
export default make;
`;
const FILES = {
  'fine.ts': FINE,
  'throws.ts': "\n\n\nthrow new TypeError('no price feed');\n",
  'none.ts': 'export const protocol = 1;\n',
  'strategy.ts': '\n\nexport default () => ({ name: "a", quote: () => 1 });\n',
  'events.ts':
    '\nexport default () => ({ events: [7], positions() {}, ownerOf() {}, valueInDebt() {}, propose() {} });\n',
};

let folder: string;
let outcomes: Readonly<Record<string, { code?: string; at?: string; problem?: string; events?: number }>>;

/** Modules are loaded by Node itself, in a process of its own: here, the test runner would load them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-protocol-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  const script = `
    import { loadProtocol } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'protocols.ts')))};
    const outcomes = {};
    for (const name of ${JSON.stringify([...Object.keys(FILES), 'absent.ts'])}) {
      outcomes[name] = await loadProtocol({ id: 'one', protocol: ${JSON.stringify(folder)} + '/' + name }).then(
        ({ protocol }) => ({ events: protocol.events.length }),
        ({ code, meta }) => ({ code, ...meta }),
      );
    }
    console.log(JSON.stringify(outcomes));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  outcomes = JSON.parse(stdout);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a TypeScript module loads from a folder that knows nothing of Gavel, nor of viem', () => {
  expect(outcomes['fine.ts']).toEqual({ events: 1 });
});

test.each([
  ['throws.ts', ':4', 'TypeError: no price feed'],
  ['none.ts', '', 'default export is undefined, not a function; export default defineProtocol({ … })'],
  ['strategy.ts', ':3', 'default export returned a value of type object; use defineProtocol'],
  ['events.ts', ':2', 'default export returned a value of type object; use defineProtocol'],
  ['absent.ts', '', 'not found'],
])('%s is refused by file, line and cause', (name, line, problem) => {
  expect(outcomes[name]).toMatchObject({ code: 'BAD_MODULE', at: `${join(folder, name)}${line}`, problem });
});

test('options that do not parse are a fault of the market', async () => {
  const market = { id: 'one', protocol: 'aave-v3', options: { viewHelper: '0x12', other: 1 } };
  const faults = [
    expect.stringContaining('viewHelper: Expected an address'),
    expect.stringContaining('other'),
  ];
  await expect(loadProtocol(market)).rejects.toMatchObject({
    code: 'BAD_OPTIONS',
    meta: { market: 'one', faults },
  });
});

test('check-config and the doctor are told which setting of which market is at fault', async () => {
  const common = { chain: 'home', source: pad('0x01', { size: 20 }), fromBlock: 0n };
  const markets = [
    { ...common, id: 'fine', protocol: 'morpho-blue' },
    { ...common, id: 'options', protocol: 'morpho-blue', options: { viewHelper: 1 } },
    { ...common, id: 'absent', protocol: join(folder, 'absent.ts') },
  ];
  expect(await protocolFaults({ roles: ['watcher'], markets })).toEqual([
    { path: 'markets[1].options', problem: expect.stringContaining('viewHelper') },
    { path: 'markets[2].protocol', problem: expect.stringContaining('absent.ts') },
  ]);
  expect(await protocolFaults({ roles: ['auctioneer'], markets })).toEqual([]);
});
