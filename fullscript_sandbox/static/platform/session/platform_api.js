import { ApiFailure } from "./api_failure.js"

// Slower than this and the user had better be told.
const TIMEOUT_MS = 20000

function addressOf(path, query) {
  const address = new URL(`/platform/api/${path}`, window.location.origin)
  for (const [name, value] of Object.entries(query)) {
    if (value) {
      address.searchParams.set(name, value)
    }
  }
  return address
}

/**
 * The platform's JSON. Does not know who is signed in: `headers` says it (frames send their key; a page in
 * a tab of its own sends its cookie and a CSRF token). Every failure is an ApiFailure.
 */
export class PlatformApi {
  constructor({ headers, credentials }) {
    this.headers = headers
    this.credentials = credentials
  }

  get(path, query = {}) {
    return this.send("GET", addressOf(path, query))
  }

  post(path, body = {}) {
    return this.send("POST", addressOf(path, {}), body)
  }

  patch(path, body) {
    return this.send("PATCH", addressOf(path, {}), body)
  }

  put(path, body) {
    return this.send("PUT", addressOf(path, {}), body)
  }

  delete(path) {
    return this.send("DELETE", addressOf(path, {}))
  }

  async send(method, address, body) {
    const headers = { Accept: "application/json", ...this.headers }
    if (body) {
      headers["Content-Type"] = "application/json"
    }
    const response = await fetch(address, {
      method,
      headers,
      credentials: this.credentials,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw ApiFailure.unreachable()
    })
    const answer = await response.json().catch(() => {
      throw ApiFailure.unreadable()
    })
    if (!response.ok) {
      throw ApiFailure.told(answer)
    }
    return answer
  }
}
