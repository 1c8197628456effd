import type { Chapter } from './chapter.ts';
import { dark } from './dark.ts';
import { defaulted } from './default.ts';
import { fade } from './fade.ts';
import { late } from './late.ts';
import { marginCall } from './margin-call.ts';

/** Every chapter that can be told, in the order in which a reader may want them. */
export const CHAPTERS: readonly Chapter[] = [fade, late, defaulted, marginCall, dark];
