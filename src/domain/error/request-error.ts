/** The languages that messages exist in. */
export type Locale = 'en' | 'zh-CN';

/** One entry of the registry: the dialect's number and the message in every language, with `{name}` where a parameter goes. */
export type ErrorDefinition = {
  readonly code: number;
  readonly en: string;
  readonly zhCN: string;
};

/** A text in every language. */
export type LocalText = { readonly en: string; readonly zhCN: string };

export type ErrorParams = Readonly<Record<string, string | number | LocalText>>;

/**
 * A request that cannot be done as asked, with the dialect's code (contract 13.1). Thrown by the domain through the registry, answered by
 * the API in the account's language. `message` is the English one.
 */
export class RequestError extends Error {
  /** The dialect's number, negative. */
  readonly dialectCode: number;
  /** The entry's name in the registry. */
  readonly key: string;
  /** The request field at fault, as the client wrote it, e.g. `recallFlow.recallNum`; null: none in particular. */
  readonly field: string | null;
  readonly params: ErrorParams;
  readonly #definition: ErrorDefinition;

  constructor(key: string, definition: ErrorDefinition, params: ErrorParams = {}, field: string | null = null) {
    super(fill(definition.en, params, 'en'));
    this.name = 'RequestError';
    this.dialectCode = definition.code;
    this.key = key;
    this.field = field;
    this.params = params;
    this.#definition = definition;
  }

  messageIn(locale: Locale): string {
    return fill(locale === 'zh-CN' ? this.#definition.zhCN : this.#definition.en, this.params, locale);
  }
}

/** One pass, so that a value that looks like a placeholder stays as it is. */
function fill(template: string, params: ErrorParams, locale: Locale): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = params[name] ?? placeholder;
    if (typeof value !== 'object') return String(value);
    return locale === 'zh-CN' ? value.zhCN : value.en;
  });
}
