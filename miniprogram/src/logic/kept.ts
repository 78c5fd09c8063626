import { reactive, watch } from 'vue'

/** Where the report of a duty waits until it is sent. */
export const DUTY_DRAFT = 'duty_draft'

/** A form's content kept in storage at every change, until clear(). */
export function useKept<T extends object>(key: string, blank: () => T) {
  const kept = uni.getStorageSync(key) as T | ''
  const form = reactive({ ...blank(), ...(kept || {}) }) as T
  let isCleared = false
  watch(form, () => {
    if (!isCleared) uni.setStorageSync(key, { ...form })
  }, { deep: true, flush: 'sync' })

  function clear(): void {
    isCleared = true
    Object.assign(form, blank())
    uni.removeStorageSync(key)
    isCleared = false
  }
  return { form, clear }
}
