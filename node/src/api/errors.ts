import { GavelError } from '@gavel/protocol';

/** Every way in which the HTTP interface refuses. */
export type ApiErrorCode =
  /** The address it should listen on is taken, or not of this machine. */
  | 'CANNOT_LISTEN'
  /** A parameter is not what the description says. */
  | 'BAD_REQUEST'
  /** A browser sent here by another host's name for this machine. */
  | 'BAD_HOST'
  /** The token is missing or wrong. */
  | 'UNAUTHORISED'
  /** The configuration has no token, so nothing can be changed. */
  | 'READ_ONLY'
  | 'NOT_FOUND'
  /** Too many listen to events already. */
  | 'TOO_MANY_LISTENERS';

/** A refused request. */
export class ApiError extends GavelError<ApiErrorCode> {
  override readonly name: string = 'ApiError';
}

/** The HTTP status of each refusal. */
export const STATUS: Readonly<Record<ApiErrorCode, number>> = {
  CANNOT_LISTEN: 500,
  BAD_REQUEST: 400,
  BAD_HOST: 403,
  UNAUTHORISED: 401,
  READ_ONLY: 403,
  NOT_FOUND: 404,
  TOO_MANY_LISTENERS: 503,
};
