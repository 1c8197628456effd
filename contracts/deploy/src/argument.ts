/** A value of a contract's argument or rule, as written in the file. */
export type Scalar = string | number | boolean;

/**
 * An argument of a constructor as written in the file: one value, a list for an array, a mapping for a
 * struct.
 */
export type Argument = Scalar | readonly Argument[] | { readonly [field: string]: Argument };
