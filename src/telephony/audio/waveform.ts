/** So many pairs show a prompt as wide as a screen. */
export const waveformPoints = 400;

/**
 * The picture of a sound: for each of {@link waveformPoints} equal parts its lowest and its highest sample, as signed bytes (127 = full scale), low and high in turn. A
 * sound of fewer samples has fewer parts.
 */
export function waveformOf(pcm: Int16Array): Int8Array<ArrayBuffer> {
  const points = Math.min(waveformPoints, pcm.length);
  const waveform = new Int8Array(points * 2);
  for (let point = 0; point < points; point += 1) {
    const end = Math.floor(((point + 1) * pcm.length) / points);
    let low = 32_767;
    let high = -32_768;
    for (let index = Math.floor((point * pcm.length) / points); index < end; index += 1) {
      const sample = pcm[index] ?? 0;
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    waveform[point * 2] = Math.round((low * 127) / 32_768);
    waveform[point * 2 + 1] = Math.round((high * 127) / 32_768);
  }
  return waveform;
}
