#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/md5.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Macros that Swift cannot import.
static inline int shim_eof(void) { return AVERROR_EOF; }
static inline int shim_again(void) { return AVERROR(EAGAIN); }
static inline int shim_out_of_memory(void) { return AVERROR(ENOMEM); }
static inline int shim_patch_welcome(void) { return AVERROR_PATCHWELCOME; }
static inline int shim_io_error(void) { return AVERROR(EIO); }
static inline int shim_invalid_argument(void) { return AVERROR(EINVAL); }
static inline enum AVPixelFormat shim_rgb48(void) { return AV_PIX_FMT_RGB48; }
/// What the refusal to open another file returns.
static inline int shim_refused(void) { return FFERRTAG('R', 'F', 'S', 'D'); }
static inline int64_t shim_no_pts(void) { return AV_NOPTS_VALUE; }

/// The text of an error code, into `text` of at least AV_ERROR_MAX_STRING_SIZE bytes.
static inline void shim_error_text(int code, char *text, size_t size) {
  if (av_strerror(code, text, size) < 0) text[0] = 0;
}

/// Refuses to open anything beside the file that was handed over (playlists, references to other files).
static inline int shim_refuse_open(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                                   AVDictionary **options) {
  (void)context; (void)url; (void)flags; (void)options;
  *io = NULL;
  return shim_refused();
}
static inline void shim_refuse_other_files(AVFormatContext *context) { context->io_open = shim_refuse_open; }

/// Plane pointers and line sizes of the part of a frame that begins at pixel (x, y).
///
/// With a parity of 0 or 1 only the rows of that field count, and y is a row of the field. Pixels that share bytes must
/// begin at x; colour samples that x lies within are those of the plane that x belongs to.
static inline void shim_planes_at(const AVFrame *frame, int x, int y, int parity, const uint8_t *planes[4],
                                  int lines[4]) {
  const enum AVPixelFormat name = (enum AVPixelFormat)frame->format;
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(name);
  for (int i = 0; i < 4; i++) {
    planes[i] = frame->data[i];
    lines[i] = frame->linesize[i];
    if (!frame->data[i] || (i == 1 && (format->flags & AV_PIX_FMT_FLAG_PAL))) continue;
    if (parity >= 0) {
      planes[i] += parity * frame->linesize[i];
      lines[i] *= 2;
    }
    int is_chroma = (i == 1 || i == 2) && !(format->flags & AV_PIX_FMT_FLAG_RGB);
    int row = is_chroma ? y >> format->log2_chroma_h : y;
    planes[i] += (ptrdiff_t)row * lines[i];
    // Bytes of the x pixels to the left: a step of a component may span several pixels, or be counted in bits.
    int column = is_chroma ? x >> format->log2_chroma_w << format->log2_chroma_w : x;
    if (column > 0) planes[i] += av_image_get_linesize(name, column, i);
  }
}
