const LONGEST_PAUSE = 30_000 // ms

/**
 * Asks again and again while the page is looked at, and less often for as long as that fails. *ask* answers
 * whether it went well; *wakes* are the document's events after which it is asked at once.
 */
export class Poller {
  constructor(ask, { pause, longestPause = LONGEST_PAUSE, wakes = [] }) {
    Object.assign(this, { ask, pause, shortestPause: pause, longestPause })
    this.wakes = ["visibilitychange", ...wakes]
    this.timer = null
    this.stopped = true
  }

  start() {
    this.stopped = false
    for (const name of this.wakes) {
      document.addEventListener(name, this.wake)
    }
    this.wait()
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer)
    for (const name of this.wakes) {
      document.removeEventListener(name, this.wake)
    }
  }

  wake = () => {
    this.pause = this.shortestPause
    clearTimeout(this.timer)
    this.look()
  }

  wait() {
    clearTimeout(this.timer)
    if (!this.stopped && document.visibilityState === "visible") {
      this.timer = setTimeout(this.look, this.pause)
    }
  }

  look = async () => {
    if (this.asking || this.stopped || document.visibilityState !== "visible") {
      return
    }
    this.asking = true
    const ok = await this.ask().catch(() => false)
    this.asking = false
    this.pause = ok ? this.shortestPause : Math.min(this.pause * 2, this.longestPause)
    this.wait()
  }
}
