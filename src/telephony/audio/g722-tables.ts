/**
 * The tables of ITU-T G.722 (11/88), section 6, as the block descriptions name them. Logarithmic values are in units of 1/2048, scaled outputs of quantizers
 * in units of 1/32768 of the step size.
 */

/** Decision levels of the 6-bit quantizer, in 1/4096 of the step size; the first is never passed, the last has no end (table 14, Q6). */
export const lowDecisions = Int32Array.of(
  ...[35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714],
  ...[786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** Output of the 6-bit inverse quantizer by code (table 16, QM6): what a decoder plays. */
export const lowOutput6 = Int32Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704],
  ...[-14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856],
  ...[-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576],
  ...[-3168, -2776, -2400, -2032, -1688, -1360, -1040, -728],
  ...[24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192],
  ...[10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
  ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032],
  ...[1688, 1360, 1040, 728, 432, 136, -432, -136],
);

/** Output of the 4-bit inverse quantizer by the upper four bits of the code (table 18, QM4): what both sides adapt by. */
export const lowOutput4 = Int32Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200],
  ...[20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);

/** Steps of the lower band's logarithmic scale factor by the upper four bits of the code (tables 19 and 20, WL of RL4). */
export const lowScaleSteps = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);

/** Output of the 2-bit inverse quantizer of the upper band by code (table 17, QM2). */
export const highOutput = Int32Array.of(-7408, -1616, 7408, 1616);

/** Steps of the upper band's logarithmic scale factor by code (table 21, WH of RH2). */
export const highScaleSteps = Int32Array.of(798, -214, 798, -214);

/** The decision level of the 2-bit quantizer, in 1/4096 of the step size (table 15, Q2). */
export const highDecision = 564;

/** Inverse logarithm, 32 steps an octave (table 22, ILB). */
export const inverseLog = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);

/** Every other coefficient of the 24-tap quadrature mirror filter, which is symmetric (table 11), in units of 1/8192. */
export const mirrorFilter = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
