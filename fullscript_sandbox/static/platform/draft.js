import { useCallback, useState } from "../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "./context.js"
import { useAction } from "./hooks.js"
import { Plan } from "./session/plan.js"

function keptText(page, plan) {
  return page.patient ? JSON.stringify(plan.body(page.patient.id, page.practitioner.id)) : null
}

/** The plan that the desk begins with, as it is kept: a link's plan, or a new one. */
function useStart(desk) {
  const [start] = useState(() => {
    const plan = desk.plan ? Plan.reopened(desk.plan) : Plan.empty(desk.plan_id)
    return { plan, text: desk.plan && keptText(desk.plan, plan) }
  })
  return start
}

/**
 * The plan on the desk and its copy on the server: { plan, setPlan, isActive, isOfLink, isSaved, savedAt, keep,
 * save, saving, send, startAnew, reopen }. An active plan is changed by sending. Saving and sending again
 * after a lost answer does no harm: the plan keeps its id.
 */
export function useDraft({ patient, practitioner }) {
  const { api, desk } = useSurroundings()
  const start = useStart(desk)
  const [plan, setPlan] = useState(start.plan)
  const [kept, setKept] = useState({ text: start.text, at: null })
  const isOfLink = plan.id === desk.plan_id
  const isActive = isOfLink && desk.plan?.state === "active"
  const sending = isActive ? "changes" : "activation"
  const body = patient && practitioner && plan.body(patient.id, practitioner.id)
  const text = JSON.stringify(body)

  const keep = async () => {
    await api.put(`plans/${plan.id}`, JSON.parse(text))
    setKept({ text, at: new Date() })
  }
  const [save, saving] = useAction(keep)
  const send = useCallback(() => api.put(`plans/${plan.id}/${sending}`, JSON.parse(text)), [api, plan.id, sending, text])
  const startAnew = useCallback(() => {
    setPlan(Plan.empty())
    setKept({ text: null, at: null })
  }, [])
  const reopen = useCallback((page) => {
    const reopened = Plan.reopened(page)
    setPlan(reopened)
    setKept({ text: keptText(page, reopened), at: null })
  }, [])
  const isSaved = kept.text === text
  const state = { isActive, isOfLink, isSaved, savedAt: kept.at, saving }
  return { plan, setPlan, ...state, keep, save, send, startAnew, reopen }
}
