import { showLocalTimes } from "./local_times.js"

const PAUSE = 1000 // ms; an event has to be seen within 2 s
const LONGEST_PAUSE = 30_000

/** Keeps the list of a patient's plans current: asks every second while the page is looked at. */
export class PlansPoller {
  constructor(element) {
    this.element = element
    this.fragment = element.querySelector("[data-fullscript-fragment]")
    this.news = element.querySelector("[data-fullscript-news]")
    this.pause = PAUSE
    this.timer = null
    this.stopped = true
  }

  start() {
    this.stopped = false
    showLocalTimes(this.fragment)
    document.addEventListener("visibilitychange", this.wake)
    document.addEventListener("fullscript:event-stored", this.wake)
    this.wait()
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.wake)
    document.removeEventListener("fullscript:event-stored", this.wake)
  }

  wake = () => {
    this.pause = PAUSE
    clearTimeout(this.timer)
    this.poll()
  }

  wait() {
    clearTimeout(this.timer)
    if (!this.stopped && document.visibilityState === "visible") {
      this.timer = setTimeout(this.poll, this.pause)
    }
  }

  poll = async () => {
    if (this.asking || this.stopped || document.visibilityState !== "visible") {
      return
    }
    this.asking = true
    const response = await this.ask()
    this.asking = false
    if (response?.status === 200) {
      this.show(await response.text())
    }
    this.pause = response?.ok ? PAUSE : Math.min(this.pause * 2, LONGEST_PAUSE)
    this.wait()
  }

  async ask() {
    const seen = this.fragment.querySelector("[data-version]")?.dataset.version ?? ""
    const url = `${this.element.dataset.url}?seen=${encodeURIComponent(seen)}`
    return await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(() => null)
  }

  /** Says elsewhere on the page whether Fullscript knows the patient by now. */
  showLink() {
    const { linked } = this.fragment.querySelector("[data-version]").dataset
    const patient = `[data-patient-id="${CSS.escape(this.element.dataset.patientId)}"]`
    for (const badge of document.querySelectorAll(`[data-fullscript-link]${patient} [data-linked]`)) {
      badge.hidden = badge.dataset.linked !== linked
    }
  }

  show(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html")
    this.fragment.replaceChildren(...parsed.body.childNodes)
    showLocalTimes(this.fragment)
    this.showLink()
    this.news.textContent = "The treatment plans of this patient have changed."
  }
}
