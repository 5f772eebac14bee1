/** The page around the frame. It hears of events under the frame's id, and nobody else hears them. */
export class ParentPage {
  constructor({ frameId, targetOrigin }) {
    this.frameId = frameId
    this.targetOrigin = targetOrigin
  }

  /** Pass an event on as the server built it. */
  tell(message) {
    window.parent.postMessage({ type: `${this.frameId}.${message.type}`, payload: message }, this.targetOrigin)
  }
}
