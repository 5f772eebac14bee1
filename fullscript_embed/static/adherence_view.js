import { AdherenceChart } from "./adherence_chart.js"
import { fetchPart } from "./page_parts.js"

/** Fetches what was recommended against what was ordered, and again when something about orders is new. */
export class AdherenceView {
  constructor(element) {
    this.element = element
    this.chart = null
  }

  start() {
    document.addEventListener("fullscript:checked", this.update)
    document.addEventListener("fullscript:region-updated", this.update)
    this.update()
  }

  stop() {
    document.removeEventListener("fullscript:checked", this.update)
    document.removeEventListener("fullscript:region-updated", this.update)
    this.chart?.stop()
  }

  update = async () => {
    const seen = this.element.querySelector("[data-version]")?.dataset.version ?? ""
    const answer = await fetchPart(this.element.dataset.url, seen).catch(() => null)
    if (answer?.status === 200) {
      this.show(await answer.text())
    } else if (!answer?.ok && !seen) {
      this.say("The orders could not be counted. Reload the page to try again.")
    }
  }

  say(text) {
    const waiting = this.element.querySelector("[data-fullscript-waiting]")
    if (waiting) {
      waiting.textContent = text
    }
  }

  show(html) {
    this.chart?.stop()
    this.chart = null
    const parsed = new DOMParser().parseFromString(html, "text/html")
    this.element.replaceChildren(...parsed.body.childNodes)
    const figure = this.element.querySelector("[data-fullscript-chart]")
    if (figure) {
      this.chart = new AdherenceChart(figure, this.element)
      this.chart.start()
    }
  }
}
