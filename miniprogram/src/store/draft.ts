import { reactive, watch } from 'vue'
import { defineStore } from 'pinia'
import { RetryKey, type SavedKey } from '@/api/retry-key'
import { uploadedPhotoItem, type PhotoItem } from '@/logic/photos'
import type { Photo, Region } from '@/api/types'

const KEY = 'opinion_draft'

interface Kept { text: string; category: string; village: Region | null; is_anonymous: boolean; photos: Photo[]; retry: SavedKey | null }
interface Draft { text: string; category: string; village: Region | null; isAnonymous: boolean; photos: PhotoItem[] }

function blank(): Draft {
  return { text: '', category: '', village: null, isAnonymous: false, photos: [] }
}

function restored(kept: Kept): Draft {
  return {
    text: kept.text, category: kept.category, village: kept.village, isAnonymous: kept.is_anonymous,
    photos: kept.photos.map(uploadedPhotoItem),
  }
}

/**
 * The opinion being written, kept in storage at every change, so that neither a lost network nor a
 * closed page loses it. Its Idempotency-Key is kept with it: sending it again after the app was
 * closed cannot make a second opinion.
 */
export const useDraft = defineStore('draft', () => {
  const kept = (uni.getStorageSync(KEY) || null) as Kept | null
  const draft = reactive<Draft>(kept ? restored(kept) : blank())
  let savedKey = kept?.retry ?? null

  function keep(): void {
    const photos = draft.photos.flatMap((item) => (item.photo ? [item.photo] : []))
    const next: Kept = { text: draft.text, category: draft.category, village: draft.village, is_anonymous: draft.isAnonymous, photos, retry: savedKey }
    uni.setStorageSync(KEY, next)
  }
  const retry = new RetryKey(savedKey, (saved) => {
    savedKey = saved
    keep()
  })
  watch(draft, keep, { deep: true, flush: 'sync' })

  function discard(): void {
    Object.assign(draft, blank())
    uni.removeStorageSync(KEY)
  }
  return { draft, retry, discard }
})
