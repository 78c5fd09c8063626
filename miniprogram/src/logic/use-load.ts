import { ref, shallowRef } from 'vue'
import { ApiError, messageOf } from '@/api/errors'
import { useSession } from '@/store/session'
import type { Page } from '@/api/types'

export type PageState = 'loading' | 'ready' | 'empty' | 'error' | 'offline' | 'login'

function stateOf(error: unknown): PageState {
  if (error instanceof ApiError && error.isOffline) return 'offline'
  if (error instanceof ApiError && error.isSessionOver) return 'login'
  return 'error'
}

/** One thing a page shows: its data, in which state it is, and how to get it again. */
export function useLoad<T>(fetch: () => Promise<T>, options: { isPublic?: boolean } = {}) {
  const data = shallowRef<T | null>(null)
  const state = ref<PageState>('loading')
  const message = ref('')

  async function load(): Promise<void> {
    if (!options.isPublic && !useSession().isSignedIn) {
      state.value = 'login'
      return
    }
    if (data.value === null) state.value = 'loading'
    try {
      data.value = await fetch()
      state.value = 'ready'
      message.value = ''
    } catch (error) {
      message.value = messageOf(error)
      const failed = stateOf(error)
      // what was read before stays in sight, with the message above it
      if (data.value === null || failed === 'login') state.value = failed
    }
  }
  return { data, state, message, load }
}

/** A list that grows page by page. Asking for more is ignored while an answer is under way. */
export function usePagedLoad<T>(fetch: (page: number) => Promise<Page<T>>, options: { isPublic?: boolean } = {}) {
  const items = shallowRef<T[]>([])
  const state = ref<PageState>('loading')
  const message = ref('')
  const hasMore = ref(false)
  const isLoadingMore = ref(false)
  let page = 0
  let run = 0

  function failed(error: unknown): void {
    message.value = messageOf(error)
    const failure = stateOf(error)
    if (!items.value.length || failure === 'login') state.value = failure
  }

  async function read(next: number, mine: number): Promise<void> {
    const answer = await fetch(next)
    if (mine !== run) return
    items.value = next === 1 ? answer.items : [...items.value, ...answer.items]
    page = next
    hasMore.value = items.value.length < answer.total && answer.items.length > 0
    state.value = items.value.length ? 'ready' : 'empty'
    message.value = ''
  }

  async function load(): Promise<void> {
    if (!options.isPublic && !useSession().isSignedIn) {
      state.value = 'login'
      return
    }
    if (state.value !== 'ready') state.value = 'loading'
    const mine = ++run
    await read(1, mine).catch((error) => mine === run && failed(error))
  }

  async function loadMore(): Promise<void> {
    if (!hasMore.value || isLoadingMore.value) return
    isLoadingMore.value = true
    const mine = run
    await read(page + 1, mine).catch((error) => mine === run && failed(error))
    isLoadingMore.value = false
  }

  /** Forgets what is shown, for another filter. */
  function reset(): Promise<void> {
    items.value = []
    state.value = 'loading'
    return load()
  }
  return { items, state, message, hasMore, isLoadingMore, load, loadMore, reset }
}
