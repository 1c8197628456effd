import { DeployError } from './errors.ts';

/** Records one fault: where it is in the file, and what was expected there. */
export type Note = (path: string, problem: string) => void;

/** Collects everything that is wrong with a deployment, so that one run of `plan` tells all of it. */
export class Faults {
  readonly #found: string[] = [];
  readonly #unreachable: string[] = [];
  readonly #consequences: DeployError[] = [];

  /** Records one fault. */
  readonly note: Note = (path, problem) => void this.#found.push(`${path}: ${problem}`);

  /** Records a chain that does not answer, which is no fault of the file. */
  unreachable(path: string, problem: string): void {
    this.#unreachable.push(`${path}: ${problem}`);
  }

  /**
   * Returns what `work` returns, or undefined if it refuses a part of the file. Records what was refused,
   * except for what follows from a fault that is recorded already.
   */
  async guard<T>(path: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      if (error.code === 'NOT_PLACED') {
        this.#consequences.push(error);
        return undefined;
      }
      if (error.code !== 'BAD_CONFIG' && error.code !== 'BAD_ARTIFACT') throw error;
      const { faults } = error.meta;
      const found = Array.isArray(faults) ? faults.map(String) : [error.shortMessage];
      for (const fault of found) this.#found.push(`${path}${/^[[.:]/.test(fault) ? '' : ': '}${fault}`);
      return undefined;
    }
  }

  /** Throws BAD_CONFIG with every fault, or WRONG_CHAIN if chains that do not answer are all there is. */
  throwIfAny(): void {
    const faults = [...this.#found, ...this.#unreachable];
    if (faults.length === 0) {
      const [consequence] = this.#consequences;
      if (consequence !== undefined) throw consequence;
      return;
    }
    if (this.#found.length > 0) {
      throw new DeployError('BAD_CONFIG', 'the deployment is refused; nothing was sent', {
        meta: { faults },
      });
    }
    throw new DeployError('WRONG_CHAIN', 'a chain does not answer', { meta: { faults }, retry: true });
  }
}
