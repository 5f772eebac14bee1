import { showLocalTimes } from "./local_times.js"

const PAUSE = 5000 // ms; results take days to come, and somebody may be waiting for them all the same
const LONGEST_PAUSE = 60_000

/** A selector that finds the same link, summary or details in what comes in their place. */
function placeOf(element) {
  const order = element.closest("[data-lab-order]")?.dataset.labOrder ?? ""
  const href = element.getAttribute("href")
  const which = href ? `a[href="${CSS.escape(href)}"]` : element.localName
  return `[data-lab-order="${CSS.escape(order)}"] ${which}`
}

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
    showLocalTimes(this.fragment)
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
    if (response?.status === 200) {
      this.show(await response.text())
    }
    this.pause = response?.ok ? PAUSE : Math.min(this.pause * 2, LONGEST_PAUSE)
    this.wait()
  }

  async ask() {
    const seen = this.fragment.querySelector("[data-version]")?.dataset.version ?? ""
    const url = new URL(this.element.dataset.url, location.href)
    url.searchParams.set("seen", seen)
    return await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(() => null)
  }

  show(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html")
    const focused = this.fragment.contains(document.activeElement) ? placeOf(document.activeElement) : null
    const opened = [...this.fragment.querySelectorAll("details[open]")].map(placeOf)
    this.fragment.replaceChildren(...parsed.body.childNodes)
    for (const place of opened) {
      this.fragment.querySelector(place)?.setAttribute("open", "")
    }
    if (focused) {
      this.fragment.querySelector(focused)?.focus()
    }
    showLocalTimes(this.fragment)
    this.news.textContent = "The labs of this patient have changed."
  }
}
