import { expect, test } from 'vitest';
import { silentTelemetry } from '../observe/telemetry.ts';
import type { Flagged } from '../orders/flagged.ts';
import { createClearing } from './clear.ts';

test('a flag is cleared by health: a paused protocol has nothing to repay, and heals nobody', async () => {
  const sent: string[] = [];
  const send = async ({ functionName }: { functionName: string }) => void sent.push(functionName);
  const serve = createClearing({
    senderOf: () => ({ send }) as never,
    precedence: { hasCome: () => true, forget: () => undefined },
    telemetry: silentTelemetry(),
  });
  const flagged = (health: bigint) =>
    ({
      flag: { positionKey: '0x05', position: '0x06', lapsesAt: 2_000n },
      market: { id: '0x07' },
      chain: { name: 'alpha', contracts: { collateralEscrow: '0x08' } },
      assessment: { repay: 0n, seizable: 0n, health },
      flaggedAt: 1_000n,
    }) as unknown as Flagged;
  await serve(flagged(10n ** 18n - 1n));
  expect(sent).toEqual([]);
  await serve(flagged(10n ** 18n));
  expect(sent).toEqual(['clear']);
});
