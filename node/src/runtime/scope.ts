import { setMaxListeners } from 'node:events';
import type { Logger } from '../observe/logger.ts';

type Release = { readonly name: string; readonly run: () => Promise<void> | void };

/**
 * Owns everything that must be released: each acquired resource defers its release here, every background
 * loop is spawned here, and `close` ends them last in, first out. One scope per node.
 */
export class Scope {
  readonly #controller = new AbortController();
  readonly #releases: Release[] = [];
  readonly #log: Logger | undefined;
  #closing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(options: { readonly log?: Logger } = {}) {
    this.#log = options.log;
    setMaxListeners(0, this.#controller.signal);
  }

  /**
   * Tells loops to stop: aborts on `close`, and on the first failure of a spawned loop, with it as the
   * reason.
   */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says what failed, if that is why the signal aborted. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  /**
   * Runs `release` on close, after everything that was deferred or spawned later. Late callers run at once.
   */
  defer(release: () => Promise<void> | void, name = 'deferred'): void {
    if (this.#closing === undefined) {
      this.#releases.push({ name, run: release });
      return;
    }
    const closing = this.#closing;
    this.#closing = closing.then(release);
    this.#closing.catch((cause) => this.#log?.error({ err: cause, task: name }, 'late release failed'));
  }

  /**
   * Runs a background loop until it returns. It must stop soon after `signal` aborts; a failure before that
   * is logged and aborts the whole scope with the error as the reason.
   */
  spawn(name: string, run: (signal: AbortSignal) => Promise<void>): void {
    if (this.signal.aborted) return;
    const running = async () => run(this.signal);
    const ended = running().catch((cause: unknown) => this.#ended(name, cause));
    this.defer(() => ended, name);
  }

  /** Abort the scope because of `cause`. The first cause wins; `close` is still the caller's to call. */
  fail(name: string, cause: unknown): void {
    if (this.signal.aborted) return;
    this.#log?.fatal({ err: cause, task: name }, 'task failed');
    this.#failure = { cause };
    this.#controller.abort(cause);
  }

  /**
   * Abort the signal, then wait for loops and run releases, last in, first out. Idempotent. Every release
   * runs even if another fails; throws the failure, or an AggregateError of several.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.signal.aborted) this.#controller.abort(new DOMException('The scope is closing', 'AbortError'));
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release.run();
      } catch (cause) {
        this.#log?.error({ err: cause, task: release.name }, 'release failed');
        failures.push(cause);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several releases failed');
  }

  #ended(name: string, cause: unknown): void {
    if (!this.signal.aborted) {
      this.fail(name, cause);
      return;
    }
    const expected = cause === this.signal.reason || (cause instanceof Error && cause.name === 'AbortError');
    if (!expected) this.#log?.warn({ err: cause, task: name }, 'task failed while stopping');
  }
}
