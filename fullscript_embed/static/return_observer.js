/**
 * Notices that somebody comes back to this page: from a tab that it opened, or from anywhere when `always`.
 * Delegate: cameBack({ fromFullscript }).
 */
export class ReturnObserver {
  constructor(delegate, { always }) {
    Object.assign(this, { delegate, always, fromFullscript: false })
  }

  start() {
    document.addEventListener("fullscript:link-opened", this.left)
    window.addEventListener("focus", this.returned)
    document.addEventListener("visibilitychange", this.returned)
  }

  stop() {
    document.removeEventListener("fullscript:link-opened", this.left)
    window.removeEventListener("focus", this.returned)
    document.removeEventListener("visibilitychange", this.returned)
  }

  left = () => {
    this.fromFullscript = true
  }

  /** It stays true: a plan may be sent in that tab long after the first look back. */
  returned = () => {
    if (document.visibilityState === "visible" && (this.always || this.fromFullscript)) {
      this.delegate.cameBack({ fromFullscript: this.fromFullscript })
    }
  }
}
