import { GavelError } from '@gavel/protocol';

/** A chain could not be asked; the step that needed the answer is run again. */
export class EvidenceError extends GavelError<'EVIDENCE_UNKNOWN'> {
  override readonly name: string = 'EvidenceError';
}
