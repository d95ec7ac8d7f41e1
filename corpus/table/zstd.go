package table

import (
	"sync"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// useOneEncoder has the Parquet library compress with one encoder a level.
// Its own codec makes a new one for every page, a quarter of the time of
// writing small tables. The bytes are the same.
//
// The library's table of codecs is meant to be set from an init function; this
// is done when the first table is opened instead, before the library reads it.
var useOneEncoder = sync.OnceFunc(func() {
	compress.RegisterCodec(compress.Codecs.Zstd, &pooledZstd{Codec: mustCodec(compress.Codecs.Zstd)})
})

// mustCodec returns the library's own codec, which pooledZstd takes over for all but
// EncodeLevel.
func mustCodec(c compress.Compression) compress.Codec {
	codec, err := compress.GetCodec(c)
	if err != nil {
		panic(err) // the library carries zstd
	}
	return codec
}

// pooledZstd is zstd with one encoder a level. An encoder of klauspost/compress is safe
// for concurrent use by EncodeAll: it has one state a core, for which goroutines wait.
type pooledZstd struct {
	compress.Codec
	levels sync.Map // zstd.EncoderLevel -> *zstd.Encoder; at most one of each is used
}

// EncodeLevel compresses a page into dst, which is used if it is large enough. Levels are
// zstd's, 1 to 22, of which the encoder knows four.
func (p *pooledZstd) EncodeLevel(dst, src []byte, level int) []byte {
	l := zstd.SpeedDefault
	if level != compress.DefaultCompressionLevel {
		l = zstd.EncoderLevelFromZstd(level)
	}
	e, ok := p.levels.Load(l)
	if !ok {
		fresh, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(l))
		if err != nil {
			panic(err) // the options are constants
		}
		e, _ = p.levels.LoadOrStore(l, fresh)
	}
	return e.(*zstd.Encoder).EncodeAll(src, dst[:0])
}
