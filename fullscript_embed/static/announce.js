/**
 * Tells the host page what happened, as a bubbling, cancelable DOM event named `fullscript:<name>`.
 * Answers false when a listener prevented the default, which is how a host vetoes or takes over.
 */
export function announce(target, name, detail = {}) {
  return target.dispatchEvent(
    new CustomEvent(`fullscript:${name}`, { bubbles: true, cancelable: true, detail }),
  )
}
