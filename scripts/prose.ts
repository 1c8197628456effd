/**
 * Holds documents and comments to the words and widths in `words.yaml`. Prints one line a fault and exits 1
 * if there is one. Markdown outside of code is checked as a whole; of TypeScript and Solidity, the comments.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import jsTokens from 'js-tokens';
import { parse } from 'yaml';
import { npmCommand } from '../contracts/scripts/command.ts';

npmCommand('prose', 'Hold documents and comments to the words and widths in scripts/words.yaml.').parse();

type Rules = {
  checked: string[];
  unchecked: string[];
  widths: Record<string, number>;
  forbidden: { word: string; use: string }[];
  allowed: { word: string; in: string; because: string }[];
};

const rules: Rules = parse(readFileSync(new URL('words.yaml', import.meta.url), 'utf8'));
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
}).split('\0');

/** The same number of lines and columns, with everything blanked that is no prose. */
const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const proseOf = (file: string, text: string): string =>
  file.endsWith('.md')
    ? text.replace(/^ *(```|~~~)[\s\S]*?^ *\1|`[^`]*`|\]\([^)]*\)/gm, blank)
    : Array.from(jsTokens(text), ({ type, value }) => (type.endsWith('Comment') ? value : blank(value))).join(
        '',
      );

const pattern = new RegExp(
  `\\b(?:${rules.forbidden.map(({ word }) => word.replaceAll(' ', '[\\s*/]+')).join('|')})\\b`,
  'gi',
);

const wordFaults = (file: string, prose: string): string[] =>
  Array.from(prose.matchAll(pattern), ({ 0: found, index }) => {
    const word = found.replace(/[\s*/]+/g, ' ').toLowerCase();
    const rule = rules.forbidden.find((one) => one.word.toLowerCase() === word);
    const isAllowed = rules.allowed.some((one) => one.word === rule?.word && matchesGlob(file, one.in));
    const line = prose.slice(0, index).split('\n').length;
    return isAllowed ? [] : [`${file}:${line}: "${word}": write ${rule?.use}`];
  }).flat();

/** Comment lines beyond the limit. A drawing, a table, or one long word such as a link, cannot be wrapped. */
const widthFaults = (file: string, text: string, prose: string, limit: number): string[] => {
  const source = text.split('\n');
  return prose.split('\n').flatMap((line, index) => {
    const end = line.trimEnd();
    const words = end.trimStart().replace(/^(?:\/\/\/?|\/?\*+) ?/, '');
    const isComment = source[index]?.trimStart().startsWith(end.trimStart()) === true;
    const isWrappable = words.includes(' ') && !/[─│▶]|\S {3,}\S/.test(words);
    return end.length > limit && isComment && isWrappable
      ? [`${file}:${index + 1}: the comment ends at column ${end.length}: wrap it at ${limit}`]
      : [];
  });
};

const isIn = (file: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesGlob(file, glob));

const faults = files.flatMap((file) => {
  if (isIn(file, rules.unchecked)) return [];
  const limit = Object.entries(rules.widths).find(([glob]) => matchesGlob(file, glob))?.[1];
  const hasWords = isIn(file, rules.checked);
  if (limit === undefined && !hasWords) return [];
  const text = readFileSync(file, 'utf8');
  const prose = proseOf(file, text);
  return [
    ...(hasWords ? wordFaults(file, prose) : []),
    ...(limit === undefined ? [] : widthFaults(file, text, prose, limit)),
  ];
});

if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\nfaults: ${faults.length}; scripts/words.yaml has the rules\n`);
  process.exitCode = 1;
}
