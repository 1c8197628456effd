import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.ts';

/** Adds `gavel completion`: print a script that completes commands and options. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script by which a shell completes commands')
    .description(
      `Print a script by which a shell completes commands and options.

  bash   source <(gavel completion bash)                                   in ~/.bashrc
  zsh    source <(gavel completion zsh)                                    in ~/.zshrc, after compinit
  fish   gavel completion fish > ~/.config/fish/completions/gavel.fish     once`,
    )
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
}
