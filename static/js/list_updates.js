// Keeps a list of patients current: asks now and then, while somebody looks at it, and puts in what changed.
const PAUSE = 1500 // ms; an event has to be seen within 2 s
const LONGEST_PAUSE = 30_000

async function ask({ dataset: { listUpdates, version } }) {
  const url = `${listUpdates}&seen=${encodeURIComponent(version)}`
  return await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(() => null)
}

function show(list, html) {
  const { body } = new DOMParser().parseFromString(html, "text/html")
  for (const fresh of body.querySelectorAll("[id]")) {
    list.querySelector(`#${CSS.escape(fresh.id)}`)?.replaceWith(fresh)
  }
  list.dataset.version = body.querySelector("[data-version]").dataset.version
  list.dispatchEvent(new CustomEvent("list-updated", { bubbles: true }))
}

export class ListUpdates {
  static startOn(root) {
    new ListUpdates(root).start()
  }

  constructor(root) {
    this.root = root
    this.pause = PAUSE
    this.timer = null
  }

  start() {
    document.addEventListener("visibilitychange", this.wake)
    this.wait()
  }

  stop() {
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.wake)
  }

  /** The list that is on the page now: a search replaces it. */
  get list() {
    return this.root.querySelector("[data-list-updates]")
  }

  wake = () => {
    this.pause = PAUSE
    this.wait()
  }

  wait() {
    clearTimeout(this.timer)
    if (document.visibilityState === "visible") {
      this.timer = setTimeout(this.poll, this.pause)
    }
  }

  poll = async () => {
    const { list } = this
    const response = list && await ask(list)
    if (response?.status === 200) {
      show(list, await response.text())
    }
    this.pause = !list || response?.ok ? PAUSE : Math.min(this.pause * 2, LONGEST_PAUSE)
    this.wait()
  }
}
