const UNREACHABLE = "Fullscript could not be reached. Check your connection; nothing you entered is lost."
const UNREADABLE = "Fullscript answered in a way that cannot be read. Please try again in a moment."

/** A call that did not work out: `code` for the program, `message` and `fields` for the person. */
export class ApiFailure extends Error {
  constructor(code, message, { messages = [], fields = {} } = {}) {
    super(message)
    this.code = code
    this.messages = messages
    this.fields = fields
  }

  /** True where the same call may work in a moment. */
  get mayPass() {
    return ["unreachable", "unreadable", "refused"].includes(this.code)
  }

  static unreachable() {
    return new ApiFailure("unreachable", UNREACHABLE)
  }

  static unreadable() {
    return new ApiFailure("unreadable", UNREADABLE)
  }

  static told({ error }) {
    if (typeof error?.message !== "string") {
      return ApiFailure.unreadable()
    }
    return new ApiFailure(error.code, error.message, error)
  }
}
