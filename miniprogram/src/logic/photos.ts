import { reactive } from 'vue'
import { messageOf } from '@/api/errors'
import { RetryKey } from '@/api/retry-key'
import { uploadPhoto, type PhotoPurpose } from '@/api/media'
import type { Photo } from '@/api/types'

export interface PhotoItem {
  id: string
  /** What <image> shows: the local file, or the server's signed path for a photo of a kept draft. */
  src: string
  state: 'uploading' | 'done' | 'failed'
  percent: number
  message: string
  photo: Photo | null
  retry: Pick<RetryKey, 'run'> | null
}

let made = 0

export function newPhotoItem(path: string): PhotoItem {
  const item: PhotoItem = { id: `p${++made}`, src: path, state: 'uploading', percent: 0, message: '', photo: null, retry: new RetryKey() }
  return reactive(item) as PhotoItem
}

export function uploadedPhotoItem(photo: Photo): PhotoItem {
  return { id: `p${++made}`, src: photo.url, state: 'done', percent: 100, message: '', photo, retry: null }
}

/** Never rejects: the outcome is in the item, with a sentence when it failed. */
export async function uploadItem(item: PhotoItem, purpose: PhotoPurpose): Promise<void> {
  item.state = 'uploading'
  item.percent = 0
  try {
    item.photo = await item.retry!.run(item.src, (key) =>
      uploadPhoto(item.src, purpose, key, (percent) => {
        item.percent = percent
      }))
    item.state = 'done'
  } catch (error) {
    item.state = 'failed'
    item.message = messageOf(error)
  }
}

export function uploadedIds(items: PhotoItem[]): number[] {
  return items.flatMap((item) => (item.photo ? [item.photo.id] : []))
}

/** Why a form with these photos cannot be sent yet; empty when it can. */
export function photosProblem(items: PhotoItem[]): string {
  if (items.some((item) => item.state === 'uploading')) return '照片还在上传，请稍等'
  if (items.some((item) => item.state === 'failed')) return '有照片没有传上去，请重试或删除'
  return ''
}
