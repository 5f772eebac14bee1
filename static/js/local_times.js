// Shows moments in the reader's own time zone; without it they stand in UTC, and say so.
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" })
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "long" })
const CHANGES = ["htmx:afterSettle", "list-updated"]

/** Keeps words in one line: with spaces and hyphens at which no line is broken. */
function unbroken(words) {
  return words.replaceAll(" ", "\u00A0").replaceAll("-", "\u2011")
}

/** To the second and with the zone; when there is too little room for it, day and time stand in a line each. */
function exactly(at) {
  return `${unbroken(DAY.format(at))}, ${unbroken(TIME.format(at))}`
}

export class LocalTimes {
  static startOn(root) {
    new LocalTimes(root).start()
  }

  constructor(root) {
    this.root = root
  }

  start() {
    this.show()
    for (const change of CHANGES) {
      this.root.addEventListener(change, this.show)
    }
  }

  stop() {
    for (const change of CHANGES) {
      this.root.removeEventListener(change, this.show)
    }
  }

  show = () => {
    for (const element of this.root.querySelectorAll("time[data-local]")) {
      const at = new Date(element.dateTime)
      element.textContent = element.dataset.local === "exact" ? exactly(at) : MOMENT.format(at)
    }
  }
}
