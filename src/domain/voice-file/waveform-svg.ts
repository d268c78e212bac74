/** Pixels. */
const width = 800;
const height = 160;
const headingHeight = 22;
const margin = 6;

/** What a picture says above the waves. */
export type WaveformHeading = { readonly name: string; readonly detail: string };

/** Full scale of a waveform's bytes. */
const fullScale = 127;

/** A waveform (lowest and highest sample of equal parts in turn, 127 = full scale) as a picture (SVG), on white so that it also shows on a dark page. */
export function drawWaveform(heading: WaveformHeading, waveform: Int8Array): string {
  const points = waveform.length / 2;
  const middle = headingHeight + (height - headingHeight) / 2;
  const half = (height - headingHeight) / 2 - margin;
  const step = points === 0 ? 0 : (width - 2 * margin) / points;
  const bars: string[] = [];
  for (let point = 0; point < points; point += 1) {
    const x = (margin + (point + 0.5) * step).toFixed(1);
    const yOf = (sample: number): string => (middle - (sample / fullScale) * half).toFixed(1);
    // A little more than nothing, so that silence is a line.
    bars.push(`M${x} ${yOf((waveform[point * 2 + 1] ?? 0) + 0.5)}V${yOf((waveform[point * 2] ?? 0) - 0.5)}`);
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>text{font:12px ui-monospace,monospace;fill:#222}.detail{fill:#666}path{stroke:#0b5cad;stroke-width:${Math.max(0.8, step * 0.7).toFixed(2)}}</style>` +
    `<rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="${margin}" y="15">${escaped(heading.name)}</text>` +
    `<text class="detail" x="${width - margin}" y="15" text-anchor="end">${escaped(heading.detail)}</text>` +
    `<path d="${bars.join('')}"/></svg>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
