/**
 * Whether the answer to a request of ours says that the dialog is no longer there, or cannot be reached any more: 481 and 408 (RFC 3261
 * section 12.2.1.2), no answer at all (`null`), and those that RFC 5057 section 5.1 counts with them because they are about the target or the
 * route of the dialog, not about the request. Everything else, redirections too, refuses the request alone.
 */
export function endsDialog(status: number | null): boolean {
  switch (status) {
    case null:
    case 404:
    case 408:
    case 410:
    case 416:
    case 481:
    case 482:
    case 483:
    case 484:
    case 485:
    case 502:
    case 604:
      return true;
    default:
      return false;
  }
}
