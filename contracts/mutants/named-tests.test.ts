import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const textOf = (pattern: string, cwd: string): string =>
  globSync(pattern, { cwd })
    .map((path) => readFileSync(join(cwd, path), 'utf8'))
    .join('\n');

test('the docs name no test of the contracts that is not there', () => {
  const sources = textOf('test/**/*.sol', root);
  const there = new Set(Array.from(sources.matchAll(/function (test\w+)/g), ([, name]) => name));
  const docs = textOf('**/*.md', join(root, '..', 'docs'));
  const named = Array.from(docs.matchAll(/`(test(?:Fuzz)?_\w+)`/g), ([, name]) => name);
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !there.has(name))).toEqual([]);
});
