import { LiveFragment } from "./live_fragment.js"

// ms; results take days to come, and somebody may be waiting for them all the same
const PACE = { pause: 5000, longestPause: 60_000 }

/** A selector that finds the same link, summary or details in what comes in their place. */
function placeOf(element) {
  const order = element.closest("[data-lab-order]")?.dataset.labOrder ?? ""
  const href = element.getAttribute("href")
  const which = href ? `a[href="${CSS.escape(href)}"]` : element.localName
  return `[data-lab-order="${CSS.escape(order)}"] ${which}`
}

/** Keeps a patient's labs current; what was opened stays open, and the focus stays where it was. */
export class LabsPoller extends LiveFragment {
  constructor(element) {
    super(element, { ...PACE, news: "The labs of this patient have changed." })
  }

  show(html) {
    const focused = this.fragment.contains(document.activeElement) ? placeOf(document.activeElement) : null
    const opened = [...this.fragment.querySelectorAll("details[open]")].map(placeOf)
    super.show(html)
    for (const place of opened) {
      this.fragment.querySelector(place)?.setAttribute("open", "")
    }
    if (focused) {
      this.fragment.querySelector(focused)?.focus()
    }
  }
}
