import { Refusal } from "./refusal.js"

const FETCH_OPTIONS = {
  credentials: "same-origin",
  cache: "no-store",
  redirect: "manual", // a host that answers a fetch with its sign-in page means "signed out"
  referrerPolicy: "same-origin", // CSRF protection over HTTPS checks it
}

/** The host's own server, as the browser modules know it. Every failure is a Refusal. */
export class Backend {
  constructor(sessionUrl) {
    this.sessionUrl = sessionUrl
    this.known = null
  }

  /** Who is signed in right now, and the CSRF token that fits; no page source carries it. */
  async session() {
    const response = await this.request(this.sessionUrl)
    this.known = await response.json().catch(() => { throw new Refusal("unknown", { status: response.status }) })
    return this.known
  }

  /** Posts JSON. A CSRF token from before somebody signed in again is replaced once. */
  async post(url, body) {
    const session = this.known ?? await this.session()
    try {
      return await this.postAs(session, url, body)
    } catch (refusal) {
      if (refusal.code !== "csrf") {
        throw refusal
      }
      return await this.postAs(await this.session(), url, body)
    }
  }

  async postAs(session, url, body) {
    const response = await this.request(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": session.csrf_token },
      body: JSON.stringify(body),
    })
    return response.json().catch(() => { throw new Refusal("unknown", { status: 502 }) })
  }

  async request(url, options = {}) {
    const response = await fetch(url, { ...FETCH_OPTIONS, ...options })
      .catch(() => { throw new Refusal("network") })
    if (response.ok) {
      return response
    }
    this.known = null
    if (response.type === "opaqueredirect") {
      throw new Refusal("signed_out", { status: 401 })
    }
    throw await Refusal.from(response)
  }
}
