import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { platform } from '@/platform'

const KEY = 'elder_mode'
const ELDER_SCALE = 1.35

/** Design sizes in px. Elder mode multiplies all of them: text 17 → 23, targets 48 → 65. */
const SIZES = { 'fs-xs': 14, 'fs-sm': 15, fs: 17, 'fs-lg': 20, 'fs-xl': 24, 'fs-xxl': 34, tap: 48, icon: 22 }

export const useSettings = defineStore('settings', () => {
  const isElder = ref(uni.getStorageSync(KEY) === true)
  platform.showElderMode(isElder.value)

  /** Tokens on the page's root; every component sizes itself from them. */
  const rootStyle = computed(() => {
    const scale = isElder.value ? ELDER_SCALE : 1
    return Object.entries(SIZES).map(([name, px]) => `--${name}:${Math.round(px * scale)}px`).join(';')
  })

  function setElder(on: boolean): void {
    isElder.value = on
    uni.setStorageSync(KEY, on)
    platform.showElderMode(on)
  }
  return { isElder, rootStyle, setElder }
})
