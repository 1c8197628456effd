import type { Command, Option } from 'commander';

/** A shell that completions are written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command of the tree: the words that lead to it, and what may follow. */
type Entry = {
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly Option[];
};

/**
 * Writes a shell's completion script for a command line, from its own description of itself. The script knows
 * all words: completion libraries start the program at each press of the key, and offer no file names.
 */
export function completionScript(program: Command, shell: Shell): string {
  const entries = listEntries(program, []);
  if (shell === 'bash') return bash(program.name(), entries);
  return shell === 'zsh' ? zsh(program.name(), entries) : fish(program.name(), entries);
}

function listEntries(command: Command, path: readonly string[]): Entry[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const entry: Entry = {
    path,
    commands: children.map((child) => ({
      name: child.name(),
      summary: child.summary() || child.description(),
    })),
    options: help.visibleOptions(command),
  };
  return [entry, ...children.flatMap((child) => listEntries(child, [...path, child.name()]))];
}

function bash(name: string, entries: readonly Entry[]): string {
  const cases = entries.map(({ path, commands, options }) => {
    const words = [...commands.map((command) => command.name), ...options.flatMap(flagsOf)];
    return `    '${path.join(' ')}') words='${words.join(' ')}' ;;`;
  });
  const values = entries
    .flatMap(({ options }) => options)
    .filter(({ argChoices }) => argChoices !== undefined)
    .map((option) => `    ${flagsOf(option).join('|')}) words='${option.argChoices?.join(' ')}' ;;`);
  return `# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${commandPaths(entries).join(' ')} " in
      *" \${place:+$place/}$word "*) place="\${place:+$place/}$word" ;;
    esac ;; esac
  done
  case "\${place//\\// }" in
${cases.join('\n')}
  esac
  case "$previous" in
${[...new Set(values)].join('\n')}
    ${fileFlags(entries).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -F _${name} ${name}
`;
}

function zsh(name: string, entries: readonly Entry[]): string {
  const cases = entries.map(({ path, commands, options }) => {
    const described = [
      ...commands.map((command) => quote(`${withoutColons(command.name)}:${command.summary}`)),
      ...options.flatMap((option) => flagsOf(option).map((flag) => quote(`${flag}:${option.description}`))),
    ];
    return `    '${path.join(' ')}') candidates=(${described.join(' ')}) ;;`;
  });
  return `#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  local place='' word
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case " ${commandPaths(entries).join(' ')} " in
      *" \${place:+$place/}$word "*) place="\${place:+$place/}$word" ;;
    esac
  done
  case "\${words[CURRENT-1]}" in
    ${fileFlags(entries).join('|')}) _files; return ;;
  esac
  case "\${place//\\// }" in
${cases.join('\n')}
  esac
  _describe '${name}' candidates
}
compdef _${name} ${name}
`;
}

function fish(name: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, commands, options }) => {
    const inner = commands.map((command) => command.name);
    const here = [
      ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(inner.length === 0 ? [] : [`not __fish_seen_subcommand_from ${inner.join(' ')}`]),
    ];
    const when = here.length === 0 ? '' : ` -n ${quote(here.join('; and '))}`;
    return [
      ...commands.map(
        (command) => `complete -c ${name} -f${when} -a ${command.name} -d ${quote(command.summary)}`,
      ),
      ...options.map((option) => {
        const short = option.short === undefined ? '' : ` -s ${option.short.replace(/^-/, '')}`;
        const long = option.long === undefined ? '' : ` -l ${option.long.replace(/^--/, '')}`;
        const takes = option.required || option.optional;
        const choices = option.argChoices === undefined ? '' : ` -f -a ${quote(option.argChoices.join(' '))}`;
        return `complete -c ${name}${when}${short}${long}${takes ? ' -r' : ''}${choices} -d ${quote(option.description)}`;
      }),
    ];
  });
  return `# fish completion of ${name}: ${name} completion fish | source\n${lines.join('\n')}\n`;
}

function commandPaths(entries: readonly Entry[]): string[] {
  return entries.filter(({ path }) => path.length > 0).map(({ path }) => path.join('/'));
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** The flags whose value is a file. */
function fileFlags(entries: readonly Entry[]): string[] {
  const files = entries
    .flatMap(({ options }) => options)
    .filter(({ flags }) => /<(file|directory)>/.test(flags));
  return [...new Set(files.flatMap(flagsOf))];
}

function withoutColons(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll('\n', ' ').replaceAll("'", '’')}'`;
}
