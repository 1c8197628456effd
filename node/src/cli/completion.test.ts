import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { completionScript } from './completion.ts';
import { createProgram } from './main.ts';

/** Asks bash itself what it would offer after these words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(createProgram(), 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gavel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', 'gavel', ...words], { encoding: 'utf8' });
  return output.trim().split('\n');
}

test('bash offers commands, commands of commands, options, and the values of options', () => {
  expect(offered('')).toEqual(expect.arrayContaining(['start', 'doctor', 'orders', 'repair', 'completion']));
  expect(offered('po')).toEqual(['positions']);
  expect(offered('bond', 'd')).toEqual(['deposit']);
  expect(offered('start', '--dry')).toEqual(['--dry-run']);
  expect(offered('start', '--log-level', '')).toEqual(['debug', 'info', 'warn', 'error']);
  expect(offered('keys', 'import', '--key')).toEqual(['--key-file', '--key-env']);
});

test.each(['zsh', 'fish'] as const)('%s is told of every command', (shell) => {
  const script = completionScript(createProgram(), shell);
  for (const command of createProgram().commands) expect(script).toContain(command.name());
  expect(script).toContain('deposit');
  expect(script).not.toContain('undefined');
});
