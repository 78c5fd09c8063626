export function toast(title: string): void {
  uni.showToast({ title, icon: 'none', duration: 2500 })
}

export function confirmed(title: string, content: string, confirmText: string): Promise<boolean> {
  return new Promise((resolve) => {
    uni.showModal({
      title,
      content,
      confirmText,
      cancelText: '再想想',
      confirmColor: '#b71c22',
      success: (r) => resolve(r.confirm),
      fail: () => resolve(false),
    })
  })
}

export function copyText(text: string): void {
  uni.setClipboardData({ data: text, showToast: false, success: () => toast('已复制') })
}

export function callPhone(phone: string): void {
  uni.makePhoneCall({ phoneNumber: phone, fail: () => {} })
}
