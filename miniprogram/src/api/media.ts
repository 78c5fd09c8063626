import { upload } from './http'
import type { Photo } from './types'

export type PhotoPurpose = 'opinion' | 'duty'

export const uploadPhoto = (filePath: string, purpose: PhotoPurpose, key: string, onProgress: (percent: number) => void) =>
  upload<Photo>({ path: '/media', filePath, form: { purpose }, key, onProgress })
