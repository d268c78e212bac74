/** An account's money, as decimal text (contract 12.1). */
export type Balance = { readonly balance: string; readonly gift: string; readonly credit: string };
