import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What became of a module: the strategy's name, or the failure. */
type Outcome = { name?: string; code?: string; at?: string; problem?: string };

const FINE = `import { defineStrategy, optionsOf, reject, type Strategy } from '@gavel/solver-sdk';
const make: (raw: unknown) => Strategy = defineStrategy({
  name: 'outside',
  options: optionsOf({}),
  quote: () => reject('never'),
});
export default make;
`;
const FILES = {
  'fine.ts': FINE,
  'syntax.ts': '// a comment\nexport default 1 +;\n',
  'syntax.js': '// a comment\nexport default 1 +;\n',
  'enum.ts': '\n\nenum Kind { One }\nexport default Kind;\n',
  'package.ts': "\nimport { x } from 'no-such-package';\nexport default x;\n",
  'file.ts': "\n\nimport { x } from './no-such-file.ts';\nexport default x;\n",
  'name.ts': "\nimport { noSuchExport } from '@gavel/solver-sdk';\nexport default noSuchExport;\n",
  'throws.ts': "\n\n\nthrow new TypeError('no price feed');\n",
  'string.ts': "throw 'no price feed';\n",
  'none.ts': 'export const strategy = 1;\n',
  'object.ts': '\nexport default { quote: 1 };\n',
  'nothing.ts': '\n\nexport default () => null;\n',
  'factory.ts': "export default () => {\n  throw new RangeError('no such pair');\n};\n",
};

let folder: string;
let outcomes: Readonly<Record<string, Outcome>>;

/** Modules are loaded by Node itself, in a process of its own: here, the test runner would load them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-strategy-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  const script = `
    import { loadStrategy } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'strategy.ts')))};
    const outcomes = {};
    for (const name of ${JSON.stringify([...Object.keys(FILES), 'absent.ts'])}) {
      outcomes[name] = await loadStrategy(${JSON.stringify(folder)} + '/' + name, {}).then(
        ({ name }) => ({ name }),
        ({ code, meta }) => ({ code, ...meta }),
      );
    }
    console.log(JSON.stringify(outcomes));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  outcomes = JSON.parse(stdout);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a TypeScript strategy loads from a folder that knows nothing of Gavel', () => {
  expect(outcomes['fine.ts']).toEqual({ name: 'outside' });
});

test.each([
  ['syntax.ts', 2, 'Expression expected'],
  ['syntax.js', 2, "Unexpected token ';'"],
  ['enum.ts', 3, 'enum is not supported'],
  ['package.ts', 2, "Cannot find package 'no-such-package'"],
  ['file.ts', 3, 'no-such-file.ts'],
  ['name.ts', 2, "does not provide an export named 'noSuchExport'"],
  ['throws.ts', 4, 'TypeError: no price feed'],
  ['object.ts', 2, 'default export is a value of type object, not a function'],
  ['nothing.ts', 3, 'default export returned null'],
  ['factory.ts', 2, 'RangeError: no such pair'],
])('%s is refused by file, line and cause', (name, line, problem) => {
  expect(outcomes[name]).toMatchObject({
    code: 'BAD_MODULE',
    at: `${join(folder, name)}:${line}`,
    problem: expect.stringContaining(problem),
  });
});

test.each([
  ['string.ts', 'threw "no price feed"'],
  ['none.ts', 'default export is undefined'],
  ['absent.ts', 'not found'],
])('%s is refused by file and cause, without a line to name', (name, problem) => {
  expect(outcomes[name]).toMatchObject({
    code: 'BAD_MODULE',
    at: join(folder, name),
    problem: expect.stringContaining(problem),
  });
});
