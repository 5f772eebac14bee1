const PAUSE = 5000 // ms; results take days to come, and somebody may be waiting for them all the same
const LONGEST_PAUSE = 60_000
// As the template writes it, which is in English throughout.
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })

/** Keeps a patient's labs current while the page is looked at. */
export class LabsPoller {
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
    this.localise()
    document.addEventListener("visibilitychange", this.wake)
    this.wait()
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.wake)
  }

  wake = () => {
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
    // Nothing is taken away from somebody who has it under the finger or the keyboard.
    if (response?.status === 200 && !this.fragment.contains(document.activeElement)) {
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

  /** The server writes moments in UTC; the reader's own time is kinder. */
  localise() {
    for (const time of this.fragment.querySelectorAll("time[data-fullscript-moment]")) {
      time.textContent = MOMENT.format(new Date(time.dateTime))
    }
  }

  show(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html")
    const open = [...this.fragment.querySelectorAll("details")].map((one) => one.open)
    this.fragment.replaceChildren(...parsed.body.childNodes)
    this.fragment.querySelectorAll("details").forEach((one, number) => {
      one.open = open[number] ?? false
    })
    this.localise()
    this.news.textContent = "The labs of this patient have changed."
  }
}
