import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/** Scripts that run tools in a row. Their options are the tools' own. */
const COMPOSED = ['check', 'format', 'generate', 'links', 'reference', 'test', 'test:optimized'];

const root = join(import.meta.dirname, '..', '..');
const documents = globSync(['README.md', 'CONTRIBUTING.md', '*/README.md', 'docs/**/*.md'], { cwd: root });
const text = documents.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
const named = new Set(
  Array.from(
    text.matchAll(/npm run (?:--silent )?([\w:-]*\w)(?: (-w @gavel\/[\w-]+))?/g),
    ([, name, workspace]) => [name, workspace].filter((part) => part !== undefined).join(' '),
  ),
);
const commands = [...named]
  .map((command) => command.split(' '))
  .filter(([name = '']) => !COMPOSED.includes(name));
const npm = (args: readonly string[]) =>
  promisify(execFile)('npm', ['run', '--silent', ...args], { cwd: root, encoding: 'utf8' });

describe('every command that a document names', () => {
  test('is one of many', () => {
    expect(commands.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'bench',
        'chaos',
        'coverage',
        'crash',
        'demo',
        'gas',
        'invariants',
        'mutants',
        'soak',
      ]),
    );
  });

  test.each(commands)('npm run %s prints its usage', async (...command) => {
    const { stdout } = await npm([...command, '--', '--help']);
    expect(stdout).toMatch(/^Usage: npm run /);
  });

  test.each(commands)('npm run %s refuses an option that it does not know', async (...command) => {
    await expect(npm([...command, '--', '--no-such-option'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown option '--no-such-option'.*--help/is),
    });
  });
});

test('the demo ends in order and in silence when the reader of its output has gone', async () => {
  const cli = join(root, 'devnet', 'src', 'cli.ts');
  const child = spawn(process.execPath, [cli, 'demo'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const complaints: string[] = [];
  child.stderr.on('data', (text) => complaints.push(String(text)));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(complaints.join('')).not.toMatch(/EPIPE|failed/);
});
