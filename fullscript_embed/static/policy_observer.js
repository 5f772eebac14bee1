/** Notices when the page's own Content-Security-Policy blocks one of the addresses that Fullscript needs. */
export class PolicyObserver {
  constructor(delegate, origins) {
    Object.assign(this, { delegate, origins: new Set(origins) })
  }

  start() {
    document.addEventListener("securitypolicyviolation", this.violated)
  }

  stop() {
    document.removeEventListener("securitypolicyviolation", this.violated)
  }

  violated = ({ blockedURI, effectiveDirective, disposition }) => {
    if (disposition !== "enforce" || !URL.canParse(blockedURI)) {
      return
    }
    const { origin } = new URL(blockedURI)
    if (this.origins.has(origin)) {
      this.delegate.policyBlocked(effectiveDirective, origin)
    }
  }
}
