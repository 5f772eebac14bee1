import { showLocalTimes } from "./local_times.js"
import { fetchPart } from "./page_parts.js"
import { Poller } from "./poller.js"

/**
 * Keeps a part of a page current that the server answers by itself: asks `data-url` whether there is another
 * version than the one that is shown, and puts it in. *news* says so to those who do not see it.
 */
export class LiveFragment {
  constructor(element, { news, ...pace }) {
    Object.assign(this, { element, news })
    this.fragment = element.querySelector("[data-fullscript-fragment]")
    this.newsSlot = element.querySelector("[data-fullscript-news]")
    this.poller = new Poller(() => this.ask(), pace)
  }

  start() {
    showLocalTimes(this.fragment)
    this.poller.start()
  }

  stop() {
    this.poller.stop()
  }

  /** What is shown; the server's answer begins with it. */
  get shown() {
    return this.fragment.querySelector("[data-version]")
  }

  async ask() {
    const response = await fetchPart(this.element.dataset.url, this.shown?.dataset.version ?? "")
    if (response.status === 200) {
      this.show(await response.text())
    }
    return response.ok
  }

  show(html) {
    const { body } = new DOMParser().parseFromString(html, "text/html")
    this.fragment.replaceChildren(...body.childNodes)
    showLocalTimes(this.fragment)
    this.newsSlot.textContent = this.news
  }
}
