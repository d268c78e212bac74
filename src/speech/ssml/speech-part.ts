/** How words are said. */
export type Manner = {
  /** A factor on the pace of the whole text, 1: as it is. */
  readonly rate: number;
  readonly emphasis: Emphasis;
  /** Said one character after the other: a code, not a number. */
  readonly isSpelled: boolean;
};

export type Emphasis = 'none' | 'reduced' | 'moderate' | 'strong';

/** A text to be spoken, in pieces: the same for every synthesizer, each of which writes it in its own markup. */
export type SpeechPart =
  | { readonly type: 'words'; readonly words: string; readonly manner: Manner }
  | { readonly type: 'pause'; readonly ms: number };

/** Words that are nothing but words. */
export const plainManner: Manner = { rate: 1, emphasis: 'none', isSpelled: false };

/** What is wrong with a text, as facts for a message in any language. */
export type SpeechTextProblem =
  /** `detail` is the XML parser's own words. */
  | { readonly type: 'not-well-formed'; readonly detail: string }
  | { readonly type: 'unknown-element'; readonly element: string; readonly known: readonly string[] }
  | { readonly type: 'unknown-attribute'; readonly element: string; readonly attribute: string }
  | { readonly type: 'missing-attribute'; readonly element: string; readonly attribute: string }
  | {
      readonly type: 'bad-value';
      readonly element: string;
      readonly attribute: string;
      readonly value: string;
      /** What would do, e.g. `300ms`. */
      readonly examples: readonly string[];
    }
  | { readonly type: 'not-empty'; readonly element: string }
  /** There are no words in it. */
  | { readonly type: 'no-words' };

/** A text that no synthesizer is given. */
export class SpeechTextError extends Error {
  readonly problem: SpeechTextProblem;

  constructor(problem: SpeechTextProblem) {
    super(wordsFor(problem));
    this.name = 'SpeechTextError';
    this.problem = problem;
  }
}

function wordsFor(problem: SpeechTextProblem): string {
  switch (problem.type) {
    case 'not-well-formed':
      return `not well-formed XML: ${problem.detail}`;
    case 'unknown-element':
      return `<${problem.element}> is not known; known are ${problem.known.join(', ')}`;
    case 'unknown-attribute':
      return `<${problem.element}> has no attribute ${problem.attribute}`;
    case 'missing-attribute':
      return `<${problem.element}> needs the attribute ${problem.attribute}`;
    case 'bad-value':
      return `<${problem.element} ${problem.attribute}="${problem.value}">: use one like ${problem.examples.join(', ')}`;
    case 'not-empty':
      return `<${problem.element}> must be empty`;
    case 'no-words':
      return 'there are no words in it';
  }
}
