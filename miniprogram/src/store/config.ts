import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { getConfig } from '@/api/identity'
import type { ConfigOut } from '@/api/types'

/** What the server says about itself: privacy text, categories, limits. Read once per launch. */
export const useConfig = defineStore('config', () => {
  const config = shallowRef<ConfigOut | null>(null)
  let pending: Promise<ConfigOut> | null = null

  function load(): Promise<ConfigOut> {
    if (config.value) return Promise.resolve(config.value)
    pending ??= getConfig()
      .then((answer) => (config.value = answer))
      .finally(() => {
        pending = null
      })
    return pending
  }
  return { config, load }
})
