import type { LocalText } from '../../domain/error/request-error.ts';
import type { SpeechTextProblem } from '../../speech/ssml/speech-part.ts';
import { text } from './rule.ts';

/** What is wrong with a text to be spoken, in every language; completes "text: ". */
export function speechTextRule(problem: SpeechTextProblem): LocalText {
  switch (problem.type) {
    case 'not-well-formed':
      return text(
        `begins as SSML but is not well-formed XML: ${problem.detail}`,
        `以 SSML 开头，但不是格式正确的 XML：${problem.detail}`,
      );
    case 'unknown-element':
      return text(
        `SSML element <${problem.element}> is not spoken here; known are ${problem.known.join(', ')}`,
        `不支持 SSML 元素 <${problem.element}>，可用元素为 ${problem.known.join('、')}`,
      );
    case 'unknown-attribute':
      return text(
        `SSML element <${problem.element}> has no attribute ${problem.attribute} here`,
        `SSML 元素 <${problem.element}> 不支持属性 ${problem.attribute}`,
      );
    case 'missing-attribute':
      return text(
        `SSML element <${problem.element}> needs the attribute ${problem.attribute}`,
        `SSML 元素 <${problem.element}> 缺少属性 ${problem.attribute}`,
      );
    case 'bad-value': {
      const tag = `<${problem.element} ${problem.attribute}="${problem.value}">`;
      return text(
        `SSML ${tag} is not usable; use one like ${problem.examples.join(', ')}`,
        `SSML ${tag} 无效，例如可用 ${problem.examples.join('、')}`,
      );
    }
    case 'not-empty':
      return text(`SSML element <${problem.element}> must be empty`, `SSML 元素 <${problem.element}> 必须为空`);
    case 'no-words':
      return text('has no words to speak', '没有可朗读的内容');
  }
}
