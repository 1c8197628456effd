import type { GaugeSource } from '../observe/gauges.ts';
import type { Chain } from './client.ts';

/** Lists the gauges of RPC endpoints: which are in use, and how far each has come. */
export function endpointGauges(chains: ReadonlyMap<string, Chain>): GaugeSource[] {
  const each = [...chains.values()].flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => ({ endpoint, labels: { chain: name, rpc: endpoint.label } })),
  );
  return [
    {
      name: 'gavel_rpc_in_use',
      read: () =>
        each.map(({ endpoint, labels }) => ({ labels, value: endpoint.quarantined().length === 0 ? 1 : 0 })),
    },
    {
      name: 'gavel_rpc_batch_size',
      read: () =>
        each.flatMap(({ endpoint, labels }) => {
          const value = endpoint.batchSize();
          return value === undefined ? [] : [{ labels, value }];
        }),
    },
    {
      name: 'gavel_rpc_head_block',
      read: () =>
        each.flatMap(({ endpoint: { head }, labels }) =>
          head === undefined ? [] : [{ labels, value: Number(head) }],
        ),
    },
  ];
}
