/** An exact decimal as operators write it: at most 12 digits before the point and six after it, no exponent, no needless zeros in front. */
export const decimalPattern = '^(0|[1-9][0-9]{0,11})([.][0-9]{1,6})?$';

/** A rate for a minute: below a million. */
export const ratePattern = '^(0|[1-9][0-9]{0,5})([.][0-9]{1,6})?$';
