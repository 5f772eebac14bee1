import { Refusal } from "./refusal.js"

/** The vendor's library: loaded when it is first needed, and one client for each app it is asked for. */
export class FullscriptLibrary {
  constructor(url, integrity) {
    Object.assign(this, { url, integrity, loading: null, clients: new Map() })
  }

  /**
   * Answers window.Fullscript; a host that bundles the library itself may have put it there already.
   * A failed load can be tried again.
   */
  async load() {
    if (window.Fullscript) {
      return window.Fullscript
    }
    this.loading ??= this.insert().finally(() => { this.loading = null })
    await this.loading
    return window.Fullscript
  }

  /** Every client listens to the window for good, so there is one for each public key, and no more. */
  client({ publicKey, env, domain }) {
    const key = [publicKey, env, domain].join(" ")
    if (!this.clients.has(key)) {
      const { Fullscript: connect } = window
      this.clients.set(key, connect(domain ? { publicKey, env, domain } : { publicKey, env }))
    }
    return this.clients.get(key)
  }

  insert() {
    const script = document.createElement("script")
    Object.assign(script, { src: this.url, integrity: this.integrity, crossOrigin: "anonymous" })
    return new Promise((resolve, reject) => {
      script.onload = resolve
      script.onerror = () => {
        script.remove()
        reject(new Refusal("library_not_loaded", { detail: this.url }))
      }
      document.head.append(script)
    })
  }
}
