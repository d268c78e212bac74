import { CounterTransform } from './counter-transform.ts';
import { GcmTransform } from './gcm-transform.ts';
import { deriveSessionKeys } from './session-keys.ts';
import { type SrtpKey, srtpSuites } from './srtp-suite.ts';
import type { SrtpTransform } from './srtp-transform.ts';

/** The transform of a key's suite. */
export function createSrtpTransform(key: SrtpKey): SrtpTransform {
  const suite = srtpSuites[key.suite];
  const keys = deriveSessionKeys(key);
  return suite.mode === 'gcm' ? new GcmTransform(keys, suite.tagBytes) : new CounterTransform(keys, suite.tagBytes);
}
