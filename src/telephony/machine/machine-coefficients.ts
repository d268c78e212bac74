// Written by scripts/train-machine-classifier.ts; the order is that of featureNames.
export const speechCoefficients: readonly number[] = [
  0.68, 0.18, -1.85, 0.9, -1.42, -0.64, 0.92, 0.71, -0.12, -0.27, -2.16, 0.36, 0.91, 0,
];
export const pauseCoefficients: readonly number[] = [
  -1.79, 0.06, -1.49, 0.61, 0.5, -0.78, 1.54, 0.55, -0.05, -0.07, -3.26, 0.76, -0.85, -1.47,
];
