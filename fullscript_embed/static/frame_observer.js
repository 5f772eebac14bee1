/**
 * Hears what a Fullscript frame says to this page, apart from the library's own listener, which throws
 * `serverError` where nobody can catch it. Tells its delegate in the past tense.
 */
export class FrameObserver {
  constructor(delegate, iframe) {
    Object.assign(this, { delegate, iframe, origin: new URL(iframe.src).origin })
  }

  start() {
    window.addEventListener("message", this.messageReceived)
  }

  stop() {
    window.removeEventListener("message", this.messageReceived)
  }

  messageReceived = ({ origin, source, data }) => {
    if (origin !== this.origin || source !== this.iframe.contentWindow) {
      return
    }
    if (data?.type === "serverError") {
      this.delegate.frameFailed([data.payload ?? []].flat().map(String))
    } else {
      this.delegate.frameSpoke()
    }
  }
}
