/** Name what the process's exit code says. */
export const EXIT = {
  /** Asked to stop, and stopped cleanly; or a check that found nothing wrong. */
  ok: 0,
  /** Failed while running. */
  failed: 1,
  /** Used or configured wrongly: nothing was started. */
  usage: 2,
} as const;
