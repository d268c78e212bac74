/** An address with its type of number and numbering plan (SMPP 3.4 sections 5.2.5 and 5.2.6). */
export type SmppAddress = { readonly ton: number; readonly npi: number; readonly address: string };

/** What a carrier wants instead of what the address looks like; null: as it looks. */
export type SenderOverrides = { readonly ton: number | null; readonly npi: number | null };

/** SMPP 3.4 section 4.4.1: `source_addr` has room for 20. */
const maxLength = 20;

/** Numbers with a country code are longer. */
const maxShortCodeLength = 6;

/**
 * The sender as a carrier wants it: a number with a country code (1/1), a short code (3/0) or letters (5/0); nobody (0/0): the carrier shows what it has been told
 * to. null: SMPP cannot carry it.
 */
export function senderAddress(from: string | null, overrides: SenderOverrides): SmppAddress | null {
  const sender = (from ?? '').trim();
  if (sender.length > maxLength || !/^[\x20-\x7e]*$/.test(sender)) return null;
  const natural = naturalAddress(sender);
  return { ...natural, ton: overrides.ton ?? natural.ton, npi: overrides.npi ?? natural.npi };
}

function naturalAddress(sender: string): SmppAddress {
  if (sender === '') return { ton: 0, npi: 0, address: '' };
  if (/^\+\d+$/.test(sender)) return { ton: 1, npi: 1, address: sender.slice(1) };
  if (!/^\d+$/.test(sender)) return { ton: 5, npi: 0, address: sender };
  return sender.length <= maxShortCodeLength
    ? { ton: 3, npi: 0, address: sender }
    : { ton: 1, npi: 1, address: sender };
}
