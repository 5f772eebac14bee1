/** Why something could not be done: a code for programs, and what a page needs to offer a way on. */
export class Refusal extends Error {
  constructor(code, { status = 0, message = "", retryAfter = null, connectUrl = null, detail = "", fields = [] } = {}) {
    super(message)
    Object.assign(this, { code, status, retryAfter, connectUrl, detail, fields })
  }

  /** Reads the extension's error shape; anything else that is not a success is told by its status. */
  static async from(response) {
    const { error } = await response.json().catch(() => ({}))
    return new Refusal(error?.code ?? "unknown", {
      status: response.status,
      message: error?.message,
      retryAfter: error?.retry_after ?? null,
      connectUrl: error?.connect_url ?? null,
      fields: error?.fields ?? [],
      detail: error?.reference ? `Reference for support: ${error.reference}` : "",
    })
  }

  /** True when the same request may well succeed later, or after signing in again. */
  get mayPass() {
    return this.status === 0 || this.status === 401 || this.code === "csrf" ||
      [408, 425, 429].includes(this.status) || this.status >= 500
  }
}
