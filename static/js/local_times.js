// Shows moments in the reader's own time zone; without it they stand in UTC, and say so.
const FORMAT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })
const CHANGES = ["htmx:afterSettle", "list-updated"]

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
      element.textContent = FORMAT.format(new Date(element.dateTime))
    }
  }
}
