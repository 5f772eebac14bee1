const KEY = "fullscript-outbox"
const MOST_ENTRIES = 20
const MOST_CHARACTERS = 400_000
const LONGEST_WAIT = 3 * 24 * 60 * 60 * 1000 // ms

function readAll() {
  try {
    const entries = JSON.parse(sessionStorage.getItem(KEY) ?? "[]")
    return entries.filter(({ since }) => Date.now() - since < LONGEST_WAIT)
  } catch {
    return []
  }
}

/**
 * Events that wait to be posted, in sessionStorage: it belongs to one tab, survives a reload and signing
 * in again there, and is gone with the tab, so that no patient's data stays behind in a shared browser.
 * Entries of another user are removed unread. What is lost with a tab arrives again from Fullscript,
 * by webhook or poll. Oldest first; bounded in number, size and age. Without storage it keeps to memory.
 */
export class OutboxStorage {
  constructor(visitor) {
    this.visitor = visitor
    this.entries = readAll()
    if (visitor) {
      this.entries = this.entries.filter(this.isMine)
    }
    this.write()
  }

  get first() {
    return this.entries[0] ?? null
  }

  has(wanted) {
    return this.entries.some(({ key }) => key === wanted)
  }

  /** Answers the entries that had to go to make room. An entry under the same key is replaced. */
  add(entry) {
    this.entries = this.entries.filter(({ key }) => key !== entry.key)
    this.entries.push({ ...entry, visitor: this.visitor, since: Date.now() })
    const dropped = []
    while (this.isTooFull()) {
      dropped.push(this.entries.shift())
    }
    this.write()
    return dropped
  }

  remove(entry) {
    this.entries = this.entries.filter(({ key }) => key !== entry.key)
    this.write()
  }

  isTooFull() {
    return this.entries.length > MOST_ENTRIES || JSON.stringify(this.entries).length > MOST_CHARACTERS
  }

  isMine = ({ visitor }) => visitor === this.visitor

  write() {
    try {
      if (this.entries.length) {
        sessionStorage.setItem(KEY, JSON.stringify(this.entries))
      } else {
        sessionStorage.removeItem(KEY)
      }
    } catch {
      // Storage is full or switched off: the entries stay in memory as long as the page does.
    }
  }
}
