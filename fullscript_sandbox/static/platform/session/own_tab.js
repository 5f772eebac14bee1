function ask(event) {
  event.preventDefault()
}

/** A tab of its own: nobody is around to be told of events, and the browser asks before unsaved work is closed. */
export class OwnTab {
  guarded = false

  /** Have the browser ask before the tab is closed, or not any more. */
  guard(isNeeded) {
    if (isNeeded === this.guarded) {
      return
    }
    this.guarded = isNeeded
    if (isNeeded) {
      window.addEventListener("beforeunload", ask)
    } else {
      window.removeEventListener("beforeunload", ask)
    }
  }
}
