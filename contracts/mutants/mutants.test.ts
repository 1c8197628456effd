import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mutate } from './apply.ts';
import { MUTANTS } from './list.ts';

const src = join(import.meta.dirname, '..', 'src');

describe('mutants', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s still applies', (_, mutant) => {
    const source = readFileSync(join(src, mutant.file), 'utf8');
    expect(mutate(source, mutant)).not.toBe(source);
  });

  test('are told apart by their names, and at least forty', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
  });

  test('a text that occurs twice, or never, is refused', () => {
    const mutant = { name: 'x', file: 'x.sol', search: 'a', replace: 'b', breaks: '' };
    expect(mutate('cat', mutant)).toBe('cbt');
    for (const source of ['banana', 'dog']) {
      expect(() => mutate(source, mutant)).toThrow(
        expect.objectContaining({ code: 'MUTANT_DOES_NOT_APPLY' }),
      );
    }
  });
});
