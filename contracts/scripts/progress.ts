/**
 * Progress of a long command on standard error: one line that changes on a terminal, else a line every ten
 * seconds.
 */

const TERMINAL_MS = 250;
const PLAIN_MS = 10_000;

export interface Progress extends Disposable {
  /**
   * Replaces the detail behind the text. Callable as often as there is news; shown at the display's own pace.
   */
  update(detail: string): void;
  /** Writes a line of results to standard output without mixing it with the progress line. */
  print(line: string): void;
}

/**
 * Shows `what` and the seconds since the start until disposed.
 *
 * @param silentMs Milliseconds before the first line, for work that is usually done by then.
 */
export function startProgress(what: string, silentMs = 0): Progress {
  const out = process.stderr;
  const terminal = out.isTTY === true;
  const period = terminal ? TERMINAL_MS : PLAIN_MS;
  const began = performance.now();
  let due = began + silentMs;
  let detail = '';
  let visible = false;

  const clear = () => {
    if (visible) out.write('\r\x1b[2K');
    visible = false;
  };
  const show = () => {
    const now = performance.now();
    if (now < due) return;
    due = now + period;
    const seconds = Math.round((now - began) / 1_000);
    const line = [what, detail, seconds > 0 ? `${seconds} s` : ''].filter((part) => part !== '').join(' · ');
    if (terminal) {
      clear();
      out.write(line.slice(0, Math.max(20, out.columns - 1)));
      visible = true;
    } else {
      out.write(`${line}\n`);
    }
  };
  show();
  // The timer serves work that waits; work that computes without a pause is served by its own updates.
  const timer = setInterval(show, TERMINAL_MS);
  return {
    update(next) {
      detail = next;
      show();
    },
    print(line) {
      clear();
      process.stdout.write(`${line}\n`);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      clear();
    },
  };
}
