// easycom components are resolved by name at build time; this tells vue-tsc about them.
declare module 'vue' {
  export interface GlobalComponents {
    HdBadge: typeof import('./components/hd-badge/hd-badge.vue')['default']
    HdButton: typeof import('./components/hd-button/hd-button.vue')['default']
    HdCell: typeof import('./components/hd-cell/hd-cell.vue')['default']
    HdCheck: typeof import('./components/hd-check/hd-check.vue')['default']
    HdChoice: typeof import('./components/hd-choice/hd-choice.vue')['default']
    HdField: typeof import('./components/hd-field/hd-field.vue')['default']
    HdGallery: typeof import('./components/hd-gallery/hd-gallery.vue')['default']
    HdMore: typeof import('./components/hd-more/hd-more.vue')['default']
    HdNotice: typeof import('./components/hd-notice/hd-notice.vue')['default']
    HdOpinion: typeof import('./components/hd-opinion/hd-opinion.vue')['default']
    HdPage: typeof import('./components/hd-page/hd-page.vue')['default']
    HdPhotos: typeof import('./components/hd-photos/hd-photos.vue')['default']
    HdRegion: typeof import('./components/hd-region/hd-region.vue')['default']
    HdSegment: typeof import('./components/hd-segment/hd-segment.vue')['default']
    HdSheet: typeof import('./components/hd-sheet/hd-sheet.vue')['default']
    HdTimeline: typeof import('./components/hd-timeline/hd-timeline.vue')['default']
    HdToggle: typeof import('./components/hd-toggle/hd-toggle.vue')['default']
    HdVisit: typeof import('./components/hd-visit/hd-visit.vue')['default']
  }
}
export {}
