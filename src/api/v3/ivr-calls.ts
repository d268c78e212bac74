import { type LocalText, RequestError } from '../../domain/error/request-error.ts';
import { variablesIn } from '../../domain/task/settings.ts';
import type { SubmittedCallee } from '../../domain/task/submission.ts';
import { type Template, templateText } from '../../domain/template/template.ts';
import type { IvrRow } from './direct-fields.ts';
import { type DirectEntry, problemOfNumber, shown } from './direct-numbers.ts';
import { text } from './rule.ts';
import type { VoiceCheck } from './voice-check.ts';

const numberLength = { min: 7, max: 18 };
/** Of a row's variables together (contract 6.3). */
const longestVariables = 300;

/** The rows of sendIvr by their templates, one call each, and what becomes of every row. */
export type IvrCalls = {
  readonly calls: readonly TemplateCall[];
  readonly entries: readonly DirectEntry[];
};

/**
 * Sorts out the rows of sendIvr. A number that is given twice is called twice where it is told something else, and otherwise once.
 *
 * @param templates those that the account has, by id
 */
export function sortOutRows(
  rows: readonly IvrRow[],
  templates: ReadonlyMap<number, Template>,
  voices: VoiceCheck,
): IvrCalls {
  const useOf = (id: number): TemplateCall | LocalText => {
    const template = templates.get(id);
    if (template === undefined) return text(`template ${id} does not exist`, `模板 ${id} 不存在`);
    return problemOfVoice(template, voices) ?? new TemplateCall(template);
  };
  const uses = new Map([...new Set(rows.map((row) => row.templateId))].map((id) => [id, useOf(id)]));
  const calls: TemplateCall[] = [];
  const entries = rows.map((row): DirectEntry => {
    const use = uses.get(row.templateId);
    const isUsable = use instanceof TemplateCall;
    const problem = problemOfNumber(row.callee, numberLength) ?? (isUsable ? use.problemOf(row) : use);
    if (!isUsable || problem) return { callee: shown(row.callee), problem: problem ?? noTemplate };
    if (!calls.includes(use)) calls.push(use);
    return { callee: row.callee, call: calls.indexOf(use), seq: use.add(row) };
  });
  return { calls, entries };
}

const noTemplate = text('the template does not exist', '模板不存在');

/** The rows that hear one template. */
class TemplateCall {
  readonly template: Template;
  readonly callees: SubmittedCallee[] = [];
  readonly #used: readonly number[];
  readonly #seqByRow = new Map<string, number>();

  constructor(template: Template) {
    this.template = template;
    this.#used = variablesIn(templateText(template.text));
  }

  /** Whether everybody hears the same. */
  get isShared(): boolean {
    return this.#used.length === 0;
  }

  problemOf({ variables }: IvrRow): LocalText | null {
    const length = variables.reduce((sum, value) => sum + Array.from(value ?? '').length, 0);
    if (length > longestVariables) {
      return text(
        `text1 to text10 have ${length} characters together, at most ${longestVariables} are taken`,
        `text1 至 text10 合计 ${length} 个字符，最多 ${longestVariables} 个`,
      );
    }
    const missing = this.#used.find((index) => (variables[index - 1] ?? null) === null);
    if (missing === undefined) return null;
    return text(`text${missing} is missing, the template uses it`, `缺少模板使用的变量 text${missing}`);
  }

  /** Takes a row that has no problem, with the variables that are used; returns its number, from 1. */
  add({ callee, variables }: IvrRow): number {
    const used = variables.map((value, index) => (this.#used.includes(index + 1) ? value : null));
    const key = JSON.stringify([callee, used]);
    const known = this.#seqByRow.get(key);
    if (known !== undefined) return known;
    this.callees.push({ number: callee, variables: this.isShared ? null : used });
    this.#seqByRow.set(key, this.callees.length);
    return this.callees.length;
  }
}

/** The account may have got another synthesizer since the template was made. */
function problemOfVoice(template: Template, voices: VoiceCheck): LocalText | null {
  try {
    voices.check({ lan: template.lan, text: templateText(template.text) }, (name) => `template ${name}`);
    return null;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return text(error.messageIn('en'), error.messageIn('zh-CN'));
  }
}
