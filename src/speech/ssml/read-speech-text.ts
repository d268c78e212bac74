import { DOMParser, type Element, type Node, ParseError } from '@xmldom/xmldom';
import { readAttributes, readPauseMs, readRate } from './attributes.ts';
import { type Emphasis, type Manner, plainManner, type SpeechPart, SpeechTextError } from './speech-part.ts';

/** Whether a text is SSML: one that begins with `<speak`. Everything else is words, whatever characters are in it. */
export function isSsml(text: string): boolean {
  return /^\s*<speak[\s>/]/.test(text);
}

/** Makes a value safe to stand between the tags of SSML. */
export function escapeForSsml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Reads a text to be spoken: plain, or the subset of SSML 1.1 (W3C) that every synthesizer here speaks: `break` (`time` or `strength`), `say-as` with
 * `interpret-as="digits"` or `characters`, `emphasis`, and `prosody` with `rate`. Nested rates multiply; the inner emphasis holds. Throws
 * {@link SpeechTextError} for anything else, rather than to leave something out silently.
 */
export function readSpeechText(text: string): readonly SpeechPart[] {
  const parts = isSsml(text) ? partsIn(text) : [{ type: 'words', words: text, manner: plainManner } as const];
  if (!parts.some((part) => part.type === 'words' && /[\p{L}\p{N}]/u.test(part.words))) {
    throw new SpeechTextError({ type: 'no-words' });
  }
  return parts;
}

/** Node types of the DOM. */
const elementNode = 1;
const textNode = 3;
const cdataNode = 4;

const elementNames = ['break', 'emphasis', 'prosody', 'say-as'];

function partsIn(text: string): readonly SpeechPart[] {
  const root = parse(text);
  if (root.nodeName !== 'speak') throw unknownElement(root.nodeName);
  // Other writers' documents say so much about themselves; none of it changes what is heard.
  readAttributes(root, ['version', 'xml:lang', 'xmlns']);
  const parts: SpeechPart[] = [];
  addChildren(root, plainManner, parts);
  return parts;
}

function parse(text: string): Element {
  // Entities of its own are where XML turns against its reader.
  if (text.includes('<!')) {
    const detail = 'a document type, a comment or CDATA is not taken';
    throw new SpeechTextError({ type: 'not-well-formed', detail });
  }
  const parser = new DOMParser({
    locator: true,
    onError: (_level, message) => {
      throw new SpeechTextError({ type: 'not-well-formed', detail: firstLineOf(message) });
    },
  });
  try {
    const root = parser.parseFromString(text.trim(), 'text/xml').documentElement;
    if (root !== null) return root;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new SpeechTextError({ type: 'not-well-formed', detail: firstLineOf(error.message) });
  }
  throw new SpeechTextError({ type: 'not-well-formed', detail: 'there is no element' });
}

function addChildren(parent: Node, manner: Manner, parts: SpeechPart[]): void {
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === textNode || node.nodeType === cdataNode) addWords(node.nodeValue ?? '', manner, parts);
    else if (node.nodeType === elementNode) addElement(node as Element, manner, parts);
  }
}

/** Line breaks and indentation between tags are one blank. */
function addWords(text: string, manner: Manner, parts: SpeechPart[]): void {
  const words = text.replaceAll(/\s+/g, ' ');
  if (words.trim() === '' && (words === '' || parts.length === 0)) return;
  parts.push({ type: 'words', words, manner });
}

function addElement(element: Element, manner: Manner, parts: SpeechPart[]): void {
  switch (element.nodeName) {
    case 'break':
      readAttributes(element, ['time', 'strength']);
      if (element.firstChild !== null) throw new SpeechTextError({ type: 'not-empty', element: 'break' });
      parts.push({ type: 'pause', ms: readPauseMs(element) });
      return;
    case 'say-as':
      readSayAs(element);
      addChildren(element, { ...manner, isSpelled: true }, parts);
      return;
    case 'emphasis':
      addChildren(element, { ...manner, emphasis: readEmphasis(element) }, parts);
      return;
    case 'prosody':
      readAttributes(element, ['rate']);
      addChildren(element, { ...manner, rate: manner.rate * readRate(element) }, parts);
      return;
    default:
      throw unknownElement(element.nodeName);
  }
}

function readSayAs(element: Element): void {
  readAttributes(element, ['interpret-as']);
  const value = element.getAttribute('interpret-as');
  if (value === 'digits' || value === 'characters') return;
  const attribute = 'interpret-as';
  if (value === null) throw new SpeechTextError({ type: 'missing-attribute', element: 'say-as', attribute });
  const examples = ['digits', 'characters'];
  throw new SpeechTextError({ type: 'bad-value', element: 'say-as', attribute, value, examples });
}

const emphases: readonly Emphasis[] = ['strong', 'moderate', 'reduced', 'none'];

function readEmphasis(element: Element): Emphasis {
  readAttributes(element, ['level']);
  const value = element.getAttribute('level') ?? 'moderate';
  const emphasis = emphases.find((known) => known === value);
  if (emphasis !== undefined) return emphasis;
  throw new SpeechTextError({ type: 'bad-value', element: 'emphasis', attribute: 'level', value, examples: emphases });
}

function unknownElement(element: string): SpeechTextError {
  return new SpeechTextError({ type: 'unknown-element', element, known: elementNames });
}

function firstLineOf(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
