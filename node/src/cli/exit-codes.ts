/** What the process's exit code says. */
export const EXIT = {
  /** Asked to stop, and stopped cleanly; or a check that found nothing wrong. */
  ok: 0,
  /** Failed while running. */
  failed: 1,
  /** Used or configured wrongly: nothing was started. */
  usage: 2,
  /**
   * The data directory cannot be used now: in use, full, read-only, or failing. Starting again later may
   * help.
   */
  disk: 3,
  /**
   * The records are damaged, incomplete, or of a newer version: starting again does not help, `gavel repair`
   * may.
   */
  records: 4,
} as const;
