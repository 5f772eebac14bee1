/**
 * Where to say what became of a plan: beside the part of the page that is replaced when it changes, so that
 * the words outlive it; else in the element's own slot.
 */
export function newsSlot(element) {
  return element.closest("[data-fullscript-region]")?.querySelector("[data-fullscript-region-news]") ??
    element.querySelector("[data-fullscript-status]")
}
