import { announce } from "./announce.js"
import { fetchPart } from "./page_parts.js"
import { Poller } from "./poller.js"

const PACE = { pause: 2000, wakes: ["fullscript:checked"] } // ms

/**
 * Keeps a part of a page current: asks for a version now and then, while somebody looks at it, and when it is
 * another one, takes the part of the same id out of the page anew. Announces `fullscript:region-updated`.
 */
export class LiveRegion {
  constructor(element) {
    this.element = element
    this.poller = new Poller(() => this.ask(), PACE)
  }

  start() {
    this.poller.start()
  }

  stop() {
    this.poller.stop()
  }

  /** Answers false when it has to be asked less often. An open dialog is not taken from under the reader. */
  async ask() {
    const { url, version } = this.element.dataset
    const answer = await fetchPart(url, version)
    if (answer.status !== 200 || this.element.querySelector("dialog[open]")) {
      return answer.ok
    }
    const page = await fetchPart(location.href)
    const fresh = page.ok && this.partOf(await page.text())
    if (fresh) {
      this.show(fresh)
    }
    return Boolean(fresh)
  }

  partOf(html) {
    return new DOMParser().parseFromString(html, "text/html").getElementById(this.element.id)
  }

  show(fresh) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.id : ""
    this.element.dataset.version = fresh.dataset.version
    this.element.replaceChildren(...fresh.childNodes)
    if (focused) {
      document.getElementById(focused)?.focus()
    }
    announce(this.element, "region-updated")
  }
}
