import { reactive, ref } from 'vue'
import { fieldsOf, messageOf } from '@/api/errors'

/** Something a person does by a tap: busy while it runs, the refusal in words, faults beside their fields. */
export function useAction() {
  const busy = ref(false)
  const error = ref('')
  const fields = reactive<Record<string, string>>({})

  function clear(): void {
    error.value = ''
    for (const name of Object.keys(fields)) delete fields[name]
  }

  async function run<T>(work: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    busy.value = true
    clear()
    try {
      return await work()
    } catch (thrown) {
      error.value = messageOf(thrown)
      Object.assign(fields, fieldsOf(thrown))
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, error, fields, run, clear }
}
