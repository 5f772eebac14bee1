import { useCallback, useEffect, useRef, useState } from "../vendor/htm/preact/standalone.module.js"

// Long enough to type on, short enough not to be waited for.
const PAUSE_MS = 250

/** What `ask` answers, loaded again when a dependency changes. Answers that come too late are dropped. */
export function useLoaded(ask, dependencies) {
  const [state, setState] = useState({ status: "loading" })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let current = true
    const settle = (next) => current && setState(next)
    setState((before) => ({ status: "loading", data: before.data }))
    ask().then(
      (data) => settle({ status: "ready", data }),
      (failure) => settle({ status: "failed", failure }),
    )
    return () => {
      current = false
    }
  }, [...dependencies, attempt])
  return { ...state, retry: () => setAttempt((number) => number + 1) }
}

/** A list that comes in pages: starts anew when a dependency changes, `more` adds the next page. */
export function usePages(askPage, dependencies) {
  const [rest, setRest] = useState({ items: [], next: null })
  const list = useRef(0) // counts the lists, so that a page of an earlier one is dropped
  const first = useLoaded(async () => {
    list.current += 1
    const page = await askPage(1)
    setRest({ items: [], next: page.next })
    return page
  }, dependencies)
  const [adding, setAdding] = useState({ status: "idle" })
  const more = async () => {
    const mine = list.current
    setAdding({ status: "loading" })
    try {
      const page = await askPage(rest.next)
      if (mine === list.current) {
        setRest({ items: [...rest.items, ...page.items], next: page.next })
      }
      setAdding({ status: "idle" })
    } catch (failure) {
      setAdding({ status: "failed", failure })
    }
  }
  const items = first.data ? [...first.data.items, ...rest.items] : []
  return { ...first, items, total: first.data?.total ?? 0, hasMore: rest.next !== null, more, adding }
}

/** *value*, once it has not changed for a moment. */
export function useSettled(value) {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

async function outcomeOf(action, given) {
  try {
    await action(...given)
    return null
  } catch (failure) {
    return failure
  }
}

/** An action that runs once at a time: [run, { busy, failure }]. A second click while it runs does nothing. */
export function useAction(action) {
  const [state, setState] = useState({ busy: false, failure: null })
  const running = useRef(null)
  const run = useCallback(
    (...given) => {
      if (!running.current) {
        setState({ busy: true, failure: null })
        running.current = outcomeOf(action, given).then((failure) => {
          running.current = null
          setState({ busy: false, failure })
        })
      }
      return running.current
    },
    [action],
  )
  return [run, state]
}

/** Moves the focus to a heading when its screen appears, so that screen readers begin there. */
export function useArrival() {
  const heading = useRef(null)
  useEffect(() => heading.current?.focus(), [])
  return heading
}
