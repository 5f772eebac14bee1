import { adviceFor } from "./advice.js"

/** Shows a Refusal in a Notice, with the way on that fits it: to try again, to connect, to sign in. */
export function showRefusal(notice, refusal, { onward, retry = null }) {
  const { action, ...words } = adviceFor(refusal)
  const way = action && (action.kind === "retry"
    ? retry && { label: action.label, run: retry }
    : { label: action.label, href: onward(action.kind, refusal) })
  notice.show({ ...words, actions: way ? [way] : [] })
}
