import { GavelError } from '@gavel/protocol';

/** Every way in which an order's record can be refused. */
export type OrderErrorCode =
  /** An event that the transition table does not allow. */
  'ORDER_TRANSITION';

/** A refused change of an order's record. Never worth a retry. */
export class OrderError extends GavelError<OrderErrorCode> {
  override readonly name: string = 'OrderError';
}
